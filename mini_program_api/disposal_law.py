"""Clocks and numbers of the law and names of offices: what holds where, and newer rows."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from flask import Blueprint, Response, request
from pydantic import Field

from mini_program_api import bodies, params
from mini_program_api import disposal_law_answers as answers
from mini_program_api import disposal_params as asked
from mini_program_api.bodies import Body
from mini_program_api.staff_answers import private
from mini_program_api.writes import Reply, Write, confirmed_change, if_match
from server.accounts import guard
from server.accounts.principals import Role
from server.disposal import clocks, law
from server.disposal.actions import Step
from server.disposal.law import Book, Clerk, Clock, OfficeName, Paper, Row
from server.disposal.law_names import Number
from server.request import connection

bp = Blueprint("disposal_law", __name__, url_prefix="/api/v1")

Text = Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]
_MOST_DAYS = 3650


class PaperForm(Body):
    """Where a row holds, from when on, by what paper."""

    region_code: Annotated[str, Field(max_length=9)]
    effective_from: date
    source: Text
    article: Text

    def paper(self) -> Paper:
        """As decisions take it; BadQuery for what is no region code."""
        code = asked.region_code(self.region_code, "region_code")
        return Paper(code, self.effective_from, self.source.strip(), self.article.strip())


class DeadlineForm(PaperForm):
    """A newer length of a step."""

    step: Step
    days: Annotated[int, Field(ge=1, le=_MOST_DAYS)]
    working_days: bool
    rolls: bool = False


class NumberForm(PaperForm):
    """A newer value of a number, in the number's own unit."""

    name: Number
    value: Annotated[float, Field(ge=0, le=1e6)]


class OfficeForm(Body):
    """The name under a county's documents from a day on."""

    region_code: Annotated[str, Field(pattern="^[0-9]{6}$")]
    effective_from: date
    source: Text
    name: Text
    short_name: Annotated[str, Field(min_length=1, max_length=30, pattern=r"\S")]
    government: Text
    address: Text | None = None
    phone: Annotated[str, Field(min_length=3, max_length=40)] | None = None


@bp.get("/disposal-deadlines")
def deadlines() -> Response:
    """Every length of every step; ``applies`` marks what decides on a day in a region."""
    return _listed(law.DEADLINES)


@bp.post("/disposal-deadlines")
@confirmed_change(Role.ADMIN)
def add_deadline(write: Write) -> Reply:
    """A newer length of a step; those before stay as they were."""
    form = bodies.parse(DeadlineForm)
    clock = Clock(form.days, form.working_days, form.rolls)
    by, paper = _clerk(write, form.region_code), form.paper()
    made = law.add_deadline(write.connection, by, form.step, clock, paper)
    return _added(write, law.DEADLINES, made)


@bp.get("/disposal-numbers")
def numbers() -> Response:
    """Every value of every number of the law; ``applies`` as with deadlines."""
    return _listed(law.NUMBERS)


@bp.post("/disposal-numbers")
@confirmed_change(Role.ADMIN)
def add_number(write: Write) -> Reply:
    """A newer value of a number; those before stay as they were."""
    form = bodies.parse(NumberForm)
    value = Decimal(str(form.value))
    by, paper = _clerk(write, form.region_code), form.paper()
    made = law.add_number(write.connection, by, form.name, value, paper)
    return _added(write, law.NUMBERS, made)


@bp.get("/disposal-offices")
def offices() -> Response:
    """Every name of every office; counties that gave none have the one made from their own."""
    return _listed(law.OFFICES)


@bp.post("/disposal-offices")
@confirmed_change(Role.ADMIN)
def add_office(write: Write) -> Reply:
    """A county's office by another name from a day on; documents made before keep theirs."""
    form = bodies.parse(OfficeForm)
    office = OfficeName(form.name, form.short_name, form.government, form.address, form.phone)
    paper = Paper(form.region_code, form.effective_from, form.source.strip())
    by = _clerk(write, form.region_code)
    made = law.add_office(write.connection, by, office, paper)
    return _added(write, law.OFFICES, made)


def _clerk(write: Write, region_code: str) -> Clerk:
    write.who.require((Role.ADMIN,), region_code)
    return Clerk(write.actor, if_match())


def _listed(book: Book) -> Response:
    guard.staff()
    values = params.once(request.args, ("region", "on"))
    code, day = asked.region(values), asked.day(values, "on") or clocks.today()
    rows = book.rows(connection())
    found = answers.rows(connection(), book, rows, code, day)
    if book is law.OFFICES:
        named = {one.key for one in rows if one.paper.effective_from <= day}
        found += answers.unnamed_offices(connection(), rows, named, code, day)
    return private({"items": found, "next": None, "total": len(found)})


def _added(write: Write, book: Book, made: Row) -> Reply:
    rows = [one for one in book.rows(write.connection) if one.key == made.key]
    shown = answers.rows(write.connection, book, rows, made.paper.region_code, clocks.today())
    return Reply(next(one for one in shown if one["id"] == made.id), 201)
