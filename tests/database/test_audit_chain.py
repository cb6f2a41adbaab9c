"""The chain of audit: made by the database at the commit, and not to be changed by its users."""

import threading

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from gis.audit import Action, record
from server import migrate
from server.config import Settings
from server.db import job_engine
from tests.databases import Maker

GENESIS = ""


def write(engine: Engine, count: int, subject: str = "parcels/1") -> None:
    with engine.begin() as connection:
        for number in range(count):
            record(connection, "system", Action.SITE_EDITED, subject, {"number": number})


def rows(engine: Engine) -> list[tuple[int, str, str]]:
    with engine.connect() as connection:
        found = connection.execute(text("SELECT seq, prev_hash, hash FROM audit ORDER BY seq"))
        return [(row.seq, row.prev_hash, row.hash) for row in found]


def test_rows_are_chained_without_a_gap(engine: Engine) -> None:
    write(engine, 2)
    write(engine, 1)
    found = rows(engine)
    assert [seq for seq, _, _ in found] == [1, 2, 3]
    assert [before for _, before, _ in found] == [GENESIS, found[0][2], found[1][2]]
    assert len({made for _, _, made in found}) == 3
    with engine.connect() as connection:
        head = connection.execute(text("SELECT seq, hash FROM audit_head")).one()
    assert tuple(head) == (3, found[2][2])


def test_a_transaction_that_fails_leaves_no_gap(engine: Engine) -> None:
    write(engine, 1)
    with engine.connect() as connection, connection.begin() as transaction:
        record(connection, "system", Action.SITE_EDITED, "parcels/1", {})
        connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        transaction.rollback()
    write(engine, 1)
    assert [seq for seq, _, _ in rows(engine)] == [1, 2]


def test_writers_at_once_make_one_chain(engine: Engine) -> None:
    def work(number: int) -> None:
        for _ in range(10):
            write(engine, 2, f"parcels/{number}")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = rows(engine)
    assert [seq for seq, _, _ in found] == list(range(1, 121))
    assert all(found[n][1] == found[n - 1][2] for n in range(1, 120))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET actor = 'x'",
        "UPDATE audit SET hash = NULL",
        "DELETE FROM audit",
        "TRUNCATE audit",
        "INSERT INTO audit (actor, action, subject, details, seq) VALUES ('x', 'x', 'x', '{}', 9)",
        "INSERT INTO audit (actor, action, subject, details, hash) VALUES ('x','x','x','{}','x')",
    ],
)
def test_rows_can_only_be_added(engine: Engine, statement: str) -> None:
    write(engine, 1)
    before = rows(engine)
    with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
        connection.execute(text(statement))
    assert rows(engine) == before


def test_rows_of_before_the_chain_are_chained_by_the_migration(maker: Maker) -> None:
    with maker.copied(maker.postgis_template()) as url:
        engine = job_engine(Settings(database_url=url))
        migrate.upgrade(engine, "kandi", "0006")
        with engine.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO audit (actor, action, subject, details) SELECT 'a', 'b', n::text,"
                    " '{}' FROM generate_series(1, 3) n"
                )
            )
        migrate.upgrade(engine, "kandi")
        write(engine, 1)
        found = rows(engine)
        assert [seq for seq, _, _ in found] == [1, 2, 3, 4]
        assert all(found[n][1] == found[n - 1][2] for n in range(1, 4))
