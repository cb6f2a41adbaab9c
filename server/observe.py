"""What a request cost and how it ended: its id, its log line, its place in the metrics."""

import itertools
import re
import secrets
import time
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import structlog
from flask import Flask, request
from prometheus_client import Counter, Histogram

from server.accounts import failures
from server.accounts.failures import Failure
from server.config import Settings
from server.db import spent

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ROUTE = "kandi.route"
"""WSGI environ key: the rule that answered, which is a label and thus never a caller's text."""

SLOW_S = 0.5

_SANE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")

SECONDS = Histogram(
    "kandi_request_seconds",
    "Time until an answer was made",
    ("route", "status"),
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
FAILURES = Counter("kandi_login_failures", "Logins of staff that failed, by what failed", ("kind",))
SHARED_CACHE = Counter(
    "kandi_shared_cache",
    "Questions to the cache that machines share, by what came of them",
    ("result",),
)
CHANGES_HEARD = Counter(
    "kandi_changes_heard",
    "Changes of layers that this worker learned of, by how: told by notify, or only when it asked",
    ("by",),
)
SQL_SECONDS = Counter("kandi_sql_seconds", "Time spent waiting for PostgreSQL", ("route",))

logger = structlog.get_logger("kandi.requests")


class Observed:
    """WSGI middleware: the outermost."""

    def __init__(self, app: "WSGIApplication", settings: Settings) -> None:
        self._app = app
        self._log_all = settings.log_requests
        self._prefix = secrets.token_hex(5)
        self._numbers = itertools.count(1)

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Pass on, and remember how it went."""
        given = environ.get("HTTP_X_REQUEST_ID")
        if given is not None and _SANE_ID.fullmatch(given):
            request_id: str = given
        else:
            request_id = f"{self._prefix}-{next(self._numbers):x}"
        spent.begin(request_id)
        began_at = time.perf_counter()

        def started(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            headers.append(("X-Request-ID", request_id))
            self._remember(environ, status[:3], time.perf_counter() - began_at)
            return start_response(status, headers, *rest)

        return self._app(environ, started)

    def _remember(self, environ: "WSGIEnvironment", status: str, took_s: float) -> None:
        route = environ.get(ROUTE, "none")
        seconds, sql_seconds = _counted(route, status)
        seconds.observe(took_s)
        if spent.sql_s:
            sql_seconds.inc(spent.sql_s)
        if self._log_all or took_s >= SLOW_S or status >= "500":
            # Names of parameters only: words that people searched for stay out of the log.
            asked = sorted({part.partition("=")[0] for part in environ["QUERY_STRING"].split("&")})
            logger.info(
                "request",
                method=environ["REQUEST_METHOD"],
                route=route,
                path=environ["PATH_INFO"],
                parameters=[name for name in asked if name.isascii() and name.isidentifier()],
                status=int(status),
                ms=round(took_s * 1000, 2),
                sql_ms=round(spent.sql_s * 1000, 2),
            )


@lru_cache
def _counted(route: str, status: str) -> tuple[Histogram, Counter]:
    # Finding them by their labels takes longer than counting.
    return SECONDS.labels(route, status), SQL_SECONDS.labels(route)


def _count_failure(failure: Failure) -> None:
    FAILURES.labels(failure.value).inc()


def register(app: Flask) -> None:
    """Let the application say which of its routes a request took, and which logins failed."""
    failures.count_by(_count_failure)

    @app.before_request
    def _name_route() -> None:
        if request.url_rule is not None:
            request.environ[ROUTE] = request.url_rule.rule
