"""How long something may take or be kept: dated rows by region, with their source."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from sqlalchemy import Connection, func, literal, select

from server.disposal.clocks import CHINA, today, working_days_after
from server.people.tables import periods


class PeriodKind(StrEnum):
    """What is limited."""

    FIRST_RESPONSE = "enquiry_first_response"
    ESCALATION = "enquiry_escalation"
    KEEP_ENQUIRY = "keep_closed_enquiry"
    KEEP_INVESTOR = "keep_idle_investor"
    KEEP_MESSAGE = "keep_sent_message"


class NoPeriod(LookupError):
    """No row says how long that is; the installation's data is not complete."""


@dataclass(frozen=True)
class Period:
    """A number of days, calendar or working ones, and who says so."""

    days: int
    working_days: bool
    source: str

    def end_of(self, start: datetime) -> datetime:
        """The end of the last day, in China; the day of the start does not count."""
        return _end_of_day(self.last_day(start.astimezone(CHINA).date()))

    def last_day(self, start: date) -> date:
        """The last day of the period that begins after ``start``."""
        if self.working_days:
            return working_days_after(start, self.days).on
        return start + timedelta(days=self.days)


def _end_of_day(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), CHINA).astimezone(UTC)


def period(connection: Connection, kind: PeriodKind, region_code: str | None = None) -> Period:
    """The period in force today: of the smallest region that has one, its newest row."""
    row = periods.c
    found = connection.execute(
        select(row.days, row.working_days, row.source)
        .where(
            row.kind == kind.value,
            row.effective_from <= today(),
            literal(region_code or "").startswith(row.region_code),
        )
        .order_by(func.length(row.region_code).desc(), row.effective_from.desc())
        .limit(1)
    ).one_or_none()
    if found is None:
        raise NoPeriod(kind.value)
    return Period(found.days, found.working_days, found.source)
