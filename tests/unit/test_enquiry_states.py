"""The table of enquiries: every state and action, and the database knows the same states."""

import itertools

import pytest
from sqlalchemy import CheckConstraint

from server.people.enquiry_states import (
    ACT_TITLES,
    KIND_TITLES,
    ROLES,
    STATE_TITLES,
    TRANSITIONS,
    Act,
    IllegalAct,
    Side,
    State,
    legal,
    side_of,
    transition,
)
from server.people.tables import enquiries

OVER = {State.CLOSED, State.CANCELLED}
PAIRS = list(itertools.product(State, Act))


@pytest.mark.parametrize(("state", "act"), PAIRS)
def test_an_open_enquiry_takes_every_action_and_one_that_is_over_none(
    state: State, act: Act
) -> None:
    if state in OVER:
        with pytest.raises(IllegalAct) as refused:
            transition(state, act)
        assert refused.value.legal == []
    else:
        assert transition(state, act).to in State


@pytest.mark.parametrize(("state", "act"), [pair for pair in PAIRS if pair[0] not in OVER])
def test_who_writes_waits_and_who_is_answered_does_not(state: State, act: Act) -> None:
    leads = transition(state, act)
    if act is Act.MESSAGE:
        assert leads.to is (State.SCHEDULED if state is State.SCHEDULED else State.WAITING)
    assert leads.answers == (act in (Act.REPLY, Act.SCHEDULE, Act.CLOSE))


def test_each_side_has_its_own_actions() -> None:
    assert set(legal(State.WAITING, Side.STAFF)) == set(ROLES)
    assert set(legal(State.WAITING, Side.INVESTOR)) == {Act.MESSAGE, Act.CANCEL}
    assert all(ROLES[act] for act in Act if side_of(act) is Side.STAFF)


def test_everything_has_a_title_and_the_database_knows_the_states() -> None:
    assert set(STATE_TITLES) == set(State)
    assert set(ACT_TITLES) == set(Act)
    checks = {
        str(c.name): str(c.sqltext) for c in enquiries.constraints if isinstance(c, CheckConstraint)
    }
    stored = checks["ck_enquiries_state"]
    assert all(f"'{state}'" in stored for state in State)
    assert stored.count("'") == 2 * len(State)
    assert all(f"'{kind}'" in checks["ck_enquiries_kind"] for kind in KIND_TITLES)


def test_every_open_state_can_be_left() -> None:
    reached = {leads.to for leads in TRANSITIONS.values()}
    assert reached == set(State)
