"""Idempotency-Key: a change that is sent again has one effect and the same answer.

The key is taken by inserting its row in the change's own transaction: whoever brings the same key
at the same time waits for that transaction, and reads its answer if it commits.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    DateTime,
    Index,
    Integer,
    Table,
    Text,
    delete,
    func,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert

from gis.tables import metadata

KEPT_DAYS = 7

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("actor", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("status", Integer),
    Column("body", Text),
    Column("headers", JSONB),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Index("ix_idempotency_keys_at", "at"),
)
"""Answers of changes by who asked and the key they gave; old ones are forgotten."""


class KeyReused(RuntimeError):
    """An Idempotency-Key came again with another request."""


@dataclass(frozen=True)
class Kept:
    """The answer that a change had: its status, its body as text, and its own headers."""

    status: int
    body: str
    headers: Mapping[str, str]


def digest(parts: Iterable[str | bytes]) -> str:
    """What identifies a request: equal parts in equal order and nothing else give equal text."""
    made = hashlib.sha256()
    for part in parts:
        content = part.encode() if isinstance(part, str) else part
        made.update(b"%d:" % len(content) + content)
    return made.hexdigest()


def take(connection: Connection, actor: str, key: str, request_digest: str) -> Kept | None:
    """Take the key for this transaction; the answer if it was given before.

    Raises :class:`KeyReused` where the key belongs to another request.
    """
    taken = (
        insert(idempotency_keys)
        .values(actor=actor, key=key, digest=request_digest)
        .on_conflict_do_nothing()
        .returning(idempotency_keys.c.key)
    )
    if connection.execute(taken).first():
        return None
    row = connection.execute(select(idempotency_keys).where(_is(actor, key))).one()
    if row.digest != request_digest:
        raise KeyReused(key)
    return Kept(row.status, row.body, row.headers)


def keep(connection: Connection, actor: str, key: str, answer: Kept) -> None:
    """Remember the answer of the change whose key this transaction took."""
    values = {"status": answer.status, "body": answer.body, "headers": dict(answer.headers)}
    connection.execute(update(idempotency_keys).where(_is(actor, key)).values(values))


def forget_old(connection: Connection) -> int:
    """Forget answers that nobody asks for again; how many."""
    old = idempotency_keys.c.at < func.now() - text(f"interval '{KEPT_DAYS} days'")
    return connection.execute(delete(idempotency_keys).where(old)).rowcount


def _is(actor: str, key: str) -> ColumnElement[bool]:
    return (idempotency_keys.c.actor == actor) & (idempotency_keys.c.key == key)
