"""PATCH for clients that have none: WeChat's `wx.request` sends a POST and names it in a header."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_HEADER = "HTTP_X_HTTP_METHOD_OVERRIDE"


class PatchOverride:
    """WSGI middleware: a POST with ``X-HTTP-Method-Override: PATCH`` is a PATCH."""

    def __init__(self, app: "WSGIApplication") -> None:
        self._app = app

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> "Iterable[bytes]":
        """Hand on with the method that is meant."""
        if environ["REQUEST_METHOD"] == "POST" and environ.get(_HEADER) == "PATCH":
            environ["REQUEST_METHOD"] = "PATCH"
        return self._app(environ, start_response)
