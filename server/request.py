"""What a request has at hand: the settings and one read-only snapshot of the database."""

from flask import Flask, current_app, g
from sqlalchemy import Connection, Engine

from server.config import Settings

_KEY = "kandi"


def register(app: Flask, config: Settings, engine: Engine) -> None:
    """Give every request of the application these settings and this engine."""
    app.extensions[_KEY] = (config, engine)
    app.teardown_appcontext(_release)


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


def _release(_error: BaseException | None) -> None:
    opened: Connection | None = g.pop("connection", None)
    if opened is not None:
        opened.close()
