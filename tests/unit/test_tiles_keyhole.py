"""Rings for maps without holes: the same area, and nothing outside the polygon."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LinearRing, MultiPolygon, Polygon

from gis.keyhole import ring_of


def shoelace(ring: np.ndarray) -> float:
    x, y = ring[:, 0], ring[:, 1]
    return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2)


def holed(cells: list[tuple[int, int]]) -> Polygon:
    """A square of 10 x 10 with a square hole in each of these cells."""
    holes = [shapely.box(x + 0.2, y + 0.2, x + 0.8, y + 0.8) for x, y in cells]
    found = shapely.box(0, 0, 10, 10).difference(shapely.union_all(holes))
    assert isinstance(found, Polygon)
    return found


CELLS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), unique=True, max_size=12)


@given(CELLS, st.floats(0, 6.3), st.booleans())
@settings(deadline=None)
def test_the_ring_has_the_area_of_the_polygon_and_stays_inside(
    cells: list[tuple[int, int]], angle: float, clockwise: bool
) -> None:
    polygon = shapely.affinity.rotate(holed(cells), angle, use_radians=True)
    polygon = shapely.orient_polygons(polygon, exterior_cw=clockwise)
    ring = ring_of(polygon)
    assert shoelace(ring) == pytest.approx(polygon.area)
    assert len(ring) == 4 + 6 * len(cells)
    assert polygon.buffer(1e-9).covers(LinearRing(ring))


def test_the_area_of_the_outline_alone_is_another() -> None:
    polygon = holed([(3, 3)])
    assert shoelace(np.array(polygon.exterior.coords)[:-1]) != pytest.approx(polygon.area)


def test_a_polygon_without_holes_is_its_outline_without_the_last_point() -> None:
    ring = ring_of(shapely.box(0, 0, 2, 1))
    assert len(ring) == 4
    assert Polygon(ring).equals(shapely.box(0, 0, 2, 1))


def test_a_hole_that_holds_nothing_but_a_cut_between_holes_is_crossed_by_none() -> None:
    """Holes in a row: the nearest corner of the outline lies behind another hole."""
    polygon = holed([(4, 4), (4, 5), (5, 4), (5, 5)])
    ring = ring_of(polygon)
    assert MultiPolygon([polygon]).buffer(1e-9).covers(LinearRing(ring))
    assert shoelace(ring) == pytest.approx(polygon.area)
