"""What may be done with a case by whom: the table of states, the roles, the law, four eyes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import Connection, select

from gis.tables import SITES
from server.accounts.principals import ROLE_TITLES, Principal, StaffOnly
from server.disposal import following, guards
from server.disposal.actions import Action, Step
from server.disposal.case import Case
from server.disposal.codes import State, SuspensionGround
from server.disposal.fields import Field, InvalidInputs
from server.disposal.guards import Rules
from server.disposal.legal import Numbers
from server.disposal.measures import MEASURES, proof_fields
from server.disposal.parameters import deadlines, parameters
from server.disposal.states import Transition, actions_from
from server.disposal.tables import disposal_actions


@dataclass(frozen=True)
class Offer:
    """An action that the asker may do now, and what it asks for."""

    action: Action
    fields: tuple[Field, ...]


class IllegalAction(RuntimeError):
    """The action cannot be done now: why not, and what can be done instead."""

    def __init__(self, case: Case, reason: str, legal: Sequence[Offer]) -> None:
        super().__init__(reason)
        self.case, self.reason, self.legal = case, reason, tuple(legal)


@dataclass(frozen=True)
class Desk:
    """A case before someone: what holds for it, and what this person did to it before."""

    case: Case
    who: Principal
    rules: Rules
    done: frozenset[Action]
    follows: tuple[Field, ...] = ()
    """What the end of the case would change in the parcel's own record."""


def desk(connection: Connection, case: Case, who: Principal, on: date) -> Desk:
    """The case before someone on a day."""
    rules, done = rules_of(connection, case, on), _done_by(connection, case.id, who)
    ends = case.state is State.ACCEPTANCE
    return Desk(case, who, rules, done, following.fields(connection, case, who, on) if ends else ())


def rules_of(connection: Connection, case: Case, on: date) -> Rules:
    """What holds for the case on a day."""
    values = {n: one.value for n, one in parameters(connection, case.region_code, on).items()}
    clocks = deadlines(connection, tuple(Step), case.region_code, on)
    parcels = SITES["parcels"]
    area = select(parcels.c.area_m2).where(parcels.c.id == case.site_id)
    pausing = frozenset(g.value for g in SuspensionGround if values.get(f"pause_{g.value}"))
    return Rules(Numbers.of(values), clocks, connection.execute(area).scalar_one(), pausing)


def _done_by(connection: Connection, case_id: int, who: Principal) -> frozenset[Action]:
    """Actions of the case that this person was the last to do."""
    table = disposal_actions
    rows = connection.execute(
        select(table.c.action, table.c.user_id)
        .where(table.c.case_id == case_id)
        .order_by(table.c.case_version)
    )
    last = {row.action: row.user_id for row in rows}
    return frozenset(action for action in Action if last.get(action.value) == who.user_id)


def offers(at: Desk, on: date) -> tuple[Offer, ...]:
    """What this person may do with the case on a day."""
    return tuple(
        Offer(action, _offered(at, action, found, on))
        for action, found in actions_from(at.case.state).items()
        if (at.case.is_legal or not found.legal_only)
        and at.who.may(found.roles, at.case.region_code)
        and not at.done & set(found.not_by)
        and guards.standing(at.case, action, on, at.rules) is None
    )


def fields_of(at: Desk, action: Action, found: Transition) -> tuple[Field, ...]:
    """What an action asks for: at the end of a case, proof of each measure and what follows."""
    match action:
        case Action.APPLY_ACCEPTANCE:
            return proof_fields(at.case.measures)
        case Action.ACCEPT:
            return found.requires + at.follows
    return found.requires


def _offered(at: Desk, action: Action, found: Transition, on: date) -> tuple[Field, ...]:
    """The same with no other choices than those that are legal now."""
    if action in (Action.DRAFT_PLAN, Action.REVISE_PLAN):
        allowed = guards.options_of(at.case, on, at.rules.numbers).allowed
        return _choosing(found.requires, "measures", allowed)
    if action is Action.PROGRESS:
        return _choosing(found.requires, "measure", at.case.measures)
    return fields_of(at, action, found)


def _choosing(fields: Sequence[Field], name: str, codes: Iterable[str]) -> tuple[Field, ...]:
    offered = {code: MEASURES[code].title for code in codes}
    return tuple(replace(one, choices=offered) if one.name == name else one for one in fields)


def permitted(at: Desk, wanted: str, on: date) -> tuple[Action, Transition]:
    """The transition that is wanted, or why not: IllegalAction, StaffOnly, InvalidInputs."""
    known = {action.value: action for action in Action}
    action = known.get(wanted)
    if action is None:
        raise InvalidInputs({"action": f"没有“{wanted[:40]}”这个操作"})
    found = actions_from(at.case.state).get(action)
    if found is None:
        raise _illegal(at, f"“{at.case.state.term}”的案件不能“{action.term}”", on)
    if found.legal_only and not at.case.is_legal:
        raise _illegal(at, f"“{action.term}”只用于闲置土地的法定程序", on)
    if not at.who.may(found.roles, at.case.region_code):
        roles = "、".join(ROLE_TITLES[role] for role in found.roles)
        raise StaffOnly(f"“{action.term}”需要以下角色之一：{roles}")
    own = at.done & set(found.not_by)
    if own:
        before = "、".join(sorted(one.term for one in own))
        raise _illegal(at, f"“{action.term}”须由另一人办理：“{before}”是您经办的", on)
    reason = guards.standing(at.case, action, on, at.rules)
    if reason is not None:
        raise _illegal(at, reason, on)
    return action, found


def _illegal(at: Desk, reason: str, on: date) -> IllegalAction:
    return IllegalAction(at.case, reason, offers(at, on))
