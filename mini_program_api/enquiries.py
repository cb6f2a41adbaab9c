"""Enquiries over HTTP: made by investors, answered by staff."""

import re
from datetime import date
from typing import Annotated, Literal

from flask import Blueprint, Response, request
from pydantic import AwareDatetime, Field

from gis.layers import LAYERS, UnknownLayer, layer_named
from gis.query import BadQuery
from mini_program_api import bodies, investor_answers, params
from mini_program_api.bodies import Body
from mini_program_api.disposal_params import region
from mini_program_api.enquiry_answers import enquiry_of_investor, enquiry_of_staff, named, receipt
from mini_program_api.investor_writes import InvestorWrite, Reply, change_by_investor
from mini_program_api.judging import judged, verdict
from mini_program_api.staff_answers import private
from mini_program_api.writes import Write, change
from server.accounts import guard as staff_guard
from server.disposal.clocks import today
from server.people import assignment, enquiry_lists, guard, investors, notices, phones, visits
from server.people.enquiries import Author, Desk, Step, Wanted, Words
from server.people.enquiry_lists import Wish
from server.people.enquiry_states import READERS, ROLES, Act, EnquiryKind, State
from server.people.services import services
from server.people.texts import Verdict
from server.request import connection, writing

bp = Blueprint("enquiries", __name__, url_prefix="/api/v1")

_ID = "<int(max=9223372036854775807):number>"
_TEXT = Annotated[str, Field(min_length=1, max_length=1000, pattern=r"\S")]
_STAFF = tuple({role for roles in ROLES.values() for role in roles})


class EnquiryForm(Body):
    """What an investor asks about a site."""

    layer: Literal["parks", "parcels", "plants"]
    site_id: Annotated[int, Field(ge=1, le=2**63 - 1)]
    kind: EnquiryKind = EnquiryKind.ENQUIRY
    message: _TEXT
    contact_name: Annotated[str, Field(min_length=1, max_length=40, pattern=r"\S")]
    phone: Annotated[str, Field(max_length=30)] | None = None
    phone_code: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[!-~]+$")] | None = (
        None
    )
    visit_on: date | None = None


class MessageForm(Body):
    """What an investor adds."""

    text: _TEXT


class ActionForm(Body):
    """What staff do with an enquiry."""

    action: Literal["reply", "assign", "schedule", "close"]
    text: _TEXT | None = None
    officer_id: Annotated[int, Field(ge=1, le=2**63 - 1)] | None = None
    scheduled_for: AwareDatetime | None = None


@bp.get("/visit-days")
def visit_days() -> Response:
    """The next working days, on which offices show land."""
    params.once(request.args, ())
    return private({"days": [day.isoformat() for day in visits.days(today())]})


@bp.get("/me/enquiries")
def mine() -> Response:
    """Enquiries of the investor who asks, the newest first."""
    params.once(request.args, ())
    who, seal = guard.investor(), services().sealer
    found = enquiry_lists.of_investor(connection(), who.id)
    said = enquiry_lists.said(connection(), seal, [one.id for one in found])
    items = [enquiry_of_investor(seal, one, said[one.id]) for one in found]
    return private(investor_answers.listed(items))


@bp.get(f"/me/enquiries/{_ID}")
def my_one(number: int) -> Response:
    """One enquiry with all that was said."""
    params.once(request.args, ())
    who = guard.investor()
    found = enquiry_lists.one_of_investor(connection(), who.id, number)
    said = enquiry_lists.said(connection(), services().sealer, [number])[number]
    return private(enquiry_of_investor(services().sealer, found, said))


@bp.post("/me/enquiries")
@judged("contact_name", "message")
def make() -> Response:
    """Ask about a site; the phone number may come by a code of WeChat."""
    params.once(request.args, ())
    who, form = guard.investor(), bodies.parse(EnquiryForm)
    notices.require_consent(connection(), who.id)
    if form.phone_code is not None:
        phones.by_code(writing, services(), who, form.phone_code)
    return _made()


@change_by_investor
def _made(write: InvestorWrite) -> Reply:
    form, seal = bodies.parse(EnquiryForm), services().sealer
    phone = phones.typed(form.phone) if form.phone else None
    if phone is None:
        phone = investors.phone_of(write.connection, seal, write.who.id)
    number = Desk(write.connection, seal).make(
        Author(write.actor), write.who.id, _wanted(form, phone)
    )
    return Reply(_receipt(write, number), 201)


def _wanted(form: EnquiryForm, phone: str | None) -> Wanted:
    layer = layer_named(form.layer)
    if layer not in LAYERS:
        raise UnknownLayer(form.layer)
    if form.kind is EnquiryKind.APPOINTMENT and form.visit_on is None:
        raise BadQuery("visit_on", "预约看地请给出日期，例如 2026-12-01")
    words = Words(form.message.strip(), verdict())
    visit_on = form.visit_on if form.kind is EnquiryKind.APPOINTMENT else None
    return Wanted(layer, form.site_id, form.kind, words, form.contact_name.strip(), phone, visit_on)


@bp.post(f"/me/enquiries/{_ID}/messages")
@judged("text")
@change_by_investor
def say(write: InvestorWrite, number: int) -> Reply:
    """Add to an enquiry."""
    params.once(request.args, ())
    words = Words(bodies.parse(MessageForm).text.strip(), verdict())
    return _step(write, number, Step(Act.MESSAGE, words))


@bp.post(f"/me/enquiries/{_ID}/cancel")
@change_by_investor
def cancel(write: InvestorWrite, number: int) -> Reply:
    """Take an enquiry back."""
    params.once(request.args, ())
    return _step(write, number, Step(Act.CANCEL))


def _step(write: InvestorWrite, number: int, step: Step) -> Reply:
    enquiry_lists.one_of_investor(write.connection, write.who.id, number)
    desk = Desk(write.connection, services().sealer)
    desk.act(Author(write.actor), desk.held(number), step)
    return Reply(_receipt(write, number))


def _receipt(write: InvestorWrite, number: int) -> dict[str, object]:
    return receipt(enquiry_lists.one_of_investor(write.connection, write.who.id, number))


@bp.get("/enquiries")
def desk() -> Response:
    """Enquiries in the regions of the member of staff who asks."""
    who = staff_guard.staff(*READERS)
    wish = _wish(
        params.once(request.args, ("state", "overdue", "mine", "region", "limit", "cursor"))
    )
    found, total = enquiry_lists.for_staff(connection(), who, wish)
    shown, seal = found[: wish.limit], services().sealer
    following = params.cursor_of(shown[-1].id) if len(found) > wish.limit else None
    items = [enquiry_of_staff(seal, who, one, None) for one in shown]
    return private({"items": items, "next": following, "total": total})


def _wish(values: dict[str, str]) -> Wish:
    states = "|".join(State)
    state = values.get("state")
    if state is not None and not re.fullmatch(states, state):
        raise BadQuery("state", f"应为 {states.replace('|', '、')}")
    return Wish(
        state and State(state),  # type: ignore[arg-type]
        _flag(values, "overdue"),
        bool(_flag(values, "mine")),
        params.limit(values.get("limit", "50"), 200),
        params.cursor(values["cursor"]) if "cursor" in values else None,
        region(values),
    )


def _flag(values: dict[str, str], name: str) -> bool | None:
    value = values.get(name)
    if value not in (None, "true", "false"):
        raise BadQuery(name, "应为 true 或 false")
    return None if value is None else value == "true"


@bp.get(f"/enquiries/{_ID}")
def one(number: int) -> Response:
    """One enquiry with all that was said."""
    params.once(request.args, ())
    who, seal = staff_guard.staff(*READERS), services().sealer
    found = enquiry_lists.one_for_staff(connection(), who, number)
    said = enquiry_lists.said(connection(), seal, [number])[number]
    officers = assignment.officers_of(connection(), found.region_code)
    return private(enquiry_of_staff(seal, who, found, said) | {"officers": named(officers)})


@bp.post(f"/enquiries/{_ID}/actions")
@change(*_STAFF)
def act(write: Write, number: int) -> Reply:
    """Reply, assign, schedule or close."""
    params.once(request.args, ())
    step = _staff_step(bodies.parse(ActionForm))
    shown = enquiry_lists.one_for_staff(write.connection, write.who, number)
    if shown.officer_id != write.who.user_id or step.act is Act.ASSIGN:
        write.who.require(ROLES[step.act], shown.region_code)
    desk = Desk(write.connection, services().sealer)
    desk.act(Author(write.actor, write.who.user_id), desk.held(number), step)
    return Reply(receipt(enquiry_lists.one_for_staff(write.connection, write.who, number)))


def _staff_step(form: ActionForm) -> Step:
    act = Act(form.action)
    needed = {Act.REPLY: "text", Act.CLOSE: "text", Act.ASSIGN: "officer_id"}
    needed |= {Act.SCHEDULE: "scheduled_for"}
    if getattr(form, needed[act]) is None:
        raise BadQuery(needed[act], "必须填写")
    words = None if form.text is None else Words(form.text.strip(), Verdict.PASSED)
    return Step(act, words, form.officer_id, form.scheduled_for)
