"""Monthly reports: publish one for ever, read it, take it away as a workbook or PDF; for staff."""

from typing import Annotated

from flask import Blueprint, Response, request
from pydantic import Field
from sqlalchemy import text

from gis.query import BadQuery
from mini_program_api import bodies, params
from mini_program_api import disposal_params as asked
from mini_program_api.bodies import Body
from mini_program_api.staff_answers import private
from mini_program_api.writes import Reply, Write, confirmed_change
from server.accounts import guard
from server.accounts import names as actors
from server.accounts.principals import Role
from server.disposal import periods, report_prints, report_workbook, reports
from server.disposal.figures import Json
from server.disposal.periods import BadPeriod, Period, Span
from server.disposal.reports import Report
from server.request import connection

bp = Blueprint("disposal_reports", __name__, url_prefix="/api/v1")

ID = "<int(max=9223372036854775807):report_id>"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FREEZERS = (Role.REVIEWER, Role.LEADER, Role.ADMIN)
_FREEZE_TIMEOUT_S = 60


class ReportForm(Body):
    """Which month of which region to publish, with a note if there is one."""

    region: Annotated[str, Field(min_length=2, max_length=9)]
    month: Annotated[str, Field(min_length=7, max_length=7)]
    note: Annotated[str, Field(max_length=2000)] | None = None


@bp.get("/disposal-reports")
def report_list() -> Response:
    """Published reports, the newest month first."""
    who = guard.staff()
    values = params.once(request.args, ("region",))
    found = reports.listed(connection(), asked.within(who, asked.region(values)))
    named = actors.names(connection(), (one.actor for one in found))
    ready = report_prints.ready(connection(), [one.id for one in found])
    items = [
        _head(one) | {"actor_name": named[one.actor], "pdf_ready": one.id in ready} for one in found
    ]
    return private({"items": items, "next": None, "total": len(items)})


@bp.post("/disposal-reports")
@confirmed_change(*_FREEZERS)
def freeze(write: Write) -> Reply:
    """Publish a month that is over; it stays as it is, later corrections stand in later ones."""
    form = bodies.parse(ReportForm)
    code = asked.region_code(form.region, "region")
    write.who.require(_FREEZERS, code)
    write.connection.execute(text(f"SET LOCAL statement_timeout = '{_FREEZE_TIMEOUT_S}s'"))
    made = reports.freeze(write.connection, write.actor, code, _month(form.month), form.note)
    report_prints.order(write.connection)
    place = f"/api/v1/disposal-reports/{made}"
    return Reply(_whole(reports.load(write.connection, made)), 201, {"Location": place})


def _month(value: str) -> Period:
    try:
        found = periods.read(value)
    except BadPeriod as error:
        raise BadQuery("month", str(error)) from error
    if found.span is not Span.MONTH:
        raise BadQuery("month", "应为月份，例如 2026-10")
    return found


@bp.get(f"/disposal-reports/{ID}")
def report(report_id: int) -> Response:
    """One report with its snapshot, and whether that still has the digest that was audited."""
    return private(_whole(_readable(report_id)))


@bp.get(f"/disposal-reports/{ID}.xlsx")
def report_xlsx(report_id: int) -> Response:
    """The report as a workbook."""
    found = _readable(report_id)
    return _download(report_workbook.workbook(found), _XLSX, found, "xlsx")


@bp.get(f"/disposal-reports/{ID}.pdf")
def report_pdf(report_id: int) -> Response:
    """The report as PDF, once the worker has printed it."""
    found = _readable(report_id)
    body = report_prints.kept(connection(), report_id)
    return _download(body, "application/pdf", found, "pdf")


def _readable(report_id: int) -> Report:
    who = guard.staff()
    params.once(request.args, ())
    found = reports.load(connection(), report_id)
    who.require((), found.region_code)
    return found


def _download(content: bytes, kind: str, found: Report, ending: str) -> Response:
    name = f"wuwei-{found.region_code}-{found.month.name}.{ending}"
    response = Response(content, content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _head(one: Report) -> Json:
    total = one.snapshot["figures"]["class"]["total"]
    return {
        "id": one.id,
        "region_code": one.region_code,
        "region_name": one.region_name,
        "month": one.month.name,
        "month_text": one.month.term,
        "sha256": one.sha256,
        "note": one.note,
        "actor": one.actor,
        "frozen_at": one.frozen_at.isoformat(timespec="seconds"),
        "disposed_mu": total["disposed"]["area_mu"],
        "remaining_mu": total["remaining"]["area_mu"],
        "corrections": len(one.snapshot["corrections"]),
    }


def _whole(one: Report) -> Json:
    return {**_head(one), "intact": one.is_intact, "snapshot": one.snapshot}
