"""Cases of idle land by staff: find, look, act."""

from decimal import Decimal

from flask import Blueprint, Response, request
from sqlalchemy import Connection

from mini_program_api import bodies, params
from mini_program_api import disposal_case_answers as answers
from mini_program_api.disposal_case_params import (
    ActionForm,
    DiscoveryForm,
    cases_query,
    cursor_of,
)
from mini_program_api.staff_answers import private
from mini_program_api.writes import Reply, Write, change, if_match
from server.accounts import guard
from server.accounts.principals import Principal, Role
from server.disposal import acting, finding, listing, offers, track
from server.disposal.case import Case
from server.disposal.clocks import today
from server.request import connection, settings

bp = Blueprint("disposal_cases", __name__, url_prefix="/api/v1")

CASE = "<int(max=9223372036854775807):case_id>"


@bp.get("/disposal-cases")
def cases() -> Response:
    """Cases in the regions of the asker, a page at a time."""
    query = cases_query(guard.staff(), today())
    found = listing.page(connection(), query)
    items = [answers.case(row, query.today) for row in found.rows]
    following = cursor_of(found.next, query.sort)
    return private({"items": items, "next": following, "total": found.total})


@bp.get("/disposal-board")
def board() -> Response:
    """How many cases and what area stand in each state."""
    query = cases_query(guard.staff(), today())
    return private({"columns": answers.board(listing.board(connection(), query))})


@bp.get(f"/disposal-cases/{CASE}")
def case(case_id: int) -> Response:
    """One case with its legal track and what the asker may do now."""
    who = guard.staff()
    params.once(request.args, ())
    shown, version = _detailed(connection(), case_id, who)
    answer = private(shown)
    answer.set_etag(str(version))
    return answer


@bp.get(f"/disposal-cases/{CASE}/timeline")
def timeline(case_id: int) -> Response:
    """What was done to a case, by whom, with what evidence."""
    who = guard.staff()
    params.once(request.args, ())
    readable(connection(), case_id, who)
    rows = listing.timeline(connection(), case_id)
    files = [answers.evidence(row) for row in listing.evidence(connection(), case_id)]
    made = [answers.document(row) for row in listing.documents(connection(), case_id)]
    return private({"items": answers.timeline(rows, files, made)})


@bp.post("/disposal-cases")
@change(Role.OFFICER, Role.REVIEWER)
def discover(write: Write) -> Reply:
    """Register land that someone found idle; the open case of it if there is one."""
    form = bodies.parse(DiscoveryForm)
    seen = finding.Seen(
        form.site_id,
        form.idle_class,
        form.source,
        None if form.area_m2 is None else Decimal(str(form.area_m2)),
        form.found_on,
        form.idle_since,
        form.legal,
        form.note,
    )
    found = finding.register(write.connection, seen, write.who, today())
    return _reply(write, found.case_id, 201 if found.is_new else 200)


@bp.post(f"/disposal-cases/{CASE}/actions")
@change(Role.OFFICER, Role.REVIEWER, Role.LEADER)
def act(write: Write, case_id: int) -> Reply:
    """Do something to a case; the case after it."""
    form = bodies.parse(ActionForm)
    asked = acting.Request(form.action, form.inputs, if_match(), form.comment, form.happened_on)
    occasion = acting.Occasion(today(), settings().public_decimals)
    after = acting.act(write.connection, case_id, asked, write.who, occasion)
    return _reply(write, after.id, 200)


def readable(transaction: Connection, case_id: int, who: Principal) -> Case:
    """The case, if the asker may read it: UnknownCase, Forbidden."""
    found = Case.of(listing.one(transaction, case_id))
    who.require((), found.region_code)
    return found


def _reply(write: Write, case_id: int, status: int) -> Reply:
    shown, version = _detailed(write.connection, case_id, write.who)
    headers = {"ETag": f'"{version}"', "Location": f"/api/v1/disposal-cases/{case_id}"}
    return Reply(shown, status, headers)


def _detailed(transaction: Connection, case_id: int, who: Principal) -> tuple[answers.Json, int]:
    row, on = listing.one(transaction, case_id), today()
    found = Case.of(row)
    who.require((), found.region_code)
    at = offers.desk(transaction, found, who, on)
    legal = track.shown(found, on, at.rules)
    return answers.detailed(row, on, legal, offers.offers(at, on)), found.version
