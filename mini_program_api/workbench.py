"""What the console must know before it can ask: every column that staff read and may write."""

from flask import Blueprint, Response, request

from gis import filters
from gis.importing.states import TITLES
from gis.layers import LAYERS, Audience, Layer
from mini_program_api import params
from mini_program_api.staff_answers import private
from server.accounts import guard
from server.request import settings

bp = Blueprint("workbench", __name__, url_prefix="/api/v1/console")

Json = dict[str, object]


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
        }
    )


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
