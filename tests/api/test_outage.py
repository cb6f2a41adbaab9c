"""The database away: 503 with Retry-After in bounded time, and well again by itself."""

import time
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, text
from werkzeug.test import TestResponse

from server.errors import RETRY_AFTER_S
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
def guest(door: Door, make_app: AppMaker) -> FlaskClient:
    """Asks an application whose database stands behind the door."""
    return make_app(door.url, pool_size=2, pool_timeout_s=0.5).test_client()


def unavailable(response: TestResponse) -> None:
    problem(response, 503, "unavailable")
    assert response.headers["Retry-After"] == str(RETRY_AFTER_S)
    assert "127.0.0.1" not in response.text
    assert "psycopg2" not in response.text


def timed(client: FlaskClient, path: str) -> tuple[TestResponse, float]:
    start = time.monotonic()
    return client.get(path), time.monotonic() - start


def test_without_a_database_every_answer_is_503_and_then_well_again(
    door: Door, guest: FlaskClient
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


def test_connections_that_were_cut_cost_one_request_at_most(door: Door, guest: FlaskClient) -> None:
    assert guest.get(PATHS[0]).status_code == 200
    door.cut()
    first = guest.get(PATHS[0])
    if first.status_code != 200:
        unavailable(first)
    assert guest.get(PATHS[0]).status_code == 200


def test_a_server_that_never_answers_is_given_up(door: Door, guest: FlaskClient) -> None:
    door.shut()
    door.open(silent=True)
    response, took_s = timed(guest, PATHS[0])
    unavailable(response)
    assert took_s < LONGEST_S


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
