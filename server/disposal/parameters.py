"""Deadlines and numbers of the law as dated rows: which row holds for a region on a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, func, literal, select

from server.disposal import clocks
from server.disposal.actions import Step
from server.disposal.clocks import Due
from server.disposal.tables import case_deadlines, legal_parameters


class NoParameter(LookupError):
    """No row holds for a name in a region on a day; a national row must have been deleted."""


@dataclass(frozen=True)
class Deadline:
    """How long a step may take, and by what rule."""

    step: Step
    days: int
    working_days: bool
    rolls: bool
    source: str
    article: str | None

    def after(self, day: date) -> Due:
        """The last day of the step that begins on a day."""
        if self.working_days:
            return clocks.working_days_after(day, self.days)
        return clocks.days_after(day, self.days, rolls=self.rolls)


@dataclass(frozen=True)
class Parameter:
    """One number of the law with where it stands."""

    name: str
    value: Decimal
    unit: str
    source: str
    article: str | None


def deadline(connection: Connection, step: Step, region_code: str, day: date) -> Deadline:
    """How long a step that begins on that day may take in a region; :class:`NoParameter`."""
    return deadlines(connection, (step,), region_code, day)[step]


def deadlines(
    connection: Connection, steps: Sequence[Step], region_code: str, day: date
) -> dict[Step, Deadline]:
    """How long each of these steps may take in a region if it begins on that day."""
    table = case_deadlines
    rows = connection.execute(
        select(table)
        .where(table.c.step.in_([step.value for step in steps]))
        .where(*_in_force(table, region_code, day))
        .order_by(*_weight(table))
    )
    # Later rows are of a longer prefix or newer: they win.
    found = {
        Step(r.step): Deadline(Step(r.step), r.days, r.working_days, r.rolls, r.source, r.article)
        for r in rows
    }
    for step in steps:
        if step not in found:
            raise NoParameter(step.value)
    return found


def parameters(connection: Connection, region_code: str, day: date) -> dict[str, Parameter]:
    """Every number of the law that holds in a region on a day, by name."""
    table = legal_parameters
    rows = connection.execute(
        select(table).where(*_in_force(table, region_code, day)).order_by(*_weight(table))
    )
    return {r.name: Parameter(r.name, r.value, r.unit, r.source, r.article) for r in rows}


def _weight(table: Table) -> Sequence[ColumnElement[Any]]:
    return func.length(table.c.region_code), table.c.effective_from, table.c.version


def _in_force(table: Table, region_code: str, day: date) -> Sequence[ColumnElement[bool]]:
    return (
        table.c.effective_from <= day,
        literal(region_code).startswith(table.c.region_code),
    )
