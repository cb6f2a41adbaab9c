"""What the end of a case changes in the parcel's own record: offered with the end, written by it.

A measure that is proven implies dates, a status or areas of the parcel; who accepts confirms them.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from gis import audit, editing
from gis.editing import Edit
from gis.layers import Kind, layer_named
from gis.query import BadQuery
from gis.revisions import Revising
from gis.tables import SITES
from server.accounts import transitions
from server.accounts.principals import Principal
from server.accounts.transitions import Standing
from server.disposal.actions import Action
from server.disposal.case import Case
from server.disposal.codes import IdleClass
from server.disposal.fields import Field, FieldKind, InvalidInputs, Value, plain
from server.disposal.tables import disposal_actions

PREFIX = "parcel."
_PARCELS = layer_named("parcels")
_KINDS = {Kind.DATE: FieldKind.DATE, Kind.NUMBER: FieldKind.NUMBER, Kind.AREA: FieldKind.NUMBER}
_PLANNED = frozenset({"start_due_on", "delivered_on"})
"""Dates that may lie ahead."""


@dataclass(frozen=True)
class Follow:
    """A column of the parcel that is to be confirmed; ``proof`` of the measure tells its value."""

    column: str
    proof: str | None = None
    required: bool = True


_STARTED = Follow("started_on", "started_on")
_HOLDER = Follow("holder_name", required=False)

_OF_MEASURE: Mapping[str, tuple[Follow, ...]] = {
    "supply": (
        Follow("contract_no", "contract_no"),
        Follow("contract_signed_on"),
        Follow("supervision_no", "supervision_no", required=False),
        _HOLDER,
        Follow("start_due_on", required=False),
    ),
    "urge_start": (_STARTED,),
    "idle_fee": (_STARTED,),
    "extend_start": (Follow("start_due_on", "new_start_due_on"),),
    "adjust_use": (Follow("start_due_on", "new_start_due_on"),),
    "swap": (Follow("start_due_on", "new_start_due_on"),),
    "temp_use": (Follow("start_due_on", "until_on"),),
    "transfer": (_HOLDER,),
    "judicial": (_HOLDER,),
    "production_start": (Follow("production_on", "production_on"),),
    "lease": (Follow("production_on", required=False),),
    "regroup": (Follow("production_on", required=False),),
    "densify": (Follow("built_floor_m2"),),
}

_OF_FINDING: Mapping[str, tuple[str, ...]] = {
    "vacant": ("vacant_m2",),
    "below_plot_ratio": ("built_floor_m2",),
    "below_commitment": ("actual_tax_wan_per_mu", "actual_output_wan_per_mu"),
}
"""What the rule that found the land looked at: as it is, the next scan would find it again."""

_RETURNS = frozenset(
    {"paid_recovery", "free_recovery", "agreement_exit", "reserve", "restore_farmland"}
)
_WITHDRAWS = frozenset({"withdraw_approval", "restore_farmland"})
_OF_APPROVAL = ("approval_no", "approved_on", "batch_name")
_OF_SUPPLY = (
    "contract_no", "contract_signed_on", "contract_price_wan", "supervision_no", "holder_name",
    "delivered_on", "start_due_on", "started_on", "stopped_on", "completion_due_on",
    "completed_on", "production_due_on", "production_on", "developed_m2", "vacant_m2",
    "invested_wan", "investment_total_wan", "actual_tax_wan_per_mu", "actual_output_wan_per_mu",
)  # fmt: skip


def fields(connection: Connection, case: Case, who: Principal, on: date) -> tuple[Field, ...]:
    """What who ends the case confirms about the parcel; nothing of a parcel that is no more."""
    parcel = _parcel(connection, case)
    if parcel is None:
        return ()
    given, whole = _proof(connection, case), case.area_in_class_m2 >= parcel["area_m2"]
    chosen = set(case.measures)
    if case.idle_class is not IdleClass.PEWG and chosen & _RETURNS:
        return (_returned(whole, _may_reserve(connection, case, parcel["status"], who, on)),)
    if case.idle_class is IdleClass.PEWG and chosen & _WITHDRAWS:
        withdrawn = {"yes": "是，清除批准文号和批准时间", "no": "否，批文仍有效"}
        return (_switch("approval_withdrawn", withdrawn, whole),)
    found = {one.name: one for one in _of_measures(case, given, whole)}
    for one in _of_finding(case, parcel):
        found.setdefault(one.name, one)
    return tuple(found.values())


def _parcel(connection: Connection, case: Case) -> RowMapping | None:
    table = SITES["parcels"]
    chosen = select(table).where(table.c.id == case.site_id, table.c.retired_at.is_(None))
    return connection.execute(chosen).mappings().first()


def _proof(connection: Connection, case: Case) -> Mapping[str, Any]:
    """What was told when the end was last applied for."""
    c = disposal_actions.c
    asked = (
        select(c.inputs)
        .where(c.case_id == case.id, c.action == Action.APPLY_ACCEPTANCE.value)
        .order_by(c.case_version.desc())
    )
    return connection.execute(asked).scalar() or {}


def _of_measures(case: Case, given: Mapping[str, Any], whole: bool) -> Iterator[Field]:
    for measure in case.measures:
        for one in _OF_MEASURE.get(measure, ()):
            # Part of an approval is supplied by an outline of its own, not by the whole parcel.
            sure = whole or measure != "supply"
            told = given.get(f"{measure}.{one.proof}") if one.proof and sure else None
            yield _field(one.column, told, required=one.required and sure)


def _of_finding(case: Case, parcel: RowMapping) -> Iterator[Field]:
    for column in _OF_FINDING.get(case.rule_inputs.get("kind", ""), ()):
        judged = column.removeprefix("actual_").removesuffix("_wan_per_mu")
        if column.startswith("actual_") and f"{judged}_share" not in case.rule_inputs:
            continue
        told = plain({column: parcel[column]}).get(column)
        yield _field(column, "0" if column == "vacant_m2" else told, required=True)
    if parcel["stopped_on"] is not None and case.idle_class is IdleClass.YEWJ:
        resumed = {"yes": f"是，清除中止开发日期（{parcel['stopped_on']}）", "no": "否"}
        yield _switch("resumed", resumed, proposed=True)


def _field(column: str, told: object, *, required: bool) -> Field:
    known = _PARCELS.column(column)
    unit = f"（{known.unit}）" if known.unit else ""
    return Field(
        f"{PREFIX}{column}",
        f"地块台账：{known.title}{unit}",
        _KINDS.get(known.kind, FieldKind.TEXT),
        required,
        ahead=column in _PLANNED,
        proposed=None if told is None else str(told),
    )


def _switch(name: str, choices: Mapping[str, str], proposed: bool) -> Field:
    title = f"地块台账：{_SWITCH_TITLES[name]}"
    value = "yes" if proposed else None
    return Field(f"{PREFIX}{name}", title, FieldKind.CHOICE, choices=choices, proposed=value)


def _returned(whole: bool, may_reserve: bool) -> Field:
    status = "状态改为储备，" if may_reserve else ""
    choices = {
        "yes": f"是，{status}清除合同、交地、建设、投产等供后记录",
        "no": "否，保留现有记录",
    }
    return _switch("returned", choices, whole)


def _may_reserve(connection: Connection, case: Case, status: str, who: Principal, on: date) -> bool:
    standing = Standing(_PARCELS, status, case.region_code)
    found = transitions.allowed(connection, who, standing, on)
    return "reserved" in {one.status for one in found}


@dataclass(frozen=True)
class Ending:
    """The end of a case as it was confirmed: by whom, on what day."""

    case: Case
    values: Mapping[str, Value | None]
    who: Principal
    on: date


def write(connection: Connection, end: Ending, decimals: int) -> None:
    """Change the parcel as was confirmed, with its history, audit and publication.

    Raises InvalidInputs for what the register of parcels does not take.
    """
    if all(value is None for name, value in end.values.items() if name.startswith(PREFIX)):
        return
    before = editing.current(connection, _PARCELS, end.case.site_id)
    wanted = _changes(connection, end, before)
    changes = {name: value for name, value in wanted.items() if not _same(before[name], value)}
    if not changes:
        return
    reason = f"五未案件 {end.case.case_no or end.case.id} 验收销号"
    by = Revising(end.who.actor, "edit", reason)
    edit = Edit(end.case.site_id, before["version"], changes, verified=False, by=by)
    try:
        after, told = editing.apply(connection, _PARCELS, edit, decimals)
    except BadQuery as error:
        name = error.parameter.removeprefix("changes.")
        raise InvalidInputs({f"{PREFIX}{name}": error.detail}) from error
    details = {
        "version": after["version"],
        "reason": reason,
        "verified": False,
        "changes": told,
        "case_id": end.case.id,
    }
    subject = f"parcels/{end.case.site_id}"
    audit.record(connection, end.who.actor, audit.Action.SITE_EDITED, subject, details)


def _changes(connection: Connection, end: Ending, before: Mapping[str, Any]) -> dict[str, object]:
    own = {n: value for n, value in end.values.items() if n.startswith(PREFIX)}
    given = plain({name.removeprefix(PREFIX): value for name, value in own.items()})
    switches = {name: given.pop(name, None) == "yes" for name in _SWITCHES}
    changes: dict[str, object] = dict(given)
    for name, columns in _SWITCHES.items():
        if switches[name]:
            changes |= dict.fromkeys(columns)
    if switches["returned"]:
        # It was supplied once: its approval is used up, whoever holds the land now.
        changes["supplied_m2"] = str(before["area_m2"])
        if _may_reserve(connection, end.case, before["status"], end.who, end.on):
            changes["status"] = "reserved"
    return changes


_SWITCHES: Mapping[str, Iterable[str]] = {
    "returned": _OF_SUPPLY,
    "approval_withdrawn": _OF_APPROVAL,
    "resumed": ("stopped_on",),
}
"""Answers that clear columns."""

_SWITCH_TITLES = {
    "returned": "土地是否全部收回",
    "approval_withdrawn": "批文是否已撤回",
    "resumed": "是否已恢复开发",
}


def known(names: Iterable[str]) -> Iterator[Field]:
    """The fields of inputs that were confirmed once, to tell them again."""
    answers = {"yes": "是", "no": "否"}
    for name in names:
        column = name.removeprefix(PREFIX)
        if column in _SWITCH_TITLES:
            yield _switch(column, answers, proposed=False)
        else:
            yield _field(column, None, required=False)


def _same(before: object, wanted: object) -> bool:
    if isinstance(before, int | float) and isinstance(wanted, str):
        return Decimal(str(before)) == Decimal(wanted)
    return before == wanted
