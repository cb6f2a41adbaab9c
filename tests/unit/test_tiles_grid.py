"""The grid of web maps: known values, exact inverses, and addresses that are refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer

from gis.query import BadQuery, BBox
from gis.zooms import (
    BANDS,
    HALF_WORLD_M,
    MOST_ZOOM,
    NORTHMOST,
    Tile,
    bands_at,
    degree_grid,
    degrees,
    pixel_m,
    plane,
    plane_box,
)

TO_3857 = Transformer.from_crs(4326, 3857, always_xy=True)
LONGITUDE = st.floats(-180, 180)
LATITUDE = st.floats(-85, 85)


@given(LONGITUDE, LATITUDE)
def test_the_plane_is_that_of_epsg_3857(longitude: float, latitude: float) -> None:
    assert plane(longitude, latitude) == pytest.approx(
        TO_3857.transform(longitude, latitude), abs=1e-6
    )


@given(LONGITUDE, LATITUDE)
def test_degrees_are_the_inverse_of_the_plane(longitude: float, latitude: float) -> None:
    assert degrees(*plane(longitude, latitude)) == pytest.approx((longitude, latitude), abs=1e-9)


def test_latitudes_beyond_the_plane_fall_on_its_edge() -> None:
    # 85.051129 degrees: OGC 17-083r4, annex D.
    assert pytest.approx(85.051129, abs=1e-6) == NORTHMOST
    assert plane(180, 90) == pytest.approx((HALF_WORLD_M, HALF_WORLD_M))
    box = plane_box(BBox(-180, -90, 180, 90))
    assert (box.west, box.south) == pytest.approx((-HALF_WORLD_M, -HALF_WORLD_M))


def test_a_pixel_is_what_the_standard_says() -> None:
    # 156543.03392804097 m for tiles of 256 px at zoom 0: OGC 17-083r4, annex D.
    assert pixel_m(0) == pytest.approx(156543.03392804097 / 2)


@given(st.integers(0, MOST_ZOOM).flatmap(lambda z: st.tuples(st.just(z), st.integers(0, 2**z - 1))))
def test_neighbouring_tiles_touch_and_the_last_ends_the_world(at: tuple[int, int]) -> None:
    z, x = at
    box = Tile(z, x, x).box
    assert box.east - box.west == pytest.approx(2 * HALF_WORLD_M / 2**z)
    if x + 1 < 2**z:
        following = Tile(z, x + 1, x + 1).box
        assert (following.west, following.north) == pytest.approx((box.east, box.south), abs=1e-6)
    else:
        assert (box.east, box.south) == pytest.approx((HALF_WORLD_M, -HALF_WORLD_M))


@pytest.mark.parametrize(
    ("address", "parameter"),
    [
        ((-1, 0, 0), "z"),
        ((23, 0, 0), "z"),
        ((0, 1, 0), "x"),
        ((3, 8, 0), "x"),
        ((3, 0, 8), "y"),
        ((22, 0, 2**22), "y"),
        ((5, -1, 0), "x"),
    ],
)
def test_an_address_outside_the_grid_is_refused(
    address: tuple[int, int, int], parameter: str
) -> None:
    with pytest.raises(BadQuery) as refused:
        Tile(*address)
    assert refused.value.parameter == parameter


@pytest.mark.parametrize("zoom", range(MOST_ZOOM + 1))
def test_the_band_of_a_zoom_is_right_to_a_pixel(zoom: int) -> None:
    bands = bands_at(zoom)
    assert all(band.tolerance_m <= pixel_m(zoom) for band in bands)
    assert len(bands) == sum(band.zoom >= zoom for band in BANDS)
    if zoom >= 10 and bands:
        # The first is not much finer than need be either: a pixel of the next zoom but one.
        assert bands[0].tolerance_m > pixel_m(zoom + 2)


@pytest.mark.parametrize(
    ("zoom", "digit", "decimals"),
    [(0, 2, 1), (10, 2, 4), (12, 5, 5), (14, 2, 5), (16, 5, 6), (18, 1, 6), (22, 1, 6)],
)
def test_degrees_are_rounded_to_a_quarter_of_a_pixel(zoom: int, digit: int, decimals: int) -> None:
    grid = degree_grid(zoom)
    assert (grid.digit, grid.decimals) == (digit, decimals)
    half_pixel = 360 / 512 / 2**zoom / 2
    assert grid.step <= half_pixel or grid.decimals == 6
    # Not much finer than need be: the next coarser of 1, 2 and 5 would be too coarse.
    assert grid.step * 2.5 >= half_pixel
    for degree in (120.1234567, 30.7654321, -0.00000049):
        assert abs(grid.nearest(degree) - degree) <= grid.step / 2 * 1.001
        assert len(repr(grid.nearest(degree)).partition(".")[2]) <= decimals or "e" in repr(degree)
