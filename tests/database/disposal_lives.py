"""Cases that live at random, and what anyone with a pencil would count of them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from sqlalchemy import Connection, Engine, text

from server.disposal.codes import Cause, IdleClass
from server.disposal.periods import Period
from tests.database.idle_land import add_parcel

REGIONS = ("330502", "330503")
MEASURES = ("supply", "urge_start", "split_recover")
FIRST, LAST = date(2024, 1, 1), date(2026, 12, 31)


@dataclass
class Life:
    """One case as a list of dated rows of the table, oldest first."""

    idle_class: str
    region: str
    rows: list[dict[str, Any]] = field(default_factory=list)

    def on(self, day: date) -> dict[str, Any] | None:
        """The case as it stood at the end of a day; None before it was found."""
        known = [row for row in self.rows if row["last_on"] <= day]
        return known[-1] if known else None


def imagine(rng: Random, number: int) -> Life:
    """A life of up to eight steps; later ones of one day overwrite earlier ones."""
    life = Life(rng.choice(list(IdleClass)).value, rng.choice(REGIONS))
    day = FIRST + timedelta(rng.randint(0, 900))
    row: dict[str, Any] = {
        "state": "discovered", "area_in_class_m2": Decimal(rng.randint(1_000, 90_000)),
        "disposed_area_m2": Decimal(0), "cause": None, "measures": [], "closed_on": None,
        "state_since": day, "last_on": day, "deadline_on": day + timedelta(rng.randint(5, 60)),
        "number": number,
    }  # fmt: skip
    life.rows.append(row)
    for _ in range(rng.randint(0, 8)):
        day += timedelta(rng.randint(0, 90))
        if day > LAST or row["state"] in ("closed", "rejected"):
            break
        row = {**row, "last_on": day, **rng.choice(_STEPS)(rng, row, day)}
        life.rows.append(row)
    return life


def _moved(_rng: Random, row: dict[str, Any], day: date) -> dict[str, Any]:
    after = {"discovered": "verifying", "verifying": "executing"}.get(row["state"], "acceptance")
    return {"state": after, "state_since": day, "deadline_on": day + timedelta(20)}


def _classified(rng: Random, row: dict[str, Any], _day: date) -> dict[str, Any]:
    area = max(row["disposed_area_m2"], row["area_in_class_m2"] + rng.randint(-900, 900))
    return {"cause": rng.choice(list(Cause)).value, "area_in_class_m2": area}


def _planned(rng: Random, _row: dict[str, Any], _day: date) -> dict[str, Any]:
    return {"measures": rng.sample(MEASURES, 2)}


def _progressed(rng: Random, row: dict[str, Any], _day: date) -> dict[str, Any]:
    rest = row["area_in_class_m2"] - row["disposed_area_m2"]
    return {"disposed_area_m2": row["disposed_area_m2"] + rest * rng.randint(-0, 100) / 100}


def _closed(_rng: Random, _row: dict[str, Any], day: date) -> dict[str, Any]:
    return {"state": "closed", "closed_on": day, "state_since": day, "deadline_on": None}


def _rejected(_rng: Random, _row: dict[str, Any], day: date) -> dict[str, Any]:
    return {"state": "rejected", "state_since": day, "deadline_on": None}


_Step = Callable[[Random, dict[str, Any], date], dict[str, Any]]
_STEPS: tuple[_Step, ...] = (
    _moved, _moved, _moved, _classified, _planned, _progressed, _progressed, _closed, _rejected,
)  # fmt: skip

_INSERT = text(
    """
INSERT INTO disposal_cases (site_id, class, state, region_code, area_in_class_m2,
    disposed_area_m2, source, discovered_on, state_since, last_on, deadline_on)
VALUES (:site_id, :class, :state, :region, :area_in_class_m2, 0, 'scan', :last_on, :last_on,
    :last_on, :deadline_on) RETURNING id"""
)
_UPDATE = text(
    """
UPDATE disposal_cases SET state = :state, area_in_class_m2 = :area_in_class_m2,
    disposed_area_m2 = round(CAST(:disposed_area_m2 AS numeric), 2), cause = :cause,
    measures = :measures, closed_on = :closed_on, state_since = :state_since,
    last_on = :last_on, deadline_on = :deadline_on, version = version + 1 WHERE id = :id"""
)


def live(engine: Engine, lives: list[Life], between: Callable[[Connection, int], None]) -> None:
    """Write every life in the order of days; ``between`` is called after each statement."""
    ids: dict[int, int] = {}
    steps = [(row["last_on"], n, row) for n, life in enumerate(lives) for row in life.rows]
    steps.sort(key=lambda step: (step[0], step[1]))
    sites = [add_parcel(engine, f"L-{n}") for n in range(len(lives))]
    with engine.begin() as connection:
        for count, (_, n, row) in enumerate(steps):
            own = {"site_id": sites[n], "class": lives[n].idle_class, "region": lives[n].region}
            if n in ids:
                connection.execute(_UPDATE, {**row, "id": ids[n]})
            else:
                ids[n] = connection.execute(_INSERT, {**row, **own}).scalar_one()
            between(connection, count)


def stock(lives: list[Life], day: date) -> tuple[int, Decimal]:
    """Open cases at the end of a day and the area that is left of them."""
    rows = [row for life in lives if (row := life.on(day)) is not None]
    left = [row for row in rows if row["state"] not in ("closed", "rejected")]
    return len(left), sum((_rest(row) for row in left), Decimal(0))


def _rest(row: dict[str, Any]) -> Decimal:
    rest: Decimal = row["area_in_class_m2"] - round(row["disposed_area_m2"], 2)
    return rest


def disposed(lives: list[Life], period: Period) -> Decimal:
    """Area that left in a period by progress or by acceptance."""
    last = period.end - timedelta(days=1)
    return sum(
        (_gone(life.on(last)) - _gone(life.on(period.start - timedelta(days=1))) for life in lives),
        Decimal(0),
    )


def _gone(row: dict[str, Any] | None) -> Decimal:
    if row is None:
        return Decimal(0)
    whole: Decimal = row["area_in_class_m2"]
    return whole if row["state"] == "closed" else round(row["disposed_area_m2"], 2)


def overdue(lives: list[Life], day: date) -> int:
    """Open cases whose deadline is before a day."""
    rows = [row for life in lives if (row := life.on(day)) is not None]
    return sum(row["deadline_on"] is not None and row["deadline_on"] < day for row in rows)
