"""The nearest facility is the nearest on the ellipsoid, wherever the plane would have put it."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.siting.drawing import box
from gis.siting.nearest import ELLIPSOID, Places, nearest

DEGREES = st.tuples(st.floats(74, 135), st.floats(4, 53))


@given(st.lists(DEGREES, min_size=1, max_size=8), st.lists(DEGREES, min_size=1, max_size=25))
def test_brute_force_finds_the_same(
    sites: list[tuple[float, float]], facilities: list[tuple[float, float]]
) -> None:
    found = nearest(Places(np.array(sites)), np.array(facilities))
    for (x, y), metres in zip(sites, found.metres, strict=True):
        every = [ELLIPSOID.inv(x, y, a, b)[2] for a, b in facilities]
        assert metres == pytest.approx(min(every), abs=1e-6)


def test_without_facilities_nothing_is_near() -> None:
    found = nearest(Places(np.array([[120.0, 30.0]])), np.empty((0, 2)))
    assert found.index[0] == -1
    assert np.isnan(found.metres[0])


def test_the_plane_alone_would_be_wrong() -> None:
    # North of the site a degree of the Mercator plane is fewer metres than south of it.
    site, north, south = (120.0, 50.0), (120.0, 52.0), (120.0, 48.03)
    metres = [ELLIPSOID.inv(*site, *place)[2] for place in (north, south)]
    assert metres[1] < metres[0]
    assert nearest(Places(np.array([site])), np.array([north, south])).index[0] == 1


@given(DEGREES, st.floats(1, 400_000), st.floats(0, 360))
def test_a_box_about_a_point_holds_all_within(
    place: tuple[float, float], metres: float, azimuth: float
) -> None:
    x, y, _ = ELLIPSOID.fwd(*place, azimuth, metres)
    west, south, east, north = box(shapely.Point(place), metres)
    assert west <= x <= east
    assert south <= y <= north
