"""GET /api/v1/map: what WeChat's <map> gets, counted and compared with SQL."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import shapely
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select, text

from gis import wxmap
from gis.layers import layer_named
from gis.publish import publish
from gis.tables import TILES
from gis.views import cluster_level, whole_cells
from gis.zooms import WORLD_M, Box, degrees, plane
from mini_program_api.map_params import MAP_LAYERS
from server.config import Settings
from server.db import job_engine
from tests.api.answers import Json, conforms, problem
from tests.conftest import AppMaker, QueryCounter

NEAR = (120.166, 30.872)
"""Among parcels."""
PHONE_PX = (390, 600)


@pytest.fixture(scope="module")
def demo(demo_database_url: str) -> Iterator[Connection]:
    with job_engine(Settings(database_url=demo_database_url)).connect() as opened:
        yield opened


@pytest.fixture(scope="module")
def labels(demo: Connection) -> list[tuple[str, str, float, float]]:
    """Layer, status and label on the plane of every public site."""
    found = []
    for name in MAP_LAYERS:
        table = TILES[name]
        rows = demo.execute(select(table.c.status, table.c.x, table.c.y))
        found += [(name, row.status, row.x, row.y) for row in rows]
    return found


def bbox(zoom: float, at: tuple[float, float] = NEAR, px: tuple[int, int] = PHONE_PX) -> str:
    """The box of a phone's map, as wide as its pixels are on the plane."""
    x, y = plane(*at)
    width, height = (length * WORLD_M / 256 / 2**zoom for length in px)
    corners = (*degrees(x - width / 2, y - height / 2), *degrees(x + width / 2, y + height / 2))
    return ",".join(f"{degree:.7f}" for degree in corners)


def view(client: FlaskClient, query: str) -> Json:
    response = client.get(f"/api/v1/map?{query}")
    assert response.status_code == 200, response.text
    answer = response.json
    assert answer is not None
    within_limits(answer, len(response.data))
    return dict(answer)


def within_limits(answer: dict[str, Any], size: int) -> None:
    drawn = [*answer["polygons"], *answer["polyline"]]
    assert len(answer["polygons"]) == len(answer["polygon_ids"]) <= 200
    assert len(answer["markers"]) <= 100
    assert sum(len(one["points"]) for one in drawn) <= 3000
    assert size <= 150_000


@pytest.mark.parametrize("zoom", [3, 8, 11, 12, 13, 14, 15, 16, 17, 18, 20, 22])
def test_a_view_is_what_our_schema_says(client: FlaskClient, zoom: int) -> None:
    answer = view(client, f"bbox={bbox(zoom)}&zoom={zoom}")
    document = client.get("/api/v1/openapi.json").json
    assert document is not None
    conforms(answer, document, "MapView")
    assert answer["crs"] == "GCJ-02"
    assert answer["truncated"] is False
    assert answer["mode"] == ("clusters" if zoom < 12 else "features")
    assert answer["total"] > 0


@pytest.mark.parametrize("zoom", [12, 14, 16, 18])
def test_sites_are_those_that_meet_the_view(
    client: FlaskClient, demo: Connection, zoom: int
) -> None:
    box = bbox(zoom)
    answer = view(client, f"bbox={box}&zoom={zoom}")
    wanted = set()
    for name in MAP_LAYERS:
        page = client.get(f"/api/v1/{name}?limit=1000&bbox={box}").json
        assert page is not None
        wanted |= {(name, feature["id"]) for feature in page["features"]}
    found = [(item["layer"], item["id"]) for item in answer["items"]]
    assert set(found) == wanted
    assert len(found) == answer["total"] == len(wanted)
    drawn = set(answer["polygon_ids"])
    assert drawn == {number for layer, number in found if layer != "parks"}
    assert {marker["id"] for marker in answer["markers"]} <= {number for _, number in found}


@pytest.mark.parametrize("zoom", [13, 15, 17])
def test_polygons_are_the_sites_within_a_pixel(
    client: FlaskClient, demo: Connection, zoom: int
) -> None:
    answer = view(client, f"bbox={bbox(zoom)}&zoom={zoom}&layers=parcels")
    west, south, east, north = map(float, bbox(zoom).split(","))
    rows = demo.execute(text("SELECT id, ST_AsBinary(geom) FROM parcels_public"))
    exact = {row[0]: shapely.from_wkb(bytes(row[1])) for row in rows}
    seen = shapely.box(west, south, east, north)
    pixel = 360 / 512 / 2**zoom
    drawn: dict[int, list[shapely.Polygon]] = {}
    for number, polygon in zip(answer["polygon_ids"], answer["polygons"], strict=True):
        points = [(p["longitude"], p["latitude"]) for p in polygon["points"]]
        assert points[0] != points[-1]
        drawn.setdefault(number, []).append(shapely.Polygon(points))
    for number, parts in drawn.items():
        # A ring with a cut is no valid polygon, yet its even-odd area is the parcel's.
        shape = shapely.union_all([shapely.make_valid(part) for part in parts])
        wanted = exact[number].intersection(seen)
        lost = shape.intersection(seen).symmetric_difference(wanted).area
        assert lost <= 1.5 * pixel * (exact[number].length + 4 * pixel)


def test_pins_come_from_the_legend(client: FlaskClient) -> None:
    answer = view(client, f"bbox={bbox(14)}&zoom=14")
    legend = client.get("/api/v1/legend").json
    assert legend is not None
    statuses = {item["id"]: legend["layers"][item["layer"]]["statuses"] for item in answer["items"]}
    looks = {item["id"]: statuses[item["id"]][item["status"]] for item in answer["items"]}
    for item in answer["items"]:
        assert item["status_text"] == looks[item["id"]]["title"]
    for marker in answer["markers"]:
        assert marker["iconPath"] == looks[marker["id"]]["icon"]
    for number, polygon in zip(answer["polygon_ids"], answer["polygons"], strict=True):
        assert polygon["fillColor"] == looks[number]["fill"]
        assert polygon["strokeColor"] == looks[number]["stroke"]


def grouped(
    labels: list[tuple[str, str, float, float]], zoom: int, box: str, statuses: set[str] | None
) -> Counter[str]:
    """Sites by layer in the whole cells that a view meets, counted one by one."""
    west, south, east, north = map(float, box.split(","))
    plain = Box(*plane(west, south), *plane(east, north))
    cells = whole_cells(plain, cluster_level(zoom, plain))
    return Counter(
        layer
        for layer, status, x, y in labels
        if (statuses is None or status in statuses)
        and cells.west <= x < cells.east
        and cells.south < y <= cells.north
    )


@pytest.mark.parametrize("zoom", [4, 5, 7, 8, 9, 10, 11])
@pytest.mark.parametrize("statuses", [None, {"available"}, {"available", "sold", "open"}])
def test_counts_of_clusters_are_exact(
    client: FlaskClient,
    labels: list[tuple[str, str, float, float]],
    zoom: int,
    statuses: set[str] | None,
) -> None:
    box = bbox(zoom)
    asked = "" if statuses is None else f"&status={','.join(sorted(statuses))}"
    answer = view(client, f"bbox={box}&zoom={zoom}{asked}")
    wanted = grouped(labels, zoom, box, statuses)
    counted: Counter[str] = Counter()
    for item in answer["items"]:
        assert item["count"] == sum(item["counts"].values())
        counted.update(item["counts"])
    assert counted == wanted
    assert answer["total"] == sum(item["count"] for item in answer["items"])
    for item, marker in zip(answer["items"], answer["markers"], strict=True):
        west, south, east, north = item["bbox"]
        assert item["id"] == marker["id"] < 0
        assert marker["label"]["content"] == str(item["count"])
        assert west - 1e-5 <= marker["longitude"] <= east + 1e-5
        assert south - 1e-5 <= marker["latitude"] <= north + 1e-5


@given(
    zoom=st.integers(6, 11),
    steps=st.lists(st.tuples(st.floats(-300, 300), st.floats(-300, 300)), min_size=1, max_size=4),
    asked=st.sampled_from(
        ["", "&status=available", "&area_mu_min=50", "&layers=plants", "&q=吴兴"]
    ),
)
@settings(deadline=None, max_examples=40)
def test_clusters_stay_the_same_while_panning(
    app: Flask, zoom: int, steps: list[tuple[float, float]], asked: str
) -> None:
    client = app.test_client()
    x, y = plane(*NEAR)
    known: dict[int, Json] = {}
    pixel = WORLD_M / 256 / 2**zoom
    for dx, dy in [(0.0, 0.0), *steps]:
        x, y = x + dx * pixel, y + dy * pixel
        answer = view(client, f"bbox={bbox(zoom, degrees(x, y))}&zoom={zoom}{asked}")
        assert answer["mode"] == "clusters"
        for marker, item in zip(answer["markers"], answer["items"], strict=True):
            one = {"marker": marker, "item": item}
            assert known.setdefault(item["id"], one) == one


def test_more_than_the_limit_is_clusters_above_zoom_12_too(
    make_app: AppMaker, demo_copy_url: str
) -> None:
    client = make_app(demo_copy_url).test_client()
    with job_engine(Settings(database_url=demo_copy_url)).begin() as connection:
        copied = [c.name for c in TILES["parcels"].c if c.name not in ("id", "code")]
        names = ", ".join(copied)
        # The same land three hundred times over, one metre apart.
        connection.execute(
            text(
                f"INSERT INTO parcels_tiles (id, code, {names})"
                f" SELECT 900000 + i, 'copy ' || i, {names} FROM parcels_tiles,"
                " generate_series(1, 300) i WHERE id = (SELECT min(id) FROM parcels_tiles)"
            )
        )
        at = connection.execute(text("SELECT x, y FROM parcels_tiles WHERE id = 900001")).one()
    place = degrees(at.x, at.y)
    for zoom in (13, 15, 17):
        answer = view(client, f"bbox={bbox(zoom, place)}&zoom={zoom}&layers=parcels")
        assert answer["mode"] == "clusters"
        assert sum(item["count"] for item in answer["items"]) == answer["total"] >= 301
    for zoom in (18, 20):
        answer = view(client, f"bbox={bbox(zoom, place)}&zoom={zoom}&layers=parcels")
        assert answer["mode"] == "features"
        assert answer["truncated"] is True
        assert 0 < len(answer["items"]) <= 200
        assert answer["total"] >= 301


def test_a_filter_is_for_layers_that_have_it(client: FlaskClient) -> None:
    box = bbox(13)
    all_of_them = view(client, f"bbox={box}&zoom=13")
    some = view(client, f"bbox={box}&zoom=13&supply_method=listing")
    by_layer = [Counter(item["layer"] for item in a["items"]) for a in (all_of_them, some)]
    assert by_layer[0]["plants"] == by_layer[1]["plants"]
    assert 0 < by_layer[1]["parcels"] < by_layer[0]["parcels"]


def test_a_filter_can_name_its_layer(client: FlaskClient) -> None:
    box = bbox(13)
    plain = view(client, f"bbox={box}&zoom=13&status=available")
    named = view(client, f"bbox={box}&zoom=13&parcels.status=available")
    assert {item["status"] for item in plain["items"]} == {"available"}
    statuses = {(item["layer"], item["status"]) for item in named["items"]}
    assert {status for layer, status in statuses if layer == "parcels"} == {"available"}
    assert any(layer == "parks" for layer, _ in statuses)


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("zoom=12", "bbox"),
        ("bbox=1,2,3,4", "zoom"),
        ("bbox=1,2,3&zoom=12", "bbox"),
        ("bbox=1,2,nan,4&zoom=12", "bbox"),
        ("bbox=3,2,1,4&zoom=12", "bbox"),
        ("bbox=1,2,3,4&zoom=23", "zoom"),
        ("bbox=1,2,3,4&zoom=-1", "zoom"),
        ("bbox=1,2,3,4&zoom=12.5", "zoom"),
        ("bbox=1,2,3,4&zoom=12&layers=roads", "layers"),
        ("bbox=1,2,3,4&zoom=12&layers=", "layers"),
        ("bbox=1,2,3,4&zoom=12&crs=wgs84", "crs"),
        ("bbox=1,2,3,4&zoom=12&nope=1", "nope"),
        ("bbox=1,2,3,4&zoom=12&limit=1", "limit"),
        ("bbox=1,2,3,4&zoom=12&status=nope", "status"),
        ("bbox=1,2,3,4&zoom=12&parcels.status=open", "parcels.status"),
        ("bbox=1,2,3,4&zoom=12&layers=parks&supply_method=listing", "supply_method"),
        ("bbox=1,2,3,4&zoom=12&area_mu_min=x", "area_mu_min"),
    ],
)
def test_what_is_wrong_is_a_problem_that_names_it(
    client: FlaskClient, query: str, parameter: str
) -> None:
    body = problem(client.get(f"/api/v1/map?{query}"), 400, "invalid-parameter")
    assert body["parameter"] == parameter


@pytest.mark.parametrize("zoom", [0, 5, 11, 12, 18, 22])
@pytest.mark.parametrize("box", ["-180,-90,180,90", "119,30,121,32", "0,0,0.000001,0.000001"])
def test_any_box_at_any_zoom_keeps_the_limits(client: FlaskClient, zoom: int, box: str) -> None:
    answer = view(client, f"bbox={box}&zoom={zoom}")
    if box.startswith("-180"):
        assert answer["total"] == 12 + 490 + 200


def test_a_view_is_kept_until_its_data_change(make_app: AppMaker, demo_copy_url: str) -> None:
    client = make_app(demo_copy_url).test_client()
    path = f"/api/v1/map?bbox={bbox(14)}&zoom=14&layers=parcels"
    first = client.get(path)
    tag = {"If-None-Match": first.headers["ETag"]}
    assert client.get(path, headers=tag).status_code == 304
    with job_engine(Settings(database_url=demo_copy_url)).begin() as connection:
        publish(connection, layer_named("parks"), 6)
    assert client.get(path, headers=tag).status_code == 304
    with job_engine(Settings(database_url=demo_copy_url)).begin() as connection:
        publish(connection, layer_named("parcels"), 6)
    again = client.get(path, headers=tag)
    assert again.status_code == 200
    assert again.json is not None
    assert first.json is not None
    assert again.json["version"] != first.json["version"]


def test_a_view_takes_few_statements(client: FlaskClient, count_queries: QueryCounter) -> None:
    for zoom in (9, 14):
        with count_queries() as statements:
            client.get(f"/api/v1/map?bbox={bbox(zoom)}&zoom={zoom}")
        assert len(statements) <= 5


def test_staff_coordinates_are_for_staff(client: FlaskClient, staff_client: FlaskClient) -> None:
    query = f"bbox={bbox(14)}&zoom=14"
    problem(client.get(f"/api/v1/map?{query}&crs=cgcs2000"), 403, "staff-only")
    public, staff = view(client, query), view(staff_client, f"{query}&crs=cgcs2000")
    assert staff["crs"] == "CGCS2000"
    shown = {marker["id"]: marker for marker in public["markers"]}
    both = [(shown[m["id"]], m) for m in staff["markers"] if m["id"] in shown]
    assert both
    for there, here in both:
        assert (
            np.hypot(there["longitude"] - here["longitude"], there["latitude"] - here["latitude"])
            > 0.003
        )


def test_the_limits_are_those_of_the_clients() -> None:
    assert (wxmap.MOST_POLYGONS, wxmap.MOST_MARKERS) == (200, 100)
    assert (wxmap.MOST_VERTICES, wxmap.MOST_BYTES) == (3000, 150_000)
