"""Clocks: expected days are of the State Council's calendars and of the Civil Code."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.disposal import clocks

DAYS = st.dates(date(2005, 1, 1), date(2040, 12, 31))


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2026-02-14", True),  # Saturday before Spring Festival 2026, worked 调休
        ("2026-02-16", False),  # Spring Festival's holiday begins on the 15th
        ("2026-02-24", True),
        ("2026-02-28", True),  # Saturday, worked
        ("2026-10-01", False),
        ("2026-10-10", True),  # Saturday, worked for National Day
        ("2025-10-08", False),  # 2025: 1 to 8 October
        ("2025-09-28", True),  # Sunday, worked
        ("2024-02-09", True),  # New Year's Eve 2024 was a working day by the calendar
        ("2024-02-18", True),  # Sunday, worked
        ("2026-11-22", False),  # a plain Sunday
    ],
)
def test_offices_work_as_the_state_council_said(day: str, works: bool) -> None:
    assert clocks.is_working_day(date.fromisoformat(day)) is works


@pytest.mark.parametrize(
    ("day", "number", "end"),
    [
        ("2026-09-30", 5, "2026-10-13"),  # 1-7 October free, Saturday the 10th worked
        ("2026-02-13", 5, "2026-02-27"),  # 15-23 February free, the 14th worked
        ("2026-03-02", 0, "2026-03-02"),
        ("2026-03-06", 1, "2026-03-09"),
    ],
)
def test_working_days_step_over_holidays(day: str, number: int, end: str) -> None:
    due = clocks.working_days_after(date.fromisoformat(day), number)
    assert (due.on.isoformat(), due.warning) == (end, None)


def test_a_year_without_calendar_counts_weekdays_and_says_so() -> None:
    due = clocks.working_days_after(date(2026, 12, 31), 5)
    assert due.on == date(2027, 1, 7)
    assert "2027 年的节假日安排尚未收录" in str(due.warning)
    assert clocks.holidays_known(date(2026, 1, 1))
    assert not clocks.holidays_known(date(2027, 1, 1))


def test_thirty_days_are_calendar_days_and_roll_off_a_holiday_only_for_a_holder() -> None:
    assert clocks.days_after(date(2026, 9, 1), 30).on == date(2026, 10, 1)
    assert clocks.days_after(date(2026, 9, 1), 30, rolls=True).on == date(2026, 10, 8)


@pytest.mark.parametrize(
    ("day", "years", "end"),
    [
        ("2024-02-29", 1, "2025-02-28"),
        ("2024-02-29", 4, "2028-02-29"),
        ("2023-02-28", 1, "2024-02-28"),
        ("2023-07-01", 2, "2025-07-01"),
    ],
)
def test_years_end_on_the_same_day_or_the_last_of_the_month(day: str, years: int, end: str) -> None:
    assert clocks.months_after(date.fromisoformat(day), 12 * years) == date.fromisoformat(end)


def test_months_end_within_their_month() -> None:
    assert clocks.months_after(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert clocks.months_after(date(2026, 11, 30), 3) == date(2027, 2, 28)
    assert clocks.months_after(date(2026, 3, 31), -1) == date(2026, 2, 28)


def test_the_day_is_that_of_china() -> None:
    assert clocks.today(datetime(2026, 3, 1, 15, 59, tzinfo=UTC)) == date(2026, 3, 1)
    assert clocks.today(datetime(2026, 3, 1, 16, 0, tzinfo=UTC)) == date(2026, 3, 2)


def test_no_clock_runs_backwards() -> None:
    with pytest.raises(ValueError, match="backwards"):
        clocks.working_days_after(date(2026, 1, 1), -1)


@given(day=DAYS, number=st.integers(0, 60))
def test_exactly_so_many_working_days_lie_between(day: date, number: int) -> None:
    end = clocks.working_days_after(day, number).on
    between = (day + timedelta(days=n) for n in range(1, (end - day).days + 1))
    assert sum(map(clocks.is_working_day, between)) == number
    assert number == 0 or clocks.is_working_day(end)


@given(day=DAYS, first=st.integers(0, 40), second=st.integers(0, 40))
def test_a_longer_clock_never_ends_earlier(day: date, first: int, second: int) -> None:
    short, long = sorted((first, second))
    assert clocks.days_after(day, short).on <= clocks.days_after(day, long, rolls=True).on
    assert clocks.working_days_after(day, short).on <= clocks.working_days_after(day, long).on
    assert clocks.months_after(day, short) <= clocks.months_after(day, long)
