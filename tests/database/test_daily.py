"""Daily jobs: once a day by one worker of all, again if they fail; previews that nobody needs."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from threading import Barrier

import pytest
from click.testing import CliRunner
from sqlalchemy import Connection, Engine, text

from gis.importing.purge import purge
from server.cli import main
from server.nightly import Job, work
from tests.database.office import Office, lot, register

DAY = date(2026, 11, 22)


def _noting(connection: Connection, day: date) -> str:
    connection.execute(text("INSERT INTO noted VALUES (:day)"), {"day": day})
    return "noted"


def _failing(_connection: Connection, _day: date) -> str:
    raise RuntimeError("not today")


def _noted(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM noted")).scalar_one())


def test_racing_workers_do_a_job_once_a_day(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE noted (day date)"))
    start = Barrier(4)

    def race(_number: int) -> int:
        start.wait()
        return work(engine, [Job("note", _noting)], DAY)

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(race, range(4))) == 1
    assert _noted(engine) == 1
    assert work(engine, [Job("note", _noting)], DAY + timedelta(1)) == 1
    assert work(engine, [Job("note", _noting)], DAY) == 0
    assert _noted(engine) == 2


def test_a_job_that_fails_leaves_nothing_and_is_tried_again(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE noted (day date)"))

    def half(connection: Connection, day: date) -> str:
        _noting(connection, day)
        return _failing(connection, day)

    assert work(engine, [Job("note", half)], DAY) == 0
    assert _noted(engine) == 0
    assert work(engine, [Job("note", _noting)], DAY) == 1


def _age(office: Office, days: int) -> None:
    for name in ("created_at", "staged_at", "applied_at"):
        office.execute(f"UPDATE import_runs SET {name} = {name} - interval '{days} days'")


def _stages(office: Office) -> int:
    found = office.rows(r"SELECT count(*) FROM pg_tables WHERE tablename LIKE 'import\_stage\_%'")
    return int(found[0][0])


def test_old_previews_go_and_new_ones_stay(office: Office, tmp_path: Path) -> None:
    office.load(register(tmp_path, [("A1", lot(0))], "a.zip"))
    left = office.stage(register(tmp_path, [("A2", lot(1))], "b.zip"))
    assert _stages(office) == 2
    with office.engine.begin() as connection:
        assert purge(connection, timedelta(30)) == (0, 0)
    _age(office, 31)
    fresh = office.stage(register(tmp_path, [("A3", lot(2))], "c.zip"))
    with office.engine.begin() as connection:
        assert purge(connection, timedelta(30)) == (2, 1)
    states = dict(office.rows("SELECT id, state FROM import_runs"))
    assert states[left.id] == "cancelled"
    assert states[fresh.id] == "staged"
    assert _stages(office) == 1
    assert office.column("id").keys() == {"A1"}


def test_runs_can_be_listed_and_looked_at(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = office.load(register(tmp_path, [("A1", lot(0)), (None, lot(1))]))
    listed = _said(office, monkeypatch, "list")
    assert "地块.zip" in listed
    assert "2 行" in listed
    shown = _said(office, monkeypatch, "show", str(run.id))
    assert "新增 1" in shown
    assert "第 2 行 [error] code-missing" in shown
    assert "没有批次 999" in _said(office, monkeypatch, "show", "999")


def _said(office: Office, monkeypatch: pytest.MonkeyPatch, *words: str) -> str:
    monkeypatch.setattr("server.cli_runs.job_engine", lambda _config: office.engine)
    return CliRunner().invoke(main, ["imports", *words]).output
