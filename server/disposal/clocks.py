"""Clocks of the law: calendar days, Chinese working days with 调休, months and years.

Civil Code 民法典 art. 201: the first day does not count. Art. 202: where the month has no such
day, the period ends on its last. Art. 203: a period that ends on a holiday ends on the next
working day, which only those clocks do that the law gives to a holder.
"""

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar
from chinese_calendar import constants

CHINA = ZoneInfo("Asia/Shanghai")
_MONTHS = 12
_SATURDAY = 5


@dataclass(frozen=True)
class Due:
    """A last day; ``warning`` says what is not known about the holidays before it."""

    on: date
    warning: str | None = None


def today(now: datetime | None = None) -> date:
    """The day that it is in China at an instant, by default this one."""
    return (now or datetime.now(UTC)).astimezone(CHINA).date()


def holidays_known(day: date) -> bool:
    """Whether the State Council's calendar of that year is in the data."""
    return _FIRST_YEAR <= day.year <= _LAST_YEAR


def is_working_day(day: date) -> bool:
    """Whether offices work: weekdays but for holidays, and adjusted weekends 调休.

    A year without data counts weekdays alone; :func:`holidays_known` tells.
    """
    if not holidays_known(day):
        return day.weekday() < _SATURDAY
    return chinese_calendar.is_workday(day) is True


def working_days_after(day: date, number: int) -> Due:
    """The ``number``-th working day after a day, which itself does not count."""
    _not_negative(number)
    found = day
    while number:
        found += timedelta(days=1)
        number -= is_working_day(found)
    return Due(found, _warning(day, found))


def days_after(day: date, number: int, *, rolls: bool = False) -> Due:
    """The ``number``-th calendar day after a day; ``rolls`` moves its end off a holiday."""
    _not_negative(number)
    end = day + timedelta(days=number)
    return next_working_day(end) if rolls else Due(end)


def next_working_day(day: date) -> Due:
    """The day itself if offices work on it, else the next on which they do."""
    found = day
    while not is_working_day(found):
        found += timedelta(days=1)
    return Due(found, _warning(day, found))


def months_after(day: date, number: int) -> date:
    """The same day of a later month, or the last of a month that has no such day."""
    months = day.year * _MONTHS + day.month - 1 + number
    year, month = divmod(months, _MONTHS)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def _not_negative(number: int) -> None:
    if number < 0:
        raise ValueError("a clock does not run backwards")


def _warning(first: date, last: date) -> str | None:
    missing = [y for y in range(first.year, last.year + 1) if not holidays_known(date(y, 1, 1))]
    if not missing:
        return None
    years = "、".join(map(str, missing))
    return f"{years} 年的节假日安排尚未收录，暂按周一至周五计算，请在公布后核对"


_FIRST_YEAR: int = min(day.year for day in constants.holidays)
_LAST_YEAR: int = max(day.year for day in constants.holidays)
