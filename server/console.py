"""The page of imports: a plain page without data that logs in and asks the API."""

from pathlib import Path

from flask import Blueprint, Response, abort, make_response, render_template, send_file

from gis.importing.states import TITLES
from gis.layers import LAYERS
from server.request import settings

bp = Blueprint("console", __name__, url_prefix="/console", template_folder="templates")

_STATIC = Path(__file__).resolve().parent / "static" / "console"
FILES = frozenset(path.name for path in _STATIC.iterdir())

# MapLibre starts its worker from a blob; nothing on the page may come from another host.
_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; worker-src blob:; "
    "style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
)


@bp.get("/imports")
def imports() -> Response:
    """The page where files are uploaded, looked at, applied and taken back."""
    known = {
        "layers": [
            {
                "name": layer.name,
                "title": layer.title,
                "columns": [{"name": c.name, "title": c.title} for c in layer.writable],
            }
            for layer in LAYERS
        ],
        "states": {state.value: title for state, title in TITLES.items()},
        "uploadMb": settings().upload_mb,
    }
    response = make_response(render_template("console/imports.html", known=known))
    response.headers["Content-Security-Policy"] = _POLICY
    response.cache_control.no_cache = True
    return response


@bp.get("/static/<name>")
def static(name: str) -> Response:
    """A file of the console; asked for again at every visit."""
    return send_file(_STATIC / name, max_age=None) if name in FILES else abort(404)
