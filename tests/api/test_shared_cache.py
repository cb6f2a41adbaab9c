"""Answers in a real Redis: made once for all workers, believed by none that cannot know them."""

import gzip
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text
from werkzeug.test import Client, TestResponse

from gis.changes import ChangeLog
from gis.publish import publish
from gis.tables import PUBLICATIONS, SITES
from server import listener, migrate, shared_cache
from server.config import Settings
from server.db import job_engine
from server.shared_cache import Result
from server.shared_links import Links
from tests.api.moving import moved
from tests.api.people import signed_in
from tests.api.sharing import PACKED, PAGE, PARCELS, Share, count
from tests.databases import Maker
from tests.redis_server import RedisServer

TILE = "/tiles/parcels/9/426/209.mvt"


def _first_and_last(engine: Engine) -> tuple[tuple[int, str], str]:
    """The westernmost site with a box around it alone, and a box around the easternmost."""
    public = PUBLICATIONS["parcels"]
    shape = public.c.geom
    edges = (shape.ST_XMin(), shape.ST_YMin(), shape.ST_XMax(), shape.ST_YMax())
    with engine.connect() as connection:
        rows = connection.execute(select(public.c.id, *edges).order_by(edges[0])).all()
    boxes = [",".join(f"{edge:.6f}" for edge in row[1:]) for row in (rows[0], rows[-1])]
    return (rows[0][0], f"/api/v1/parcels?bbox={boxes[0]}"), f"/api/v1/parcels?bbox={boxes[1]}"


@pytest.mark.parametrize("path", [PAGE, TILE, f"{TILE}?status=available"])
def test_what_one_worker_read_another_answers_without_sql(share: Share, path: str) -> None:
    first, second = share(), share()
    hits, misses = count(Result.HIT), count(Result.MISS)
    made = first.get(path)
    assert first.statements
    told = second.get(path)
    assert not second.statements
    assert (told.data, told.headers["ETag"]) == (made.data, made.headers["ETag"])
    assert told.headers.get("Content-Encoding") == made.headers.get("Content-Encoding")
    assert (count(Result.HIT) - hits, count(Result.MISS) - misses) == (1, 1)
    # From here on it is in the second's own memory.
    second.get(path)
    assert count(Result.HIT) - hits == 1


def test_it_is_off_unless_set(share: Share, redis_server: RedisServer) -> None:
    plain = share(redis_url="")
    assert not any(isinstance(thread, Links) for thread in plain.worker.threads)
    plain.get(PAGE)
    assert redis_server.values() == {}


def test_only_what_the_public_sees_is_put_there(share: Share, redis_server: RedisServer) -> None:
    asked = share()
    officer = signed_in(asked.lane._app)
    for path in (f"{PAGE}&crs=cgcs2000", f"{TILE}?crs=cgcs2000"):
        assert asked.get(path, **officer).headers["Cache-Control"] == "private, no-store"
    asked.get(PAGE, **{"Cache-Control": "no-cache"})
    assert asked.statements
    assert redis_server.values() == {}
    site_id = asked.client.get(PAGE).get_json(force=True)["features"][0]["id"]
    names = set(redis_server.values())
    assert len(names) == 1
    # PostgreSQL gives a single site as fast.
    misses = count(Result.MISS)
    asked.get(f"/api/v1/parcels/{site_id}")
    assert (set(redis_server.values()), count(Result.MISS)) == (names, misses)


def test_every_entry_ends_by_itself(share: Share, redis_server: RedisServer) -> None:
    share().get(PAGE)
    with redis_server.client() as client:
        (name,) = client.scan_iter()
        assert name.startswith(b"kandi:")
        assert 0 < client.ttl(name) <= shared_cache.LIFE_S


def test_what_is_too_large_stays_out(
    share: Share, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_cache, "MOST_BYTES", 1000)
    share().get(PAGE)
    assert redis_server.values() == {}


def test_only_the_region_touched_is_read_anew(share: Share, demo_engine: Engine) -> None:
    (edited, here), there = _first_and_last(demo_engine)
    first, second = share(), share()
    for path in (here, there):
        first.get(path)
    version = moved(demo_engine, edited, "新的坐落")
    second.hears(version)
    elsewhere = second.get(there)
    assert not second.statements
    flask = Client(second.lane._app).get(there, headers=PACKED)
    assert (elsewhere.data, elsewhere.headers["ETag"]) == (flask.data, flask.headers["ETag"])
    stale = count(Result.STALE)
    assert "新的坐落" in _text(second.get(here))
    assert second.statements
    assert count(Result.STALE) - stale == 1
    # A worker that begins now knows of no change, and needs to know of none.
    late = share()
    assert "新的坐落" in _text(late.get(here))
    assert not late.statements
    late.get(there)
    assert late.statements


def _text(response: TestResponse) -> str:
    packed = response.headers.get("Content-Encoding") == "gzip"
    return (gzip.decompress(response.data) if packed else response.data).decode()


@pytest.mark.parametrize("trusting", [False, True], ids=["told apart", "control"])
def test_a_restored_database_counts_the_same_versions_anew(
    share: Share, demo_engine: Engine, monkeypatch: pytest.MonkeyPatch, trusting: bool
) -> None:
    (edited, here), _ = _first_and_last(demo_engine)
    first = share()
    version = moved(demo_engine, edited, "恢复前的坐落")
    first.hears(version)
    first.get(here)
    with demo_engine.begin() as connection:
        # States are told apart to the second.
        connection.execute(
            text("SELECT pg_sleep_until(date_trunc('second', clock_timestamp()) + interval '1 s')")
        )
        connection.execute(text("UPDATE layer_state SET version = version - 1"))
    assert moved(demo_engine, edited, "恢复后的坐落") == version
    if trusting:
        monkeypatch.setattr(ChangeLog, "passed", lambda _log, _state: True)
    told = _text(share().get(here))
    assert ("恢复前的坐落" in told, "恢复后的坐落" in told) == (trusting, not trusting)


@pytest.mark.parametrize("trusting", [False, True], ids=["told apart", "control"])
def test_two_databases_in_the_same_state_share_nothing(
    share: Share,
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
    share().get(here)
    with maker.copied(demo_template) as other_url:
        other = job_engine(Settings(database_url=other_url))
        with other.begin() as connection:
            connection.execute(text("CREATE TEMP TABLE was AS TABLE layer_state"))
            chosen = SITES["parcels"].c.id == edited
            connection.execute(SITES["parcels"].update().where(chosen).values(address="另一个库"))
            publish(connection, PARCELS, 6)
            connection.execute(text("DELETE FROM layer_state"))
            connection.execute(text("INSERT INTO layer_state TABLE was"))
        asked_other = share(database_url=other_url)
        told = _text(asked_other.get(here))
        asked_other.worker.stop()
    assert ("另一个库" in told) is not trusting


def test_two_jurisdictions_of_one_database_share_nothing(
    share: Share, demo_copy_url: str, demo_engine: Engine
) -> None:
    first = share()
    assert b'"numberReturned":20' in gzip.decompress(first.get(PAGE).data)
    config = Settings(database_url=demo_copy_url, KANDI_SCHEMA="other")
    migrate.upgrade(job_engine(config), "other")
    with demo_engine.begin() as connection:
        connection.execute(text("INSERT INTO other.layer_state TABLE kandi.layer_state"))
    second = share(KANDI_SCHEMA="other")
    assert first.log
    assert second.log
    assert second.log.now == first.log.now
    assert second.log.origin != first.log.origin
    assert '"numberReturned":0' in _text(second.get(PAGE))


@pytest.mark.parametrize("what", ["software", "settings"])
def test_other_software_and_settings_share_nothing(
    share: Share, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    share().get(PAGE)
    if what == "software":
        monkeypatch.setattr(shared_cache, "_software", lambda _root: "an upgrade")
    second = share(page_limit=1000 if what == "software" else 500)
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
