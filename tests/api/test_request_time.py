"""Several statements of one read share the time of one: no worker is held for their sum."""

import time
from collections.abc import Iterator

import psycopg2
import pytest
from flask import Flask
from psycopg2.errors import QueryCanceled
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from werkzeug.test import Client

from gis.statements import Statement
from server import request, wsgi
from server.config import Settings
from server.db import left_ms, spent
from server.pool import Pool
from tests.conftest import AppMaker

MOST_MS = 1_000
SLEEP = Statement("sleep", "SELECT pg_sleep(%s)", "SELECT pg_sleep($1)", "", (0,), (0,), pays=False)


@pytest.fixture
def worker(demo_database_url: str) -> Iterator[wsgi.Worker]:
    made = wsgi.create(
        Settings(
            database_url=demo_database_url,
            statement_timeout_ms=MOST_MS,
            pool_size=1,
            cache_mb=0,
        )
    )
    spent.begin("")
    yield made
    made.stop()
    spent.begin("")


def timeout_of(pool: Pool) -> bytes:
    spent.sql_s = 0.0
    show = Statement("show", "SHOW statement_timeout", "", "", (), (), pays=False)
    found: bytes = pool.rows(show, ())[0][0]
    return found


def test_statements_of_the_lane_share_the_time_of_one(worker: wsgi.Worker) -> None:
    pool = worker.pool
    pool.rows(SLEEP, [0.6])
    with pytest.raises(QueryCanceled):
        pool.rows(SLEEP, [0.6])
    spent.sql_s = 0.0
    pool.rows(SLEEP, [0.6])


def test_the_next_request_has_all_its_time(worker: wsgi.Worker) -> None:
    pool = worker.pool
    pool.rows(SLEEP, [0.3])
    pool.rows(SLEEP, [0.1])
    assert spent.sql_s > 0.4
    assert timeout_of(pool) == b"1s"
    spent.sql_s = 60.0
    with pytest.raises(psycopg2.Error):
        pool.rows(SLEEP, [0.1])
    assert Client(worker).get("/api/v1/parcels?limit=3").status_code == 200


def test_the_lane_forgets_what_was_before(worker: wsgi.Worker) -> None:
    spent.sql_s = 60.0
    lane = worker.app._app  # type: ignore[attr-defined]
    assert Client(lane).get("/api/v1/parcels?limit=3").status_code == 200


def slept(connection: Connection, seconds: float) -> None:
    connection.execute(text("SELECT pg_sleep(:s)"), {"s": seconds})


@pytest.fixture
def app(make_app: AppMaker, demo_database_url: str) -> Flask:
    return make_app(demo_database_url, statement_timeout_ms=MOST_MS)


def test_statements_of_a_map_share_the_time_of_one(app: Flask) -> None:
    with app.test_request_context():
        slept(request.hurried(), 0.6)
        with pytest.raises(DBAPIError, match="statement timeout"):
            slept(request.hurried(), 0.6)


def test_the_control_is_held_for_the_sum(app: Flask) -> None:
    with app.test_request_context():
        began_at = time.monotonic()
        slept(request.connection(), 0.6)
        slept(request.connection(), 0.6)
        assert time.monotonic() - began_at > 1.2


@pytest.mark.parametrize(
    ("spent_s", "left"), [(0, None), (0.1, None), (0.3, 1700), (1.9, 100), (2, 1), (9, 1)]
)
def test_what_is_left(spent_s: float, left: int | None) -> None:
    assert left_ms(2000, spent_s) == left
