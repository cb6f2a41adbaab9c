"""What only staff may have: exact coordinates, and columns that no public answer ever holds."""

from collections.abc import Iterator

import numpy as np
import pytest
import shapely
from flask import Flask, json
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from gis.crs import geometries_to_gcj02
from gis.layers import LAYERS, Kind, Layer, layer_named
from gis.publish import publish
from tests.api.answers import conforms, ids, pages, problem
from tests.api.people import signed_in
from tests.conftest import AppMaker

CANARY = "金丝雀13800138000"
LAYER = pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)


def outlines(client: FlaskClient, path: str) -> dict[int, shapely.Geometry]:
    answer = client.get(path).json
    assert answer is not None
    return {
        feature["id"]: shapely.from_geojson(json.dumps(feature["geometry"]))
        for feature in answer["features"]
    }


@pytest.mark.parametrize("path", ["parcels", "plants", "parks", "parcels/1", "parcels?limit=2"])
def test_the_public_gets_no_exact_coordinates(client: FlaskClient, path: str) -> None:
    joint = "&" if "?" in path else "?"
    problem(client.get(f"/api/v1/{path}{joint}crs=cgcs2000"), 403, "staff-only")


def test_the_public_gets_gcj02_and_is_told_so(client: FlaskClient) -> None:
    response = client.get("/api/v1/parcels?crs=gcj02&limit=1")
    assert response.headers["X-Coord-Sys"] == "GCJ-02"
    assert response.json is not None
    assert response.json["coordSys"] == "GCJ-02"


@LAYER
def test_exact_coordinates_moved_to_gcj02_are_the_public_ones(
    client: FlaskClient, staff_client: FlaskClient, layer: Layer
) -> None:
    public = outlines(client, f"/api/v1/{layer.name}?limit=1000")
    exact = outlines(staff_client, f"/api/v1/{layer.name}?limit=1000&crs=cgcs2000")
    assert set(public) <= set(exact)
    for site_id, outline in public.items():
        moved = geometries_to_gcj02(np.array([exact[site_id]], dtype=object))[0]
        here, there = shapely.get_coordinates(moved), shapely.get_coordinates(outline)
        assert here.shape == there.shape
        assert np.abs(here - there).max() <= 1e-6
        assert np.abs(shapely.get_coordinates(exact[site_id]) - there).max() > 1e-3


def test_public_coordinates_have_six_decimals_and_no_more(client: FlaskClient) -> None:
    answer = json.loads(client.get("/api/v1/parcels?limit=50").text, parse_float=str)
    for feature in answer["features"]:
        for position in feature["geometry"]["coordinates"][0][0]:
            assert all(len(str(degree).partition(".")[2]) <= 6 for degree in position)


def test_an_exact_answer_is_what_our_schema_says_and_names_its_system(
    staff_client: FlaskClient,
) -> None:
    response = staff_client.get("/api/v1/parcels?crs=cgcs2000&limit=20")
    document = staff_client.get("/api/v1/openapi.json").json
    assert document is not None
    assert response.headers["X-Coord-Sys"] == "CGCS2000"
    conforms(response.json, document, "ParcelsCollection")


def test_a_box_of_staff_is_in_their_system(staff_client: FlaskClient) -> None:
    site_id, outline = next(iter(outlines(staff_client, "/api/v1/plants?crs=cgcs2000").items()))
    point = shapely.point_on_surface(outline)
    tiny = ",".join(f"{c:.8f}" for c in (point.x, point.y, point.x + 1e-6, point.y + 1e-6))
    found = staff_client.get(f"/api/v1/plants?crs=cgcs2000&bbox={tiny}").json
    elsewhere = staff_client.get(f"/api/v1/plants?bbox={tiny}").json
    assert found is not None
    assert elsewhere is not None
    assert site_id in ids(found)
    assert site_id not in ids(elsewhere)


@pytest.fixture
def planted(demo_copy_url: str, demo_engine: Engine) -> str:
    """The demo city with a canary in every text that is for staff only, published anew."""
    with demo_engine.begin() as connection:
        for layer in LAYERS:
            hidden = [c.name for c in layer.columns if not c.public and c.kind is Kind.TEXT]
            assert hidden
            filled = ", ".join(f"{name} = '{CANARY}'" for name in hidden)
            connection.execute(text(f"UPDATE {layer.name} SET {filled}"))
            publish(connection, layer, 6)
        some = "SELECT code FROM parcels ORDER BY code LIMIT 5"
        hide = f"UPDATE parcels SET status = 'undisclosed', name = '{CANARY}'"
        connection.execute(text(f"{hide} WHERE code IN ({some})"))
        publish(connection, layer_named("parcels"), 6)
    return demo_copy_url


def everything_public(app: Flask) -> Iterator[str]:
    client = app.test_client()
    for path in ("/", "/api/v1/layers", "/api/v1/regions", "/api/v1/openapi.json", "/api/v1/docs"):
        yield client.get(path).text
    for layer in LAYERS:
        for page in pages(client, f"/api/v1/{layer.name}?limit=200"):
            yield str(page)
            for site_id in ids(page)[::10]:
                yield client.get(f"/api/v1/{layer.name}/{site_id}").text
        yield client.get(f"/api/v1/{layer.name}?crs=cgcs2000").text
        yield client.get(f"/api/v1/{layer.name}?fields=remark").text
        yield client.get(f"/api/v1/{layer.name}?remark={CANARY[:3]}").text


def test_no_public_answer_holds_what_is_for_staff(planted: str, make_app: AppMaker) -> None:
    answers = list(everything_public(make_app(planted)))
    assert len(answers) > 50
    assert not any(CANARY in answer for answer in answers)


def test_staff_sees_the_canary_so_the_search_sees(planted: str, make_app: AppMaker) -> None:
    app = make_app(planted)
    path = "/api/v1/parcels?crs=cgcs2000&fields=holder_name,remark&limit=5"
    shown = app.test_client().get(path, headers=signed_in(app)).text
    assert CANARY in shown


def test_words_do_not_search_what_is_for_staff(planted: str, make_app: AppMaker) -> None:
    found = make_app(planted).test_client().get(f"/api/v1/parcels?q={CANARY}").json
    assert found is not None
    assert found["numberMatched"] == 0


def test_a_site_that_is_not_disclosed_is_unknown(
    planted: str, make_app: AppMaker, demo_engine: Engine
) -> None:
    with demo_engine.connect() as connection:
        query = "SELECT id FROM parcels WHERE status = 'undisclosed' LIMIT 1"
        site_id = connection.execute(text(query)).scalar_one()
    client = make_app(planted).test_client()
    problem(client.get(f"/api/v1/parcels/{site_id}"), 404, "unknown-feature")
