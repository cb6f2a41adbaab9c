"""Coordinate systems: EPSG codes by their registered names, GCJ-02 by published control points."""

from pathlib import Path

import numpy as np
import pygcj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS, Geod

from gis import crs
from gis.crs import FloatArray

GEOD = Geod(a=crs.SEMI_MAJOR_M, f=crs.FLATTENING)
CHINA = st.tuples(st.floats(73, 136), st.floats(3.5, 54))


def metres(left: FloatArray, right: FloatArray) -> FloatArray:
    _, _, length = GEOD.inv(left[:, 0], left[:, 1], right[:, 0], right[:, 1])
    return np.asarray(length)


def control_points() -> tuple[FloatArray, FloatArray]:
    """WGS 84 and what Amap answered for it, where Amap shifts: PyPI pygcj, Apache 2.0."""
    rows = np.loadtxt(Path(pygcj.__file__).with_name("gcps_gd"), delimiter=",")
    shifted = np.abs(rows[:, 2:4] - rows[:, :2]).max(axis=1) > 1e-5
    return rows[shifted, :2], rows[shifted, 2:4]


@pytest.mark.parametrize("zone", range(25, 46))
def test_three_degree_zones_have_the_names_of_the_epsg_registry(zone: int) -> None:
    prefixed = CRS.from_epsg(crs.zone3_epsg(zone, prefixed=True))
    plain = CRS.from_epsg(crs.zone3_epsg(zone, prefixed=False))
    assert prefixed.name == f"CGCS2000 / 3-degree Gauss-Kruger zone {zone}"
    assert plain.name == f"CGCS2000 / 3-degree Gauss-Kruger CM {zone * 3}E"


@pytest.mark.parametrize("zone", range(13, 24))
def test_six_degree_zones_have_the_names_of_the_epsg_registry(zone: int) -> None:
    prefixed = CRS.from_epsg(crs.zone6_epsg(zone, prefixed=True))
    plain = CRS.from_epsg(crs.zone6_epsg(zone, prefixed=False))
    assert prefixed.name == f"CGCS2000 / Gauss-Kruger zone {zone}"
    assert plain.name == f"CGCS2000 / Gauss-Kruger CM {zone * 6 - 3}E"


@pytest.mark.parametrize("zone", [24, 46, 0, -1])
def test_a_zone_outside_china_is_refused(zone: int) -> None:
    with pytest.raises(ValueError, match="outside"):
        crs.zone3_epsg(zone, prefixed=True)


@pytest.mark.parametrize("zone", [12, 24])
def test_a_six_degree_zone_outside_china_is_refused(zone: int) -> None:
    with pytest.raises(ValueError, match="outside"):
        crs.zone6_epsg(zone, prefixed=False)


@pytest.mark.parametrize(
    ("longitude", "zone"),
    [(118.5001, 40), (118.4999, 39), (121.4999, 40), (116.0, 39)],
)
def test_a_longitude_belongs_to_the_nearest_central_meridian(longitude: float, zone: int) -> None:
    assert crs.zone3(longitude) == zone


def test_the_storage_system_is_the_one_the_registry_calls_cgcs2000() -> None:
    system = CRS.from_epsg(crs.CGCS2000)
    assert system.name == "China Geodetic Coordinate System 2000"
    assert system.ellipsoid is not None
    assert system.ellipsoid.semi_major_metre == crs.SEMI_MAJOR_M
    assert 1 / system.ellipsoid.inverse_flattening == crs.FLATTENING


def test_eastings_come_before_northings() -> None:
    """The first boundary point of the 报盘 sample and its published degrees."""
    corner = np.array([shapely.Point(40_539_800, 3_415_300)], dtype=object)
    point = crs.reproject(corner, 4528, crs.CGCS2000)[0]
    assert (round(point.x, 6), round(point.y, 6)) == (120.416118, 30.857953)


def test_nothing_moves_between_equal_systems() -> None:
    points = np.array([shapely.Point(120, 30), None], dtype=object)
    assert crs.reproject(points, 4490, 4490) is points


def test_gcj02_follows_the_published_control_points_on_the_coastal_plain() -> None:
    wgs84, amap = control_points()
    east = (wgs84[:, 0] > 119.9) & (wgs84[:, 0] < 123.5) & (wgs84[:, 1] > 29) & (wgs84[:, 1] < 33)
    assert east.sum() >= 16
    assert metres(crs.to_gcj02(wgs84[east]), amap[east]).max() < 0.1


def test_gcj02_follows_the_control_points_of_all_china_to_ten_metres() -> None:
    """Amap's offset also depends on height, which a formula of two coordinates cannot know."""
    wgs84, amap = control_points()
    away = metres(crs.to_gcj02(wgs84), amap)
    assert len(away) > 1000
    assert np.median(away) < 1
    assert away.max() < 11


def test_the_control_points_see_a_formula_that_does_nothing() -> None:
    wgs84, amap = control_points()
    assert metres(wgs84, amap).min() > 10


def test_zhejiang_is_moved_by_what_is_published() -> None:
    """Offset in the box of Zhejiang: 456-621 m, mean 533 m."""
    grid = np.array([(x, y) for x in np.linspace(118, 123, 60) for y in np.linspace(27, 31.2, 60)])
    moved = metres(grid, crs.to_gcj02(grid))
    assert 450 < moved.min() < 465
    assert 610 < moved.max() < 630
    assert moved.mean() == pytest.approx(533, abs=10)


@given(CHINA)
def test_the_inverse_of_gcj02_is_exact_to_a_tenth_of_a_millimetre(
    place: tuple[float, float],
) -> None:
    point = np.array([place])
    assert metres(crs.from_gcj02(crs.to_gcj02(point)), point)[0] < 1e-4


@given(st.tuples(st.floats(-180, 72), st.floats(-90, 90)))
def test_nothing_is_moved_outside_china(place: tuple[float, float]) -> None:
    point = np.array([place])
    assert (crs.to_gcj02(point) == point).all()


def test_geometries_keep_their_rings_and_come_back() -> None:
    ring = shapely.box(120, 30, 120.01, 30.01)
    hole = shapely.box(120.004, 30.004, 120.006, 30.006)
    parcels = np.array([ring.difference(hole), None], dtype=object)
    there = crs.geometries_to_gcj02(parcels)
    back = crs.geometries_from_gcj02(there)
    assert there[1] is None
    assert len(there[0].interiors) == 1
    assert not there[0].equals_exact(parcels[0], 1e-4)
    assert back[0].equals_exact(parcels[0], 1e-9)


def test_an_answer_names_its_coordinate_system() -> None:
    assert [system.label for system in crs.Crs] == ["GCJ-02", "CGCS2000"]
