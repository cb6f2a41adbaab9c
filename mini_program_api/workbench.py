"""What the console must know before it can ask: every column that staff read and may write."""

from flask import Blueprint, Response, request

from gis import filters, regions
from gis.crs import Crs
from gis.importing.states import TITLES
from gis.layers import LAYERS, Audience, Layer
from gis.query import BadQuery
from gis.regions import Place, PlaceQuery
from mini_program_api import params
from mini_program_api.access import prefixes
from mini_program_api.staff_answers import private
from server.accounts import guard
from server.base_map import base_map
from server.request import connection, settings

bp = Blueprint("workbench", __name__, url_prefix="/api/v1/console")

Json = dict[str, object]

MOST_PLACES = 60
_MOST_WORDS = 30


@bp.get("/catalogue")
def catalogue() -> Response:
    """Layers with the columns of staff, states of imports, the largest upload."""
    params.once(request.args, ())
    guard.staff()
    return private(
        {
            "layers": [_layer(layer) for layer in LAYERS],
            "importStates": {state.value: title for state, title in TITLES.items()},
            "uploadMb": settings().upload_mb,
            "mapCrs": _map_crs().value,
        }
    )


@bp.get("/regions")
def places() -> Response:
    """Regions of one's own by words or code, or those of some codes; a list to choose from."""
    mine = prefixes(guard.staff())
    values = params.once(request.args, ("q", "codes"))
    words, codes = values.get("q", "").strip(), values.get("codes")
    if len(words) > _MOST_WORDS:
        raise BadQuery("q", f"最多 {_MOST_WORDS} 个字")
    if codes is not None:
        found = regions.named_places(connection(), codes.split(",")[:MOST_PLACES])
    else:
        found = regions.places(connection(), PlaceQuery(words, mine, MOST_PLACES))
    return private({"items": [_place(one) for one in found], "next": None, "total": len(found)})


def _map_crs() -> Crs:
    """What the map of staff is drawn in: the system of the map below it, else the public one."""
    return Crs.CGCS2000 if base_map(settings(), Crs.CGCS2000) else Crs.GCJ02


def _place(one: Place) -> Json:
    return {
        "code": one.code,
        "name": one.name,
        "level": one.level,
        "within": "".join(one.within),
    }


def _layer(layer: Layer) -> Json:
    public = {column.name for column in layer.readable(Audience.PUBLIC)}
    return {
        "name": layer.name,
        "title": layer.title,
        "columns": [
            {
                "name": column.name,
                "title": column.title,
                "kind": column.kind,
                "unit": column.unit,
                "public": column.name in public,
                "inLists": column.summary,
                "choices": [{"code": k, "title": v} for k, v in (column.choices or {}).items()]
                or None,
            }
            for column in layer.readable(Audience.STAFF)
        ],
        "writable": [column.name for column in layer.writable],
        "filters": [
            {"name": p.name, "column": p.column.name, "title": p.title, "unit": p.unit}
            for p in filters.parameters(layer).values()
        ],
    }
