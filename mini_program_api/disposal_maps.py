"""Cases on the map, for staff."""

from flask import Blueprint, Response, request

from gis.query import BadQuery
from mini_program_api import disposal_params as asked
from mini_program_api import params
from mini_program_api.staff_answers import private
from server.accounts import guard
from server.disposal import case_map, clocks
from server.disposal.case_map import CaseMapQuery
from server.request import connection

bp = Blueprint("disposal_maps", __name__, url_prefix="/api/v1")

_MOST_SHAPES = 5000
_YES_NO = {"true": True, "false": False}


@bp.get("/disposal-cases.geojson")
def case_layer() -> Response:
    """Parcels of cases, coloured by class and age, with the legend."""
    who = guard.staff()
    names = ("bbox", "crs", "region", "class", "closed", "limit")
    values = params.once(request.args, names)
    if values.get("closed", "false") not in _YES_NO:
        raise BadQuery("closed", "应为 true 或 false")
    query = CaseMapQuery(
        clocks.today(),
        asked.within(who, asked.region(values)),
        params.crs(values),
        params.bbox(values["bbox"]) if "bbox" in values else None,
        asked.idle_class(values),
        _YES_NO[values.get("closed", "false")],
        params.limit(values.get("limit", "2000"), _MOST_SHAPES),
    )
    answer = private(case_map.collection(connection(), query))
    answer.content_type = "application/geo+json"
    return answer
