"""Rings to polygons by containment, and flaws of rings named by the labels of their points."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

Coordinates = NDArray[np.float64]
"""Shape (n, 2): east, north, without the closing point."""


@dataclass(frozen=True)
class Assembly:
    """A polygon or multipolygon, and which rings became holes (same order as the rings)."""

    geometry: shapely.Polygon | shapely.MultiPolygon
    holes: tuple[bool, ...]
    overlapping: tuple[int, int] | None = None
    """First two rings that cross each other, if any."""


def assemble(rings: Sequence[Coordinates]) -> Assembly:
    """Even-odd nesting: a ring inside an odd number of others is a hole of the smallest of them."""
    polygons = np.asarray([shapely.Polygon(ring) for ring in rings], dtype=object)
    sound = np.asarray([shapely.make_valid(p) if not p.is_valid else p for p in polygons])
    areas = shapely.area(sound)
    parents: list[list[int]] = []
    tree = shapely.STRtree(sound)
    for index, shape in enumerate(sound):
        spot = shapely.point_on_surface(shape)
        around = tree.query(spot, predicate="intersects")
        parents.append([int(i) for i in around if i != index and areas[i] > areas[index]])
    shells: dict[int, list[int]] = {
        index: [] for index, around in enumerate(parents) if len(around) % 2 == 0
    }
    for index, outside in enumerate(parents):
        if len(outside) % 2:
            outer = min((i for i in outside if i in shells), key=lambda i: areas[i], default=None)
            if outer is None:
                shells[index] = []
            else:
                shells[outer].append(index)
    parts = [shapely.Polygon(rings[s], [rings[h] for h in hs]) for s, hs in shells.items()]
    geometry = parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
    holes = tuple(i not in shells for i in range(len(rings)))
    return Assembly(geometry, holes, _crossing(sound, tree))


def _crossing(polygons: NDArray[np.object_], tree: shapely.STRtree) -> tuple[int, int] | None:
    """First pair whose interiors overlap without one lying inside the other."""
    for left, right in tree.query(polygons, predicate="overlaps").T.tolist():
        if left < right:
            shared = shapely.intersection(polygons[left], polygons[right])
            if shapely.area(shared) > 1e-4:
                return left, right
    return None


def self_crossing(ring: Coordinates) -> tuple[tuple[float, float], tuple[int, ...]] | None:
    """Where a ring meets itself: the place and the indexes of the points of both edges."""
    polygon = shapely.Polygon(ring)
    if polygon.is_valid:
        return None
    reason = shapely.is_valid_reason(polygon)
    inside = reason[reason.find("[") + 1 : reason.rfind("]")].split()
    x, y = float(inside[0]), float(inside[1])
    closed = np.vstack([ring, ring[:1]])
    edges = shapely.linestrings(np.stack([closed[:-1], closed[1:]], axis=1))
    near = np.argsort(shapely.distance(edges, shapely.Point(x, y)), kind="stable")[:2]
    points = sorted({int(end) % len(ring) for edge in near for end in (edge, edge + 1)})
    return (x, y), tuple(points)
