"""Vector tiles, their TileJSON, and a style that draws them."""

import json
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from gis import features, tiles
from gis.crs import Crs
from gis.layers import Audience, Layer
from gis.tiles import TileBody
from gis.zooms import Tile
from mini_program_api import answers, map_params, params, responses, style
from mini_program_api.access import regions_of, scoped
from mini_program_api.maps import JSON
from server.base_map import base_map
from server.request import hurried, settings

bp = Blueprint("tiles", __name__)


@bp.get("/tiles/<drawn:layer>/<int:z>/<int:x>/<int:y>.mvt")
def tile(layer: Layer, z: int, x: int, y: int) -> Response:
    """One tile; kept for a year if its address names the present data version."""
    asked = Tile(z, x, y)
    query, named = map_params.tile_query(layer, request.args)
    query = scoped(layer, query)
    state = features.state(hurried(), layer)
    if query.audience is Audience.STAFF:
        return _for_staff(tiles.tile(hurried(), layer, asked, query), query.crs)
    arguments = responses.canonical_query()
    arguments.pop("v", None)
    tag = answers.tile_tag(request.path, state, arguments)
    held = answers.held(request.headers.get("If-None-Match"), tag)
    if held:
        return Response(
            status=304, headers=answers.tile_headers(held, state, named, query.crs, None)
        )
    made = tiles.tile(hurried(), layer, asked, query)
    headers = answers.tile_headers(tag, state, named, query.crs, made.truncated)
    return Response(made.content, 200 if made.content else 204, headers)


def _for_staff(made: TileBody, crs: Crs) -> Response:
    """A tile that depends on who asks: nobody keeps it."""
    headers = [*answers.headers("", crs), ("Content-Type", answers.MVT)]
    if made.truncated:
        headers.append(("X-Tile-Truncated", made.truncated))
    return Response(made.content, 200 if made.content else 204, headers)


@bp.get("/tiles/<drawn:layer>.json")
def tilejson(layer: Layer) -> Response:
    """Where the tiles of a layer are and what they hold; filters pass on into their address."""
    query, _ = map_params.tile_query(layer, request.args)
    regions_of(query.crs)
    body = json.dumps(_tilejson(layer, query.crs), ensure_ascii=False)
    return responses.conditional(responses.etag(body), lambda: body, JSON, query.crs)


@bp.get("/style.json")
def map_style() -> Response:
    """A MapLibre style of all layers: colours from the legend, below them the map that is set."""
    crs = params.crs(params.once(request.args, ("crs",)))
    regions_of(crs)
    document = style.document(_base(), crs, base_map(settings(), crs))
    body = json.dumps(document, ensure_ascii=False)
    return responses.conditional(responses.etag(body), lambda: body, JSON, crs)


def _stamp(layer: Layer) -> str:
    state = features.state(hurried(), layer)
    return tiles.stamp(state.version, state.changed_at)


def _base() -> str:
    # Tiles are fetched in a worker that knows no base address, so theirs has to be whole.
    return settings().public_url or request.host_url.rstrip("/")


def _tilejson(layer: Layer, crs: Crs) -> dict[str, object]:
    arguments = responses.canonical_query() | {"v": _stamp(layer)}
    found: dict[str, object] = {
        "tilejson": "3.0.0",
        "name": layer.title,
        "description": layer.description,
        "version": "1.0.0",
        "scheme": "xyz",
        "coordSys": crs.label,
        "tiles": [f"{_base()}/tiles/{layer.name}/{{z}}/{{x}}/{{y}}.mvt?{urlencode(arguments)}"],
        "minzoom": 0,
        "maxzoom": tiles.MOST_TILE_ZOOM,
        "vector_layers": _vector_layers(layer),
    }
    bounds = tiles.bounds(hurried(), layer)
    return found if bounds is None else found | {"bounds": bounds}


def _vector_layers(layer: Layer) -> list[dict[str, object]]:
    status, area = {"status": "状态代码"}, {"area_mu": "面积（亩）"}
    last = tiles.MOST_TILE_ZOOM
    return [
        {
            "id": f"{layer.name}_cluster",
            "fields": {"count": "个数", **status, **area},
            "minzoom": 0,
            "maxzoom": layer.shape_zoom - 1,
        },
        {
            "id": layer.name,
            "fields": {**status, "code": "编号", **area},
            "minzoom": layer.shape_zoom,
            "maxzoom": last,
        },
        {
            "id": f"{layer.name}_label",
            "fields": {**status, "name": "名称", "code": "编号", **area},
            "minzoom": layer.label_zoom,
            "maxzoom": last,
        },
    ]
