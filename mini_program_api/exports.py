"""Exports: sites that staff take along as a file, each with its row of audit."""

import tempfile
from pathlib import Path

from flask import Blueprint, Response, request

from gis import filters
from gis.crs import Crs
from gis.exporting.model import Export, Format, target_epsg
from gis.layers import Layer
from gis.query import BadQuery, ItemsQuery
from mini_program_api import import_answers as answers
from mini_program_api import params
from mini_program_api.access import within
from server.accounts import guard
from server.accounts.principals import Role
from server.exports import export as write_export
from server.request import writing

bp = Blueprint("exports", __name__, url_prefix="/api/v1")

_EXPORTERS = (Role.OFFICER, Role.REVIEWER, Role.LEADER, Role.GIS, Role.VIEWER)
_EXPORTING = ("format", "crs", "encoding", "bbox", "q")


@bp.get("/exports/<layer:layer>")
def export(layer: Layer) -> Response:
    """Exact sites of a layer as a file, those of one's own regions."""
    who = guard.staff(*_EXPORTERS)
    wanted = _wanted(layer, who.prefixes(*_EXPORTERS))
    with tempfile.TemporaryDirectory() as folder:
        with writing() as transaction:
            asked = request.args.to_dict()
            written = write_export(transaction, wanted, asked, Path(folder), who.actor)
        return answers.attachment(written.path, written.file_name)


def _wanted(layer: Layer, regions: tuple[str, ...]) -> Export:
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
    return Export(
        layer,
        within(layer, query, regions),
        form,
        target_epsg(values.get("crs", "cgcs2000")),
        encoding,
    )
