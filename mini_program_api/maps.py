"""What maps ask beside features: a whole view for WeChat, what a finger touched, the legend."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace

from flask import Blueprint, Response, request

from gis import features, tiles, wxmap, wxpacked, wxplain
from gis.changes import LayerState
from gis.crs import Crs
from gis.identify import Found, Touch, identify
from gis.layers import LAYERS
from gis.layers.symbols import (
    CLUSTER,
    CLUSTER_ICON,
    CLUSTERS,
    PIN_PX,
    Symbol,
    symbols,
)
from mini_program_api import map_params, params, responses
from mini_program_api.access import regions_of, within
from mini_program_api.map_params import Form
from server.base_map import base_map
from server.request import hurried, settings

bp = Blueprint("maps", __name__, url_prefix="/api/v1")

JSON = "application/json"

_TEXTS = {Form.PLAIN: wxplain.text, Form.PACKED: wxpacked.text}


@bp.get("/map")
def view() -> Response:
    """One view for WeChat's ``<map>``: sites with shapes, or counts by cell."""
    asked, form = map_params.map_query(request.args), map_params.map_form(request.args)
    regions = regions_of(asked.crs)
    mine = tuple((layer, within(layer, query, regions)) for layer, query in asked.layers)
    asked = replace(asked, layers=mine)
    states = [(layer.name, features.state(hurried(), layer)) for layer, _ in asked.layers]
    version, as_of = _version(states), _as_of([state for _, state in states])
    tag = responses.etag(request.path, version, *responses.canonical_query().items())
    return responses.conditional(
        tag,
        lambda: _dated(_TEXTS[form](wxmap.answer(hurried(), asked, version)), as_of),
        JSON,
        asked.crs,
    )


def _version(states: Sequence[tuple[str, LayerState]]) -> str:
    """The versions of the layers in view; the same text only for the same data."""
    return ",".join(f"{name}:{tiles.stamp(s.version, s.changed_at)}" for name, s in states)


def _as_of(states: Iterable[LayerState]) -> str | None:
    """When the newest of the layers changed: 数据截至."""
    return max((one.changed_at for one in states if one.changed_at), default=None)


def _dated(text: bytes, as_of: str | None) -> bytes:
    """A JSON object that also says of when its data are."""
    return text[:-1] + f',"dataAsOf":{json.dumps(as_of)}}}'.encode()


@bp.get("/identify")
def touched() -> Response:
    """Sites under a point: parcels, plants, parks, within each the nearest first."""
    touch = map_params.touch(request.args)
    touch = replace(touch, regions=regions_of(touch.crs))
    as_of = _as_of(features.state(hurried(), layer) for layer in LAYERS)
    body = _dated(identified(touch, identify(hurried(), touch)).encode(), as_of)
    return responses.conditional(responses.etag(body), lambda: body, JSON, touch.crs)


def identified(touch: Touch, found: list[Found]) -> str:
    """What was found as JSON text; the properties of sites are passed through."""
    sites = ",".join(
        f'{{"layer":"{site.layer}","id":{site.id},"distance_m":{site.distance_m:g},'
        f'"properties":{site.properties}}}'
        for site in found
    )
    return f'{{"crs":"{touch.crs.label}","sites":[{sites}]}}'


@bp.get("/legend")
def legend() -> Response:
    """Colours, titles and icons of every status: the only source of them for all clients."""
    params.once(request.args, ())
    body = json.dumps(legend_document(), ensure_ascii=False)
    return responses.conditional(responses.etag(body), lambda: body, JSON)


def legend_document() -> dict[str, object]:
    """The legend; statuses stand in the order of their importance."""
    return {
        "layers": {
            layer.name: {
                "title": layer.title,
                "cluster": f"{CLUSTERS[layer.name]}ff",
                "statuses": {s.status: _symbol(s) for s in symbols(layer).values()},
            }
            for layer in LAYERS
        },
        "cluster": {"fill": f"{CLUSTER}cc", "stroke": "#ffffffff", "icon": CLUSTER_ICON},
        "icon_size": {"width": PIN_PX[0], "height": PIN_PX[1]},
        "drawing": {
            "marker": wxplain.PIN,
            "cluster": wxplain.CIRCLE,
            "polygon": wxplain.AREA,
            "polyline": wxplain.LINE,
        },
        "base_map": _base_map(),
    }


def _base_map() -> dict[str, object] | None:
    """The map to draw below positions of the public; none unless one is set that fits them."""
    found = base_map(settings(), Crs.GCJ02)
    return {"credit": found.credit, "sources": found.sources()} if found else None


def _symbol(symbol: Symbol) -> dict[str, str]:
    return {
        "title": symbol.title,
        "color": symbol.colour,
        "fill": symbol.fill,
        "stroke": symbol.stroke,
        "icon": symbol.icon,
    }
