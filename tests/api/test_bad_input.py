"""Bad input: a 4xx problem that names what is wrong, never a 5xx, whatever is sent."""

from http import HTTPStatus

import pytest
from flask.testing import FlaskClient

from gis.layers import LAYERS, Layer
from tests.api.answers import problem

LONG = "9" * 30_000

BAD_QUERIES = {
    "unknown parameter": "colour=red",
    "staff parameter": "holder_name=x",
    "repeated parameter": "limit=3&limit=4",
    "bbox of words": "bbox=here",
    "bbox of three": "bbox=1,2,3",
    "bbox inverted": "bbox=121,31,120,30",
    "bbox flat": "bbox=120,30,120,31",
    "bbox nan": "bbox=nan,30,121,31",
    "bbox inf": "bbox=-inf,30,inf,31",
    "bbox off the earth": "bbox=200,30,201,31",
    "bbox too long": f"bbox={LONG}",
    "bbox exponent": "bbox=1e2,30,121,31",
    "crs unknown": "crs=wgs84",
    "crs empty": "crs=",
    "limit zero": "limit=0",
    "limit negative": "limit=-1",
    "limit exponent": "limit=1e3",
    "limit underscore": "limit=1_0",
    "limit Arabic": "limit=%D9%A3",
    "limit too big": "limit=1001",
    "limit enormous": f"limit={LONG}",
    "limit empty": "limit=",
    "cursor garbage": "cursor=!!!",
    "cursor of another": "cursor=eyJpZCI6MX0",
    "cursor long": f"cursor={LONG}",
    "cursor not ASCII": "cursor=%E4%B8%AD",
    "fields unknown": "fields=name,colour",
    "fields of staff": "fields=holder_name",
    "fields empty": "fields=",
    "fields long": f"fields={LONG}",
    "words NUL": "q=%00",
    "words surrogate": "q=%ED%A0%80%00",
    "words long": f"q={LONG}",
    "words blank": "q=%20",
    "no such day": "available_on_min=2026-02-30",
    "day long": f"available_on_min={LONG}",
    "code NUL": "code=A%00",
    "code long": f"code={LONG}",
    "status unknown": "status=lost",
    "area long": f"area_m2_min={LONG}",
    "area crossed": "area_mu_min=9&area_mu_max=1",
    "boolean digit": "has_power=1",
    "region wildcard": "region_code=33%25",
    "plot ratio text": "plot_ratio=high",
    "deep brackets": f"q={'[' * 30_000}",
    "parameter name NUL": "%00=1",
    "parameter name long": f"{LONG}=1",
    "parameter name surrogate": "%ED%A0%80=1",
}

PATHS = [
    "/api/v1/nothing",
    "/api/v2/parcels",
    "/api/v1/parcels/",
    "/api/v1/parcels/abc",
    "/api/v1/parcels/-1",
    "/api/v1/parcels/1.5",
    "/api/v1/parcels/%D9%A3x",
    "/api/v1/parcels/1/2",
    "/api/v1/layers/",
    "/api/v1/Parcels",
    "/api/v1/",
    "/nothing",
    "/%00",
    "/%ED%A0%80",
    "/static/../server/app.py",
    "/vendor/../../setup.cfg",
    "/static/nothing.js",
    "/vendor/nothing.js",
]

UNKNOWN_IDS = [
    "0",
    "1",
    "999999999",
    "9223372036854775807",
    "9223372036854775808",
    "99999999999999999999999999",
    "9" * 4000,
    "00001",
]


@pytest.mark.parametrize("query", BAD_QUERIES.values(), ids=BAD_QUERIES)
def test_a_bad_query_is_refused_and_its_parameter_named(client: FlaskClient, query: str) -> None:
    body = problem(client.get(f"/api/v1/parcels?{query}"), 400, "invalid-parameter")
    assert "parameter" in body
    assert body["instance"] == "/api/v1/parcels"
    assert len(body["detail"]) < 31_000


@pytest.mark.parametrize("query", ["bbox=1,2", "limit=0", "area_mu_min=x", "q=%00", "colour=1"])
def test_the_member_parameter_holds_the_name(client: FlaskClient, query: str) -> None:
    body = problem(client.get(f"/api/v1/parcels?{query}"), 400)
    assert body["parameter"] == query.partition("=")[0]


@pytest.mark.parametrize(
    "path", ["parcels/1?limit=3", "layers?x=1", "regions?under=3", "regions?level=x"]
)
def test_other_answers_refuse_parameters_as_well(client: FlaskClient, path: str) -> None:
    assert problem(client.get(f"/api/v1/{path}"), 400)["parameter"]


@pytest.mark.parametrize("escape", ["%ed%a0%80", "%ff%fe", "%c0%80x", "%f5%80%80%80"])
def test_broken_utf8_finds_nothing_or_is_refused(client: FlaskClient, escape: str) -> None:
    for name in ("q", "code", "region_code", "cursor", "bbox", "crs", "fields"):
        response = client.get(f"/api/v1/parcels?{name}={escape}")
        if response.status_code == HTTPStatus.OK:
            assert response.json is not None
            assert response.json["numberMatched"] == 0
        else:
            problem(response, 400)


@pytest.mark.parametrize("path", PATHS)
def test_an_unknown_address_is_a_404_problem(client: FlaskClient, path: str) -> None:
    problem(client.get(path), 404, "not-found")


@pytest.mark.parametrize("site_id", UNKNOWN_IDS)
@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_an_unknown_id_is_a_404_problem(client: FlaskClient, layer: Layer, site_id: str) -> None:
    problem(client.get(f"/api/v1/{layer.name}/{site_id}"), 404)


def test_the_id_of_another_layer_is_unknown(client: FlaskClient) -> None:
    found = client.get("/api/v1/parks?limit=1").json
    assert found is not None
    problem(client.get(f"/api/v1/parcels/{found['features'][0]['id']}"), 404, "unknown-feature")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    "path",
    ["/api/v1/parcels", "/api/v1/parcels/1", "/api/v1/layers", "/api/v1/regions", "/healthz"],
)
def test_a_wrong_method_is_a_405_that_says_which_are_right(
    client: FlaskClient, method: str, path: str
) -> None:
    if (method, path) == ("PATCH", "/api/v1/parcels/1"):
        path = "/api/v1/facilities/1"  # a parcel can be patched, by staff
    response = client.open(path, method=method)
    body = problem(response, 405, "method-not-allowed")
    assert method in body["detail"]
    assert {"GET", "HEAD"} <= set(response.headers["Allow"].split(", "))


def test_a_problem_speaks_chinese_to_people(client: FlaskClient) -> None:
    body = problem(client.get("/api/v1/parcels?area_mu_mim=3"), 400)
    assert body["title"] == "参数有误"
    assert "area_mu_min" in body["detail"]


def test_head_is_get_without_a_body(client: FlaskClient) -> None:
    got, head = client.get("/api/v1/parcels"), client.head("/api/v1/parcels")
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["ETag"] == got.headers["ETag"]
