"""Views for WeChat's <map>: limits, forms, and clusters that stay while panning."""

import json
from collections.abc import Sequence

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from gis import wxmap, wxplain, wxsize
from gis.crs import Crs
from gis.layers import layer_named
from gis.query import BBox, ItemsQuery
from gis.views import MOST_CELLS, Cluster, MapQuery, Site, cluster_level, whole_cells
from gis.zooms import WORLD_M, Box, plane

PARCELS, PARKS = layer_named("parcels"), layer_named("parks")
CENTRE = plane(120.1, 30.8)


def asked(zoom: int = 14, half: float = 0.02) -> MapQuery:
    query = ItemsQuery(Crs.GCJ02)
    box = BBox(120.1 - half, 30.8 - half, 120.1 + half, 30.8 + half)
    return MapQuery(Crs.GCJ02, box, zoom, ((PARCELS, query), (PARKS, query)))


def site(number: int, shape: shapely.MultiPolygon, name: str = "parcels") -> Site:
    layer = layer_named(name)
    status = "available" if name == "parcels" else "open"
    x, y = shape.centroid.x, shape.centroid.y
    return Site(layer, number, f"NX-{number}", f"{number}号", status, 48.04, x, y, shape)


def multi(ring: NDArray[np.float64]) -> shapely.MultiPolygon:
    return shapely.MultiPolygon([shapely.Polygon(ring)])


def circle(number: int, radius: float, corners: int = 8) -> shapely.MultiPolygon:
    """A round shape near the centre of the view, in a place of its own."""
    dx, dy = (number % 15 - 7) * 250, (number // 15 - 7) * 250
    angles = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    ring = np.column_stack([np.cos(angles), np.sin(angles)]) * radius
    return multi(ring + CENTRE + np.array([dx, dy]))


def within_limits(answer: wxplain.Json) -> None:
    polygons, polyline = answer["polygons"], answer["polyline"]
    markers, items, ids = answer["markers"], answer["items"], answer["polygon_ids"]
    for part in (polygons, polyline, markers, items, ids):
        assert isinstance(part, list)
    assert len(polygons) == len(ids) <= 200
    assert len(markers) <= 100
    assert sum(len(drawn["points"]) for drawn in (*polygons, *polyline)) <= 3000
    assert len(wxplain.compact(answer)) <= 150_000
    assert all(1 <= abs(marker["id"]) <= 999_999_999 for marker in markers)


def features(
    sites: Sequence[Site], asked: MapQuery, version: str, total: int
) -> wxplain.Json | None:
    """The plain form of a view; what is told of its length is true."""
    screen = wxmap.features(sites, asked, version, total)
    if screen is None:
        return None
    assert wxsize.plain_bytes(screen) == len(wxplain.text(screen))
    return wxplain.answer(screen)


def test_a_site_is_drawn_as_clients_want_it() -> None:
    answer = features([site(1, circle(1, 100))], asked(), "7", 1)
    assert answer is not None
    within_limits(answer)
    (marker,), (polygon,), (item,) = answer["markers"], answer["polygons"], answer["items"]
    assert marker["label"]["content"] == "NX-1 48亩"
    assert marker["iconPath"] == "/static/pin/parcel-available.png"
    assert (marker["width"], marker["height"], marker["anchor"]) == (28, 34, {"x": 0.5, "y": 1})
    assert polygon["fillColor"] == "#16a34a44"
    assert polygon["points"][0] != polygon["points"][-1]
    for point in polygon["points"]:
        assert list(point) == ["latitude", "longitude"]
        assert all(round(degree, 6) == degree for degree in point.values())
    assert item["status_text"] == "可供"
    assert answer["polygon_ids"] == [1]
    assert (answer["mode"], answer["total"], answer["truncated"]) == ("features", 1, False)


def test_a_park_is_a_line_and_has_no_edge_along_the_view() -> None:
    large = shapely.box(CENTRE[0] - 9000, CENTRE[1] - 300, CENTRE[0] + 9000, CENTRE[1] + 300)
    answer = features([site(2, shapely.MultiPolygon([large]), "parks")], asked(), "7", 1)
    assert answer is not None
    assert answer["polygons"] == []
    assert len(answer["polyline"]) == 2
    for line in answer["polyline"]:
        assert len(line["points"]) == 2
        assert len({point["latitude"] for point in line["points"]}) == 1


def test_each_part_is_an_entry_and_holes_are_cut_in() -> None:
    middle = shapely.Point(CENTRE)
    square = middle.buffer(60, cap_style="square")
    hole = middle.buffer(20, cap_style="square")
    holed = shapely.Polygon(square.exterior, [hole.exterior])
    parts = shapely.MultiPolygon([holed, *circle(9, 50).geoms])
    answer = features([site(3, parts)], asked(16, 0.1), "7", 1)
    assert answer is not None
    assert answer["polygon_ids"] == [3, 3]
    assert len(answer["markers"]) == len(answer["items"]) == 1
    assert sorted(len(p["points"]) for p in answer["polygons"]) == [8, 10]


def test_shapes_are_cut_to_a_view_a_little_larger() -> None:
    world = shapely.MultiPolygon([shapely.box(-2e7, -2e7, 2e7, 2e7)])
    answer = features([site(4, world)], asked(half=0.02), "7", 1)
    assert answer is not None
    (polygon,) = answer["polygons"]
    degrees = [point["longitude"] for point in polygon["points"]]
    assert 120.07 < min(degrees) < 120.08
    assert 120.12 < max(degrees) < 120.13


@given(st.integers(1, 220), st.integers(3, 200))
def test_features_keep_the_limits_or_are_none(count: int, corners: int) -> None:
    sites = [site(number + 1, circle(number, 90, corners)) for number in range(count)]
    answer = features(sites, asked(half=0.05), "7", count)
    if answer is not None:
        within_limits(answer)
        assert len(answer["items"]) == count
    else:
        assert count > 60


def test_what_is_too_much_is_none_and_not_less() -> None:
    sites = [site(number, circle(number, 90)) for number in range(201)]
    assert features(sites, asked(half=0.05), "7", 201) is None


def test_the_important_ones_get_the_pins() -> None:
    shapes = [circle(number, 90, 4) for number in range(150)]
    sold = [
        Site(PARCELS, n, f"S{n}", "", "sold", 900.0, s.centroid.x, s.centroid.y, s)
        for n, s in enumerate(shapes[:120])
    ]
    free = [site(number, shapes[number]) for number in range(120, 150)]
    answer = features([*sold, *free], asked(half=0.05), "7", 150)
    assert answer is not None
    assert [marker["id"] for marker in answer["markers"]][:30] == list(range(120, 150))
    assert len(answer["markers"]) == 100
    assert len(answer["items"]) == 150


def cluster(x: int, y: int, level: int = 14, count: int = 3) -> Cluster:
    return Cluster(level, x, y, (("parcels", count), ("plants", 1)), CENTRE)


def test_a_full_grid_of_clusters_keeps_the_limits() -> None:
    counted = [cluster(13658 + n % 10, 6720 + n // 10, count=10**6) for n in range(100)]
    outline = [site(n, circle(n, 100, 59), "parks") for n in range(50)]
    answer = wxplain.answer(wxmap.clusters(counted, outline, asked(), "7"))
    within_limits(answer)
    assert answer["total"] == 100 * (10**6 + 1)
    ids = [marker["id"] for marker in answer["markers"]]
    assert ids == [item["id"] for item in answer["items"]]
    assert len(set(ids)) == 100
    assert all(number < 0 for number in ids)
    item = json.loads(wxplain.compact(answer))["items"][0]
    assert (item["count"], item["counts"]) == (10**6 + 1, {"parcels": 10**6, "plants": 1})


PLACE = st.floats(-1e7, 1e7)
VIEW = st.tuples(st.integers(0, 19), PLACE, PLACE, st.integers(100, 3000), st.integers(100, 3000))


def view_at(zoom: int, x: float, y: float, width_px: int, height_px: int) -> Box:
    pixel = WORLD_M / 256 / 2**zoom
    width, height = min(width_px * pixel, 1e7), min(height_px * pixel, 1e7)
    return Box(x, y, x + width, y + height)


@given(VIEW, PLACE, PLACE)
def test_panning_keeps_the_level_and_the_cells_are_few(
    view: tuple[int, float, float, int, int], x: float, y: float
) -> None:
    zoom, here_x, here_y, width, height = view
    here = view_at(zoom, here_x, here_y, width, height)
    there = view_at(zoom, x, y, width, height)
    level = cluster_level(zoom, here)
    assert cluster_level(zoom, there) == level
    for box in (here, there):
        grown, size = whole_cells(box, level), WORLD_M / 2**level
        assert grown.west <= box.west + 1e-6
        assert grown.north >= box.north - 1e-6
        assert grown.east >= box.east - 1e-6
        assert grown.south <= box.south + 1e-6
        cells = round((grown.east - grown.west) / size) * round((grown.north - grown.south) / size)
        assert 1 <= cells <= MOST_CELLS


@given(st.integers(0, 20), st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), unique=True))
def test_ids_tell_cells_of_a_view_apart(level: int, cells: Sequence[tuple[int, int]]) -> None:
    base = 2**level // 3
    ids = [cluster(base + x, base + y, level).marker_id for x, y in cells]
    assert len(set(ids)) == len(ids)
    assert all(-999_999_999 <= number < 0 for number in ids)


@pytest.mark.parametrize("zoom", [12, 16, 18])
def test_a_site_that_cannot_fit_at_any_simplification_is_none(zoom: int) -> None:
    rng = np.random.default_rng(7)
    angles = np.sort(rng.uniform(0, 2 * np.pi, 4000))
    radius = rng.uniform(600, 1200, 4000)
    ring = np.column_stack([np.cos(angles), np.sin(angles)]) * radius[:, None] + CENTRE
    spiky = multi(ring)
    answer = features([site(1, spiky)], asked(zoom, 0.05), "7", 1)
    if answer is not None:
        within_limits(answer)
