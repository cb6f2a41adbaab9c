"""The built apps: the phone app at /m/ and the console at /console/, from this machine alone."""

import re
from dataclasses import dataclass
from mimetypes import guess_type
from pathlib import Path

from flask import Blueprint, Response, abort, request, send_file
from werkzeug.security import safe_join

from gis.crs import Crs
from server.base_map import base_map
from server.request import settings

bp = Blueprint("apps", __name__)

_YEAR_S = 31_536_000
_DAY_S = 86_400
_HASHED = re.compile(r"[-.][A-Za-z0-9_-]{8}\.[a-z0-9]+$")
"""How Vite ends the name of a file whose bytes never change."""

_WORKER = "sw.js"
"""The service worker, which knows what the newest build is made of."""

_PACKED = (("br", ".br"), ("gzip", ".gz"))
"""Encodings that the build wrote beside its files, the smaller first."""

# MapLibre starts its worker from a blob, and photos that wait are blobs; from another host come
# the tiles of the map that this installation sets below its own, and nothing else.
_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:{tiles}; connect-src 'self' blob:{tiles}; "
    "worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; font-src 'self' data:; "
    "object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)

_NOT_BUILT = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>看地</title>
<p>页面还没有构建。请在源代码目录运行 <code>make client</code>，然后刷新。"""


@dataclass(frozen=True)
class App:
    """One built app: its directory under the clients, and whether it has addresses of its own.

    ``systems`` are those in which its maps are drawn.
    """

    directory: str
    history: bool
    systems: tuple[Crs, ...]

    @property
    def root(self) -> Path:
        """Where the build stands on this installation."""
        return settings().client_dir / self.directory

    @property
    def policy(self) -> str:
        """What its pages may load."""
        maps = [base_map(settings(), crs) for crs in self.systems]
        hosts = [f" {host}" for found in maps if found for host in found.hosts]
        return _POLICY.format(tiles="".join(hosts))


PHONE = App("phone/dist/build/h5", history=False, systems=(Crs.GCJ02,))
CONSOLE = App("console/dist", history=True, systems=tuple(Crs))


@bp.get("/m/", defaults={"name": ""})
@bp.get("/m/<path:name>")
def phone(name: str) -> Response:
    """The phone app, for investors and for officers under way."""
    return _served(PHONE, name)


@bp.get("/console/", defaults={"name": ""})
@bp.get("/console/<path:name>")
def console(name: str) -> Response:
    """The console of staff, and the cockpit in it."""
    return _served(CONSOLE, name)


def _served(app: App, name: str) -> Response:
    """A file of the app, or its page: at the root, and for addresses that the app itself knows."""
    found = safe_join(str(app.root), name) if name else None
    if found and Path(found).is_file():
        return _page(app, Path(found)) if name == _WORKER else _file(Path(found))
    if name and not (app.history and "." not in name.rsplit("/", 1)[-1]):
        abort(404)
    page = app.root / "index.html"
    if not page.is_file():
        return Response(_NOT_BUILT, 503, content_type="text/html; charset=utf-8")
    return _page(app, page)


def _page(app: App, path: Path) -> Response:
    """What decides what may be loaded: the page, or the worker that opens it without a network."""
    response = _file(path)
    response.headers["Content-Security-Policy"] = app.policy
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def _file(path: Path) -> Response:
    """The file as it was built, packed for whoever takes that.

    Hashed names are kept for a year, a page is asked for again at every visit.
    """
    packed, encoding = _packed(path)
    response = send_file(packed, mimetype=guess_type(path.name)[0], max_age=_max_age_s(path))
    if encoding:
        response.content_encoding = encoding
    if response.cache_control.max_age == _YEAR_S:
        response.cache_control.immutable = True
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.vary.add("Accept-Encoding")
    return response


def _packed(path: Path) -> tuple[Path, str | None]:
    for encoding, suffix in _PACKED:
        beside = path.with_name(path.name + suffix)
        if request.accept_encodings.quality(encoding) > 0 and beside.is_file():
            return beside, encoding
    return path, None


def _max_age_s(path: Path) -> int | None:
    if path.suffix == ".html" or path.name == _WORKER:
        return None
    return _YEAR_S if _HASHED.search(path.name) else _DAY_S
