"""The control of the freshness test: the usual cache that trusts a clock."""

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from server import wsgi

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

TTL_S = 3.0


class TtlCache:
    """Keeps whole answers by address for three seconds."""

    def __init__(self, app: "WSGIApplication") -> None:
        self._app = app
        self._kept: dict[tuple[str, str], tuple[float, str, list[Any], bytes]] = {}

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        key = (environ["PATH_INFO"], environ["QUERY_STRING"])
        found = self._kept.get(key)
        if found is None or time.monotonic() - found[0] > TTL_S:
            begun: list[Any] = []
            body = b"".join(self._app(environ, lambda *head: begun.extend(head)))  # type: ignore
            found = self._kept[key] = (time.monotonic(), begun[0], begun[1], body)
        start_response(found[1], found[2])
        return [found[3]]


def create() -> "WSGIApplication":
    """The application of a worker behind that cache."""
    return TtlCache(wsgi.create())
