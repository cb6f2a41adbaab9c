"""The golden table of 53号令: dates, areas, causes -> line, fee, legal measures, by article.

Expected values follow from the articles; they were written by hand, not taken from the code.
"""

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from server.disposal import legal
from server.disposal.actions import Step
from server.disposal.codes import Cause, IdleClass
from server.disposal.legal import Facts, Line, Numbers
from server.disposal.parameters import NoParameter, deadline, parameters
from tests.disposal.county import COUNTY

NUMBERS = Numbers(12, 12, 24, 12, Decimal(3), Decimal(25), Decimal(20), 12, 24)
"""As the law has it; a test below compares the rows of the database."""

_AFTER = {"reserve", "restore_farmland"}
_TRADE = {"transfer", "equity"}
_FREE = {"urge_start", "judicial", *_AFTER}
_AGREED = {"extend_start", "adjust_use", "temp_use", "paid_recovery", "other_local", *_FREE}
OPTIONS: dict[str, set[str]] = {
    "none": set(),
    "fee": {"idle_fee", "urge_start", "judicial", *_TRADE},
    "fee_frozen": {"idle_fee", "urge_start", "judicial"},
    "recover": {"free_recovery", "judicial", *_AFTER},
    "agree": _AGREED | _TRADE,
    "agree_frozen": _AGREED,
    "agree_swap": _AGREED | _TRADE | {"swap"},
    "unrecorded": _FREE | _TRADE,
}


def _table(name: str) -> list[dict[str, str]]:
    with (Path(__file__).parent / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


LAW, CLOCKS = _table("golden_law.csv"), _table("golden_clocks.csv")


def day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def number(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def facts(row: dict[str, str]) -> Facts:
    return Facts(
        idle_class=IdleClass(row["class"]),
        supplement_start_on=day(row["supplement"]),
        contract_start_on=day(row["contract"]),
        delivered_on=day(row["delivered"]),
        restarted_start_on=day(row["restarted"]),
        started_on=day(row["started"]),
        stopped_on=day(row["stopped"]),
        due_area_m2=number(row["due_m2"]),
        developed_m2=number(row["developed_m2"]),
        total_wan=number(row["total_wan"]),
        invested_wan=number(row["invested_wan"]),
        price_wan=number(row["price_wan"]),
        supervision_recorded_on=day(row["recorded"]),
        hoarding="hoarding" in row["flags"],
        price_fully_paid="paid" in row["flags"],
        funds_secured="funds" in row["flags"],
        cause=Cause(row["cause"]) if row["cause"] else None,
        cause_ground=row["ground"] or None,
    )


def test_the_table_is_as_large_as_promised_and_names_its_articles() -> None:
    assert len(LAW) >= 60
    assert all(row["articles"] for row in LAW)
    assert {row["line"] for row in LAW} == {line.value for line in Line}
    assert {row["options"] for row in LAW} == set(OPTIONS)


@pytest.mark.parametrize("row", LAW, ids=lambda row: f"{row['id']}-art.{row['articles']}")
def test_the_law_is_applied_as_written(row: dict[str, str]) -> None:
    known, on = facts(row), date.fromisoformat(row["as_of"])
    at = legal.line(known, on, NUMBERS)
    assert at.value == row["line"]
    due = legal.start_due(known, NUMBERS)
    if row["start_due"]:
        assert due is not None
        assert due.on.isoformat() == row["start_due"]
    assert legal.idle_since(known, on, NUMBERS) == day(row["since"])
    found = legal.options(known, on, NUMBERS)
    assert set(found.allowed) == OPTIONS[row["options"]]
    if row["fee_wan"]:
        assert known.price_wan is not None
        assert legal.idle_fee_wan(known.price_wan, NUMBERS) == Decimal(row["fee_wan"])
    expected = {"fee": "idle_fee", "fee_frozen": "idle_fee", "recover": "free_recovery"}
    assert found.mandatory == expected.get(row["options"])
    assert not set(found.allowed) & set(found.blocked)


@pytest.mark.parametrize("row", CLOCKS, ids=lambda row: f"{row['step']}-{row['from']}")
def test_clocks_end_when_the_calendar_says(engine: Engine, row: dict[str, str]) -> None:
    begins = date.fromisoformat(row["from"])
    with engine.connect() as connection:
        found = deadline(connection, Step(row["step"]), COUNTY, begins)
    assert found.after(begins).on.isoformat() == row["due"], row["why"]
    if row["article"].startswith("第"):
        assert found.article == row["article"]
        assert "53号" in found.source


def test_the_rows_of_the_database_are_the_numbers_of_the_law(engine: Engine) -> None:
    with engine.connect() as connection:
        rows = parameters(connection, COUNTY, date(2026, 3, 2))
        assert Numbers.of({name: one.value for name, one in rows.items()}) == NUMBERS
        assert all(one.source for one in rows.values())
        with pytest.raises(NoParameter):
            deadline(connection, Step.PAY, COUNTY, date(2012, 6, 30))


def test_a_county_may_have_its_own_clock_from_a_day_on(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO case_deadlines (region_code, step, days, working_days, effective_from,"
            " source) VALUES ('3305', 'register', 5, true, '2026-03-01', '湖州试行'),"
            " ('330503', 'register', 3, true, '2026-04-01', '南浔试行')"
        )

        def days(region: str, on: str) -> int:
            return deadline(connection, Step.REGISTER, region, date.fromisoformat(on)).days

        assert days("330503", "2026-02-28") == 10
        assert days("330503", "2026-03-01") == 5
        assert days("330503101", "2026-04-01") == 3
        assert days("330502", "2026-04-01") == 5
        assert days("3306", "2026-04-01") == 10


DAYS = st.dates(date(2012, 7, 1), date(2035, 12, 31))
CAUSES = st.sampled_from([None, *Cause])
ORDER = [Line.NOT_DUE, Line.OVERDUE, Line.IDLE_ONE_YEAR, Line.IDLE_TWO_YEARS]


@given(start=DAYS, first=DAYS, second=DAYS)
def test_no_line_is_crossed_backwards(start: date, first: date, second: date) -> None:
    known = Facts(contract_start_on=start)
    early, late = sorted((first, second))
    lines = [legal.line(known, on, NUMBERS) for on in (early, late)]
    assert ORDER.index(lines[0]) <= ORDER.index(lines[1])


@given(
    started=DAYS,
    stopped=st.none() | DAYS,
    on=DAYS,
    cause=CAUSES,
    share=st.integers(0, 33),
    recorded=st.none() | DAYS,
    hoarding=st.booleans(),
)
def test_land_that_was_begun_never_pays_a_fee_and_is_never_forfeited(**given: Any) -> None:
    known = Facts(
        IdleClass.YEWJ,
        contract_start_on=date(2012, 7, 1),
        started_on=given["started"],
        stopped_on=given["stopped"],
        due_area_m2=Decimal(10000),
        developed_m2=Decimal(100 * given["share"]),
        supervision_recorded_on=given["recorded"],
        hoarding=given["hoarding"],
        cause=given["cause"],
    )
    if given["started"] <= given["on"]:
        found = legal.options(known, given["on"], NUMBERS)
        assert not {"idle_fee", "free_recovery"} & set(found.allowed)
        assert found.mandatory is None


@given(start=DAYS, on=DAYS, cause=st.sampled_from(Cause), recorded=st.none() | DAYS)
def test_only_a_holder_pays_and_only_after_two_years_loses_the_land(
    start: date, on: date, cause: Cause, recorded: date | None
) -> None:
    known = Facts(contract_start_on=start, cause=cause, supervision_recorded_on=recorded)
    found = legal.options(known, on, NUMBERS).allowed
    by_holder = cause in (Cause.HOLDER, Cause.MARKET)
    assert ("free_recovery" in found) == (
        by_holder and legal.line(known, on, NUMBERS) is Line.IDLE_TWO_YEARS
    )
    assert not ("idle_fee" in found and "free_recovery" in found)
    assert ("extend_start" in found) <= (not by_holder and recorded is not None)


@pytest.mark.parametrize(
    ("begins", "extension", "temporary"),
    [
        ("2026-03-04", "2027-03-04", "2028-03-04"),
        ("2024-02-29", "2025-02-28", "2026-02-28"),
        ("2027-02-28", "2028-02-28", "2029-02-28"),
    ],
)
def test_agreements_have_their_limits(begins: str, extension: str, temporary: str) -> None:
    on = date.fromisoformat(begins)
    assert legal.extension_limit(on, NUMBERS).isoformat() == extension
    assert legal.temporary_use_limit(on, NUMBERS).isoformat() == temporary
