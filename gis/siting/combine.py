"""Combinations: neighbouring parcels of one park that together have the area none has alone."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from gis.layers import Layer
from gis.layers.parcels import PARCELS
from gis.query import Between
from gis.siting import sql
from gis.siting.binds import Binds
from gis.siting.prepared import Statement
from gis.siting.question import Filter, Hard, Question, figure
from gis.siting.terms import TABLES

MOST_PARCELS = 4
MOST_OFFERED = 5
SHARED_M = 10.0
"""Neighbours share at least this much edge; less is a corner, and no building crosses a corner."""

# Two surveys of one edge differ by centimetres; a road between parcels is metres wide.
_TOLERANCE_DEG = 5e-6
_MOST_CANDIDATES = 500


@dataclass(frozen=True)
class Combination:
    """Parcels that touch each other and together meet the area, smallest number first."""

    ids: tuple[int, ...]
    codes: tuple[str, ...]
    park_code: str
    area_m2: float
    text: str


@dataclass(frozen=True)
class _Part:
    id: int
    code: str
    park_code: str
    area_m2: float


def combinations(connection: Connection, question: Question) -> tuple[Combination, ...]:
    """The best combinations for a question that no parcel answers alone; empty if it asks no area.

    Every parcel meets all else that is asked; together they meet the bounds of the area. Fewer
    parcels come first, then the area that is least above what is needed, then ids.
    """
    area = _area(question)
    if area is None or area.low is None:
        return ()
    low = float(area.low)  # type: ignore[arg-type]
    high = float("inf") if area.high is None else float(area.high)  # type: ignore[arg-type]
    parts, touching = _neighbours(connection, question, low)
    found = [
        group for group in _groups(parts, touching) if low <= sum(p.area_m2 for p in group) <= high
    ]
    found.sort(key=lambda group: (len(group), sum(p.area_m2 for p in group), [p.id for p in group]))
    return tuple(_told(group) for group in found[:MOST_OFFERED])


def _area(question: Question) -> Between | None:
    if PARCELS not in question.criteria.asked:
        return None
    for condition in question.criteria.conditions[PARCELS.name]:
        if isinstance(condition, Between) and condition.column.name == "area_m2":
            return condition
    return None


def _neighbours(
    connection: Connection, question: Question, low: float
) -> tuple[dict[int, _Part], dict[int, set[int]]]:
    statement = adjacent(question, PARCELS, low)
    parts: dict[int, _Part] = {}
    touching: dict[int, set[int]] = defaultdict(set)
    for row in connection.exec_driver_sql(statement.text, statement.values):
        for part in (
            _Part(row.a_id, row.a_code, row.park_code, row.a_m2),
            _Part(row.b_id, row.b_code, row.park_code, row.b_m2),
        ):
            parts[part.id] = part
        touching[row.a_id].add(row.b_id)
        touching[row.b_id].add(row.a_id)
    return parts, touching


def adjacent(question: Question, layer: Layer, low: float) -> Statement:
    """Pairs of too small parcels of one park that share an edge and meet all other constraints."""
    bind = Binds()
    clauses = " AND ".join(sql.holds(_widened(one), bind) for one in question.hard(layer)) or "true"
    near, shared = bind(_TOLERANCE_DEG), bind(SHARED_M)
    edge = (
        f"ST_Length(ST_Intersection(ST_Boundary(b.geom), ST_Buffer(a.geom, {near}, 2))::geography)"
    )
    return Statement(
        f"WITH small AS MATERIALIZED (SELECT s.id, s.code, s.park_code, s.area_m2, t.geom"
        f" FROM {TABLES[layer.name].name} s JOIN {layer.name} t ON t.id = s.id WHERE {clauses}"
        f" AND s.area_m2 < {bind(low)} AND s.park_code IS NOT NULL"
        f" ORDER BY s.area_m2 DESC, s.id LIMIT {bind(_MOST_CANDIDATES)})"
        f" SELECT a.id AS a_id, a.code AS a_code, a.area_m2 AS a_m2, b.id AS b_id,"
        f" b.code AS b_code, b.area_m2 AS b_m2, a.park_code FROM small a JOIN small b"
        f" ON a.park_code = b.park_code AND a.id < b.id AND ST_DWithin(a.geom, b.geom, {near})"
        f" WHERE {edge} >= {shared} ORDER BY a.id, b.id",
        bind.values,
    )


def _widened(hard: Hard) -> Hard:
    """The same constraint without its lower bound, if it is that of the area."""
    if isinstance(hard, Filter) and isinstance(hard.condition, Between):
        column = hard.condition.column
        if column.name == "area_m2":
            return replace(hard, condition=Between(column, 0, hard.condition.high))
    return hard


def _groups(
    parts: Mapping[int, _Part], touching: Mapping[int, set[int]]
) -> Iterator[tuple[_Part, ...]]:
    """Every connected group of 2 to 4 parcels, once, by ascending ids."""
    grown = {
        tuple(sorted(pair))
        for one, others in touching.items()
        for pair in ((one, o) for o in others)
    }
    for size in range(2, MOST_PARCELS + 1):
        for group in sorted(grown):
            yield tuple(parts[one] for one in group)
        if size < MOST_PARCELS:
            grown = {
                tuple(sorted((*group, other)))
                for group in grown
                for member in group
                for other in touching[member] - set(group)
            }


def _told(group: tuple[_Part, ...]) -> Combination:
    total = sum(part.area_m2 for part in group)
    codes = tuple(part.code for part in group)
    text = (
        f"{'、'.join(codes)} 同在园区 {group[0].park_code}、彼此相邻，"
        f"合计 {figure(total * 3 / 2000)} 亩，可合并供地"
    )
    ids = tuple(part.id for part in group)
    return Combination(ids, codes, group[0].park_code, round(total, 2), text)
