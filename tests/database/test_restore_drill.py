"""The documented backup brings back a chosen second, whole; without its WAL it would not."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool

from server import migrate
from server.config import Settings
from server.db import job_engine
from server.reference import load_regions
from tests.database.archiving_cluster import SCRIPTS, Drill, drill
from tests.database.office import Office, lot, register

_STATE = (
    "SELECT (SELECT jsonb_agg(to_jsonb(p) ORDER BY id) FROM kandi.parcels p),"
    " (SELECT jsonb_agg(to_jsonb(p) ORDER BY id) FROM kandi.parcels_public p),"
    " (SELECT jsonb_agg(to_jsonb(a) ORDER BY id) FROM kandi.audit a)"
)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Drill]:
    with drill() as made:
        yield made


def _engine(cluster: Drill) -> Engine:
    return job_engine(Settings(database_url=cluster.url))


def _state(cluster: Drill) -> tuple[object, ...]:
    with create_engine(cluster.url, poolclass=NullPool).connect() as connection:
        return tuple(connection.execute(text(_STATE)).one())


def _now(engine: Engine) -> str:
    with engine.connect() as connection:
        now: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    return now.isoformat(sep=" ")


def _restored(cluster: Drill, second: str, data: str) -> tuple[object, ...]:
    cluster.run(SCRIPTS / "restore.sh", cluster.backups, cluster.folder / data, second)
    cluster.start(data)
    try:
        return _state(cluster)
    finally:
        cluster.stop(data)


def test_a_chosen_second_comes_back_whole(cluster: Drill, tmp_path: Path) -> None:
    engine = _engine(cluster)
    with engine.begin() as connection:
        connection.execute(text("CREATE EXTENSION postgis SCHEMA public"))
    migrate.upgrade(engine, "kandi")
    with engine.begin() as connection:
        load_regions(connection, None)
    office = Office(engine)
    office.load(register(tmp_path, [("A1", lot(0))], "first.zip"))
    cluster.run(SCRIPTS / "backup.sh", cluster.backups, "2")
    in_backup = _state(cluster)
    office.load(register(tmp_path, [("A2", lot(1))], "second.zip"))
    expected, second = _state(cluster), _now(engine)
    office.load(register(tmp_path, [("A3", lot(2))], "third.zip"))
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM kandi.parcels"))
        connection.execute(text("TRUNCATE kandi.parcels_public"))
    after = _state(cluster)
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_switch_wal()"))
        connection.rollback()
    # What was archived last is there before the power goes.
    cluster.run("pg_ctl", "-D", cluster.folder / "data", "-m", "fast", "-w", "-s", "stop")

    assert _restored(cluster, second, "restored") == expected
    # The control: the backup alone, and the end of all WAL, are other states.
    assert expected not in (in_backup, after)
    assert _restored(cluster, "latest", "end") == after


def test_a_directory_that_is_there_is_never_written_over(cluster: Drill) -> None:
    held = cluster.folder / "held"
    held.mkdir()
    with pytest.raises(AssertionError, match="already there"):
        cluster.run(SCRIPTS / "restore.sh", cluster.backups, held, "2026-11-22 00:00:00+08")
    assert list(held.iterdir()) == []


def test_a_second_before_the_first_backup_is_refused(cluster: Drill) -> None:
    with pytest.raises(AssertionError, match="no backup"):
        cluster.run(SCRIPTS / "restore.sh", cluster.backups, cluster.folder / "x", "2001-01-01")
