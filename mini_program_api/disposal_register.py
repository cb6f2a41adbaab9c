"""The register of low-efficiency land, for staff: a workbook in, every wrong row told, and out."""

from flask import Blueprint, Response, request
from sqlalchemy import text

from gis.query import BadQuery
from mini_program_api import disposal_params as asked
from mini_program_api import params
from mini_program_api.writes import Reply, Write, change
from server.accounts import guard
from server.accounts.principals import Role
from server.disposal import clocks, register, register_workbook
from server.disposal.register import Importer
from server.request import connection

bp = Blueprint("disposal_register", __name__, url_prefix="/api/v1")

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_WRITERS = (Role.OFFICER, Role.REVIEWER)
_MOST_BYTES = 20 << 20
_TIMEOUT_S = 60
_YES_NO = {"true": True, "false": False}


@bp.post("/disposal-register")
@change(*_WRITERS)
def take_in(write: Write) -> Reply:
    """Take a workbook in, whole or not at all; ``dry_run=true`` only says what would come of it."""
    values = params.once(request.form, ("dry_run",))
    dry_run = values.get("dry_run", "false")
    if dry_run not in _YES_NO:
        raise BadQuery("dry_run", "应为 true 或 false")
    if (request.content_length or 0) > _MOST_BYTES:
        raise BadQuery("file", "文件过大，请分开导入")
    sent = request.files.get("file")
    if sent is None:
        raise BadQuery("file", "请选择要上传的文件")
    write.connection.execute(text(f"SET LOCAL statement_timeout = '{_TIMEOUT_S}s'"))
    by = Importer(write.actor, write.who.prefixes(*_WRITERS), clocks.today(), _YES_NO[dry_run])
    found = register.import_workbook(write.connection, sent.stream, by)
    return Reply({**vars(found), "dry_run": by.is_dry_run})


@bp.get("/disposal-register.xlsx")
def hand_out() -> Response:
    """The register below a region, as a workbook that comes in again unchanged."""
    who = guard.staff()
    values = params.once(request.args, ("region",))
    rows = register.listed(connection(), asked.within(who, asked.region(values)))
    response = Response(register_workbook.workbook(rows), content_type=_XLSX)
    response.headers["Content-Disposition"] = 'attachment; filename="dixiao-yongdi.xlsx"'
    response.headers["Cache-Control"] = "private, no-store"
    return response
