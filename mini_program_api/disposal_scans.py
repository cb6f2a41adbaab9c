"""Rules of the five classes, scans and warnings, for staff."""

from datetime import date
from typing import Annotated, Any

from flask import Blueprint, Response, request
from pydantic import Field
from sqlalchemy import text

from gis.query import BadQuery
from mini_program_api import bodies, params
from mini_program_api import disposal_params as asked
from mini_program_api import disposal_scan_answers as answers
from mini_program_api.bodies import Body
from mini_program_api.staff_answers import private
from mini_program_api.writes import Reply, Write, change, confirmed_change, if_match
from server.accounts import guard
from server.accounts.principals import Role
from server.disposal import clocks, rules, scan, warnings
from server.disposal.law import Clerk
from server.disposal.rules import Kind, RuleText
from server.disposal.scan import Question
from server.disposal.warnings import WarningsQuery
from server.request import connection

bp = Blueprint("disposal_scans", __name__, url_prefix="/api/v1")

_MOST_FINDINGS = 1000
_SCAN_TIMEOUT_S = 120
Text = Annotated[str, Field(min_length=1, max_length=500)]
Region = Annotated[str, Field(max_length=9)]


class RuleForm(Body):
    """A new version of a rule."""

    region_code: Region = ""
    sub_kind: Kind
    effective_from: date
    effective_to: date | None = None
    parameters: dict[str, Any]
    title: Text
    source: Text
    article: Text | None = None


class ScanForm(Body):
    """What to scan; other parameters by kind of rule are a what-if, which writes nothing."""

    as_of: date | None = None
    region: Region = ""
    dry_run: bool = False
    parameters: dict[str, dict[str, Any]] = Field(default_factory=dict)
    limit: Annotated[int, Field(ge=0, le=_MOST_FINDINGS)] = 200


@bp.get("/disposal-rules")
def rule_list() -> Response:
    """Every version of every rule; ``applies`` marks what decides on a day in a region."""
    guard.staff()
    values = params.once(request.args, ("region", "class", "on"))
    code, wanted = asked.region(values), asked.idle_class(values)
    day = asked.day(values, "on") or clocks.today()
    known = rules.all_rules(connection())
    shown = [
        one
        for one in known
        if wanted in (None, one.kind.idle_class)
        and (code.startswith(one.text.region_code) or one.text.region_code.startswith(code))
    ]
    ids = {rule.id for rule in rules.deciding(known, day, code)}
    items = answers.shown(connection(), shown, known, ids)
    return private({"items": items, "next": None, "total": len(items)})


@bp.post("/disposal-rules")
@confirmed_change(Role.ADMIN)
def add_rule(write: Write) -> Reply:
    """A new version of a rule for who saw the newest; those before stay as they were."""
    form = bodies.parse(RuleForm)
    code = asked.region_code(form.region_code, "region_code")
    write.who.require((Role.ADMIN,), code)
    told = RuleText(
        code, form.effective_from, form.effective_to, form.title, form.source, form.article
    )
    given = rules.read_parameters(form.sub_kind, form.parameters)
    made = rules.add(write.connection, Clerk(write.actor, if_match()), form.sub_kind, given, told)
    holds = {made.id} if made.holds(code, clocks.today()) else ()
    known = rules.all_rules(write.connection)
    return Reply(answers.shown(write.connection, [made], known, holds)[0], 201)


@bp.post("/disposal-scans")
@change()
def run_scan(write: Write) -> Reply:
    """Scan a region as of a day; a dry run, with other parameters or not, writes nothing."""
    form = bodies.parse(ScanForm)
    roles = () if form.dry_run else (Role.OFFICER, Role.REVIEWER, Role.LEADER, Role.ADMIN)
    code = asked.one_region(write.who, asked.region_code(form.region, "region"))
    write.who.require(roles, code)
    day = form.as_of or clocks.today()
    if not form.dry_run and (form.parameters or day > clocks.today()):
        raise BadQuery("dry_run", "试算其他参数或将来的日期时，dry_run 应为 true")
    write.connection.execute(text(f"SET LOCAL statement_timeout = '{_SCAN_TIMEOUT_S}s'"))
    question = Question(day, code, form.parameters)
    if form.dry_run:
        found = scan.look(write.connection, question)
    else:
        found = scan.scan(write.connection, question, write.actor)
    return Reply(answers.judged(write.connection, found, form.limit, form.dry_run))


@bp.get("/disposal-warnings")
def warning_list() -> Response:
    """Lines that parcels are about to cross, the nearest first."""
    who = guard.staff()
    values = params.once(request.args, ("region", "class", "within_days", "limit", "cursor"))
    wanted = asked.idle_class(values)
    query = WarningsQuery(
        clocks.today(),
        asked.within(who, asked.region(values)),
        wanted and wanted.value,
        asked.number(values, "within_days", 3650),
        params.limit(values.get("limit", "100"), 500),
        asked.place(values["cursor"]) if "cursor" in values else None,
    )
    total, rows = warnings.page(connection(), query)
    shown, following = rows[: query.limit], None
    if len(rows) > query.limit:
        following = asked.place_of(shown[-1]["line_on"], shown[-1]["id"])
    return private({"items": answers.warnings(shown), "next": following, "total": total})
