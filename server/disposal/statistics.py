"""Statistics of disposal, added up from the ledger: what was there, came, went and is left.

Every figure is a sum of postings, so sums by class, by region and by cause are the total always,
and a past period gives the same figures whenever it is asked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, text

from server.disposal import ledger
from server.disposal.codes import IdleClass
from server.disposal.periods import Period
from server.disposal.targets import Targets, of_year, target_of


class Dimension(StrEnum):
    """What figures are told by."""

    REGION = "region"
    CLASS = "class"
    MEASURE = "measure"
    CAUSE = "cause"


@dataclass(frozen=True)
class StatisticsQuery:
    """Which figures: of a period, below regions, by dimensions in this order.

    ``level`` is the number of digits of the regions told by; ``day`` is today, up to which a
    period that is not over is told.
    """

    period: Period
    prefixes: tuple[str, ...]
    by: tuple[Dimension, ...]
    level: int
    day: date


@dataclass(frozen=True)
class Amount:
    """Cases and their area."""

    cases: int = 0
    area_m2: Decimal = Decimal(0)


@dataclass(frozen=True)
class Figures:
    """One line: stock at the start, what came and went in the period, what is left, the year.

    ``remaining = base + new + adjusted - disposed - rejected``, in cases and in area. ``disposed``
    counts cases that were accepted and every area disposed of, of open cases too. Shares are of 1:
    ``disposal_rate`` is the year's disposed area by the stock on 1 January, ``handled_rate`` by all
    the land of the year, ``completion_rate`` by the year's target.
    """

    key: tuple[str, ...]
    base: Amount
    new: Amount
    adjusted: Amount
    disposed: Amount
    rejected: Amount
    remaining: Amount
    previous_disposed: Amount
    year_base: Amount
    year_new: Amount
    year_disposed: Amount
    overdue: int
    target_m2: Decimal | None
    disposal_rate: float | None
    handled_rate: float | None
    completion_rate: float | None
    rank: int | None = None


@dataclass(frozen=True)
class Stage:
    """How long a stage took on average, of those that ended in the period."""

    state: str
    ended: int
    average_days: float


@dataclass(frozen=True)
class Statistics:
    """The answer: lines in the order of their keys, and the total of all."""

    query: StatisticsQuery
    lines: Sequence[Figures]
    total: Figures
    stages: Sequence[Stage]


_KEYS = {
    Dimension.REGION: "left(region_code, :level)",
    Dimension.CLASS: "class",
    Dimension.MEASURE: "measure",
    Dimension.CAUSE: "cause",
}

_EMPTY: Mapping[str, Any] = {"amounts": None}

_OPENING = text("SELECT max(month) FROM disposal_cells WHERE flow = 'balance' AND month <= :since")

_ROWS = """
    SELECT month AS on_date, region_code, class, cause, measure, flow, state, cases, area_m2, days
    FROM disposal_cells
    WHERE month >= coalesce(:opening, date '0001-01-01') AND month < :end
        AND (flow <> 'balance' OR month = :opening) AND region_code LIKE ANY(:prefixes)
    UNION ALL
    SELECT on_date, region_code, class, cause, measure, flow, state, cases, area_m2, days
    FROM disposal_postings WHERE on_date < :end AND region_code LIKE ANY(:prefixes)"""

_STAGES = text(
    f"""
SELECT state, sum(cases) AS ended, sum(days) AS days FROM ({_ROWS}) r
WHERE flow = 'stage' AND on_date >= :start GROUP BY state ORDER BY state"""  # noqa: S608
)


def _figures_sql(by: Sequence[Dimension]) -> str:
    keys = [_KEYS[one] for one in by]
    named = "".join(f"{key} AS key_{n}, " for n, key in enumerate(keys))
    own = f"({', '.join(keys)}), ()" if keys else "()"

    def flow(*flows: str, where: str) -> str:
        names = ", ".join(f"'{one}'" for one in flows)
        chosen = f"FILTER (WHERE flow IN ({names}) AND {where})"
        return f"coalesce(sum(cases) {chosen}, 0), coalesce(sum(area_m2) {chosen}, 0)"

    def stock(where: str) -> str:
        chosen = f"FILTER (WHERE flow = 'balance' OR {where})"
        cases, area = ledger.STOCK_CASES, ledger.STOCK_AREA
        return f"coalesce({cases} {chosen}, 0), coalesce({area} {chosen}, 0)"

    here, year = "on_date >= :start", "on_date >= :year"
    closed = "coalesce(sum(cases) FILTER (WHERE flow = 'closed' AND {0}), 0), coalesce(sum(area_m2)"
    closed += " FILTER (WHERE flow IN ('disposed', 'closed') AND {0}), 0)"
    last = "on_date >= :before AND on_date < :start"
    amounts = [
        stock("on_date < :start"),
        flow("new", where=here),
        flow("adjusted", where=here),
        closed.format(here),
        flow("rejected", where=here),
        stock("true"),
        closed.format(last),
        stock("on_date < :year"),
        flow("new", where=year),
        closed.format(year),
        flow("adjusted", where=year),
        flow("rejected", where=year),
    ]
    grouped = f"GROUPING({', '.join(keys)})" if keys else "0"
    return (
        f"SELECT {named}{grouped} AS grouped, ARRAY[{', '.join(amounts)}] AS amounts"  # noqa: S608
        f" FROM ({_ROWS}) r WHERE flow <> 'stage' GROUP BY GROUPING SETS ({own})"
    )


def _overdue_sql(by: Sequence[Dimension]) -> str:
    keys = [_KEYS[one] for one in by]
    named = "".join(f"{key} AS key_{n}, " for n, key in enumerate(keys))
    own = f"({', '.join(keys)}), ()" if keys else "()"
    grouped = f"GROUPING({', '.join(keys)})" if keys else "0"
    return f"""
SELECT {named}{grouped} AS grouped, count(*) AS cases FROM (
    SELECT region_code, class, coalesce(cause, '') AS cause, coalesce(measures[1], '') AS measure
    FROM disposal_cases
    WHERE state NOT IN ('closed', 'rejected') AND deadline_on < :day AND last_on <= :day
        AND region_code LIKE ANY(:prefixes)
    UNION ALL
    SELECT region_code, class, cause, measure FROM disposal_overdue
    WHERE from_on <= :day AND to_on > :day AND region_code LIKE ANY(:prefixes)
) o GROUP BY GROUPING SETS ({own})"""  # noqa: S608


def statistics(connection: Connection, query: StatisticsQuery) -> Statistics:
    """The figures of a period, by the dimensions asked for, with their total."""
    period = query.period
    before = period.before.start
    asked: dict[str, Any] = {
        "start": period.start,
        "end": period.end,
        "before": before,
        "year": period.year_start,
        "level": query.level,
        "prefixes": [f"{prefix}%" for prefix in query.prefixes],
        "day": min(period.end - timedelta(days=1), query.day),
    }
    since = {"since": date(before.year, 1, 1)}
    asked["opening"] = connection.execute(_OPENING, since).scalar_one()
    late = _keyed(connection, _overdue_sql(query.by), asked, len(query.by))
    found = _keyed(connection, _figures_sql(query.by), asked, len(query.by))
    targets = of_year(connection, period.start.year)
    lines = [
        _figures(query, key, found.get(key, _EMPTY)["amounts"], late.get(key), targets)
        for key in sorted({key for key in (*found, *late) if key is not None}, key=_order)
    ]
    total = _figures(query, None, found.get(None, _EMPTY)["amounts"], late.get(None), targets)
    stages = [
        Stage(row.state, row.ended, round(row.days / row.ended, 1))
        for row in connection.execute(_STAGES, asked)
    ]
    return Statistics(query, _ranked(query, _told(lines)), total, stages)


_PLACES = {one.value: f"{n}" for n, one in enumerate(IdleClass)}


def _order(key: tuple[str, ...]) -> list[str]:
    """Classes in the order of life, all else by code."""
    return [_PLACES.get(value, value) for value in key]


def _keyed(
    connection: Connection, sql: str, asked: Mapping[str, Any], keys: int
) -> dict[tuple[str, ...] | None, Mapping[str, Any]]:
    """Rows by key; that of the total by None."""
    rows = connection.execute(text(sql), asked).mappings().all()
    return {
        None if row["grouped"] or not keys else tuple(row[f"key_{n}"] for n in range(keys)): dict(
            row
        )
        for row in rows
    }


def _figures(
    query: StatisticsQuery,
    key: tuple[str, ...] | None,
    amounts: Sequence[Decimal] | None,
    late: Mapping[str, Any] | None,
    targets: Targets,
) -> Figures:
    given = amounts or [Decimal(0)] * 24
    pairs = [Amount(int(given[n]), Decimal(given[n + 1])) for n in range(0, 24, 2)]
    base, new, adjusted, disposed, rejected, remaining, previous = pairs[:7]
    year_base, year_new, year_disposed, year_adjusted, year_rejected = pairs[7:]
    land = year_base.area_m2 + year_new.area_m2 + year_adjusted.area_m2 - year_rejected.area_m2
    target = _target(query, key, targets)
    return Figures(
        key or (),
        base,
        new,
        adjusted,
        disposed,
        rejected,
        remaining,
        previous,
        year_base,
        year_new,
        year_disposed,
        late["cases"] if late else 0,
        target,
        _share(year_disposed.area_m2, year_base.area_m2),
        _share(year_disposed.area_m2, land),
        _share(year_disposed.area_m2, target),
    )


def _share(part: Decimal, whole: Decimal | None) -> float | None:
    return float(round(part / whole, 6)) if whole else None


def _target(
    query: StatisticsQuery, key: tuple[str, ...] | None, targets: Targets
) -> Decimal | None:
    """The year's target of a line, where targets are set by what it is told by."""
    told = dict(zip(query.by, key, strict=True)) if key is not None else {}
    if told.keys() & {Dimension.MEASURE, Dimension.CAUSE}:
        return None
    idle_class = told.get(Dimension.CLASS, "")
    if Dimension.REGION in told:
        return target_of(targets, told[Dimension.REGION], idle_class)
    found = [target_of(targets, prefix, idle_class) for prefix in query.prefixes]
    known = [area for area in found if area is not None]
    return sum(known, Decimal(0)) if known else None


def _told(lines: Sequence[Figures]) -> list[Figures]:
    """Lines in which there is something to tell."""

    def is_empty(one: Figures) -> bool:
        amounts = [value for value in vars(one).values() if isinstance(value, Amount)]
        return all(amount == Amount() for amount in amounts) and not one.overdue

    return [one for one in lines if one.target_m2 is not None or not is_empty(one)]


def _ranked(query: StatisticsQuery, lines: Sequence[Figures]) -> list[Figures]:
    """With ranks where regions are compared: by completion, then by rate; equals share one."""
    if query.by != (Dimension.REGION,):
        return list(lines)

    def merit(one: Figures) -> tuple[float, float]:
        rate = one.disposal_rate if one.disposal_rate is not None else one.handled_rate
        return one.completion_rate or 0, rate or 0

    merits = [merit(one) for one in lines]
    return [
        Figures(**{**vars(one), "rank": 1 + sum(other > own for other in merits)})
        for one, own in zip(lines, merits, strict=True)
    ]
