"""Maps and reports of imports: what staff look at or take along as a file."""

import tempfile
from pathlib import Path

from flask import Blueprint, Response, request

from gis.importing import listing, report_files
from gis.importing.listing import PreviewQuery
from gis.importing.runs import load
from mini_program_api import import_answers as answers
from mini_program_api import params
from mini_program_api.imports import require_importer
from server.request import connection

bp = Blueprint("import_files", __name__, url_prefix="/api/v1")
bp.before_request(require_importer)

_PREVIEW_ROWS = 1000
_MOST_PREVIEW_ROWS = 5000
_MOST_REPORT_ROWS = 100_000


@bp.get("/imports/<int(max=9223372036854775807):run_id>/preview")
def preview(run_id: int) -> Response:
    """Staged rows on the map, those with errors first."""
    values = params.once(request.args, ("crs", "bbox", "limit"))
    query = PreviewQuery(
        params.crs(values),
        params.limit(values.get("limit", str(_PREVIEW_ROWS)), _MOST_PREVIEW_ROWS),
        params.bbox(values["bbox"]) if "bbox" in values else None,
    )
    return _features(run_id, query)


@bp.get("/imports/<int(max=9223372036854775807):run_id>/report.geojson")
def report_geojson(run_id: int) -> Response:
    """Rows with findings, each with its messages."""
    values = params.once(request.args, ("crs",))
    query = PreviewQuery(params.crs(values), _MOST_REPORT_ROWS, flawed=True)
    response = _features(run_id, query)
    name = f"import_{run_id}_report.geojson"
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    return response


def _features(run_id: int, query: PreviewQuery) -> Response:
    run = listing.previewable(connection(), run_id)
    found = listing.preview(connection(), run, query)
    head = f'{{"type":"FeatureCollection","coordSys":"{query.crs.label}",'
    body = f'{head}"numberReturned":{len(found)},"features":[{",".join(found)}]}}'
    response = Response(body, content_type="application/geo+json")
    response.headers["X-Coord-Sys"] = query.crs.label
    response.cache_control.no_store = True
    return response


@bp.get("/imports/<int(max=9223372036854775807):run_id>/report.xlsx")
def report_workbook(run_id: int) -> Response:
    """The report as an Excel workbook."""
    params.once(request.args, ())
    listed, run = listing.one(connection(), run_id), load(connection(), run_id)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.xlsx"
        report_files.workbook(connection(), listed, run, path)
        return answers.attachment(path, f"import_{run_id}_report.xlsx")
