"""Maps and reports of imports, and exports: what staff look at or take along as a file."""

import tempfile
from pathlib import Path

from flask import Blueprint, Response, request

from gis import filters
from gis.crs import Crs
from gis.exporting.model import Export, Format, target_epsg
from gis.importing import listing, report_files
from gis.importing.listing import PreviewQuery
from gis.importing.runs import load
from gis.layers import Layer
from gis.query import BadQuery, ItemsQuery
from mini_program_api import import_answers as answers
from mini_program_api import params
from server import staff
from server.exports import export as write_export
from server.request import connection, writing

bp = Blueprint("import_files", __name__, url_prefix="/api/v1")
bp.before_request(staff.require)

_PREVIEW_ROWS = 1000
_MOST_PREVIEW_ROWS = 5000
_MOST_REPORT_ROWS = 100_000
_EXPORTING = ("format", "crs", "encoding", "bbox", "q")


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


@bp.get("/exports/<layer:layer>")
def export(layer: Layer) -> Response:
    """Exact sites of a layer as a file."""
    wanted = _wanted(layer)
    with tempfile.TemporaryDirectory() as folder:
        with writing() as transaction:
            asked = request.args.to_dict()
            written = write_export(transaction, wanted, asked, Path(folder), staff.ACTOR)
        return answers.attachment(written.path, written.file_name)


def _wanted(layer: Layer) -> Export:
    names = filters.parameters(layer)
    values = params.once(request.args, [*_EXPORTING, *names])
    chosen = {name: value for name, value in values.items() if name in names}
    query = ItemsQuery(
        Crs.CGCS2000,
        bbox=params.bbox(values["bbox"]) if "bbox" in values else None,
        conditions=filters.parse(layer, chosen),
        words=filters.clean_text("q", values["q"]) if "q" in values else None,
    )
    try:
        form = Format(values.get("format", ""))
    except ValueError:
        offered = "、".join(one.value for one in Format)
        raise BadQuery("format", f"应为：{offered}") from None
    encoding = values.get("encoding", "gbk")
    if encoding not in ("gbk", "utf-8"):
        raise BadQuery("encoding", "应为 gbk 或 utf-8")
    return Export(layer, query, form, target_epsg(values.get("crs", "cgcs2000")), encoding)
