"""Targets: how much land a region has to dispose of in a year, by class or in all."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.postgresql import insert

from gis import audit, regions
from server.disposal.codes import IdleClass
from server.disposal.report_tables import disposal_targets


class BadTarget(ValueError):
    """A target that cannot be: of an unknown region, in Chinese."""


@dataclass(frozen=True)
class Target:
    """An area in m2 for a year; of all classes together if ``idle_class`` is None."""

    region_code: str
    year: int
    idle_class: IdleClass | None
    area_m2: Decimal
    source: str


Targets = Mapping[tuple[str, str], Decimal]
"""Areas of one year by region code and class, "" being all classes."""


def put(connection: Connection, actor: str, target: Target) -> None:
    """Set or replace a target; reports that were frozen keep the one they had."""
    if not regions.names(connection, {target.region_code}):
        raise BadTarget(f"没有行政区 {target.region_code}")
    row = {
        "region_code": target.region_code,
        "class": target.idle_class.value if target.idle_class else "",
        "year": target.year,
        "area_m2": target.area_m2,
        "source": target.source,
        "actor": actor,
    }
    statement = insert(disposal_targets).values(row)
    connection.execute(
        statement.on_conflict_do_update(
            constraint="uq_disposal_targets_year",
            set_={
                "area_m2": target.area_m2,
                "source": target.source,
                "actor": actor,
                "set_at": func.now(),
            },
        )
    )
    subject = f"disposal_targets/{target.region_code}-{row['class'] or 'all'}-{target.year}"
    told = {**row, "area_m2": str(target.area_m2)}
    audit.record(connection, actor, audit.Action.TARGET_SET, subject, told)


def of_year(connection: Connection, year: int) -> dict[tuple[str, str], Decimal]:
    """Every target of a year."""
    c = disposal_targets.c
    asked = select(c.region_code, c["class"].label("idle_class"), c.area_m2).where(c.year == year)
    return {(row.region_code, row.idle_class): row.area_m2 for row in connection.execute(asked)}


def target_of(targets: Targets, region_code: str, idle_class: str) -> Decimal | None:
    """The target of a region, of one class or ("") of all; None if nobody set one.

    Its own row counts; else, for all classes, its rows by class; else what is set for the regions
    below it, the highest of them, added up.
    """
    own = targets.get((region_code, idle_class))
    if own is not None:
        return own
    if not idle_class:
        of_classes = [a for (code, one), a in targets.items() if code == region_code and one]
        if of_classes:
            return sum(of_classes, Decimal(0))
    below = {code for code, _ in targets if code.startswith(region_code) and code != region_code}
    tops = [c for c in below if not any(c != other and c.startswith(other) for other in below)]
    found = [target_of(targets, code, idle_class) for code in tops]
    known = [area for area in found if area is not None]
    return sum(known, Decimal(0)) if known else None
