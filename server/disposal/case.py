"""A case as it stands: one row of ``disposal_cases`` with the parcel's own area and numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Self

from sqlalchemy import Connection, RowMapping, select

from server.disposal.codes import Cause, IdleClass, Source, State
from server.disposal.tables import disposal_cases


class UnknownCase(LookupError):
    """There is no case of that number."""


@dataclass(frozen=True)
class Case:
    """What the row says, in the words of the code."""

    id: int
    case_no: str | None
    site_id: int
    idle_class: IdleClass
    round: int
    state: State
    region_code: str
    area_in_class_m2: Decimal
    disposed_area_m2: Decimal
    rule_id: int | None
    rule_inputs: Mapping[str, Any]
    source: Source
    discovered_on: date
    registered_on: date | None
    classified_on: date | None
    closed_on: date | None
    idle_since: date | None
    cause: Cause | None
    measures: tuple[str, ...]
    target_on: date | None
    target_area_m2: Decimal | None
    responsible_unit: str | None
    officer: int | None
    deadline_on: date | None
    deadline_note: str | None
    state_since: date
    last_on: date
    suspended_state: State | None
    suspension: Mapping[str, Any] | None
    legal: Mapping[str, Any] | None
    previous_case_id: int | None
    version: int
    updated_at: datetime

    @classmethod
    def of(cls, row: RowMapping) -> Self:
        """From a row of the table."""
        values: dict[str, Any] = {k: v for k, v in row.items() if k in cls.__dataclass_fields__}
        values["idle_class"] = IdleClass(row["class"])
        values["state"], values["source"] = State(row["state"]), Source(row["source"])
        values["cause"] = None if row["cause"] is None else Cause(row["cause"])
        values["measures"] = tuple(row["measures"])
        suspended = row["suspended_state"]
        values["suspended_state"] = None if suspended is None else State(suspended)
        return cls(**values)

    @property
    def is_legal(self) -> bool:
        """Whether the legal track of 53号令 applies."""
        return self.legal is not None

    @property
    def remaining_m2(self) -> Decimal:
        """What is still to be disposed of."""
        return self.area_in_class_m2 - self.disposed_area_m2

    def days_left(self, today: date) -> int | None:
        """Days until the clock of the present step ends, negative after; None without a clock."""
        if self.deadline_on is None or not self.state.is_open:
            return None
        return (self.deadline_on - today).days

    def is_overdue(self, today: date) -> bool:
        """Whether the clock has ended; computed, never stored."""
        left = self.days_left(today)
        return left is not None and left < 0


def load(connection: Connection, case_id: int, *, lock: bool = False) -> Case:
    """The case of that number; ``lock`` keeps others from changing it until the commit."""
    statement = select(disposal_cases).where(disposal_cases.c.id == case_id)
    row = connection.execute(statement.with_for_update() if lock else statement).mappings().first()
    if row is None:
        raise UnknownCase(case_id)
    return Case.of(row)
