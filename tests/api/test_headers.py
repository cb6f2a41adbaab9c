"""What every answer says of itself, and to whom it may be shown."""

from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from tests.api.people import signed_in

PUBLIC = [
    "/api/v1/parcels?limit=1",
    "/api/v1/layers",
    "/api/v1/regions",
    "/api/v1/legend",
    "/api/v1/map?bbox=119.5,30.4,120.7,31.2&zoom=8",
    "/api/v1/docs",
    "/style.json",
    "/healthz",
    "/api/v1/nowhere",
]
STAFF = ["/api/v1/parcels?crs=cgcs2000&limit=1", "/api/v1/session", "/api/v1/sessions"]


@pytest.mark.parametrize("path", PUBLIC + STAFF)
def test_every_answer_says_what_it_is(client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers=signed_in(client) if path in STAFF else {})
    kind, _, parameters = answer.headers["Content-Type"].partition(";")
    assert answer.data
    assert kind.startswith("text/") is ("charset=utf-8" in parameters.lower())
    if kind.endswith("json"):
        assert answer.get_json() is not None


@pytest.mark.parametrize(
    "path",
    [
        "/parcels?limit=1",
        "/map?bbox=119.5,30.4,120.7,31.2&zoom=8",
        "/map?bbox=120.0,30.7,120.3,31.0&zoom=14",
        "/map?bbox=120.0,30.7,120.3,31.0&zoom=14&form=packed",
        "/identify?lng=120.1&lat=30.87&zoom=16",
        "/siting?area_mu_min=30",
    ],
)
def test_every_public_answer_says_of_when_its_data_are(client: FlaskClient, path: str) -> None:
    told = client.get(f"/api/v1{path}").get_json()["dataAsOf"]
    assert datetime.now(UTC) - datetime.fromisoformat(told) < timedelta(days=1)


def test_the_layers_and_each_site_say_it_too(client: FlaskClient) -> None:
    for layer in client.get("/api/v1/layers").get_json()["layers"]:
        assert datetime.fromisoformat(layer["dataAsOf"]).tzinfo is not None
    site = client.get("/api/v1/parcels?limit=1").get_json()["features"][0]["id"]
    shown = client.get(f"/api/v1/parcels/{site}").get_json()["properties"]
    assert datetime.fromisoformat(shown["updated_at"]).tzinfo is not None


def test_only_public_answers_are_for_every_origin(client: FlaskClient) -> None:
    allowed = "Access-Control-Allow-Origin"
    assert client.get(PUBLIC[0]).headers[allowed] == "*"
    for path in STAFF:
        answer = client.get(path, headers=signed_in(client) | {"Origin": "https://evil.example"})
        assert answer.status_code == 200
        assert allowed not in answer.headers
        assert answer.headers["Cache-Control"] == "private, no-store"
