"""The law's clocks and numbers and the offices' names as rows: all that hold, and newer ones."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Table, insert, select, text

from gis import audit, regions
from server.disposal.actions import Step
from server.disposal.law_names import Number
from server.disposal.tables import case_deadlines, disposal_offices, legal_parameters

EARLIEST = date(2000, 1, 1)


class BadLawRow(ValueError):
    """A row that cannot be, in Chinese: an unknown region, a value out of its bounds."""


class StaleLaw(Exception):
    """Somebody added a row of the same name since its versions were counted."""

    def __init__(self, version: int) -> None:
        super().__init__(version)
        self.version = version


@dataclass(frozen=True)
class Paper:
    """Where a row holds, from which day on, and by what paper."""

    region_code: str
    effective_from: date
    source: str
    article: str | None = None


@dataclass(frozen=True)
class Clock:
    """How long a step may take; ``rolls``: an end on a day off moves to the next working day."""

    days: int
    working_days: bool
    rolls: bool


@dataclass(frozen=True)
class OfficeName:
    """What documents of a county carry: head, sign in the number, government, contact."""

    name: str
    short_name: str
    government: str
    address: str | None
    phone: str | None


@dataclass(frozen=True)
class Clerk:
    """Who adds a row, having seen so many rows of its name (the version, which counts from 1)."""

    actor: str
    seen: int


@dataclass(frozen=True)
class Row:
    """One row of the law; ``key`` is the step, the name of the number, or the county."""

    id: int
    key: str
    version: int
    paper: Paper
    values: Mapping[str, Any]

    @property
    def weight(self) -> tuple[int, date, int]:
        """Of two rows that hold, the heavier decides: nearer region, newer day, newer version."""
        return len(self.paper.region_code), self.paper.effective_from, self.version


@dataclass(frozen=True)
class Book:
    """One table of such rows: by which column they are looked up and what they say."""

    table: Table
    key: str
    says: tuple[str, ...]
    order: tuple[str, ...] = ()

    def rows(self, connection: Connection) -> list[Row]:
        """Every row, in the order of the book, then by region, day and version."""
        found = connection.execute(select(self.table)).mappings()
        return sorted((self._row(dict(one)) for one in found), key=self._place)

    def _place(self, row: Row) -> tuple[int, str, str, date, int]:
        at = self.order.index(row.key) if row.key in self.order else len(self.order)
        return at, row.key, row.paper.region_code, row.paper.effective_from, row.version

    def _row(self, one: Mapping[str, Any]) -> Row:
        paper = Paper(one["region_code"], one["effective_from"], one["source"], one.get("article"))
        said = {name: one[name] for name in self.says}
        return Row(one["id"], one[self.key], one["version"], paper, said)

    def add(
        self, connection: Connection, by: Clerk, key: str, says: Mapping[str, object], paper: Paper
    ) -> Row:
        """A new row; those before stay. :class:`BadLawRow`, :class:`StaleLaw`."""
        _require_place(connection, paper)
        # Versions are counted, so two writers must not count at once.
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:t))"), {"t": self.name})
        own = [row for row in self.rows(connection) if row.key == key]
        if version_of(own) != by.seen:
            raise StaleLaw(version_of(own))
        row = {self.key: key, **says, **vars(paper), "version": _next(own, paper)}
        written = {name: value for name, value in row.items() if name in self.table.c}
        made = connection.execute(insert(self.table).values(written).returning(self.table)).one()
        told = {
            name: value if isinstance(value, str | int | None) else str(value)
            for name, value in written.items()
        }
        audit.record(connection, by.actor, audit.Action.LAW_ADDED, f"{self.name}/{made.id}", told)
        return self._row(dict(made._mapping))

    @property
    def name(self) -> str:
        """The name of the table."""
        return self.table.name


DEADLINES = Book(case_deadlines, "step", ("days", "working_days", "rolls"), tuple(Step))
NUMBERS = Book(legal_parameters, "name", ("value", "unit"), tuple(Number))
OFFICES = Book(
    disposal_offices, "region_code", ("name", "short_name", "government", "address", "phone")
)


def add_deadline(connection: Connection, by: Clerk, step: Step, clock: Clock, paper: Paper) -> Row:
    """A newer length of a step."""
    if clock.working_days and clock.rolls:
        raise BadLawRow("按工作日计算的期限不会在休息日届满，不必顺延")
    return DEADLINES.add(connection, by, step.value, vars(clock), paper)


def add_number(
    connection: Connection, by: Clerk, number: Number, value: Decimal, paper: Paper
) -> Row:
    """A newer value of a number, in the unit that it always has."""
    if not number.unit.allows(value):
        least, most = number.unit.bounds
        raise BadLawRow(f"“{number.term}”应为 {least} 到 {most} 之间的整数（{number.unit}）")
    says = {"value": value, "unit": number.unit.value}
    return NUMBERS.add(connection, by, number.value, says, paper)


def add_office(connection: Connection, by: Clerk, office: OfficeName, paper: Paper) -> Row:
    """A newer name of a county's office."""
    return OFFICES.add(connection, by, paper.region_code, vars(office), paper)


def deciding(rows: Iterable[Row], day: date, under: str) -> set[int]:
    """Ids of the rows that decide somewhere in a region or below it on a day."""
    held = [row for row in rows if row.paper.effective_from <= day]
    codes = {row.paper.region_code for row in held if row.paper.region_code.startswith(under)}
    return {row.id for code in {*codes, under} for row in _book_of(held, code).values()}


def _book_of(rows: Iterable[Row], region_code: str) -> dict[str, Row]:
    best: dict[str, Row] = {}
    for row in rows:
        before = best.get(row.key)
        if region_code.startswith(row.paper.region_code) and (
            before is None or before.weight < row.weight
        ):
            best[row.key] = row
    return best


def version_of(rows: Iterable[Row]) -> int:
    """The version of all rows of one key together: one more than there are."""
    return 1 + sum(1 for _ in rows)


def _next(own: Iterable[Row], paper: Paper) -> int:
    place = (paper.region_code, paper.effective_from)
    taken = [r.version for r in own if (r.paper.region_code, r.paper.effective_from) == place]
    return 1 + max(taken, default=0)


def _require_place(connection: Connection, paper: Paper) -> None:
    if paper.effective_from < EARLIEST:
        raise BadLawRow(f"施行日期不应早于 {EARLIEST}")
    code = paper.region_code
    if code and not regions.names(connection, {code}):
        raise BadLawRow(f"没有行政区 {code}")
