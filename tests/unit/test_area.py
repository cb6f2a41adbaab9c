"""Areas: the sample parcel of the exchange format, published distortions, geodesic areas."""

from decimal import Decimal

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from gis import area
from gis.crs import CGCS2000, FLATTENING, SEMI_MAJOR_M, GeometryArray, reproject

GEOD = Geod(a=SEMI_MAJOR_M, f=FLATTENING)


def degrees(projected: shapely.Geometry, epsg: int) -> GeometryArray:
    return reproject(np.array([projected], dtype=object), epsg, CGCS2000)


def exchange_sample() -> shapely.Geometry:
    """DK-2026-012: 200 m by 150 m with a hole of 40 m by 30 m, in zone 40."""
    outer = shapely.box(40_539_800, 3_415_150, 40_540_000, 3_415_300)
    return outer.difference(shapely.box(40_539_880, 3_415_210, 40_539_920, 3_415_240))


def test_the_sample_parcel_has_the_area_that_its_file_states() -> None:
    planar = area.planar_m2(degrees(exchange_sample(), 4528))[0]
    assert planar == pytest.approx(28_800, abs=0.001)
    assert round(planar / 10_000, 4) == 2.88
    assert round(planar / area.M2_PER_MU, 4) == 43.2


def test_a_mu_is_two_thousand_thirds_of_a_square_metre() -> None:
    assert Decimal(15) * 2000 / 3 == 10_000
    assert abs(15 * area.M2_PER_MU - 10_000) < 1e-9


@pytest.mark.parametrize(
    ("from_meridian_km", "ppm"), [(0, 0), (30, 22), (60, 89), (90, 200), (120, 355), (142, 497)]
)
def test_planar_area_grows_with_the_distance_from_the_meridian_as_published(
    from_meridian_km: int, ppm: int
) -> None:
    """At 31 degrees north in the zone of 120 degrees east: domain brief C4, from TD/T practice."""
    east = 500_000 + from_meridian_km * 1000
    square = degrees(shapely.box(east - 150, 3_431_000, east + 150, 3_431_300), 4549)
    planar, ellipsoid = area.planar_m2(square)[0], area.ellipsoid_m2(square)[0]
    assert planar == pytest.approx(90_000, abs=0.001)
    assert (planar - ellipsoid) / ellipsoid * 1e6 == pytest.approx(ppm, abs=1)


PLACES = st.tuples(st.floats(74, 134), st.floats(18, 53), st.floats(0.0005, 0.02))


@given(PLACES)
def test_the_ellipsoidal_area_of_a_rectangle_is_the_geodesic_one(
    place: tuple[float, float, float],
) -> None:
    west, south, size = place
    box = shapely.box(west, south, west + size, south + size)
    geodesic, _ = GEOD.geometry_area_perimeter(box)
    mine = area.ellipsoid_m2(np.array([box], dtype=object))[0]
    assert mine == pytest.approx(abs(geodesic), rel=1e-7)


@given(PLACES)
def test_the_ellipsoidal_area_of_short_edges_is_the_geodesic_one(
    place: tuple[float, float, float],
) -> None:
    west, south, size = place
    triangle = shapely.Polygon([(west, south), (west + size, south), (west, south + size)])
    fine = shapely.segmentize(triangle, size / 500)
    geodesic, _ = GEOD.geometry_area_perimeter(fine)
    mine = area.ellipsoid_m2(np.array([fine], dtype=object))[0]
    assert mine == pytest.approx(abs(geodesic), rel=1e-6)


def test_long_edges_differ_from_geodesics_by_what_the_function_says() -> None:
    for size, most_ppm in ((0.001, 12), (0.01, 120)):
        triangle = shapely.Polygon([(120, 53), (120 + size, 53), (120, 53 + size)])
        geodesic, _ = GEOD.geometry_area_perimeter(triangle)
        mine = area.ellipsoid_m2(np.array([triangle], dtype=object))[0]
        assert abs(mine / abs(geodesic) - 1) * 1e6 < most_ppm


def test_each_site_is_measured_in_its_own_zone() -> None:
    shapes = np.concatenate([
        degrees(shapely.box(39_500_000, 3_400_000, 39_500_100, 3_400_100), 4527),
        degrees(shapely.box(40_500_000, 3_400_000, 40_500_100, 3_400_100), 4528),
    ])  # fmt: skip
    assert area.planar_m2(shapes) == pytest.approx([10_000, 10_000], abs=0.001)


def test_what_is_missing_or_far_away_has_no_area() -> None:
    shapes = np.array([None, shapely.Polygon(), shapely.box(0, 0, 1, 1)], dtype=object)
    assert list(area.planar_m2(shapes)) == [0, 0, 0]
    assert list(area.ellipsoid_m2(shapes)[:2]) == [0, 0]


def test_web_mercator_would_be_a_third_too_large() -> None:
    """The trap that the functions avoid: +34.6 % at 30.3 degrees north."""
    square = degrees(shapely.box(499_950, 3_353_400, 500_050, 3_353_500), 4549)
    mercator = shapely.area(reproject(square, CGCS2000, 3857))[0]
    assert mercator / area.planar_m2(square)[0] == pytest.approx(1.346, abs=0.005)
