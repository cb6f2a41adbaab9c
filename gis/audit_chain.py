"""The chain of audit looked at from outside: every way in which it can have been tampered with.

The database makes the hashes (see the migration); here they are made a second time, from the stored
rows alone, so that a changed function of the database would not go unseen.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, select, text

from gis.tables import audit_head

_BATCH = 5_000

# As audit_hash of the migration has them, in its order.
_FIELDS = """
    SELECT seq, hash, prev_hash, id::text AS id_text,
        to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at_text,
        actor, action, subject, details::text AS details_text
    FROM audit ORDER BY seq NULLS LAST, id
"""


@dataclass(frozen=True)
class Head:
    """The last row of the chain at some moment: what to keep where nobody can reach it."""

    seq: int
    hash: str


@dataclass(frozen=True)
class Broken:
    """Where the chain does not hold: the row's ``seq`` if it has one, and what is wrong."""

    seq: int | None
    reason: str


@dataclass(frozen=True)
class Verdict:
    """How many rows were looked at, the last of them, and where the chain does not hold."""

    rows: int
    head: Head
    broken: tuple[Broken, ...]


def head(connection: Connection) -> Head:
    """The head as the database keeps it."""
    row = connection.execute(select(audit_head.c.seq, audit_head.c.hash)).one()
    return Head(row.seq, row.hash)


def hash_of(fields: Iterable[str]) -> str:
    """The hash of a row: each field with its length in bytes before it."""
    parts = (field.encode() for field in fields)
    return hashlib.sha256(b"".join(b"%d:%b" % (len(part), part) for part in parts)).hexdigest()


def verify(connection: Connection, known: Iterable[Head] = ()) -> Verdict:
    """Go along the whole chain; ``known`` heads of former days must lie on it.

    A chain that was cut at its end and made to fit is seen by heads that were kept elsewhere alone.
    """
    expected = {one.seq: one.hash for one in known}
    broken: list[Broken] = []
    count, last = 0, Head(0, "")
    rows = connection.execute(text(_FIELDS).execution_options(yield_per=_BATCH))
    for row in rows:
        count += 1
        broken += _flaws(row, last, expected)
        if row.seq is not None:
            last = Head(row.seq, row.hash or "")
            expected.pop(row.seq, None)
    if last != (kept := head(connection)):
        broken.append(Broken(last.seq, f"末行与链头不符（链头为第 {kept.seq} 行）"))
    broken += [Broken(seq, "曾导出的链头已不在链上") for seq in sorted(expected) if seq]
    return Verdict(count, last, tuple(broken))


def _flaws(row: Row[*tuple[object, ...]], last: Head, expected: Mapping[int, str]) -> list[Broken]:
    if row.seq is None or row.hash is None or row.prev_hash is None:
        return [Broken(row.seq, f"记录 {row.id_text} 不在链上")]
    found = []
    if row.seq != last.seq + 1:
        found.append(Broken(row.seq, f"前面缺少或多出记录：第 {last.seq} 行之后是第 {row.seq} 行"))
    if row.prev_hash != last.hash:
        found.append(Broken(row.seq, "与前一行接不上"))
    fields = (str(row.seq), row.prev_hash, row.id_text, row.at_text, row.actor, row.action)
    if hash_of((*fields, row.subject, row.details_text)) != row.hash:
        found.append(Broken(row.seq, "内容被改动过"))
    if expected.get(row.seq, row.hash) != row.hash:
        found.append(Broken(row.seq, "与曾导出的链头不同"))
    return found


@dataclass(frozen=True)
class Exported:
    """A head with the moment and the schema of which it is, as one line of JSON."""

    at: datetime
    schema: str
    head: Head

    def members(self) -> dict[str, object]:
        """The members of the line."""
        at = self.at.isoformat(timespec="seconds")
        return {"at": at, "schema": self.schema, "seq": self.head.seq, "hash": self.head.hash}
