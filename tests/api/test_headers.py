"""What every answer says of itself, and to whom it may be shown."""

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


def test_only_public_answers_are_for_every_origin(client: FlaskClient) -> None:
    allowed = "Access-Control-Allow-Origin"
    assert client.get(PUBLIC[0]).headers[allowed] == "*"
    for path in STAFF:
        answer = client.get(path, headers=signed_in(client) | {"Origin": "https://evil.example"})
        assert answer.status_code == 200
        assert allowed not in answer.headers
        assert answer.headers["Cache-Control"] == "private, no-store"
