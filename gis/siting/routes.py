"""How far it is by which way: the seam for road time, and the straight line that always works."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from sqlalchemy import Connection, bindparam, text

from gis.siting.nearest import geodesic_m

Point = tuple[float, float]
"""Longitude and latitude in CGCS2000 degrees."""


@dataclass(frozen=True)
class Way:
    """One way from a start to an end; ``minutes`` is None where nobody drives it."""

    metres: float
    minutes: float | None


class Router(Protocol):
    """Measures ways."""

    @property
    def label(self) -> str:
        """What the metres are, as people read it."""

    def ways(self, pairs: Sequence[tuple[Point, Point]]) -> list[Way | None]:
        """A way for each start and end; None where there is none."""


class StraightLine:
    """The geodesic: needs no roads, and is never shorter than it says."""

    label = "直线距离"

    def ways(self, pairs: Sequence[tuple[Point, Point]]) -> list[Way | None]:
        """Geodesic metres on the CGCS2000 ellipsoid; a straight line has no speed."""
        if not pairs:
            return []
        starts, ends = (np.array([pair[i] for pair in pairs], dtype=np.float64) for i in (0, 1))
        return [Way(float(one), None) for one in geodesic_m(starts, ends)]


class RoadNetwork:
    """The fastest way on the loaded roads, by pgRouting.

    A place is joined to the nearer end of the nearest road; it has no way if that is more than
    two kilometres off. The way there counts at the pace of a yard.
    """

    label = "直线距离；另附行车里程与时间（按路网与道路等级估算）"

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def ways(self, pairs: Sequence[tuple[Point, Point]]) -> list[Way | None]:
        """Metres and minutes of the fastest way of each pair."""
        if not pairs:
            return []
        places = sorted({place for pair in pairs for place in pair})
        joined = dict(zip(places, self._joined(places), strict=True))
        wanted = {(joined[a].node, joined[b].node) for a, b in pairs if _near(joined[a], joined[b])}
        found = self._driven(wanted, _box(places)) if wanted else {}
        return [_way(joined[a], joined[b], found) for a, b in pairs]

    def _joined(self, places: Sequence[Point]) -> list["_Joined"]:
        rows = self._connection.execute(
            _JOINED, {"x": [one[0] for one in places], "y": [one[1] for one in places]}
        )
        return [_Joined(row.node, row.off_m) for row in rows]

    def _driven(
        self, wanted: set[tuple[int, int]], box: tuple[float, float, float, float]
    ) -> dict[tuple[int, int], Way]:
        # Numbers only: pgRouting takes its edges and combinations as texts of statements.
        edges = (
            "SELECT id, source, target, forward_s AS cost, backward_s AS reverse_cost FROM roads"
            f" WHERE geom && ST_MakeEnvelope({', '.join(f'{one:.6f}' for one in box)}, 4490)"
        )
        listed = ", ".join(f"({a:d}::bigint, {b:d}::bigint)" for a, b in sorted(wanted))
        combinations = f"SELECT * FROM (VALUES {listed}) c (source, target)"
        rows = self._connection.execute(_DRIVEN, {"edges": edges, "combinations": combinations})
        found = {(a, a): Way(0.0, 0.0) for a, _ in wanted}
        return found | {(row.a, row.b): Way(row.metres, row.seconds / 60) for row in rows}


@dataclass(frozen=True)
class _Joined:
    node: int
    off_m: float


_FURTHEST_OFF_M = 2000.0
_YARD_M_PER_MINUTE = 20_000 / 60
# A detour leaves the box around its ends, but seldom by more than a fifth of a degree.
_DETOUR_DEG = 0.2

_JOINED = text("""
    SELECT r.node, r.off_m FROM unnest(:x, :y) WITH ORDINALITY AS p (x, y, n)
    CROSS JOIN LATERAL (
        SELECT CASE WHEN ST_LineLocatePoint(e.geom, g.point) < 0.5 THEN e.source ELSE e.target END
            AS node, ST_Distance(e.geom::geography, g.point::geography) AS off_m
        FROM roads e, LATERAL (SELECT ST_SetSRID(ST_MakePoint(p.x, p.y), 4490) AS point) g
        ORDER BY e.geom <-> g.point LIMIT 1) r
    ORDER BY p.n
""").bindparams(bindparam("x"), bindparam("y"))

_DRIVEN = text("""
    SELECT d.start_vid AS a, d.end_vid AS b, sum(e.metres) AS metres, max(d.agg_cost) AS seconds
    FROM pgr_dijkstra(:edges, :combinations, true) d LEFT JOIN roads e ON e.id = d.edge
    GROUP BY d.start_vid, d.end_vid
""")


def _near(one: _Joined, other: _Joined) -> bool:
    return max(one.off_m, other.off_m) <= _FURTHEST_OFF_M


def _box(places: Sequence[Point]) -> tuple[float, float, float, float]:
    degrees = np.array(places)
    (west, south), (east, north) = degrees.min(axis=0), degrees.max(axis=0)
    return (
        float(west) - _DETOUR_DEG,
        float(south) - _DETOUR_DEG,
        float(east) + _DETOUR_DEG,
        float(north) + _DETOUR_DEG,
    )


def _way(start: _Joined, end: _Joined, found: dict[tuple[int, int], Way]) -> Way | None:
    way = found.get((start.node, end.node)) if _near(start, end) else None
    if way is None or way.minutes is None:
        return None
    off_m = start.off_m + end.off_m
    return Way(round(way.metres + off_m, 1), round(way.minutes + off_m / _YARD_M_PER_MINUTE, 1))
