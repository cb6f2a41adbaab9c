"""Bodies and headers of the API as bytes: what Flask's views and the fast lane both send."""

import hashlib
import json
from collections.abc import Mapping
from importlib.metadata import version as installed_version
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict
from werkzeug.http import parse_etags

from gis import tiles
from gis.changes import LayerState
from gis.crs import Crs
from gis.features import Page
from mini_program_api.params import cursor_of

GEOJSON = "application/geo+json"
MVT = "application/vnd.mapbox-vector-tile"
IMMUTABLE = "public, max-age=31536000, immutable"
_SOFTWARE = installed_version("kandi")

Headers = list[tuple[str, str]]

PRIVATE = (("Cache-Control", "private, no-store"), ("Vary", "Accept-Encoding"))
"""Headers of what staff alone may see."""


def canonical(arguments: MultiDict[str, str]) -> dict[str, str]:
    """The arguments in the order of their names, so equal questions have equal answers."""
    return dict(sorted(arguments.items()))


def etag(*parts: object) -> str:
    """A strong tag: equal parts of equal software give equal bytes."""
    text = "\x1f".join(map(str, (_SOFTWARE, *parts)))
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def collection_tag(path: str, state: LayerState, arguments: Mapping[str, str]) -> str:
    """The tag of a page; the time is in it because a restored database counts anew."""
    return etag(path, state.version, state.changed_at, *arguments.items())


def item_tag(body: bytes) -> str:
    """The tag of one site: its bytes say all, whatever made them change."""
    return hashlib.blake2b(body, digest_size=12).hexdigest()


def tile_tag(path: str, state: LayerState, arguments: Mapping[str, str]) -> str:
    """The tag of a tile; ``arguments`` without the version that its address may name."""
    stamp = tiles.stamp(state.version, state.changed_at)
    return etag(path, stamp, *arguments.items())


def held(if_none_match: str | None, tag: str) -> str | None:
    """The form of the tag that the caller holds (``tag``, ``tag-gzip`` ...), or None.

    A packed body is other bytes, so it has a tag of its own: RFC 9110, 8.8.3.3.
    """
    if not if_none_match:
        return None
    if if_none_match[0] == '"' and if_none_match.find('"', 1) == len(if_none_match) - 1:
        return _same(if_none_match[1:-1], tag)
    tags = parse_etags(if_none_match)
    if tags.star_tag:
        return tag
    return next(
        filter(None, (_same(each or "", tag) for each in tags.as_set(include_weak=True))), None
    )


def _same(given: str, tag: str) -> str | None:
    return given if given == tag or given.partition("-")[0] == tag else None


def headers(tag: str, crs: Crs | None = None) -> Headers:
    """Headers of an answer: a public one may be kept anywhere but has to be checked before use.

    What is not in GCJ-02 is for the member of staff who asked, and nobody may keep it.
    """
    if crs is not None and crs is not Crs.GCJ02:
        return [*PRIVATE, ("X-Coord-Sys", crs.label)]
    common = [
        ("ETag", f'"{tag}"'),
        ("Cache-Control", "no-cache"),
        ("Access-Control-Allow-Origin", "*"),
        ("Vary", "Accept-Encoding"),
    ]
    return common if crs is None else [*common, ("X-Coord-Sys", crs.label)]


def tile_headers(
    tag: str, state: LayerState, named: str | None, crs: Crs, truncated: str | None
) -> Headers:
    """Headers of a tile: an address that names the present version never has another content."""
    immutable = named == tiles.stamp(state.version, state.changed_at)
    found = [
        (name, IMMUTABLE if immutable and name == "Cache-Control" else value)
        for name, value in headers(tag, crs)
    ]
    found.append(("Content-Type", MVT))
    return [*found, ("X-Tile-Truncated", truncated)] if truncated else found


def collection(
    page: Page, crs: Crs, state: LayerState, path: str, arguments: Mapping[str, str]
) -> bytes:
    """A GeoJSON FeatureCollection; ``coordSys`` names its coordinate system (GCJ-02 is no WGS 84).

    ``next`` stands in ``links`` while there are more.
    """
    return collection_head(page, crs, state, path, arguments) + page.features + b"]}"


def collection_head(
    page: Page, crs: Crs, state: LayerState, path: str, arguments: Mapping[str, str]
) -> bytes:
    """All that stands before the features: the only part that a change elsewhere alters."""
    head = {
        "type": "FeatureCollection",
        "coordSys": crs.label,
        "numberMatched": page.matched,
        "numberReturned": page.returned,
        "dataVersion": state.version,
        "dataAsOf": state.changed_at,
        "links": _links(page, path, arguments),
    }
    text = json.dumps(head, ensure_ascii=False, separators=(",", ":"))
    return f'{text[:-1]},"features":['.encode()


def single(feature: bytes, crs: Crs) -> bytes:
    """One feature that names its coordinate system."""
    return b'{"coordSys":"%b",%b' % (crs.label.encode(), feature[1:])


def _links(page: Page, path: str, arguments: Mapping[str, str]) -> list[dict[str, str]]:
    links = [_link("self", path, arguments)]
    if page.next_after_id is not None:
        following = {**arguments, "cursor": cursor_of(page.next_after_id)}
        links.append(_link("next", path, following))
    return links


def _link(relation: str, path: str, arguments: Mapping[str, str]) -> dict[str, str]:
    query = f"?{urlencode(arguments, safe=',')}" if arguments else ""
    return {"rel": relation, "type": GEOJSON, "href": f"{path}{query}"}
