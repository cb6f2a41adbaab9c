"""Rules as rows: which one applies where and when, what they may say, that nobody edits them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from fractions import Fraction

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from server.disposal import rules
from server.disposal.codes import IdleClass
from server.disposal.law import Clerk, StaleLaw
from server.disposal.rules import (
    BadRule,
    BelowCommitment,
    Kind,
    NotStarted,
    Rule,
    RuleText,
    Stopped,
)

TODAY = date(2026, 11, 15)
PAPER = RuleText("330503", date(2026, 1, 1), None, "南浔规定", "南浔政办发〔2025〕1号", None)
Adding = Callable[[Kind, dict[str, object], RuleText], Rule]


@pytest.fixture
def add(engine: Engine) -> Adding:
    def adding(kind: Kind, parameters: dict[str, object], paper: RuleText) -> Rule:
        with engine.begin() as connection:
            given = rules.read_parameters(kind, parameters)
            by = Clerk("tests", rules.series(rules.all_rules(connection), kind))
            return rules.add(connection, by, kind, given, paper)

    return adding


def book(engine: Engine, region: str, day: date = TODAY) -> rules.Rulebook:
    with engine.connect() as connection:
        return rules.resolve(rules.all_rules(connection), region, day)


def test_every_kind_has_a_national_rule_with_its_source(engine: Engine) -> None:
    national = book(engine, "110101")
    assert set(national) == set(Kind)
    assert {rule.kind.idle_class for rule in national.values()} == set(IdleClass)
    assert all(rule.text.region_code == "" and rule.text.source for rule in national.values())


def test_the_law_is_exact(engine: Engine) -> None:
    """53号令 art. 2, 14 and 22: one third, 25 %, one year, two years, delivery + one year."""
    national = book(engine, "110101")
    stopped, started = national[Kind.STOPPED].parameters, national[Kind.NOT_STARTED].parameters
    assert isinstance(stopped, Stopped)
    assert isinstance(started, NotStarted)
    assert (stopped.developed_share_below, stopped.invested_share_below) == (
        Fraction(1, 3),
        Fraction(1, 4),
    )
    assert (stopped.stopped_months, started.idle_after_months) == (12, 12)
    assert (started.recover_after_months, started.start_after_delivery_months) == (24, 12)
    assert "53号" in national[Kind.STOPPED].text.source
    assert stopped.warn_days == (90, 60, 30, 7)


def test_huzhou_has_345_and_the_rest_from_the_nation(engine: Engine) -> None:
    huzhou = book(engine, "330503101")
    below = huzhou[Kind.BELOW_COMMITMENT].parameters
    assert isinstance(below, BelowCommitment)
    assert {k.value: v for k, v in below.standard.items()} == {
        "tax": 30, "output": 500, "investment": 400,
    }  # fmt: skip
    assert huzhou[Kind.BELOW_COMMITMENT].text.region_code == "3305"
    assert huzhou[Kind.NOT_STARTED].text.region_code == ""


def test_the_nearest_region_then_the_newest_day_wins(engine: Engine, add: Adding) -> None:
    own: dict[str, object] = {"late_months": 3, "unagreed_months": 3}
    county = add(Kind.NOT_PRODUCING, own, PAPER)
    newer = add(
        Kind.NOT_PRODUCING,
        {**own, "late_months": 2},
        RuleText("330503", date(2026, 6, 1), date(2026, 12, 31), "新", "s", None),
    )
    national = book(engine, "330502")[Kind.NOT_PRODUCING].id
    assert book(engine, "330503", date(2025, 12, 31))[Kind.NOT_PRODUCING].id == national
    assert book(engine, "330503", date(2026, 5, 31))[Kind.NOT_PRODUCING].id == county.id
    assert book(engine, "330503101", date(2026, 6, 1))[Kind.NOT_PRODUCING].id == newer.id
    assert book(engine, "330503", date(2027, 1, 1))[Kind.NOT_PRODUCING].id == county.id
    assert book(engine, "330503")[Kind.NOT_PRODUCING].version == 2


def test_no_rule_is_edited_or_deleted(engine: Engine) -> None:
    for statement in (
        "UPDATE classification_rules SET title = 'x'",
        "DELETE FROM classification_rules",
    ):
        with pytest.raises(DBAPIError, match="never changed"), engine.begin() as connection:
            connection.execute(text(statement))


def test_a_new_rule_is_audited_with_its_parameters(engine: Engine, add: Adding) -> None:
    made = add(Kind.NOT_PRODUCING, {"late_months": 3, "unagreed_months": 3}, PAPER)
    with engine.connect() as connection:
        row = connection.execute(
            text("SELECT actor, details FROM audit WHERE subject = :subject"),
            {"subject": f"classification_rules/{made.id}"},
        ).one()
    assert row.actor == "tests"
    assert row.details["parameters"]["late_months"] == 3


@pytest.mark.parametrize(
    ("kind", "parameters", "told"),
    [
        (Kind.NOT_PRODUCING, {"late_months": 3}, "unagreed_months：缺少"),
        (Kind.NOT_PRODUCING, {"late_months": -1, "unagreed_months": 3}, "late_months"),
        (Kind.NOT_PRODUCING, {"late_months": 1, "unagreed_months": 3, "x": 1}, "没有这个参数"),
        (
            Kind.STOPPED,
            {"developed_share_below": "1/0", "invested_share_below": "1/4", "stopped_months": 1},
            "应为分数或小数",
        ),
        (
            Kind.BELOW_COMMITMENT,
            {"initial_months": 24, "indicators": ["jobs"]},
            "indicators",
        ),
    ],
)
def test_bad_parameters_are_named_in_chinese(
    kind: Kind, parameters: dict[str, object], told: str
) -> None:
    with pytest.raises(BadRule, match=told):
        rules.read_parameters(kind, parameters)


def test_a_rule_does_not_end_before_it_begins(engine: Engine, add: Adding) -> None:
    paper = RuleText("330503", date(2026, 6, 1), date(2026, 5, 31), "t", "s", None)
    with pytest.raises(BadRule, match="失效日期"):
        add(Kind.NOT_PRODUCING, {"late_months": 3, "unagreed_months": 3}, paper)


def test_of_two_who_saw_the_same_one_is_told_of_the_other(engine: Engine) -> None:
    given = rules.read_parameters(Kind.NOT_PRODUCING, {"late_months": 3, "unagreed_months": 3})
    with engine.connect() as connection:
        known = rules.all_rules(connection)
    seen = rules.series(known, Kind.NOT_PRODUCING)

    def writing(actor: str) -> Rule | int:
        try:
            with engine.begin() as connection:
                return rules.add(connection, Clerk(actor, seen), Kind.NOT_PRODUCING, given, PAPER)
        except StaleLaw as stale:
            return stale.version

    with ThreadPoolExecutor(2) as both:
        answers = list(both.map(writing, ("one", "two")))
    assert seen + 1 in answers
    (made,) = [one for one in answers if isinstance(one, Rule)]
    with engine.connect() as connection:
        now = rules.all_rules(connection)
    assert [one.id for one in now if one not in known] == [made.id]
