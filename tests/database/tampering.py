"""Ways to tamper with audit, as one who owns the database can: triggers off, then any change."""

import random
from collections.abc import Callable

from sqlalchemy import Connection, Engine, text

from gis.audit import Action, record

Tamper = Callable[[Connection, random.Random], None]


def filled(engine: Engine, rows: int, rng: random.Random) -> None:
    """Write so many rows of audit, some in one transaction."""
    left = rows
    while left:
        batch = min(left, rng.randint(1, 4))
        with engine.begin() as connection:
            for _ in range(batch):
                details = {"name": rng.choice(["甲", "乙", "丙"]), "number": rng.randint(0, 99)}
                subject = f"parcels/{rng.randint(1, 9)}"
                record(connection, "user:zhang", Action.SITE_EDITED, subject, details)
        left -= batch


def _run(connection: Connection, statement: str, **values: object) -> None:
    connection.execute(text(statement), values)


def _seq(connection: Connection, rng: random.Random, beyond: int = 0) -> int:
    last = int(connection.execute(text("SELECT max(seq) FROM audit")).scalar_one())
    return rng.randint(1, last - beyond)


def edit(connection: Connection, rng: random.Random) -> None:
    """Change one column of one row."""
    change = rng.choice(
        [
            "actor = 'user:li'",
            "action = 'export'",
            "subject = subject || '0'",
            "details = details || '{\"number\": 1000}'",
            "at = at + interval '1 microsecond'",
            "details = '{}'",
        ]
    )
    _run(connection, f"UPDATE audit SET {change} WHERE seq = :seq", seq=_seq(connection, rng))


def delete(connection: Connection, rng: random.Random) -> None:
    """Take one row away and close the gap in the numbers."""
    seq = _seq(connection, rng)
    _run(connection, "DELETE FROM audit WHERE seq = :seq", seq=seq)
    if rng.random() < 0.5:
        _run(connection, "UPDATE audit SET seq = -seq WHERE seq > :seq", seq=seq)
        _run(connection, "UPDATE audit SET seq = -seq - 1 WHERE seq < 0")


def reorder(connection: Connection, rng: random.Random) -> None:
    """Let two rows change places, hashes and all or content alone."""
    one = _seq(connection, rng, beyond=1)
    if rng.random() < 0.5:
        _run(connection, "UPDATE audit SET seq = 0 WHERE seq = :one", one=one)
        _run(connection, "UPDATE audit SET seq = :one WHERE seq = :two", one=one, two=one + 1)
        _run(connection, "UPDATE audit SET seq = :two WHERE seq = 0", two=one + 1)
        return
    _run(connection, "UPDATE audit SET details = '{\"x\": 1}' WHERE seq = :one", one=one)
    _run(
        connection,
        "UPDATE audit a SET (at, details) = (SELECT b.at, b.details"
        " FROM audit b WHERE b.seq = :two) WHERE a.seq = :one",
        one=one,
        two=one + 1,
    )


def insert(connection: Connection, rng: random.Random) -> None:
    """Slip a row in, with the numbers behind it moved on or without a number at all."""
    seq = _seq(connection, rng)
    if rng.random() < 0.5:
        _run(connection, "UPDATE audit SET seq = -seq WHERE seq >= :seq", seq=seq)
        _run(connection, "UPDATE audit SET seq = -seq + 1 WHERE seq < 0")
        _run(
            connection,
            "INSERT INTO audit (actor, action, subject, details, seq, prev_hash, hash)"
            " SELECT 'user:li', 'site.edited', 'parcels/1', '{}', :seq, prev_hash, hash FROM audit"
            " WHERE seq = :seq + 1",
            seq=seq,
        )
        return
    _run(
        connection,
        "INSERT INTO audit (actor, action, subject, details) VALUES ('x', 'x', 'x', '{}')",
    )


def cut(connection: Connection, rng: random.Random) -> None:
    """Take the last rows away and make the head fit, as one who knows how it works would."""
    seq = _seq(connection, rng)
    _run(connection, "DELETE FROM audit WHERE seq >= :seq", seq=seq)
    _run(
        connection,
        "UPDATE audit_head SET seq = :last,"
        " hash = coalesce((SELECT hash FROM audit WHERE seq = :last), '')",
        last=seq - 1,
    )


def rewrite(connection: Connection, rng: random.Random) -> None:
    """Change a row and make every hash from there on anew: the whole chain is consistent again."""
    seq = _seq(connection, rng)
    _run(connection, "UPDATE audit SET actor = 'user:li' WHERE seq = :seq", seq=seq)
    _run(
        connection,
        "DO $$ DECLARE one audit; head text; BEGIN"
        f" SELECT coalesce((SELECT hash FROM audit WHERE seq = {seq} - 1), '') INTO head;"
        f" FOR one IN SELECT * FROM audit WHERE seq >= {seq} ORDER BY seq LOOP"
        " one.prev_hash := head; head := audit_hash(one);"
        " UPDATE audit SET prev_hash = one.prev_hash, hash = head WHERE seq = one.seq;"
        " END LOOP; UPDATE audit_head SET hash = head; END $$",
    )


INSIDE: tuple[Tamper, ...] = (edit, delete, reorder, insert)
"""What the chain itself shows."""
WITH_HEAD: tuple[Tamper, ...] = (cut, rewrite)
"""What only a head that was kept elsewhere shows."""


def tampered(engine: Engine, tamper: Tamper, rng: random.Random) -> None:
    """Tamper as the owner of the tables."""
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE audit DISABLE TRIGGER USER"))
        tamper(connection, rng)
        connection.execute(text("ALTER TABLE audit ENABLE TRIGGER USER"))
