"""Answers in a real Redis: made once for all workers, believed by none that cannot know them."""

import gzip
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import Engine, select, text
from werkzeug.test import Client, TestResponse

from gis.changes import ChangeLog
from gis.layers import layer_named
from gis.publish import publish
from gis.tables import PUBLICATIONS, SITES
from server import listener, migrate, shared_cache, wsgi
from server.config import Settings
from server.db import job_engine
from server.shared_cache import Result
from server.shared_links import Links
from tests.api.people import signed_in
from tests.databases import Maker
from tests.redis_server import Deaf, RedisServer, running

PARCELS = layer_named("parcels")
PAGE = "/api/v1/parcels?limit=20&bbox=119,30,121,31.5"
TILE = "/tiles/parcels/9/426/209.mvt"
PACKED = {"Accept-Encoding": "gzip"}

Make = Callable[..., "Asked"]


class Asked:
    """A worker of its own memory, and the statements that it has sent for answers."""

    def __init__(self, worker: wsgi.Worker, monkeypatch: pytest.MonkeyPatch) -> None:
        self.worker = worker
        self.client = Client(worker)
        self.statements: list[object] = []
        honest = worker.pool.rows

        def rows(statement: Any, arguments: Any) -> Any:
            self.statements.append(statement)
            return honest(statement, arguments)

        monkeypatch.setattr(worker.pool, "rows", rows)

    def get(self, path: str, **headers: str) -> TestResponse:
        """The answer, and ``statements`` are those of this question alone."""
        self.statements.clear()
        found = self.client.get(path, headers=PACKED | headers)
        assert found.status_code == 200, found.text
        return found

    @property
    def links(self) -> Links:
        return next(thread for thread in self.worker.threads if isinstance(thread, Links))

    @property
    def lane(self) -> Any:
        app: Any = self.worker.app
        return app._app

    @property
    def log(self) -> ChangeLog | None:
        found: ChangeLog | None = self.lane._versions.log(PARCELS)
        return found

    def hears(self, version: int) -> None:
        _until(lambda: self.log is not None and self.log.now.version == version)


@pytest.fixture
def make(
    demo_copy_url: str, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Make]:
    made: list[wsgi.Worker] = []

    def worker(**settings: Any) -> Asked:
        given = {"database_url": demo_copy_url, "redis_url": redis_server.url} | settings
        made.append(wsgi.create(Settings(**given)))
        asked = Asked(made[-1], monkeypatch)
        _until(lambda: asked.log is not None)
        if given["redis_url"] == redis_server.url:
            _until(lambda: asked.links.up)
        return asked

    yield worker
    for each in made:
        each.stop()


def _until(true: Callable[[], object], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _edit(engine: Engine, site_id: int, address: str) -> int:
    site = SITES["parcels"]
    with engine.begin() as connection:
        connection.execute(
            site.update()
            .where(site.c.id == site_id)
            .values(address=address, version=site.c.version + 1)
        )
        return publish(connection, PARCELS, 6, select(site.c.id).where(site.c.id == site_id))


def _first_and_last(engine: Engine) -> tuple[tuple[int, str], str]:
    """The westernmost site with a box around it alone, and a box around the easternmost."""
    public = PUBLICATIONS["parcels"]
    shape = public.c.geom
    edges = (shape.ST_XMin(), shape.ST_YMin(), shape.ST_XMax(), shape.ST_YMax())
    with engine.connect() as connection:
        rows = connection.execute(select(public.c.id, *edges).order_by(edges[0])).all()
    boxes = [",".join(f"{edge:.6f}" for edge in row[1:]) for row in (rows[0], rows[-1])]
    return (rows[0][0], f"/api/v1/parcels?bbox={boxes[0]}"), f"/api/v1/parcels?bbox={boxes[1]}"


def _count(result: Result) -> float:
    name = "kandi_shared_cache_total"
    return REGISTRY.get_sample_value(name, {"result": result.value}) or 0.0


@pytest.mark.parametrize("path", [PAGE, TILE, f"{TILE}?status=available"])
def test_what_one_worker_read_another_answers_without_sql(make: Make, path: str) -> None:
    first, second = make(), make()
    hits, misses = _count(Result.HIT), _count(Result.MISS)
    made = first.get(path)
    assert first.statements
    told = second.get(path)
    assert not second.statements
    assert (told.data, told.headers["ETag"]) == (made.data, made.headers["ETag"])
    assert told.headers.get("Content-Encoding") == made.headers.get("Content-Encoding")
    assert (_count(Result.HIT) - hits, _count(Result.MISS) - misses) == (1, 1)
    # From here on it is in the second's own memory.
    second.get(path)
    assert _count(Result.HIT) - hits == 1


def test_it_is_off_unless_set(make: Make, redis_server: RedisServer) -> None:
    plain = make(redis_url="")
    assert not any(isinstance(thread, Links) for thread in plain.worker.threads)
    plain.get(PAGE)
    assert redis_server.values() == {}


def test_only_what_the_public_sees_is_put_there(make: Make, redis_server: RedisServer) -> None:
    asked = make()
    officer = signed_in(asked.lane._app)
    for path in (f"{PAGE}&crs=cgcs2000", f"{TILE}?crs=cgcs2000"):
        assert asked.get(path, **officer).headers["Cache-Control"] == "private, no-store"
    asked.get(PAGE, **{"Cache-Control": "no-cache"})
    assert asked.statements
    site_id = asked.client.get(PAGE).get_json(force=True)["features"][0]["id"]
    names = set(redis_server.values())
    assert len(names) == 1
    # PostgreSQL gives a single site as fast.
    asked.get(f"/api/v1/parcels/{site_id}")
    assert set(redis_server.values()) == names


def test_every_entry_ends_by_itself(make: Make, redis_server: RedisServer) -> None:
    make().get(PAGE)
    with redis_server.client() as client:
        (name,) = client.scan_iter()
        assert name.startswith(b"kandi:")
        assert 0 < client.ttl(name) <= shared_cache.LIFE_S


def test_what_is_too_large_stays_out(
    make: Make, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_cache, "MOST_BYTES", 1000)
    make().get(PAGE)
    assert redis_server.values() == {}


def test_only_the_region_touched_is_read_anew(make: Make, demo_engine: Engine) -> None:
    (edited, here), there = _first_and_last(demo_engine)
    first, second = make(), make()
    for path in (here, there):
        first.get(path)
    version = _edit(demo_engine, edited, "新的坐落")
    second.hears(version)
    elsewhere = second.get(there)
    assert not second.statements
    flask = Client(second.lane._app).get(there, headers=PACKED)
    assert (elsewhere.data, elsewhere.headers["ETag"]) == (flask.data, flask.headers["ETag"])
    stale = _count(Result.STALE)
    assert "新的坐落" in _text(second.get(here))
    assert second.statements
    assert _count(Result.STALE) - stale == 1
    # A worker that begins now knows of no change, and needs to know of none.
    late = make()
    assert "新的坐落" in _text(late.get(here))
    assert not late.statements
    late.get(there)
    assert late.statements


def _text(response: TestResponse) -> str:
    packed = response.headers.get("Content-Encoding") == "gzip"
    return (gzip.decompress(response.data) if packed else response.data).decode()


@pytest.mark.parametrize("trusting", [False, True], ids=["told apart", "control"])
def test_a_restored_database_counts_the_same_versions_anew(
    make: Make, demo_engine: Engine, monkeypatch: pytest.MonkeyPatch, trusting: bool
) -> None:
    (edited, here), _ = _first_and_last(demo_engine)
    first = make()
    version = _edit(demo_engine, edited, "恢复前的坐落")
    first.hears(version)
    first.get(here)
    time.sleep(1.1)
    with demo_engine.begin() as connection:
        connection.execute(text("UPDATE layer_state SET version = version - 1"))
    assert _edit(demo_engine, edited, "恢复后的坐落") == version
    if trusting:
        monkeypatch.setattr(ChangeLog, "passed", lambda _log, _state: True)
    told = _text(make().get(here))
    assert ("恢复前的坐落" in told, "恢复后的坐落" in told) == (trusting, not trusting)


@pytest.mark.parametrize("trusting", [False, True], ids=["told apart", "control"])
def test_two_databases_in_the_same_state_share_nothing(
    make: Make,
    demo_engine: Engine,
    maker: Maker,
    demo_template: str,
    monkeypatch: pytest.MonkeyPatch,
    trusting: bool,
) -> None:
    (edited, here), _ = _first_and_last(demo_engine)
    if trusting:
        asked = "SELECT layer, version, to_char(changed_at, 'YYYY-MM-DD\"T\"HH24:MI:SSTZH:TZM')"
        monkeypatch.setattr(listener, "_ASK", f"{asked}, 'any' FROM layer_state")
    make().get(here)
    with maker.copied(demo_template) as other_url:
        other = job_engine(Settings(database_url=other_url))
        with other.begin() as connection:
            connection.execute(text("CREATE TEMP TABLE was AS TABLE layer_state"))
            chosen = SITES["parcels"].c.id == edited
            connection.execute(SITES["parcels"].update().where(chosen).values(address="另一个库"))
            publish(connection, PARCELS, 6)
            connection.execute(text("DELETE FROM layer_state"))
            connection.execute(text("INSERT INTO layer_state TABLE was"))
        asked_other = make(database_url=other_url)
        told = _text(asked_other.get(here))
        asked_other.worker.stop()
    assert ("另一个库" in told) is not trusting


def test_two_jurisdictions_of_one_database_share_nothing(
    make: Make, demo_copy_url: str, demo_engine: Engine
) -> None:
    first = make()
    assert b'"numberReturned":20' in gzip.decompress(first.get(PAGE).data)
    config = Settings(database_url=demo_copy_url, KANDI_SCHEMA="other")
    migrate.upgrade(job_engine(config), "other")
    with demo_engine.begin() as connection:
        connection.execute(text("INSERT INTO other.layer_state TABLE kandi.layer_state"))
    second = make(KANDI_SCHEMA="other")
    assert first.log
    assert second.log
    assert second.log.now == first.log.now
    assert second.log.origin != first.log.origin
    assert '"numberReturned":0' in _text(second.get(PAGE))


@pytest.mark.parametrize("what", ["software", "settings"])
def test_other_software_and_settings_share_nothing(
    make: Make, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    make().get(PAGE)
    if what == "software":
        monkeypatch.setattr(shared_cache, "_software", lambda _root: "an upgrade")
    second = make(page_limit=1000 if what == "software" else 500)
    second.get(PAGE)
    assert second.statements


def test_one_changed_byte_of_the_code_is_other_software(tmp_path: Path) -> None:
    for name in ("gis", "server", "mini_program_api"):
        (tmp_path / name).mkdir()
    code = tmp_path / "gis" / "sql.py"
    code.write_text("LIMIT = 1")
    before = shared_cache._software(tmp_path)
    (tmp_path / "gis" / "__pycache__").mkdir()
    (tmp_path / "gis" / "__pycache__" / "sql.pyc").write_text("made")
    assert shared_cache._software(tmp_path) == before
    code.write_text("LIMIT = 2")
    assert shared_cache._software(tmp_path) != before


SPOILING: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _value: b"",
    "foreign": lambda _value: b"some other program's value",
    "cut": lambda value: value[:-1],
    "altered": lambda value: value[:-9] + bytes([value[-9] ^ 1]) + value[-8:],
    "huge": lambda value: value + b"x" * 3_000_000,
}


@pytest.mark.parametrize("how", SPOILING)
def test_a_spoilt_entry_is_a_miss(make: Make, redis_server: RedisServer, how: str) -> None:
    made = make().get(PAGE)
    ((name, value),) = redis_server.values().items()
    with redis_server.client() as client:
        client.set(name, SPOILING[how](value))
    second = make()
    assert second.get(PAGE).data == made.data
    assert second.statements
    assert redis_server.values() == {name: value}


def test_an_entry_of_another_kind_is_a_miss(make: Make, redis_server: RedisServer) -> None:
    made = make().get(PAGE)
    (name,) = redis_server.values()
    with redis_server.client() as client:
        client.delete(name)
        client.rpush(name, "a list")
    assert make().get(PAGE).data == made.data


def test_it_may_be_killed_and_come_back(make: Make, redis_server: RedisServer) -> None:
    workers = [make(cache_mb=0), make(cache_mb=0)]
    right, ending = workers[0].get(PAGE).data, threading.Event()
    wrong: list[int] = []
    answers = [0, 0]

    def ask(number: int) -> None:
        client = Client(workers[number].worker)
        while not ending.is_set():
            found = client.get(PAGE, headers=PACKED)
            answers[number] += 1
            if (found.status_code, found.data) != (200, right):
                wrong.append(found.status_code)

    def more() -> None:
        before = list(answers)
        _until(lambda: all(now > was + 5 for now, was in zip(answers, before, strict=True)))

    threads = [threading.Thread(target=ask, args=(number,)) for number in (0, 1)]
    for worker in workers:
        worker.links._pause_s = 0.1
    for thread in threads:
        thread.start()
    try:
        more()
        redis_server.kill()
        _until(lambda: not any(worker.links.up for worker in workers))
        more()
        redis_server.start()
        _until(lambda: all(worker.links.up for worker in workers))
        hits = _count(Result.HIT)
        more()
    finally:
        ending.set()
        for thread in threads:
            thread.join()
    assert wrong == []
    assert _count(Result.HIT) > hits


def test_one_that_hangs_is_asked_once(make: Make) -> None:
    deaf = Deaf()
    asked = make(redis_url=deaf.url, cache_mb=0)
    _until(lambda: asked.links.up)
    errors, away = _count(Result.ERROR), _count(Result.AWAY)
    for _ in range(30):
        asked.get(PAGE)
        assert asked.statements
    assert asked.client.get("/readyz").status_code == 200
    assert deaf.commands == 1
    assert not asked.links.up
    # One waited; the others, and what they would have put there, did without.
    assert (_count(Result.ERROR) - errors, _count(Result.AWAY) - away) == (1, 59)
    asked.worker.stop()
    deaf.close()


def test_none_at_all_is_no_reason_to_wait(make: Make, tmp_path: Path) -> None:
    asked = make(redis_url=f"unix://{tmp_path}/none.sock")
    asked.get(PAGE)
    assert asked.client.get("/readyz").status_code == 200
    assert not asked.links.up


@pytest.mark.parametrize("policy", ["allkeys-lru", "noeviction"])
def test_a_full_one_forgets_or_refuses(make: Make, tmp_path: Path, policy: str) -> None:
    (folder := tmp_path / "full").mkdir()
    limit = ("--maxmemory", "3mb", "--maxmemory-policy", policy)
    plain = make(redis_url="")
    with running(folder, *limit) as server:
        asked = make(redis_url=server.url, cache_mb=0)
        asked.links._pause_s = 0.01
        for number in range(60):
            _until(lambda: asked.links.up)
            path = f"/api/v1/parcels?limit=500&bbox=119,30,{121 + number / 100},31.5"
            assert asked.get(path).data == plain.get(path).data
        assert 0 < len(server.values()) < 60
        assert (server.told("evicted_keys") > 0) is (policy == "allkeys-lru")
        asked.worker.stop()
