"""Answers of the API: GeoJSON text around features that are never parsed, tags, links."""

import hashlib
from collections.abc import Callable, Sequence
from importlib.metadata import version as installed_version
from urllib.parse import urlencode

from flask import Response, json, request

from gis.crs import Crs
from gis.features import LayerState, Page
from mini_program_api.params import cursor_of

GEOJSON = "application/geo+json"
_SOFTWARE = installed_version("kandi")


def etag(*parts: object) -> str:
    """A strong tag: equal parts of equal software give equal bytes."""
    text = "\x1f".join(map(str, (_SOFTWARE, *parts)))
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def conditional(tag: str, make: Callable[[], str], media_type: str) -> Response:
    """304 when the caller holds that tag, else the body; it may be kept but must be checked."""
    if request.if_none_match.contains(tag):
        response = Response(status=304)
    else:
        response = Response(make(), content_type=media_type)
    response.set_etag(tag)
    response.cache_control.no_cache = True
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def canonical_query() -> str:
    """The query string with its parameters in order, so equal questions have equal tags."""
    return urlencode(sorted(request.args.items()))


def collection(page: Page, crs: Crs, state: LayerState) -> str:
    """A GeoJSON FeatureCollection; ``coordSys`` names its coordinate system (GCJ-02 is no WGS 84).

    ``next`` stands in ``links`` while there are more.
    """
    head = {
        "type": "FeatureCollection",
        "coordSys": crs.label,
        "numberMatched": page.matched,
        "numberReturned": len(page.features),
        "dataVersion": state.version,
        "dataAsOf": state.changed_at,
        "links": _links(page),
    }
    text = json.dumps(head, ensure_ascii=False, separators=(",", ":"))
    return f'{text[:-1]},"features":[{",".join(page.features)}]}}'


def plain_collection(features: Sequence[str], crs: Crs) -> str:
    """A FeatureCollection that has no pages."""
    head = f'{{"type":"FeatureCollection","coordSys":"{crs.label}","features":['
    return f"{head}{','.join(features)}]}}"


def single(feature: str, crs: Crs) -> str:
    """One feature that names its coordinate system."""
    return f'{{"coordSys":"{crs.label}",{feature[1:]}'


def _links(page: Page) -> list[dict[str, str]]:
    links = [_link("self", request.args.to_dict())]
    if page.next_after_id is not None:
        following = request.args.to_dict() | {"cursor": cursor_of(page.next_after_id)}
        links.append(_link("next", following))
    return links


def _link(relation: str, arguments: dict[str, str]) -> dict[str, str]:
    query = f"?{urlencode(arguments, safe=',')}" if arguments else ""
    return {"rel": relation, "type": GEOJSON, "href": f"{request.path}{query}"}
