"""Geometries of files: checked with their place, mended only when allowed, measured."""

import numpy as np
import pytest
import shapely
from shapely.geometry.base import BaseGeometry

from gis.crs import CGCS2000, geometries_to_gcj02, reproject
from gis.importing.shapes import ShapeOptions, Shapes, overlaps, prepare

EAST, NORTH = 40_539_800.0, 3_415_000.0
ZONE_40 = 4528


def square(size: float = 100, east: float = 0, north: float = 0) -> shapely.Polygon:
    west, south = EAST + east, NORTH + north
    return shapely.box(west, south, west + size, south + size)


def polygon(*points: tuple[float, float]) -> shapely.Polygon:
    return shapely.Polygon([(EAST + x, NORTH + y) for x, y in points])


def prepared(
    *geometries: BaseGeometry | None, repair: bool = False, epsg: int = ZONE_40, gcj02: bool = False
) -> Shapes:
    wkb = np.asarray(shapely.to_wkb(np.array(geometries, dtype=object)), dtype=object)
    rows = np.arange(1, len(geometries) + 1, dtype=np.int32)
    return prepare(wkb, rows, ShapeOptions(epsg, gcj02, repair))


def codes(shapes: Shapes) -> list[tuple[int, str]]:
    return [(one.row, one.code) for one in shapes.findings]


BOW_TIE = polygon((0, 0), (100, 100), (100, 0), (0, 100))


def test_a_good_parcel_is_measured_and_remarked_on_by_nothing() -> None:
    shapes = prepared(square())
    assert codes(shapes) == []
    assert shapes.usable.all()
    assert shapes.planar_m2[0] == pytest.approx(10_000, abs=0.01)
    assert shapes.geom[0].geom_type == "MultiPolygon"


def test_both_systems_hold_the_same_vertices() -> None:
    shapes = prepared(square())
    moved = geometries_to_gcj02(shapes.geom)
    assert shapes.geom_gcj02[0].equals_exact(moved[0], 0)
    back = reproject(shapes.geom, CGCS2000, ZONE_40)[0]
    assert shapely.hausdorff_distance(back, square()) < 1e-4


def test_a_file_in_gcj02_comes_back_as_it_was() -> None:
    degrees = reproject(np.array([square()], dtype=object), ZONE_40, CGCS2000)
    there = geometries_to_gcj02(degrees)[0]
    shapes = prepared(there, epsg=0, gcj02=True)
    assert shapes.planar_m2[0] == pytest.approx(10_000, abs=0.01)
    assert shapely.hausdorff_distance(shapes.geom_gcj02[0], there) < 1e-9


def test_a_bow_tie_is_an_error_that_says_where() -> None:
    shapes = prepared(square(), BOW_TIE)
    (found,) = shapes.findings
    assert (found.row, found.code) == (2, "geometry-invalid")
    assert "自相交" in found.message
    middle = reproject(
        np.array([shapely.Point(EAST + 50, NORTH + 50)], dtype=object), ZONE_40, 4490
    )
    assert found.place == pytest.approx((middle[0].x, middle[0].y), abs=1e-6)
    assert list(shapes.usable) == [True, False]
    assert shapes.geom[1] is None


def test_a_bow_tie_is_mended_if_that_is_allowed_and_the_change_of_area_is_told() -> None:
    shapes = prepared(BOW_TIE, repair=True)
    (found,) = (one for one in shapes.findings if one.code == "geometry-repaired")
    assert "5000.00" in found.message
    assert shapes.geom[0].is_valid
    assert shapes.planar_m2[0] == pytest.approx(5000, abs=0.05)


def test_a_hole_outside_its_shell_is_an_error() -> None:
    outside = shapely.Polygon(square().exterior, [square(10, 200).exterior])
    shapes = prepared(outside)
    assert codes(shapes) == [(1, "geometry-invalid")]
    assert "内环在外环之外" in shapes.findings[0].message


def test_a_hole_is_taken_off_the_area() -> None:
    shapes = prepared(square().difference(square(10, 20, 20)))
    assert shapes.planar_m2[0] == pytest.approx(9900, abs=0.01)
    assert len(shapes.geom[0].geoms[0].interiors) == 1


def test_a_collapsed_ring_cannot_be_mended() -> None:
    line = polygon((0, 0), (100, 100), (0, 0), (0, 0))
    shapes = prepared(line, repair=True)
    assert codes(shapes)[0] == (1, "geometry-invalid")
    assert "无法自动修复" in shapes.findings[0].message
    assert not shapes.usable[0]


def test_a_sliver_is_warned_of() -> None:
    shapes = prepared(polygon((0, 0), (200, 0), (200, 0.3), (0, 0.3)))
    assert codes(shapes) == [(1, "sliver")]
    assert shapes.usable[0]


def test_a_narrow_strip_of_a_metre_and_a_half_is_no_sliver() -> None:
    assert codes(prepared(polygon((0, 0), (200, 0), (200, 1.5), (0, 1.5)))) == []


def test_parts_are_allowed_and_told() -> None:
    shapes = prepared(shapely.MultiPolygon([square(), square(100, 500)]))
    assert codes(shapes) == [(1, "multipart")]
    assert shapes.planar_m2[0] == pytest.approx(20_000, abs=0.01)


@pytest.mark.parametrize("geometry", [None, shapely.Polygon(), shapely.MultiPolygon()])
def test_no_geometry_is_an_error(geometry: BaseGeometry | None) -> None:
    assert codes(prepared(geometry)) == [(1, "geometry-missing")]


@pytest.mark.parametrize("geometry", [shapely.Point(EAST, NORTH), square().exterior])
def test_a_point_or_a_line_is_no_parcel(geometry: BaseGeometry) -> None:
    assert codes(prepared(geometry)) == [(1, "geometry-type")]


def test_swapped_axes_end_outside_china() -> None:
    swapped = shapely.transform(square(), lambda points: points[:, ::-1])
    assert codes(prepared(swapped)) == [(1, "outside-china")]


def test_degrees_that_are_taken_for_metres_end_outside_china() -> None:
    assert codes(prepared(shapely.box(120, 30, 120.001, 30.001))) == [(1, "outside-china")]


def test_a_vertex_that_is_no_number_is_an_error_of_its_row_only() -> None:
    with np.errstate(invalid="ignore"):
        broken = polygon((0, 0), (float("nan"), 0), (0, 100))
        shapes = prepared(broken, square())
    assert {row for row, _ in codes(shapes)} == {1}
    assert list(shapes.usable) == [False, True]


def test_outer_rings_run_counter_clockwise_as_geojson_has_them() -> None:
    shapes = prepared(shapely.reverse(square()).difference(square(10, 20, 20)))
    part = shapes.geom[0].geoms[0]
    assert part.exterior.is_ccw
    assert not part.interiors[0].is_ccw


def test_neighbours_that_share_an_edge_do_not_overlap() -> None:
    shapes = prepared(square(), square(100, 100), square(100, 0, 100))
    assert overlaps(shapes.geom, shapes.planar_m2, 1.0) == []


def test_an_overlap_is_measured_in_square_metres() -> None:
    shapes = prepared(square(), None, square(100, 90, 80))
    ((first, second, shared_m2),) = overlaps(shapes.geom, shapes.planar_m2, 1.0)
    assert (first, second) == (0, 2)
    assert shared_m2 == pytest.approx(200, abs=0.05)
    assert overlaps(shapes.geom, shapes.planar_m2, 201) == []


def test_one_parcel_inside_another_overlaps_it() -> None:
    shapes = prepared(square(), square(10, 20, 20))
    assert [round(m2) for _, _, m2 in overlaps(shapes.geom, shapes.planar_m2, 1.0)] == [100]
