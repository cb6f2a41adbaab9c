"""The database: one engine a process, one transaction a request."""

import threading
import time
from typing import Any

import psycopg2
from psycopg2 import extensions
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.pool import NullPool

from server.config import Settings
from server.silence import longest_s, silences

PgConnection = extensions.connection

# A server that vanished must not hold a request: statement_timeout is the server's own and never
# fires when nothing answers, so the socket has to give up by itself.
_CONNECT: dict[str, Any] = {
    "connect_timeout": 3,
    "tcp_user_timeout": 3000,
    "keepalives_idle": 2,
    "keepalives_interval": 1,
    "keepalives_count": 2,
    "client_encoding": "utf8",
}


BEGAN = "kandi_began"
"""Execution option of a connection: since when, by ``time.perf_counter``, its request is read."""


def left_ms(most_ms: int, spent_s: float) -> int | None:
    """What a statement may take after so much of its request's time; None where that is all.

    Nearly all counts as all: telling the server takes an exchange of its own.
    """
    return max(1, most_ms - round(spent_s * 1000)) if spent_s * 1000 > most_ms / 10 else None


class _Spent(threading.local):
    """What the request that this thread works on has spent so far."""

    request_id = ""
    sql_s = 0.0
    statement_at = 0.0

    def begin(self, request_id: str) -> None:
        self.request_id = request_id
        self.sql_s = 0.0


spent = _Spent()


def _session_options(settings: Settings, statement_timeout_ms: int) -> str:
    # PostGIS lives in public; no table of ours does, because the first schema takes them all.
    return (
        f"-c search_path={settings.schema_name},public -c timezone=Asia/Shanghai"
        f" -c statement_timeout={statement_timeout_ms} -c jit=off"
        " -c standard_conforming_strings=on -c plan_cache_mode=force_custom_plan"
    )


def connect(settings: Settings) -> PgConnection:
    """A connection of psycopg2 itself, read-only and autocommit: one statement, one snapshot."""
    url = make_url(settings.database_url)
    parts = url.translate_connect_args(database="dbname", username="user")
    session = {"options": _session_options(settings, settings.statement_timeout_ms)}
    arguments: dict[str, Any] = {**parts, **url.query, **_CONNECT, **session}
    connection: PgConnection = psycopg2.connect(**arguments)
    connection.set_session(readonly=True, autocommit=True)
    return connection


def request_engine(settings: Settings) -> Engine:
    """Engine of a web worker: a small pool, short statements, REPEATABLE READ.

    A request reads its data version and its rows from one snapshot.
    """
    engine = create_engine(
        settings.database_url,
        isolation_level="REPEATABLE READ",
        pool_size=settings.pool_size,
        max_overflow=0,
        pool_timeout=settings.pool_timeout_s,
        connect_args=_CONNECT
        | {"options": _session_options(settings, settings.statement_timeout_ms)},
    )
    event.listen(engine, "before_cursor_execute", _begin_statement)
    event.listen(engine, "after_cursor_execute", _end_statement)
    _share_time(engine, settings.statement_timeout_ms)
    _limit_silence(engine, longest_s(settings.statement_timeout_ms))
    return engine


def _share_time(engine: Engine, most_ms: int) -> None:
    """Let all statements of a connection that says when it ``BEGAN`` take no longer than one."""

    def shorten(connection: Connection, cursor: Any, *_: object) -> None:
        began_at = connection.get_execution_options().get(BEGAN)
        if began_at is None:
            return
        left = left_ms(most_ms, time.perf_counter() - began_at)
        if left is not None:
            cursor.execute(f"SET LOCAL statement_timeout = {left}")

    event.listen(engine, "before_cursor_execute", shorten)


def _limit_silence(engine: Engine, most_s: float) -> None:
    """Let no exchange of the engine wait for ever: statements, commits, and the last rollback."""

    def asked(driver: PgConnection | None, *_: object) -> None:
        if driver is not None:
            silences.begin(driver, most_s)

    def told(driver: PgConnection | None, *_: object) -> None:
        if driver is not None:
            silences.end(driver)

    for name in ("before_cursor_execute", "commit", "rollback"):
        event.listen(engine, name, lambda connection, *_: asked(_driver(connection)))
    event.listen(engine, "after_cursor_execute", lambda connection, *_: told(_driver(connection)))
    event.listen(engine, "reset", asked)
    for name in ("checkin", "invalidate", "close"):
        event.listen(engine, name, told)


def _driver(connection: Connection) -> PgConnection | None:
    if connection.invalidated:
        return None
    driver: PgConnection | None = connection.connection.driver_connection
    return driver


def _begin_statement(*_: object) -> None:
    spent.statement_at = time.perf_counter()


def _end_statement(*_: object) -> None:
    spent.sql_s += time.perf_counter() - spent.statement_at


def job_engine(settings: Settings) -> Engine:
    """Engine of commands and workers: no pool and no limit on a statement's time."""
    return create_engine(
        settings.database_url,
        poolclass=NullPool,
        connect_args=_CONNECT | {"options": _session_options(settings, 0)},
    )
