"""What an action leaves in the row of its case, and which clock it starts: pure functions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from server.disposal.actions import Action, Step
from server.disposal.case import Case
from server.disposal.codes import State
from server.disposal.facts import day
from server.disposal.fields import Value, plain
from server.disposal.guards import Rules
from server.disposal.states import Transition

Values = Mapping[str, Value | None]
Columns = dict[str, object]


@dataclass(frozen=True)
class Deed:
    """An action with its parsed inputs on the day on which it happened."""

    action: Action
    transition: Transition
    values: Values
    on: date


def changed(case: Case, deed: Deed, rules: Rules) -> Columns:
    """New values of columns of the case, version and state among them."""
    to = deed.transition.to or case.suspended_state or case.state
    columns: Columns = {"state": to.value, "last_on": deed.on, "version": case.version + 1}
    if to is not case.state:
        columns["state_since"] = deed.on
    columns |= _clock(case, deed, rules)
    own = _OWN.get(deed.action)
    if own is not None:
        columns |= own(case, deed)
    if deed.action is Action.SUSPEND:
        columns["suspension"] = _suspension(case, deed, rules)
    kept = _legal(case, deed)
    if kept is not None:
        columns["legal"] = kept
    return columns


def _clock(case: Case, deed: Deed, rules: Rules) -> Columns:
    if deed.transition.to in (State.CLOSED, State.REJECTED):
        return {"deadline_on": None, "deadline_note": None}
    if deed.action is Action.RESUME:
        return _resumed(case, deed.on)
    if deed.transition.step is None:
        return {}
    step, begins = _begins(case, deed)
    due = rules.clocks[step].after(begins)
    on = due.on
    if deed.transition.to is State.EXECUTING and case.target_on is not None:
        on = min(on, case.target_on)
    return {"deadline_on": on, "deadline_note": due.warning}


def _resumed(case: Case, on: date) -> Columns:
    rest = case.suspension or {}
    kept = day(rest, "deadline_on")
    if kept is not None and rest.get("pauses"):
        kept += on - (day(rest, "since") or on)
    return {"deadline_on": kept, "deadline_note": rest.get("note")}


def _begins(case: Case, deed: Deed) -> tuple[Step, date]:
    """The clock that the action starts, and the day that it counts from."""
    step, values, on = deed.transition.step or Step.PROGRESS, deed.values, deed.on
    waits_for_notice = case.is_legal and day(case.legal, "notice_served_on") is None
    match deed.action:
        case Action.REGISTER | Action.VERIFY if waits_for_notice:
            # Art. 5: the notice within 30 days of discovery, whatever was done meanwhile.
            return Step.INVESTIGATE, case.discovered_on
        case Action.ISSUE_NOTICE:
            return step, _date(values, "served_on", on)
        case Action.RECORD_REPLY:
            return step, _date(values, "replied_on", on)
        case Action.EXECUTE:
            return _after_decision(case, step), _date(values, "served_on", on)
        case Action.PROGRESS | Action.FAIL_ACCEPTANCE:
            return _after_progress(case, on)
    return step, on


def _after_decision(case: Case, step: Step) -> Step:
    if "idle_fee" in case.measures:
        return Step.PAY
    return Step.DEREGISTER if "free_recovery" in case.measures else step


def _after_progress(case: Case, on: date) -> tuple[Step, date]:
    served = day(case.legal, "decision_served_on")
    if served and "idle_fee" in case.measures and not day(case.legal, "paid_on"):
        return Step.PAY, served
    if served and "free_recovery" in case.measures and not day(case.legal, "deregistered_on"):
        return Step.DEREGISTER, served
    return Step.PROGRESS, on


def _date(values: Values, name: str, otherwise: date) -> date:
    found = values.get(name)
    return found if isinstance(found, date) else otherwise


def _registered(case: Case, deed: Deed) -> Columns:
    unit, cause = deed.values["responsible_unit"], deed.values["cause"]
    return {"registered_on": deed.on, "responsible_unit": unit, "cause": cause}


def _classified(case: Case, deed: Deed) -> Columns:
    values = deed.values
    return {
        "classified_on": _date(values, "decided_on", deed.on),
        "cause": values["cause"],
        "idle_since": values["idle_since"],
        "area_in_class_m2": values["area_m2"],
    }


def _unclassified(_case: Case, _deed: Deed) -> Columns:
    return {"classified_on": None, "measures": [], "target_on": None, "target_area_m2": None}


def _planned(case: Case, deed: Deed) -> Columns:
    values = deed.values
    chosen = values["measures"]
    return {
        "measures": list(chosen) if isinstance(chosen, tuple) else [],
        "target_on": values["target_on"],
        "target_area_m2": values["target_area_m2"],
        "responsible_unit": values["responsible_unit"] or case.responsible_unit,
    }


def _progressed(case: Case, deed: Deed) -> Columns:
    delta = deed.values["delta_m2"]
    return {
        "disposed_area_m2": case.disposed_area_m2 + (delta if isinstance(delta, Decimal) else 0)
    }


def _closed(_case: Case, deed: Deed) -> Columns:
    return {"closed_on": deed.on}


def _suspended(case: Case, _deed: Deed) -> Columns:
    return {"suspended_state": case.state.value}


def _suspension(case: Case, deed: Deed, rules: Rules) -> dict[str, object]:
    """What the case comes back with; its clock stands still only where the law lets it."""
    own = {"since": deed.on, "deadline_on": case.deadline_on}
    pauses = deed.values["ground"] in rules.pausing
    return {**plain(deed.values), **plain(own), "pauses": pauses, "note": case.deadline_note}


def _back(case: Case, _deed: Deed) -> Columns:
    return {"suspended_state": None, "suspension": None}


def _assigned(case: Case, deed: Deed) -> Columns:
    unit = deed.values["responsible_unit"] or case.responsible_unit
    return {"officer": deed.values["officer"], "responsible_unit": unit}


_OWN: dict[Action, Callable[[Case, Deed], Columns]] = {
    Action.REGISTER: _registered,
    Action.CLASSIFY: _classified,
    Action.RETURN_TO_VERIFYING: _unclassified,
    Action.DRAFT_PLAN: _planned,
    Action.REVISE_PLAN: _planned,
    Action.PROGRESS: _progressed,
    Action.ACCEPT: _closed,
    Action.SUSPEND: _suspended,
    Action.RESUME: _back,
    Action.ASSIGN: _assigned,
}

_KEPT: dict[Action, dict[str, str]] = {
    Action.ISSUE_NOTICE: {
        "notice_no": "notice_no",
        "issued_on": "notice_issued_on",
        "served_on": "notice_served_on",
    },
    Action.RECORD_REPLY: {"replied_on": "replied_on", "reply": "reply"},
    Action.CLASSIFY: {
        "decision_no": "finding_no",
        "served_on": "finding_served_on",
        "cause_ground": "cause_ground",
    },
    Action.PUBLISH: {"published_on": "published_on", "place": "published_place"},
    Action.NOTIFY_MORTGAGEE: {"mortgagee": "mortgagee", "served_on": "mortgagee_notified_on"},
    Action.NOTIFY_HEARING: {"notice_no": "hearing_notice_no", "served_on": "hearing_served_on"},
    Action.REQUEST_HEARING: {"requested_on": "hearing_requested_on"},
    Action.HOLD_HEARING: {"held_on": "hearing_held_on"},
    Action.APPROVE_PLAN: {"approval_no": "approval_no", "approved_on": "approved_on"},
    Action.EXECUTE: {"decision_no": "decision_no", "served_on": "decision_served_on"},
    Action.PAY_FEE: {"paid_on": "paid_on", "paid_wan": "paid_wan", "voucher_no": "voucher_no"},
    Action.DEREGISTER: {
        "deregistered_on": "deregistered_on",
        "deregistration_no": "deregistration_no",
    },
    Action.APPLY_COURT: {"applied_on": "court_applied_on", "court": "court"},
}
"""Which inputs of an action the legal track keeps, and by what name."""

_HEARING = ("hearing_notice_no", "hearing_served_on", "hearing_requested_on", "hearing_held_on")
_NEW_STARTS = (
    "extend_start.new_start_due_on",
    "adjust_use.new_start_due_on",
    "swap.new_start_due_on",
    "temp_use.until_on",
)


def _legal(case: Case, deed: Deed) -> dict[str, object] | None:
    """The legal track's own memory after the action, None where it has none."""
    if case.legal is None:
        return None
    before, given = dict(case.legal), plain(deed.values)
    if deed.action is Action.RECORD_FACTS:
        return before | given
    if deed.action in (Action.REPLAN, Action.RETURN_TO_VERIFYING):
        # Another decision needs another hearing.
        return {name: value for name, value in before.items() if name not in _HEARING}
    if deed.action is Action.ACCEPT and "published_on" in before:
        return before | {"withdrawn_on": deed.on.isoformat()}
    if deed.action is Action.APPLY_ACCEPTANCE:
        starts = [given[name] for name in _NEW_STARTS if name in given]
        return before | ({"restarted_start_on": max(map(str, starts))} if starts else {})
    if deed.action is Action.CLASSIFY:
        # The ground of an earlier 认定 does not stand for another cause.
        before.pop("cause_ground", None)
    names = _KEPT.get(deed.action, {})
    return before | {kept: given[name] for name, kept in names.items() if name in given}
