"""The database away: 503 with Retry-After in bounded time, and well again by itself."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, text
from werkzeug.test import Client, TestResponse

from server import wsgi
from server.config import Settings
from server.errors import RETRY_AFTER_S
from server.silence import silences
from tests.api.answers import problem
from tests.api.proxy import Door
from tests.conftest import AppMaker

LONGEST_S = 5.0
PATHS = ["/api/v1/parcels?limit=1", "/api/v1/layers", "/api/v1/parcels/1", "/readyz"]


@pytest.fixture
def door(demo_database_url: str) -> Iterator[Door]:
    """A door in front of the demo city, open."""
    with Door(demo_database_url) as made:
        yield made


@pytest.fixture
def guest(door: Door, make_app: AppMaker) -> Client:
    """Asks an application whose database stands behind the door."""
    return make_app(door.url, pool_size=2, pool_timeout_s=0.5).test_client()


def unavailable(response: TestResponse) -> None:
    problem(response, 503, "unavailable")
    assert response.headers["Retry-After"] == str(RETRY_AFTER_S)
    assert "127.0.0.1" not in response.text
    assert "psycopg2" not in response.text


def timed(client: Client, path: str) -> tuple[TestResponse, float]:
    start = time.monotonic()
    return client.get(path), time.monotonic() - start


def test_without_a_database_every_answer_is_503_and_then_well_again(
    door: Door, guest: Client
) -> None:
    assert guest.get(PATHS[0]).status_code == 200
    door.shut()
    for path in PATHS:
        response, took_s = timed(guest, path)
        unavailable(response)
        assert took_s < LONGEST_S
    assert guest.get("/healthz").status_code == 200
    door.open()
    assert guest.get(PATHS[0]).status_code == 200
    assert guest.get("/readyz").status_code == 200


def test_connections_that_were_cut_cost_one_request_at_most(door: Door, guest: Client) -> None:
    assert guest.get(PATHS[0]).status_code == 200
    door.cut()
    first = guest.get(PATHS[0])
    if first.status_code != 200:
        unavailable(first)
    assert guest.get(PATHS[0]).status_code == 200


def test_a_server_that_never_answers_is_given_up(door: Door, guest: Client) -> None:
    door.shut()
    door.open(silent=True)
    response, took_s = timed(guest, PATHS[0])
    unavailable(response)
    assert took_s < LONGEST_S


@pytest.fixture
def worker(door: Door) -> Iterator[wsgi.Worker]:
    """A whole worker, fast lane and listener, whose database stands behind the door."""
    made = wsgi.create(Settings(database_url=door.url, cache_mb=0))
    yield made
    door.speak()
    made.stop()


@pytest.mark.parametrize("path", [*PATHS, "/tiles/parcels/14/13661/6729.mvt"])
def test_a_server_that_falls_silent_is_given_up_and_asked_again(
    door: Door, worker: wsgi.Worker, path: str
) -> None:
    """On connections that were good: its machine takes what we send, so TCP notices nothing."""
    client = Client(worker)
    first = client.get(path)
    assert first.status_code in (200, 204, 404)
    door.hush()
    response, took_s = timed(client, path)
    unavailable(response)
    assert took_s < LONGEST_S
    door.speak()
    deadline = time.monotonic() + LONGEST_S
    while (again := client.get(path)).status_code == 503 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert (again.status_code, again.data) == (first.status_code, first.data)


def test_without_the_watch_that_request_would_wait_for_ever(
    door: Door, worker: wsgi.Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    client = Client(worker)
    assert client.get(PATHS[0]).status_code == 200
    monkeypatch.setattr(silences, "begin", lambda *_: None)
    door.hush()
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(client.get, PATHS[0])
        with pytest.raises(TimeoutError):
            waiting.result(LONGEST_S + 1)
        door.speak()
        assert waiting.result(LONGEST_S).status_code == 200


def test_a_database_that_never_was_is_503_from_the_first_request(make_app: AppMaker) -> None:
    client = make_app("postgresql+psycopg2://kandi@127.0.0.1:1/kandi").test_client()
    unavailable(client.get(PATHS[0]))


def test_a_statement_that_takes_too_long_is_503(
    demo_copy_url: str, demo_engine: Engine, make_app: AppMaker
) -> None:
    client = make_app(demo_copy_url, statement_timeout_ms=200).test_client()
    with demo_engine.begin() as writer:
        writer.execute(text("LOCK TABLE layer_state IN ACCESS EXCLUSIVE MODE"))
        response, took_s = timed(client, PATHS[0])
    unavailable(response)
    assert took_s < 2
    assert client.get(PATHS[0]).status_code == 200


def test_when_all_connections_are_taken_the_next_waits_shortly_and_gets_503(
    demo_database_url: str, make_app: AppMaker
) -> None:
    app = make_app(demo_database_url, pool_size=1, pool_timeout_s=0.2)
    engine = app.extensions["kandi"][1]
    client = app.test_client()
    with engine.connect():
        unavailable(client.get(PATHS[0]))
    assert client.get(PATHS[0]).status_code == 200


def test_a_schema_that_is_not_migrated_is_not_ready(
    demo_database_url: str, make_app: AppMaker
) -> None:
    client = make_app(demo_database_url, KANDI_SCHEMA="elsewhere").test_client()
    body = problem(client.get("/readyz"), 503, "unavailable")
    assert "kandi db upgrade" in body["detail"]


def test_a_defect_of_ours_is_a_500_problem_without_its_cause(
    demo_copy_url: str, demo_engine: Engine, make_app: AppMaker
) -> None:
    client = make_app(demo_copy_url).test_client()
    with demo_engine.begin() as connection:
        connection.execute(text("ALTER TABLE parcels_public RENAME COLUMN geometry TO lost"))
    response = client.get(PATHS[0])
    problem(response, 500, "internal")
    assert "geometry" not in response.text
