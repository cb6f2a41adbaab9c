"""Is it alive, and can it answer: for load balancers and for ``make run``."""

from flask import Blueprint, Response, jsonify

from server import migrate
from server.errors import unavailable
from server.request import connection, settings

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def alive() -> Response:
    """The process answers; says nothing of the database."""
    return jsonify(status="ok")


@bp.get("/readyz")
def ready() -> Response:
    """The database answers and stands at the code's newest revision; else 503."""
    revision = migrate.revision_of(connection(), settings().schema_name)
    if revision != migrate.head():
        return unavailable("数据库结构不是最新，请运行 kandi db upgrade").response()
    return jsonify(status="ready", revision=revision)
