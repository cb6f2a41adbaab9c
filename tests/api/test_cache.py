"""Kept answers: found without PostgreSQL, gone with the data they came from, bounded in memory."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Engine, select
from werkzeug.test import Client

from gis.changes import Change, ChangeLog, LayerState, Scope
from gis.features import Page
from gis.layers import layer_named
from gis.query import MOST_PAGE_BYTES
from gis.tables import PUBLICATIONS
from mini_program_api import questions
from mini_program_api.questions import Fresh
from server import wsgi
from server.cache import Cache, Flights, answer
from server.config import Settings
from server.encoding import Encoding
from server.listener import Versions
from tests.api.moving import moved

PARCELS = layer_named("parcels")
NOW = LayerState(1, "then")


@pytest.fixture
def worker(demo_copy_url: str) -> Iterator[wsgi.Worker]:
    made = wsgi.create(Settings(database_url=demo_copy_url))
    lane: Any = made.app
    _until(lambda: lane._app._versions.log(PARCELS) is not None)
    yield made
    made.stop()


def _until(true: Any, seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def _counted(worker: wsgi.Worker, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    asked: list[object] = []
    honest = worker.pool.rows

    def rows(statement: Any, arguments: Any) -> Any:
        asked.append(statement)
        return honest(statement, arguments)

    monkeypatch.setattr(worker.pool, "rows", rows)
    return asked


def _two_sites(engine: Engine) -> tuple[tuple[int, str], tuple[int, str]]:
    """Two sites far apart, each with a box around it alone."""
    public = PUBLICATIONS["parcels"]
    geom = public.c.geom
    with engine.connect() as connection:
        rows = connection.execute(
            select(
                public.c.id,
                geom.ST_XMin(),
                geom.ST_YMin(),
                geom.ST_XMax(),
                geom.ST_YMax(),
            ).order_by(geom.ST_XMin())
        ).all()
    first, last = rows[0], rows[-1]
    assert first[3] < last[1]
    return (
        (first[0], ",".join(f"{edge:.6f}" for edge in first[1:])),
        (last[0], ",".join(f"{edge:.6f}" for edge in last[1:])),
    )


def test_kept_answers_and_304_need_no_database(
    worker: wsgi.Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client(worker)
    first = client.get("/api/v1/parcels?limit=5&bbox=119,30,121,31.5")
    asked = _counted(worker, monkeypatch)
    again = client.get("/api/v1/parcels?bbox=119,30,121,31.5&limit=5")
    assert again.data == first.data
    unchanged = client.get(
        "/api/v1/parcels?limit=7", headers={"If-None-Match": first.headers["ETag"]}
    )
    assert unchanged.status_code == 200
    asked.clear()
    tag = {"If-None-Match": first.headers["ETag"]}
    assert client.get("/api/v1/parcels?limit=5&bbox=119,30,121,31.5", headers=tag).status == (
        "304 NOT MODIFIED"
    )
    assert not asked


def test_no_cache_reads_your_own_writes(
    worker: wsgi.Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client(worker)
    client.get("/api/v1/parcels?limit=5")
    asked = _counted(worker, monkeypatch)
    client.get("/api/v1/parcels?limit=5", headers={"Cache-Control": "no-cache"})
    assert asked


def test_only_the_region_touched_is_read_anew(
    worker: wsgi.Worker, demo_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    (edited, here), (_, there) = _two_sites(demo_engine)
    client = Client(worker)
    old: Any = {box: client.get(f"/api/v1/parcels?bbox={box}").json for box in (here, there)}
    version = moved(demo_engine, edited, "新的坐落")
    lane: Any = worker.app
    _until(lambda: lane._app._versions.log(PARCELS).now.version == version)
    asked = _counted(worker, monkeypatch)
    elsewhere = client.get(f"/api/v1/parcels?bbox={there}")
    assert not asked
    told: Any = elsewhere.json
    assert told["dataVersion"] == version
    assert told["features"] == old[there]["features"]
    flask = Client(lane._app._app).get(f"/api/v1/parcels?bbox={there}")
    assert (elsewhere.data, elsewhere.headers["ETag"]) == (flask.data, flask.headers["ETag"])
    changed = client.get(f"/api/v1/parcels?bbox={here}")
    assert asked
    assert "新的坐落" in changed.text
    assert "新的坐落" in client.get(f"/api/v1/parcels/{edited}").text


def test_without_a_listener_nothing_is_kept(
    worker: wsgi.Worker, demo_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    (edited, here), _ = _two_sites(demo_engine)
    client = Client(worker)
    client.get(f"/api/v1/parcels?bbox={here}")
    worker.threads[0].stop()
    moved(demo_engine, edited, "没有人听见")
    asked = _counted(worker, monkeypatch)
    for _ in range(2):
        assert "没有人听见" in client.get(f"/api/v1/parcels?bbox={here}").text
    assert len(asked) == 2


def test_a_cut_listener_comes_back_knowing_all(worker: wsgi.Worker, demo_engine: Engine) -> None:
    (edited, here), _ = _two_sites(demo_engine)
    client = Client(worker)
    client.get(f"/api/v1/parcels?bbox={here}")
    with demo_engine.begin() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND query LIKE '%%layer_state%%'"
            " AND pid <> pg_backend_pid()"
        )
    version = moved(demo_engine, edited, "断线时的修改")
    lane: Any = worker.app
    _until(
        lambda: (log := lane._app._versions.log(PARCELS)) is not None and log.now.version == version
    )
    assert "断线时的修改" in client.get(f"/api/v1/parcels?bbox={here}").text


def test_a_lease_ends_by_itself() -> None:
    versions = Versions(lease_s=0.05)
    assert versions.log(PARCELS) is None
    versions.confirm(time.monotonic(), {"parcels": NOW})
    assert versions.log(PARCELS) is not None
    time.sleep(0.06)
    assert versions.log(PARCELS) is None


def _question(number: int) -> questions.Question:
    asked = f"bbox={number},1,{number + 1},2"
    found = questions.parse("/api/v1/parcels", asked, 100, MOST_PAGE_BYTES)
    assert found is not None
    return found


def _kept(number: int, version: int = 1) -> Any:
    page = Page(b"", 0, 0, None)
    fresh = Fresh(LayerState(version, "then"), page, b"x" * 5000)
    return answer(_question(number), 0, fresh, Encoding.IDENTITY)


def test_memory_is_bounded_and_the_unused_go_first() -> None:
    cache, log = Cache(100_000), ChangeLog(NOW)
    for number in range(100):
        cache.put(_question(number), _kept(number))
        assert cache.size_bytes <= 100_000
        assert cache.get(_question(0), log, Encoding.IDENTITY) is not None
    assert cache.get(_question(1), log, Encoding.IDENTITY) is None
    assert cache.get(_question(99), log, Encoding.IDENTITY) is not None


def test_an_older_answer_does_not_replace_a_newer() -> None:
    cache, log = Cache(100_000), ChangeLog(LayerState(2, "then"))
    cache.put(_question(1), _kept(1, version=2))
    cache.put(_question(1), _kept(1, version=1))
    found = cache.get(_question(1), log, Encoding.IDENTITY)
    assert found is not None
    assert found.state.version == 2


def test_another_epoch_is_another_database() -> None:
    cache, log = Cache(100_000), ChangeLog(NOW)
    cache.put(_question(1), _kept(1))
    log.jump(LayerState(0, None))
    assert cache.get(_question(1), log, Encoding.IDENTITY) is None


def test_one_reads_for_all_who_ask_at_once() -> None:
    flights, reads = Flights[Fresh](), []
    inside = threading.Event()

    def read() -> Fresh:
        reads.append(1)
        inside.wait(5)
        return Fresh(NOW, "tag", b"")

    with ThreadPoolExecutor(8) as threads:
        asked = [
            threads.submit(flights.read, _question(1), read, lambda _fresh: True) for _ in range(8)
        ]
        time.sleep(0.1)
        inside.set()
        assert len({id(each.result()) for each in asked}) == 1
    assert len(reads) == 1


def test_what_was_read_before_a_change_is_not_shared() -> None:
    flights, log = Flights[Fresh](), ChangeLog(NOW)
    begun, inside = threading.Event(), threading.Event()

    def old() -> Fresh:
        begun.set()
        inside.wait(5)
        return Fresh(NOW, "old", b"")

    def still_true(fresh: Fresh) -> bool:
        return log.outlives(Scope(), fresh.state.version, log.now)

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(flights.read, _question(1), old, still_true)
        begun.wait(5)
        log.add(Change("kandi", "parcels", 2, "now", None, None))
        new = Fresh(LayerState(2, "now"), "new", b"")
        second = threads.submit(flights.read, _question(1), lambda: new, still_true)
        time.sleep(0.05)
        inside.set()
        assert first.result().facts == "old"
        assert second.result() is new


def test_an_error_is_shared_and_forgotten() -> None:
    flights = Flights[Fresh]()

    def fail() -> Fresh:
        raise RuntimeError

    for _ in range(2):
        with pytest.raises(RuntimeError):
            flights.read(_question(1), fail, lambda _fresh: True)
