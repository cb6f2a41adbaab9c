"""How far it is by which way: the seam for road time, and the straight line that always works."""

from typing import Protocol

import numpy as np

from gis.siting.nearest import geodesic_m

Point = tuple[float, float]
"""Longitude and latitude in CGCS2000 degrees."""


class Router(Protocol):
    """Measures a way; road routers give minutes too, and say so in their label."""

    @property
    def label(self) -> str:
        """What the metres are, as people read it."""

    def metres(self, start: Point, ends: list[Point]) -> list[float | None]:
        """Metres from the start to each end; None where there is no way."""

    def minutes(self, start: Point, ends: list[Point]) -> list[float | None]:
        """Minutes from the start to each end; None where they are not known."""


class StraightLine:
    """The geodesic: needs no roads, and is never shorter than it says."""

    label = "直线距离"

    def metres(self, start: Point, ends: list[Point]) -> list[float | None]:
        """Geodesic metres on the CGCS2000 ellipsoid."""
        if not ends:
            return []
        starts = np.array([start] * len(ends), dtype=np.float64)
        return [float(one) for one in geodesic_m(starts, np.array(ends, dtype=np.float64))]

    def minutes(self, start: Point, ends: list[Point]) -> list[float | None]:
        """Unknown: a straight line has no speed."""
        return [None for _ in ends]
