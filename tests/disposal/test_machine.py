"""Whole lives on the real database: whatever people try, in whatever order, on whatever day."""

import os
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from hypothesis.stateful import run_state_machine_as_test as run
from sqlalchemy import Connection, text

from server.accounts.principals import Grant, Principal, Role, StaffOnly
from server.config import Settings
from server.db import request_engine
from server.disposal import legal, offers
from server.disposal.acting import Occasion, Request, act
from server.disposal.actions import Action
from server.disposal.case import Case, load
from server.disposal.cases import discover
from server.disposal.codes import CAUSE_GROUNDS, Cause, IdleClass, State
from server.disposal.facts import facts_of
from server.disposal.fields import Field, FieldKind, InvalidInputs
from server.disposal.following import PREFIX
from server.disposal.measures import proof_fields
from server.disposal.offers import IllegalAction, Offer
from tests.databases import Maker
from tests.disposal.county import COUNTY, County, finding

SOAK = int(os.environ.get("KANDI_SOAK", "1"))
"""`make soak` lives that many times as many lives."""
REFUSED = (IllegalAction, InvalidInputs, StaffOnly)
FORWARD = (
    Action.REGISTER,
    Action.VERIFY,
    Action.ISSUE_NOTICE,
    Action.RECORD_REPLY,
    Action.CLASSIFY,
    Action.DRAFT_PLAN,
    Action.NOTIFY_HEARING,
    Action.APPROVE_PLAN,
    Action.PUBLISH,
    Action.EXECUTE,
    Action.PAY_FEE,
    Action.DEREGISTER,
    Action.APPLY_ACCEPTANCE,
    Action.PROGRESS,
    Action.ACCEPT,
    Action.RESUME,
)
_EVIDENCE = """
    INSERT INTO disposal_evidence (case_id, kind, file_name, sha256, mime, size_bytes, distance_m,
                                   actor)
    SELECT :id, 'photo', 'a.jpg', gen_random_uuid()::text, 'image/jpeg', 1, 0, 'test'"""
_USERS = """
    INSERT INTO users (username, name, password_hash)
    SELECT 'person' || n, '人', '-' FROM generate_series(1, 4) n RETURNING id"""


class Life(RuleBasedStateMachine):
    """One case and four people, two of whom hold two roles."""

    county: ClassVar[County]
    people: ClassVar[list[Principal]]
    ended: ClassVar[dict[State, int]]

    @initialize(
        idle_class=st.sampled_from(
            [IdleClass.GEWY, IdleClass.GEWY, IdleClass.YEWJ, IdleClass.JEWT]
        ),
        begins=st.dates(date(2022, 1, 1), date(2023, 6, 1)),
        waited=st.integers(300, 900),
    )
    def find(self, idle_class: IdleClass, begins: date, waited: int) -> None:
        self.today = begins + timedelta(days=waited)
        self.site = self.county.parcel(start_due_on=begins, contract_price_wan=Decimal(1680))
        with self.county.engine.begin() as connection:
            found = finding(
                self.site,
                idle_class=idle_class,
                found_on=self.today,
                is_legal=idle_class is not IdleClass.JEWT,
            )
            self.case = load(connection, discover(connection, found))
        self.rounds = {self.case.id}

    @rule(days=st.integers(1, 120))
    def time_passes(self, days: int) -> None:
        self.wait(days)

    def wait(self, days: int) -> None:
        self.today = min(self.today + timedelta(days=days), date(2026, 11, 1))

    @rule(data=st.data(), steps=st.integers(6, 20))
    def go_on(self, data: st.DataObject, steps: int) -> None:
        """The steps that lead on, each by someone who may take it; else time passes."""
        for _ in range(steps):
            may = [(who, one) for who in self.people for one in self._offers(who)]
            done = self._done()
            wanted = [action for action in FORWARD if action not in done & _ONCE]
            leading = [pair for action in wanted for pair in may if pair[1].action is action]
            if not leading:
                self.wait(150)
                continue
            able = [pair for pair in leading if pair[1].action is leading[0][1].action]
            who, one = data.draw(st.sampled_from(able))
            self._try(who, one.action, self._filled(data, one))

    @rule(data=st.data())
    def do_something(self, data: st.DataObject) -> None:
        """Anything that is offered; who rejects is left to nonsense, lest most lives end there."""
        offered = [(who, one) for who in self.people for one in self._offers(who)]
        may = [pair for pair in offered if pair[1].action is not Action.REJECT]
        if may:
            who, one = data.draw(st.sampled_from(may))
            self._try(who, one.action, self._filled(data, one))

    @rule(data=st.data(), action=st.sampled_from(Action))
    def do_nonsense(self, data: st.DataObject, action: Action) -> None:
        """Anything at all, by anybody, with whatever is at hand."""
        who = data.draw(st.sampled_from(self.people))
        inputs: dict[str, object] = data.draw(
            st.dictionaries(
                st.sampled_from(["reason", "delta_m2", "area_m2", "note", "on_date", "measures"]),
                st.sampled_from(["x", -1, 10**9, "2020-01-01", None, ["idle_fee"], 0.005]),
                max_size=4,
            )
        )
        self._try(who, action, inputs)

    def _offers(self, who: Principal) -> tuple[Offer, ...]:
        with self.county.engine.connect() as connection:
            return offers.offers(offers.desk(connection, self.case, who, self.today), self.today)

    def _done(self) -> set[Action]:
        with self.county.engine.connect() as connection:
            told = {row["action"] for row in _timeline(connection, self.case.id)}
        return {action for action in Action if action.value in told}

    def _filled(self, data: st.DataObject, one: Offer) -> dict[str, object]:
        with self.county.engine.begin() as connection:
            if any(field.kind is FieldKind.PHOTO for field in one.fields):
                connection.execute(text(_EVIDENCE), {"id": self.case.id})
            numbers = offers.rules_of(connection, self.case, self.today).numbers
        since = legal.idle_since(facts_of(self.case), self.today, numbers)
        known: dict[str, object] = {
            "idle_since": (since or self.today).isoformat(),
            "area_m2": data.draw(st.sampled_from(["10000", "2500.25"])),
            "paid_wan": 336,
            "officer": self.people[0].user_id,
        }
        if one.action is Action.PROGRESS:
            share = data.draw(st.sampled_from([Decimal(1), Decimal("0.5"), Decimal("-0.1")]))
            known["delta_m2"] = str(round(self.case.remaining_m2 * share, 2))
        if one.action is Action.CLASSIFY:
            known |= {"decision_no": "认1号", "served_on": self.today.isoformat()}
            known["cause"] = data.draw(st.sampled_from(Cause)).value
            if known["cause"] == Cause.GOV:
                known["cause_ground"] = data.draw(st.sampled_from(sorted(CAUSE_GROUNDS)))
        if one.action in (Action.DRAFT_PLAN, Action.REVISE_PLAN):
            known |= self._plan(data, one, numbers)
        return {
            field.name: known[field.name] if field.name in known else self._value(data, field)
            for field in one.fields
            if field.required or field.name in known
        }

    def _plan(self, data: st.DataObject, one: Offer, numbers: legal.Numbers) -> dict[str, object]:
        choices = next(sorted(f.choices) for f in one.fields if f.name == "measures")
        must = sorted({"idle_fee", "free_recovery"} & set(choices))
        chosen = must or [data.draw(st.sampled_from(choices or ["supply"]))]
        until = legal.extension_limit(self.today, numbers).isoformat()
        return {
            "measures": chosen,
            "target_area_m2": 1000,
            "extend_until_on": until,
            "temporary_until_on": until,
        }

    def _value(self, data: st.DataObject, field: Field) -> object:
        if field.proposed is not None and field.kind is not FieldKind.CHOICE:
            return field.proposed
        match field.kind:
            case FieldKind.DATE:
                return (self.today + timedelta(days=90 * field.ahead)).isoformat()
            case FieldKind.NUMBER:
                return {"densify.plot_ratio_after": 2}.get(field.name, 1)
            case FieldKind.CHOICE:
                return data.draw(st.sampled_from(sorted(field.choices)))
            case FieldKind.PHOTO | FieldKind.DOCUMENT:
                return None
            case _:
                return "某某"

    def _try(self, who: Principal, action: Action, inputs: dict[str, object]) -> None:
        before = self.case
        asked = Request(action.value, inputs, before.version)
        try:
            with self.county.engine.begin() as connection:
                after = act(connection, before.id, asked, who, Occasion(self.today, 6))
        except REFUSED:
            with self.county.engine.connect() as connection:
                assert load(connection, before.id) == before, "a refusal changes nothing"
            return
        if after.id != before.id:
            assert before.state is State.CLOSED
            self.rounds.add(after.id)
        else:
            assert after.version == before.version + 1
            assert after.last_on >= before.last_on, "no clock runs backwards"
            assert after.area_in_class_m2 >= after.disposed_area_m2 >= 0
        self.case = after

    @invariant()
    def all_is_told_and_no_area_is_lost(self) -> None:
        if not hasattr(self, "case"):
            return
        with self.county.engine.connect() as connection:
            for case_id in self.rounds:
                _check(connection, load(connection, case_id), self.people)

    def teardown(self) -> None:
        if hasattr(self, "case"):
            self.ended[self.case.state] = self.ended.get(self.case.state, 0) + 1


_ONCE = frozenset(
    {Action.ISSUE_NOTICE, Action.RECORD_REPLY, Action.NOTIFY_HEARING, Action.PUBLISH}
    | {Action.PAY_FEE, Action.DEREGISTER}
)


def _timeline(connection: Connection, case_id: int) -> list[Any]:
    return list(
        connection.execute(
            text("SELECT * FROM disposal_actions WHERE case_id = :id ORDER BY case_version"),
            {"id": case_id},
        ).mappings()
    )


def _check(connection: Connection, case: Case, people: list[Principal]) -> None:
    steps = _timeline(connection, case.id)
    assert [step["case_version"] for step in steps] == list(range(1, case.version + 1))
    assert steps[-1]["to_state"] == case.state.value
    assert [s["from_state"] for s in steps[1:]] == [s["to_state"] for s in steps[:-1]]
    days = [step["happened_on"] for step in steps]
    assert days == sorted(days)
    disposed = connection.execute(
        text("SELECT coalesce(sum(delta_m2), 0) FROM disposal_progress WHERE case_id = :id"),
        {"id": case.id},
    ).scalar_one()
    assert disposed == case.disposed_area_m2
    audited = connection.execute(
        text("SELECT count(*) FROM audit WHERE subject = :s AND action = 'case.changed'"),
        {"s": f"disposal_cases/{case.id}"},
    ).scalar_one()
    assert audited == case.version - 1
    if case.state is State.CLOSED:
        _check_end(case, steps)
        chosen = text(
            "SELECT * FROM parcels p WHERE id = :site"
            " AND :id = (SELECT max(id) FROM disposal_cases WHERE site_id = p.id)"
        )
        row = connection.execute(chosen, {"site": case.site_id, "id": case.id}).mappings().first()
        if row is not None:
            _check_parcel(dict(row), steps)


def _check_parcel(parcel: Mapping[str, Any], steps: list[Any]) -> None:
    """The parcel is as the end of its last case says; its status waits for rules of the day."""
    told = next(step["inputs"] for step in reversed(steps) if step["action"] == "accept")
    for name in ("started_on", "production_on", "start_due_on"):
        assert f"{PREFIX}{name}" not in told or parcel[name] is not None
    if told.get(f"{PREFIX}returned") == "yes":
        assert parcel["start_due_on"] is None
        assert parcel["supplied_m2"] == parcel["area_m2"]


def _check_end(case: Case, steps: list[Any]) -> None:
    """Closed: all of it disposed of, every measure proven, by more than one pair of eyes."""
    assert case.remaining_m2 == 0
    assert case.measures
    last = {step["action"]: step for step in steps}
    needed = {
        one.name for one in proof_fields(case.measures)
        if one.required and one.kind is not FieldKind.PHOTO
    }  # fmt: skip
    assert needed <= set(last["apply_acceptance"]["inputs"])
    assert last["accept"]["user_id"] != last["apply_acceptance"]["user_id"]
    assert last["classify"]["user_id"] != last["verify"]["user_id"]
    assert last["approve_plan"]["role"] == "leader"
    if "idle_fee" in case.measures:
        assert last["pay_fee"]["inputs"]["paid_wan"] == "336"
    if {"idle_fee", "free_recovery"} & set(case.measures):
        assert "notify_hearing" in last
    if case.legal is not None:
        assert case.legal["withdrawn_on"]


@pytest.fixture(scope="module")
def county(maker: Maker, migrated_template: str) -> Iterator[County]:
    with maker.copied(migrated_template) as url:
        config = Settings(database_url=url, statement_timeout_ms=60_000)
        # One connection for all steps: a life is many of them.
        engine = request_engine(config).execution_options(isolation_level="READ COMMITTED")
        yield County(engine)
        engine.dispose()


def test_whole_lives_keep_every_promise(county: County) -> None:
    with county.engine.begin() as connection:
        ids = list(connection.execute(text(_USERS)).scalars())
    roles = (
        (Role.OFFICER,),
        (Role.REVIEWER, Role.OFFICER),
        (Role.LEADER,),
        (Role.REVIEWER, Role.LEADER),
    )
    Life.county, Life.ended = county, {}
    Life.people = [
        Principal(n, f"person{i}", "人", tuple(Grant(role, COUNTY) for role in held))
        for i, (n, held) in enumerate(zip(ids, roles, strict=True), 1)
    ]
    run(
        Life,
        settings=settings(
            max_examples=6 * SOAK,
            stateful_step_count=25,
            derandomize=SOAK == 1,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert Life.ended.get(State.CLOSED, 0) >= 1, f"lives ended as {Life.ended}"
