"""Doing something to a case: one transaction that checks, changes, tells and audits."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection, func, insert, select, update

from gis import audit
from server.accounts.principals import Principal
from server.accounts.tables import users
from server.disposal import effects, following, guards, numbering, proofs
from server.disposal.actions import Action
from server.disposal.case import Case, load
from server.disposal.clocks import months_after
from server.disposal.discovery import Discovery, Finder, discover_all
from server.disposal.effects import Deed
from server.disposal.facts import of_parcel
from server.disposal.fields import Field, FieldKind, InvalidInputs, parsed, plain
from server.disposal.offers import Desk, IllegalAction, desk, fields_of, permitted
from server.disposal.parameters import parameters
from server.disposal.tables import disposal_actions, disposal_cases, disposal_progress

_COMMENT_LENGTH = 4000


@dataclass(frozen=True)
class Request:
    """What someone wants done to a case, as it was sent."""

    action: str
    inputs: Mapping[str, object]
    version: int
    comment: str | None = None
    happened_on: str | None = None


@dataclass(frozen=True)
class Occasion:
    """The day in China on which it is asked, and the decimals with which parcels are published."""

    today: date
    public_decimals: int


class StaleCase(RuntimeError):
    """Someone else changed the case since it was read; ``case`` is as it is now."""

    def __init__(self, case: Case) -> None:
        super().__init__(case.id)
        self.case = case


def act(
    connection: Connection, case_id: int, asked: Request, who: Principal, occasion: Occasion
) -> Case:
    """Do it and return the case after it; a new round returns the new case.

    Raises UnknownCase, Forbidden, StaleCase, IllegalAction, StaffOnly or InvalidInputs.
    """
    case = load(connection, case_id, lock=True)
    who.require((), case.region_code)
    if case.version != asked.version:
        raise StaleCase(case)
    on = _day(asked, case, occasion.today)
    at = desk(connection, case, who, on)
    action, found = permitted(at, asked.action, on)
    fields = fields_of(at, action, found)
    values = parsed(fields, asked.inputs, occasion.today)
    guards.check(case, action, values, on, at.rules)
    deed = Deed(action, found, values, on)
    if found.starts_round:
        return _new_round(connection, at, deed, asked)
    evidence = proofs.taken(connection, case, fields, values)
    after = _written(connection, at, deed)
    action_id = _told(connection, at, after, deed, asked)
    proofs.attach(connection, evidence, action_id)
    if action is Action.PROGRESS:
        _progressed(connection, case, deed, action_id)
    if action is Action.ACCEPT:
        end = following.Ending(case, values, who, on)
        following.write(connection, end, occasion.public_decimals)
    return after


def _day(asked: Request, case: Case, today: date) -> date:
    """The day on which it happened: not before what happened last, not in the future."""
    if asked.comment is not None and len(asked.comment) > _COMMENT_LENGTH:
        raise InvalidInputs({"comment": f"说明不能超过 {_COMMENT_LENGTH} 字"})
    if asked.happened_on is None:
        return today
    field = Field("happened_on", "发生日期", FieldKind.DATE)
    on = parsed([field], {"happened_on": asked.happened_on}, today)["happened_on"]
    if not isinstance(on, date) or on < case.last_on:
        raise InvalidInputs({"happened_on": f"发生日期不能早于上一步（{case.last_on}）"})
    return on


def _written(connection: Connection, at: Desk, deed: Deed) -> Case:
    case = at.case
    columns = effects.changed(case, deed, at.rules)
    if deed.action is Action.REGISTER:
        columns |= _registration(connection, at, deed)
    if deed.action is Action.ASSIGN:
        _known_user(connection, deed.values["officer"])
    row = (
        connection.execute(
            update(disposal_cases)
            .where(disposal_cases.c.id == case.id, disposal_cases.c.version == case.version)
            .values(**columns, updated_at=func.now())
            .returning(*disposal_cases.c)
        )
        .mappings()
        .one()
    )
    return Case.of(row)


def _registration(connection: Connection, at: Desk, deed: Deed) -> dict[str, object]:
    case = at.case
    year = deed.on.year
    number = numbering.case_no(connection, case.region_code, case.idle_class, year)
    officer = deed.values["officer"]
    if officer is not None:
        _known_user(connection, officer)
    found: dict[str, object] = {"case_no": number, "officer": officer or at.who.user_id}
    if case.legal is not None:
        found["legal"] = of_parcel(connection, case.site_id) | dict(case.legal)
    return found


def _known_user(connection: Connection, user_id: object) -> None:
    known = select(users.c.id).where(users.c.id == user_id, users.c.disabled_at.is_(None))
    if connection.execute(known).first() is None:
        raise InvalidInputs({"officer": "没有这个经办人，或已停用"})


def _told(connection: Connection, at: Desk, after: Case, deed: Deed, asked: Request) -> int:
    """The row of the timeline and the row of the audit, in the transaction of the change."""
    case, inputs = at.case, plain(deed.values)
    role = _role(at, deed)
    row = {
        "case_id": case.id,
        "case_version": after.version,
        "action": deed.action.value,
        "from_state": case.state.value,
        "to_state": after.state.value,
        "happened_on": deed.on,
        "actor": at.who.actor,
        "user_id": at.who.user_id,
        "role": role,
        "comment": asked.comment,
        "inputs": inputs,
    }
    statement = insert(disposal_actions).values(row).returning(disposal_actions.c.id)
    action_id: int = connection.execute(statement).scalar_one()
    details = {
        "action": deed.action.value,
        "from": case.state.value,
        "to": after.state.value,
        "version": after.version,
        "happened_on": deed.on.isoformat(),
        "role": role,
        "inputs": inputs,
        "comment": asked.comment,
    }
    subject = f"disposal_cases/{case.id}"
    audit.record(connection, at.who.actor, audit.Action.CASE_CHANGED, subject, details)
    return action_id


def _role(at: Desk, deed: Deed) -> str:
    """The role by which this person may do it: the first of the table that is held here."""
    region = at.case.region_code
    return next(role.value for role in deed.transition.roles if at.who.may((role,), region))


def _progressed(connection: Connection, case: Case, deed: Deed, action_id: int) -> None:
    values = deed.values
    row = {
        "case_id": case.id,
        "on_date": values["on_date"],
        "delta_m2": values["delta_m2"],
        "measure": values["measure"],
        "note": values["note"],
        "action_id": action_id,
    }
    connection.execute(insert(disposal_progress).values(row))


def _new_round(connection: Connection, at: Desk, deed: Deed, asked: Request) -> Case:
    """The next case of a closed one; the closed one stays as it was reported."""
    case, area = at.case, deed.values["area_m2"]
    window = int(parameters(connection, case.region_code, deed.on)["reopen_months"].value)
    closed = case.closed_on or deed.on
    if deed.on > months_after(closed, window):
        reason = f"销号已超过 {window} 个月，请作为新发现登记"
        raise IllegalAction(case, reason, ())
    if not isinstance(area, Decimal) or not 0 < area <= at.rules.parcel_area_m2:
        raise InvalidInputs({"area_m2": f"应大于 0 且不大于地块面积 {at.rules.parcel_area_m2}"})
    found = Discovery(
        case.site_id,
        case.idle_class,
        area,
        deed.on,
        case.source,
        case.rule_id,
        {"reopened": case.id, "reason": deed.values["reason"]},
        is_legal=case.is_legal,
    )
    by = Finder(at.who.actor, at.who.user_id, _role(at, deed), asked.comment)
    begun = discover_all(connection, [found], by)[0]
    if not begun.is_new:
        raise IllegalAction(case, f"同一地块同一类型已有在办案件 {begun.case_id}", ())
    details = {"from": case.id, "to": begun.case_id, "inputs": plain(deed.values)}
    subject = f"disposal_cases/{begun.case_id}"
    audit.record(connection, at.who.actor, audit.Action.CASE_FOUND, subject, details)
    return load(connection, begun.case_id)
