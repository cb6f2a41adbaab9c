"""The outbox: what is to be sent is written with the change it tells of, and sent until it arrives.

At least once: a worker that is killed between sending and writing that down sends again.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from server.outbox_tables import outbox

logger = logging.getLogger(__name__)

MOST_ATTEMPTS = 8
_FIRST_PAUSE_S = 15
_LONGEST_PAUSE_S = 3600


class Kind(StrEnum):
    """What is to be done."""

    NEW_MATCHES = "new-matches"
    ENQUIRY_ANSWERED = "enquiry-answered"
    TEXT_CHECK = "text-check"
    ENQUIRY_MADE = "enquiry-made"
    ENQUIRY_ESCALATED = "enquiry-escalated"


class TryLater(RuntimeError):
    """It could not be done now; the text says why, and nothing personal."""


Payload = Mapping[str, Any]
Handler = Callable[[Connection, Payload], str | None]
"""Does one piece of work in the transaction that holds its row; a word if it was left undone."""


def post(connection: Connection, kind: Kind, payload: Payload, dedupe: str | None = None) -> None:
    """Order the work in the caller's transaction; ``dedupe`` orders equal work once."""
    ordered = insert(outbox).values(kind=kind.value, payload=dict(payload), dedupe=dedupe)
    connection.execute(ordered.on_conflict_do_nothing(index_elements=["dedupe"]))


@dataclass(frozen=True)
class Delivery:
    """Works on the outbox; any number may work at once."""

    engine: Engine
    handlers: Mapping[Kind, Handler]

    def work(self) -> bool:
        """Do what has waited longest; False if nothing is due."""
        with self.engine.begin() as connection:
            row = connection.execute(_next()).one_or_none()
            if row is None:
                return False
            error, later = self._done(connection, row)
            _settle(connection, row, error, later=later)
            return True

    def _done(self, connection: Connection, row: Row[Any]) -> tuple[str | None, bool]:
        """What is left to say of it, and whether it shall be tried again."""
        try:
            with connection.begin_nested():
                return self.handlers[Kind(row.kind)](connection, row.payload), False
        except TryLater as error:
            return str(error), True
        except Exception as error:
            # Its text may hold what it worked on: only what kind of error it was is told.
            logger.error("outbox %d (%s): %s", row.id, row.kind, type(error).__name__)
            return type(error).__name__, True


def _next() -> Select[*tuple[Any, ...]]:
    row = outbox.c
    return (
        select(row.id, row.kind, row.payload, row.attempts)
        .where(row.done_at.is_(None), row.next_at <= func.now())
        .order_by(row.next_at, row.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


def pause_s(attempts: int) -> int:
    """How long after so many attempts the next one comes."""
    return int(min(_FIRST_PAUSE_S * 2 ** min(attempts, 12), _LONGEST_PAUSE_S))


def _settle(connection: Connection, row: Row[Any], error: str | None, *, later: bool) -> None:
    values: dict[str, object] = {"attempts": row.attempts + 1, "error": error}
    if later and row.attempts + 1 < MOST_ATTEMPTS:
        values["next_at"] = func.now() + timedelta(seconds=pause_s(row.attempts))
    else:
        values["done_at"] = func.now()
        if later:
            logger.error("outbox %d (%s) given up: %s", row.id, row.kind, error)
    connection.execute(update(outbox).where(outbox.c.id == row.id).values(values))


def forget_done(connection: Connection, days: int) -> int:
    """Forget what was done longer ago; how many."""
    old = outbox.c.done_at < func.now() - timedelta(days=days)
    return connection.execute(delete(outbox).where(old)).rowcount
