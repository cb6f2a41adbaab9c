"""The table of states: every pair tried, the drawing and the database compared with it."""

import re
from collections.abc import Iterator
from itertools import product

import pytest
from sqlalchemy import Connection, Engine, text

from server.accounts.principals import Grant, Principal, Role
from server.config import ROOT, Settings
from server.db import job_engine
from server.disposal.acting import Occasion, Request, act
from server.disposal.actions import ACTION_TITLES, Action, Step
from server.disposal.case import load
from server.disposal.cases import discover
from server.disposal.codes import IdleClass, State
from server.disposal.fields import FieldKind, InvalidInputs
from server.disposal.measures import MEASURES, measures_of
from server.disposal.offers import IllegalAction
from server.disposal.states import TRANSITIONS, actions_from, onward
from tests.databases import Maker
from tests.disposal.county import COUNTY, TODAY, County, finding

PAIRS = list(product(State, Action))
ROLES = (Role.OFFICER, Role.REVIEWER, Role.LEADER)
EVERYBODY = Principal(9, "all", "全", tuple(Grant(role, COUNTY) for role in ROLES))
Standing = tuple[Engine, int]


@pytest.fixture(scope="module")
def standing(maker: Maker, migrated_template: str) -> Iterator[Standing]:
    """A case of the legal track; every pair is tried in a transaction that is taken back."""
    with maker.copied(migrated_template) as url:
        county = County(job_engine(Settings(database_url=url)))
        with county.engine.begin() as connection:
            case_id = discover(connection, finding(county.parcel()))
        yield county.engine, case_id


def _put(connection: Connection, case_id: int, state: State) -> None:
    connection.execute(
        text(
            "UPDATE disposal_cases SET state = :state,"
            " suspended_state = CASE WHEN :state = 'suspended' THEN 'verifying' END,"
            " closed_on = CASE WHEN :state = 'closed' THEN discovered_on END WHERE id = :id"
        ),
        {"state": state.value, "id": case_id},
    )


@pytest.mark.parametrize(("state", "action"), PAIRS, ids=lambda value: value.value)
def test_every_pair_is_in_the_table_or_illegal(
    standing: Standing, state: State, action: Action
) -> None:
    engine, case_id = standing
    with engine.connect() as connection:
        _put(connection, case_id, state)
        asked = Request(action.value, {}, 1)
        with pytest.raises((IllegalAction, InvalidInputs)) as refused:
            # Without inputs nothing is done: what is legal asks for them.
            act(connection, case_id, asked, EVERYBODY, Occasion(TODAY, 6))
        after = load(connection, case_id)
        assert (after.state, after.version) == (state, 1)
        if (state, action) not in TRANSITIONS:
            assert isinstance(refused.value, IllegalAction)
            assert all((state, one.action) in TRANSITIONS for one in refused.value.legal)
            assert action not in {one.action for one in refused.value.legal}


def test_every_state_can_be_reached_and_every_open_one_left() -> None:
    reached = {State.DISCOVERED}
    for _ in State:
        reached |= {
            found.to
            for (at, _), found in TRANSITIONS.items()
            if at in reached and found.to is not None
        }
    assert reached == set(State)
    assert {state for state in State if not actions_from(state)} == {State.REJECTED}


def test_every_action_has_a_title_and_a_place() -> None:
    assert {action for _, action in TRANSITIONS} == set(Action)
    assert set(ACTION_TITLES) == {action.value for action in Action} | {"discover"}


def test_nobody_decides_on_what_they_brought_up() -> None:
    for (_, action), found in TRANSITIONS.items():
        if action in (Action.CLASSIFY, Action.REJECT, Action.ACCEPT, Action.APPROVE_PLAN):
            assert found.not_by, action
        assert action not in found.not_by
        assert found.roles


@pytest.mark.parametrize("table", ["disposal_cases.state", "disposal_actions.to_state"])
def test_the_database_knows_the_same_states(standing: Standing, table: str) -> None:
    name, column = table.split(".")
    with standing[0].connect() as connection:
        check = connection.execute(
            text("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = :n"),
            {"n": f"ck_{name}_{column}"},
        ).scalar_one()
    assert set(re.findall(r"'(\w+)'", check)) == {state.value for state in State}


def test_every_step_has_its_clock_in_the_database(standing: Standing) -> None:
    with standing[0].connect() as connection:
        rows = connection.execute(text("SELECT step, source FROM case_deadlines")).all()
    assert {row.step for row in rows} == {step.value for step in Step}
    assert all(row.source for row in rows)


def test_the_drawing_is_the_table() -> None:
    page = (ROOT / "docs" / "disposal.md").read_text("utf-8")
    block = re.search(r"```mermaid\nstateDiagram-v2\n(.*?)```", page, re.S)
    assert block
    drawn = set(re.findall(r"^\s*(\w+) --> (\w+): (\w+)$", block[1], re.M))
    moves = {
        (at.value, found.to.value, action.value)
        for (at, action), found in TRANSITIONS.items()
        if found.to not in (None, at, State.SUSPENDED)
    }
    assert drawn == moves
    told = set(re.findall(r"^\| `(\w+)` \| ", page, re.M))
    assert told == {action.value for action in Action}


def test_every_measure_has_a_proof_and_every_class_a_measure() -> None:
    assert all(measure.proof for measure in MEASURES.values())
    assert all(any(one.required for one in measure.proof) for measure in MEASURES.values())
    for idle_class in IdleClass:
        assert measures_of(idle_class), idle_class
    assert len(MEASURES) >= 24
    for measure in MEASURES.values():
        names = [one.name for one in measure.proof]
        assert len(names) == len(set(names)), measure.code


def test_every_choice_offers_something() -> None:
    for (_, action), found in TRANSITIONS.items():
        for field in found.requires:
            if field.kind in (FieldKind.CHOICE, FieldKind.CHOICES):
                assert field.choices, (action, field.name)


def test_from_every_state_but_an_end_one_action_leads_on() -> None:
    told = {state: onward(state) for state in State}
    assert {state for state, action in told.items() if action is None} == {
        State.CLOSED,
        State.REJECTED,
    }
    assert told[State.VERIFYING] is Action.CLASSIFY
    assert told[State.EXECUTING] is Action.APPLY_ACCEPTANCE
    assert told[State.SUSPENDED] is Action.RESUME
    steps, state = 0, State.REOPENED
    while action := told[state]:
        way = TRANSITIONS[state, action]
        assert way.to is not None
        steps, state = steps + 1, way.to
    assert (state, steps) == (State.CLOSED, 8)
