"""What the worker does for investors beside imports: sends, evaluates searches, escalates."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from server.outbox import Delivery
from server.people import escalation, searches
from server.people.searches import Codec

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
ESCALATE_EVERY_S = 30.0
_PAGE = 500
_AFTER_ERROR_S = 5.0

Stamps = Callable[[Connection], Sequence[str]]
"""The versions of today's data, in every form in which a search may have noted them."""


@dataclass
class Errands:
    """A loop of its own thread, so that a long import holds up no message."""

    engine: Engine
    delivery: Delivery
    codec: Codec
    stamps: Stamps
    _ending: threading.Event = field(default_factory=threading.Event)
    _escalated_at: float = 0.0
    _broken: set[int] = field(default_factory=set)

    def run(self) -> None:
        """Work until :meth:`stop`; a database that is away is waited for."""
        while not self._ending.is_set():
            try:
                self.round()
                self._ending.wait(LOOK_EVERY_S)
            except DBAPIError:
                logger.warning("database unavailable, trying again")
                self._ending.wait(_AFTER_ERROR_S)
            except Exception as error:
                # The text of an error may hold what it was about, and that is personal.
                logger.error("errands: %s", type(error).__name__)
                self._ending.wait(_AFTER_ERROR_S)

    def stop(self) -> None:
        """End after what is under way."""
        self._ending.set()

    def round(self) -> None:
        """Do all that is due now."""
        self.evaluate()
        while not self._ending.is_set() and self.delivery.work():
            pass
        if time.monotonic() - self._escalated_at > ESCALATE_EVERY_S:
            with self.engine.begin() as connection:
                escalation.escalate(connection)
            self._escalated_at = time.monotonic()

    def evaluate(self) -> None:
        """Look again at every search that is true of older data."""
        after_id = 0
        while not self._ending.is_set():
            with self.engine.connect() as connection:
                due = searches.due(connection, self.stamps(connection), after_id, _PAGE)
            for search_id in due:
                if search_id not in self._broken:
                    self._one(search_id)
            if len(due) < _PAGE:
                return
            after_id = due[-1]

    def _one(self, search_id: int) -> None:
        try:
            with self.engine.begin() as connection:
                searches.evaluate(connection, self.codec, search_id)
        except DBAPIError:
            raise
        except Exception as error:
            # A path that an older version understood: left alone, so that the others go on.
            self._broken.add(search_id)
            logger.warning("search %d: %s", search_id, type(error).__name__)
