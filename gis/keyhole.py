"""Polygons for maps that know no holes: each hole is joined to the outline by a cut of no width."""

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Polygon

Ring = NDArray[np.float64]
"""``(n, 2)`` points; the first is not repeated at the end."""


def ring_of(polygon: Polygon) -> Ring:
    """One ring that bounds the same area; cuts run between corners and stay inside the polygon."""
    outline = _open(polygon.exterior.coords)
    # A hole runs against the outline, else the cut would add its area instead of taking it away.
    turns = bool(shapely.is_ccw(polygon.exterior))
    holes = [
        ring[::-1] if bool(shapely.is_ccw(hole)) is turns else ring
        for hole, ring in ((hole, _open(hole.coords)) for hole in polygon.interiors)
    ]
    while holes:
        at, hole, start = _nearest(polygon, outline, holes)
        path = np.roll(holes.pop(hole), -start, axis=0)
        cut = (outline[: at + 1], path, path[:1], outline[at : at + 1], outline[at + 1 :])
        outline = np.concatenate(cut)
    return outline


def _open(points: object) -> Ring:
    return np.asarray(points, dtype=np.float64)[:-1, :2]


def _nearest(polygon: Polygon, outline: Ring, holes: list[Ring]) -> tuple[int, int, int]:
    """Corner of the outline, hole, and corner of the hole between which the shortest cut runs."""
    distances = [np.hypot(*(outline[:, None] - hole[None]).transpose(2, 0, 1)) for hole in holes]
    tries = [
        (distance.flat[flat], hole, *divmod(int(flat), distance.shape[1]))
        for hole, distance in enumerate(distances)
        for flat in np.argsort(distance, axis=None)[:200]
    ]
    tries.sort()
    for _, hole, at, start in tries:
        if polygon.covers(LineString([outline[at], holes[hole][start]])):
            return at, hole, start
    # Only a shape that is not valid comes here; its shortest cut is as good as any.
    _, hole, at, start = tries[0]
    return at, hole, start
