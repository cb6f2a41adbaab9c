"""GET /api/v1/identify: what stands under a finger, against every site by brute force."""

from collections.abc import Iterator

import numpy as np
import pytest
import shapely
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, text

from gis.crs import from_gcj02
from gis.identify import TOUCH_PX
from gis.zooms import degrees, pixel_m, plane
from mini_program_api.map_params import MAP_LAYERS
from server.config import Settings
from server.db import job_engine
from tests.api.answers import Json, conforms, problem

CGCS2000_ELLIPSOID = Geod(a=6378137.0, f=1 / 298.257222101)
Shapes = dict[str, dict[int, BaseGeometry]]


@pytest.fixture(scope="module")
def demo(demo_database_url: str) -> Iterator[Connection]:
    with job_engine(Settings(database_url=demo_database_url)).connect() as opened:
        yield opened


def read(connection: Connection, statement: str) -> dict[int, BaseGeometry]:
    rows = connection.execute(text(statement))
    return {row[0]: shapely.from_wkb(bytes(row[1])) for row in rows}


@pytest.fixture(scope="module")
def on_plane(demo: Connection) -> Shapes:
    return {n: read(demo, f"SELECT id, ST_AsBinary(geom) FROM {n}_tiles") for n in MAP_LAYERS}


@pytest.fixture(scope="module")
def truth(demo: Connection) -> Shapes:
    return {n: read(demo, f"SELECT id, ST_AsBinary(geom) FROM {n}") for n in MAP_LAYERS}


def ask(client: FlaskClient, lng: float, lat: float, zoom: int, more: str = "") -> Json:
    response = client.get(f"/api/v1/identify?lng={lng:.7f}&lat={lat:.7f}&zoom={zoom}{more}")
    assert response.status_code == 200, response.text
    assert response.json is not None
    return dict(response.json)


@given(
    layer=st.sampled_from(MAP_LAYERS),
    nth=st.integers(0, 1000),
    corner=st.integers(0, 1000),
    away_px=st.tuples(st.floats(-20, 20), st.floats(-20, 20)),
    zoom=st.integers(9, 20),
)
@settings(deadline=None, max_examples=80)
def test_what_is_found_is_what_is_within_reach(
    app: Flask,
    on_plane: Shapes,
    layer: str,
    nth: int,
    corner: int,
    away_px: tuple[float, float],
    zoom: int,
) -> None:
    shapes = list(on_plane[layer].values())
    corners = shapely.get_coordinates(shapes[nth % len(shapes)])
    x, y = corners[corner % len(corners)] + np.array(away_px) * pixel_m(zoom)
    lng, lat = (round(degree, 7) for degree in degrees(x, y))
    answer = ask(app.test_client(), lng, lat, zoom)
    finger, reach = shapely.Point(*plane(lng, lat)), TOUCH_PX * pixel_m(zoom)
    apart = {
        (name, number): shape.distance(finger)
        for name in MAP_LAYERS
        for number, shape in on_plane[name].items()
    }
    found = [(site["layer"], site["id"]) for site in answer["sites"]]
    must = {site for site, distance in apart.items() if distance < reach - 0.01}
    assert set(found) <= {site for site, distance in apart.items() if distance < reach + 0.01}
    assert must <= set(found) or len(found) == 20
    assert len(set(found)) == len(found)
    order = [(MAP_LAYERS.index(s["layer"]), s["distance_m"]) for s in answer["sites"]]
    assert order == sorted(order)


@pytest.mark.parametrize("away_m", [0, 3, 40])
def test_distances_are_those_on_the_ellipsoid(
    client: FlaskClient, truth: Shapes, on_plane: Shapes, away_m: float
) -> None:
    for number in sorted(on_plane["parcels"])[:40:4]:
        corner = shapely.get_coordinates(on_plane["parcels"][number])[0]
        lng, lat = degrees(*(corner + away_m))
        sites = ask(client, round(lng, 7), round(lat, 7), 12, "&layers=parcels")["sites"]
        (site,) = (s for s in sites if s["id"] == number)
        here = shapely.Point(from_gcj02(np.array([[lng, lat]]))[0])
        shape = truth["parcels"][number]
        nearest = shapely.get_coordinates(shapely.shortest_line(here, shape))
        _, _, distance = CGCS2000_ELLIPSOID.inv(*nearest[0], *nearest[-1])
        # The nearest point in degrees is not quite the nearest on the ground.
        assert site["distance_m"] <= distance + 0.1
        assert site["distance_m"] >= 0.85 * distance - 0.1
        if shape.contains(here):
            assert site["distance_m"] == 0


def test_properties_are_the_summary_of_the_site(client: FlaskClient, on_plane: Shapes) -> None:
    number, shape = next(iter(on_plane["plants"].items()))
    point = shape.representative_point()
    sites = ask(client, *degrees(point.x, point.y), 18)["sites"]
    (site,) = (s for s in sites if s["id"] == number)
    listed = client.get("/api/v1/plants?limit=1000").json
    assert listed is not None
    (feature,) = (f for f in listed["features"] if f["id"] == number)
    assert site["properties"] == feature["properties"]
    # A plant stands in a park: both are told, the plant first.
    assert [s["layer"] for s in sites][-1] == "parks"


def test_an_answer_is_what_our_schema_says(client: FlaskClient) -> None:
    document = client.get("/api/v1/openapi.json").json
    assert document is not None
    answer = ask(client, 120.166, 30.872, 14)
    assert answer["sites"]
    conforms(answer, document, "Touched")


def test_where_nothing_is_nothing_is_found(client: FlaskClient) -> None:
    assert ask(client, 0, 0, 14)["sites"] == []


def test_only_the_layers_that_are_asked_are_told(client: FlaskClient) -> None:
    found = ask(client, 120.166, 30.872, 12, "&layers=parks,plants")["sites"]
    assert {site["layer"] for site in found} <= {"parks", "plants"}


def test_the_finger_of_staff_is_in_their_system(
    client: FlaskClient, staff_client: FlaskClient, truth: Shapes
) -> None:
    problem(client.get("/api/v1/identify?lng=120&lat=30&crs=cgcs2000"), 403, "staff-only")
    number, shape = next(iter(truth["plants"].items()))
    point = shape.representative_point()
    mine = ask(staff_client, point.x, point.y, 18, "&crs=cgcs2000")["sites"]
    theirs = ask(client, point.x, point.y, 18)["sites"]
    assert number in {site["id"] for site in mine}
    assert number not in {site["id"] for site in theirs}


def test_the_public_finds_no_hidden_site(client: FlaskClient, demo: Connection) -> None:
    rows = demo.execute(
        text(
            "SELECT id, ST_X(p), ST_Y(p) FROM (SELECT id, ST_PointOnSurface(geom_gcj02) p"
            " FROM parcels WHERE status = 'undisclosed') hidden"
        )
    ).all()
    assert rows
    for number, lng, lat in rows:
        found = ask(client, lng, lat, 18)["sites"]
        assert number not in {site["id"] for site in found}


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("lat=30", "lng"),
        ("lng=120", "lat"),
        ("lng=181&lat=30", "lng"),
        ("lng=120&lat=86", "lat"),
        ("lng=nan&lat=30", "lng"),
        ("lng=1e2&lat=30", "lng"),
        ("lng=120&lat=30&zoom=23", "zoom"),
        ("lng=120&lat=30&layers=roads", "layers"),
        ("lng=120&lat=30&bbox=1,2,3,4", "bbox"),
        ("lng=120&lat=30&crs=bd09", "crs"),
    ],
)
def test_what_is_wrong_is_a_problem_that_names_it(
    client: FlaskClient, query: str, parameter: str
) -> None:
    body = problem(client.get(f"/api/v1/identify?{query}"), 400, "invalid-parameter")
    assert body["parameter"] == parameter
