"""Collections: valid GeoJSON, whole paging, tags that follow the data, few statements."""

import pytest
import shapely
from flask import Flask, json
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from sqlalchemy import Engine, text

from gis import sql
from gis.layers import LAYERS, REGISTRY, Audience, Layer, layer_named
from gis.publish import publish
from tests.api.answers import GEOJSON, conforms, everything, exact, ids, pages
from tests.conftest import AppMaker, QueryCounter

LAYER = pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
DEMO_SITES = {"parks": 12, "plants": 200}


@LAYER
def test_a_collection_is_valid_geojson_and_what_our_schema_says(
    client: FlaskClient, layer: Layer
) -> None:
    answer = client.get(f"/api/v1/{layer.name}?limit=1000").json
    document = client.get("/api/v1/openapi.json").json
    assert answer is not None
    assert document is not None
    assert answer["features"]
    Draft202012Validator(GEOJSON).validate(answer)
    conforms(answer, document, f"{layer.name.capitalize()}Collection")


@LAYER
def test_one_site_is_what_our_schema_says(client: FlaskClient, layer: Layer) -> None:
    first = exact(client.get(f"/api/v1/{layer.name}?limit=1"))["features"][0]
    answer = client.get(f"/api/v1/{layer.name}/{first['id']}").json
    document = client.get("/api/v1/openapi.json").json
    assert answer is not None
    assert document is not None
    conforms(answer, document, layer.name.capitalize())
    assert set(answer["properties"]) == sql.output_names(layer, Audience.PUBLIC)
    assert answer["geometry"] == json.loads(json.dumps(answer["geometry"]))
    assert answer["coordSys"] == "GCJ-02"


def test_the_schema_sees_a_wrong_answer(client: FlaskClient) -> None:
    answer = client.get("/api/v1/parcels?limit=1").json
    assert answer is not None
    answer["features"][0]["geometry"]["type"] = "Polygon"
    assert not Draft202012Validator(GEOJSON).is_valid(answer)


@LAYER
def test_rings_are_closed_valid_and_run_as_rfc_7946_wants(
    client: FlaskClient, layer: Layer
) -> None:
    for feature in client.get(f"/api/v1/{layer.name}?limit=1000").json["features"]:  # type: ignore[index]
        for outer, *inner in feature["geometry"]["coordinates"]:
            assert outer[0] == outer[-1]
            assert shapely.LinearRing(outer).is_ccw
            assert not any(shapely.LinearRing(hole).is_ccw for hole in inner)


def test_the_demo_city_is_served_whole(client: FlaskClient) -> None:
    found = {
        layer.name: exact(client.get(f"/api/v1/{layer.name}?limit=1"))["numberMatched"]
        for layer in LAYERS
    }
    assert found["parcels"] > 450
    assert {name: found[name] for name in DEMO_SITES} == DEMO_SITES


@LAYER
@pytest.mark.parametrize("limit", [1, 7, 100])
def test_following_next_visits_every_site_once_in_order(
    client: FlaskClient, app: Flask, layer: Layer, limit: int
) -> None:
    if limit == 1 and layer.name != "parks":
        limit = 3
    whole = everything(app, layer)
    visited: list[int] = []
    for page in pages(client, f"/api/v1/{layer.name}?limit={limit}"):
        assert page["numberMatched"] == len(whole)
        assert page["numberReturned"] == len(page["features"]) <= limit
        visited += ids(page)
    assert visited == sorted(whole)


def test_next_keeps_the_question(client: FlaskClient) -> None:
    asked = "/api/v1/parcels?status=sold,available&limit=5&fields=status&bbox=119,30,121,32"
    following = list(pages(client, asked))
    assert len(following) > 3
    for page in following:
        assert page["numberMatched"] == following[0]["numberMatched"]
        assert {one["properties"]["status"] for one in page["features"]} <= {"sold", "available"}
        assert all(set(one["properties"]) == {"status"} for one in page["features"])


def test_the_last_page_has_no_next(client: FlaskClient) -> None:
    whole = exact(client.get("/api/v1/parks?limit=12"))
    assert [link["rel"] for link in whole["links"]] == ["self"]
    assert whole["numberReturned"] == whole["numberMatched"] == 12


def test_nothing_found_is_an_empty_collection(client: FlaskClient) -> None:
    answer = exact(client.get("/api/v1/parcels?code=no-such-code"))
    assert (answer["numberMatched"], answer["features"]) == (0, [])


def test_fields_choose_properties_and_keep_the_geometry(client: FlaskClient) -> None:
    answer = exact(client.get("/api/v1/parcels?fields=name,area_mu,status_text&limit=3"))
    for feature in answer["features"]:
        assert set(feature["properties"]) == {"name", "area_mu", "status_text"}
        assert feature["geometry"]["coordinates"]


@LAYER
def test_areas_in_mu_follow_from_square_metres(app: Flask, layer: Layer) -> None:
    for found in everything(app, layer).values():
        assert abs(found["area_mu"] * 2000 - found["area_m2"] * 3) <= 2000 * 0.00005


def test_words_are_looked_for_in_name_code_and_address(client: FlaskClient, app: Flask) -> None:
    whole = everything(app, layer_named("parcels"))
    for words in ("南浔", "nx-2024", "路以北", "100%", "_"):
        expected = {
            site_id
            for site_id, one in whole.items()
            if any(words.lower() in str(one[name] or "").lower() for name in CODE_NAME_ADDRESS)
        }
        answer = exact(client.get("/api/v1/parcels", query_string={"q": words, "limit": 1000}))
        assert set(ids(answer)) == expected
    assert len(set(whole)) > len(expected)


CODE_NAME_ADDRESS = ("code", "name", "address")


@pytest.mark.parametrize("path", ["parcels", "parcels?limit=5", "layers", "regions", "ONE"])
def test_a_known_tag_is_answered_with_304_and_nothing_else(client: FlaskClient, path: str) -> None:
    if path == "ONE":
        path = f"parcels/{ids(exact(client.get('/api/v1/parcels?limit=1')))[0]}"
    first = client.get(f"/api/v1/{path}")
    tag = first.headers["ETag"]
    again = client.get(f"/api/v1/{path}", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == tag
    assert client.get(f"/api/v1/{path}", headers={"If-None-Match": '"x"'}).data == first.data


def test_equal_questions_have_equal_tags_and_others_have_not(client: FlaskClient) -> None:
    tags = [
        client.get(f"/api/v1/parcels?{query}").headers["ETag"]
        for query in ("limit=5&status=sold", "status=sold&limit=5", "status=sold&limit=6")
    ]
    assert tags[0] == tags[1] != tags[2]


def test_a_tag_changes_with_the_data_and_only_for_its_layer(
    demo_copy_url: str, demo_engine: Engine, make_app: AppMaker
) -> None:
    client = make_app(demo_copy_url).test_client()
    before = {name: client.get(f"/api/v1/{name}") for name in ("parcels", "parks", "layers")}
    with demo_engine.begin() as connection:
        connection.execute(text("UPDATE parcels SET name = '改名' WHERE id = (SELECT min(id) FROM parcels)"))  # fmt: skip # noqa: E501
        publish(connection, layer_named("parcels"), 6)
    after = {name: client.get(f"/api/v1/{name}") for name in before}
    changed = [name for name in before if before[name].headers["ETag"] != after[name].headers["ETag"]]  # fmt: skip # noqa: E501
    assert changed == ["parcels", "layers"]
    assert exact(after["parcels"])["dataVersion"] == exact(before["parcels"])["dataVersion"] + 1


@pytest.mark.parametrize(
    ("path", "most"),
    [("parcels", 3), ("parcels?limit=1000", 3), ("parcels?limit=5&bbox=119,30,121,32", 3)],
)
def test_a_list_takes_three_statements_at_most(
    client: FlaskClient, count_queries: QueryCounter, path: str, most: int
) -> None:
    client.get("/api/v1/parks")
    with count_queries() as statements:
        assert client.get(f"/api/v1/{path}").status_code == 200
    assert 1 <= len(statements) <= most, statements


def test_an_unchanged_list_takes_one_statement(
    client: FlaskClient, count_queries: QueryCounter
) -> None:
    tag = client.get("/api/v1/parcels").headers["ETag"]
    with count_queries() as statements:
        assert client.get("/api/v1/parcels", headers={"If-None-Match": tag}).status_code == 304
    assert len(statements) == 1


def test_the_catalogue_says_what_the_collections_hold(client: FlaskClient, app: Flask) -> None:
    listed = exact(client.get("/api/v1/layers"))["layers"]
    assert [one["name"] for one in listed] == [layer.name for layer in REGISTRY]
    for layer, one in zip(REGISTRY, listed, strict=True):
        assert one["drawn"] == (layer in LAYERS)
        assert one["count"] == len(everything(app, layer))
        assert {c["name"] for c in one["columns"]} == {
            c.name for c in layer.readable(Audience.PUBLIC)
        }
        if layer.name == "constraints":
            assert (one["count"], one["extent"]) == (0, None)  # none of the demo city is disclosed
            continue
        west, south, east, north = one["extent"]
        inside = exact(client.get(f"{one['href']}?bbox={west},{south},{east},{north}&limit=1"))
        assert inside["numberMatched"] == one["count"]


def test_regions_are_counties_unless_asked(client: FlaskClient) -> None:
    found = exact(client.get("/api/v1/regions"))
    assert {one["properties"]["level"] for one in found["features"]} == {"county"}
    assert {one["id"] for one in found["features"]} >= {"330502", "330503", "330521"}
    under = exact(client.get("/api/v1/regions?under=330503"))
    assert [one["id"] for one in under["features"]] == ["330503"]
    Draft202012Validator(GEOJSON).validate(client.get("/api/v1/regions").json)
