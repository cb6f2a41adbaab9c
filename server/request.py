"""What a request has at hand: the settings and one read-only snapshot of the database."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask, current_app, g
from sqlalchemy import Connection, Engine

from server.config import Settings
from server.db import BEGAN

_KEY = "kandi"


def register(app: Flask, config: Settings, engine: Engine) -> None:
    """Give every request of the application these settings and this engine."""
    app.extensions[_KEY] = (config, engine)
    app.teardown_appcontext(_release)


def engine_of(app: Flask) -> Engine:
    """The engine that the application's requests use."""
    engine: Engine = app.extensions[_KEY][1]
    return engine


def settings() -> Settings:
    """The settings of the application that serves this request."""
    config: Settings = current_app.extensions[_KEY][0]
    return config


def connection() -> Connection:
    """The request's own transaction, begun at the first call: read-only, one snapshot."""
    if "connection" not in g:
        engine: Engine = current_app.extensions[_KEY][1]
        g.connection = engine.connect().execution_options(postgresql_readonly=True)
    found: Connection = g.connection
    return found


def hurried() -> Connection:
    """The same for what a map or a phone reads: its statements together take no longer than one."""
    found = connection()
    if BEGAN not in found.get_execution_options():
        found.execution_options(**{BEGAN: time.perf_counter()})
    return found


@contextmanager
def writing() -> Iterator[Connection]:
    """A transaction of its own that commits when the block ends well.

    The snapshot of the reads before it is given back first: a request never holds two connections,
    else as many writers as the pool has connections would wait for each other.
    """
    give_back()
    engine: Engine = current_app.extensions[_KEY][1]
    # What a person asks for waits for whoever was first, and then sees what that one left.
    with engine.execution_options(isolation_level="READ COMMITTED").begin() as connection:
        yield connection


def give_back() -> None:
    """End the snapshot of the reads so far; the next read begins another."""
    opened: Connection | None = g.pop("connection", None)
    if opened is not None:
        opened.close()


def _release(_error: BaseException | None) -> None:
    give_back()
