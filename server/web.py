"""The way from / to the phone app, and the files of pages that no app is built for."""

import gzip
from functools import lru_cache
from mimetypes import guess_type
from pathlib import Path

from flask import Blueprint, Response, abort, redirect, request, send_file
from werkzeug.wrappers import Response as BaseResponse

bp = Blueprint("web", __name__)

_HERE = Path(__file__).resolve().parent
_NODE_MODULES = _HERE.parent / "client" / "node_modules"

# The only files of our node packages that a browser may have, by the name it asks for.
VENDORED = {
    "maplibre-gl.js": "maplibre-gl/dist/maplibre-gl.js",
    "maplibre-gl.css": "maplibre-gl/dist/maplibre-gl.css",
    "swagger-ui.css": "swagger-ui-dist/swagger-ui.css",
    "swagger-ui-bundle.js": "swagger-ui-dist/swagger-ui-bundle.js",
}
STATIC = frozenset({"icon.svg"})

_DAY_S = 86400


@bp.get("/")
def index() -> BaseResponse:
    """The phone app is where everyone begins."""
    return redirect("/m/")


@bp.get("/favicon.ico")
def favicon() -> Response:
    """The icon of pages that name none, such as the description of the API."""
    return _file(_HERE / "static" / "icon.svg", _DAY_S)


@bp.get("/static/<name>")
def static(name: str) -> Response:
    """A file of ours; asked for again at every visit."""
    return _file(_HERE / "static" / name) if name in STATIC else abort(404)


@bp.get("/vendor/<name>")
def vendored(name: str) -> Response:
    """A library that the pages use, as its node package ships it."""
    return _file(_NODE_MODULES / VENDORED[name], _DAY_S) if name in VENDORED else abort(404)


def _file(path: Path, max_age_s: int | None = None) -> Response:
    """The file, packed for whoever takes that: MapLibre is 1 MB, and a quarter of it packed.

    Without ``max_age_s`` a browser asks at every visit whether its copy is still the same.
    """
    if not path.is_file():
        abort(404)
    if not request.accept_encodings.quality("gzip"):
        response = send_file(path, max_age=max_age_s)
    else:
        written_ns = path.stat().st_mtime_ns
        response = Response(_packed(path, written_ns), mimetype=guess_type(path.name)[0])
        response.content_encoding = "gzip"
        response.set_etag(f"{written_ns:x}-gzip")
        response.cache_control.max_age = max_age_s
        response.cache_control.no_cache = True if max_age_s is None else None
        response.make_conditional(request)
    response.vary.add("Accept-Encoding")
    return response


@lru_cache(maxsize=32)
def _packed(path: Path, _written_ns: int) -> bytes:
    return gzip.compress(path.read_bytes(), mtime=0)
