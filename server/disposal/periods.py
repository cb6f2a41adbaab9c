"""Periods that figures are told for: a month, a quarter or a year, and the one before."""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

_PATTERN = re.compile(r"(20[0-9]{2})(?:-(0[1-9]|1[0-2])|Q([1-4]))?")


class BadPeriod(ValueError):
    """What stands for a period is none, in Chinese."""


class Span(StrEnum):
    """How long a period is."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"

    @property
    def months(self) -> int:
        """Its months."""
        return {Span.MONTH: 1, Span.QUARTER: 3, Span.YEAR: 12}[self]


@dataclass(frozen=True)
class Period:
    """Whole months: from the first of one to before the first of another."""

    span: Span
    start: date

    @property
    def end(self) -> date:
        """The first day after it."""
        return _later(self.start, self.span.months)

    @property
    def before(self) -> "Period":
        """The period of the same length before it."""
        return Period(self.span, _later(self.start, -self.span.months))

    @property
    def year_start(self) -> date:
        """1 January of its year."""
        return date(self.start.year, 1, 1)

    @property
    def name(self) -> str:
        """As it is written: 2026-10, 2026Q4, 2026."""
        match self.span:
            case Span.MONTH:
                return f"{self.start:%Y-%m}"
            case Span.QUARTER:
                return f"{self.start.year}Q{(self.start.month + 2) // 3}"
            case Span.YEAR:
                return str(self.start.year)

    @property
    def term(self) -> str:
        """In Chinese: 2026年10月."""
        match self.span:
            case Span.MONTH:
                return f"{self.start.year}年{self.start.month}月"
            case Span.QUARTER:
                return f"{self.start.year}年第{'一二三四'[self.start.month // 3]}季度"
            case Span.YEAR:
                return f"{self.start.year}年"


def read(text: str) -> Period:
    """The period that ``2026-10``, ``2026Q4`` or ``2026`` means; :class:`BadPeriod`."""
    found = _PATTERN.fullmatch(text)
    if found is None:
        raise BadPeriod("应为月份 2026-10、季度 2026Q4 或年份 2026")
    year, month, quarter = found.groups()
    if month is not None:
        return Period(Span.MONTH, date(int(year), int(month), 1))
    if quarter is not None:
        return Period(Span.QUARTER, date(int(year), 3 * int(quarter) - 2, 1))
    return Period(Span.YEAR, date(int(year), 1, 1))


def month_of(day: date) -> Period:
    """The month that a day lies in."""
    return Period(Span.MONTH, day.replace(day=1))


def _later(day: date, months: int) -> date:
    number = day.year * 12 + day.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)
