"""What an answer of the API is checked against: problem shape, schemas, whole collections."""

from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import Any, cast

from flask import Flask, json
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator, FormatChecker
from werkzeug.test import TestResponse

from gis import sql
from gis.layers import Audience, Layer

Json = dict[str, Any]

POSITION = {"type": "array", "minItems": 2, "maxItems": 3, "items": {"type": "number"}}
RING = {"type": "array", "minItems": 4, "items": POSITION}
GEOJSON: Json = {
    "type": "object",
    "required": ["type", "features"],
    "properties": {
        "type": {"const": "FeatureCollection"},
        "features": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["type", "geometry", "properties"],
                "properties": {
                    "type": {"const": "Feature"},
                    "id": {"type": ["string", "integer"]},
                    "properties": {"type": ["object", "null"]},
                    "geometry": {
                        "type": "object",
                        "required": ["type", "coordinates"],
                        "properties": {
                            "type": {"const": "MultiPolygon"},
                            "coordinates": {
                                "type": "array",
                                "items": {"type": "array", "minItems": 1, "items": RING},
                            },
                        },
                    },
                },
                "not": {"required": ["coordinates"]},
            },
        },
    },
    "not": {"anyOf": [{"required": ["coordinates"]}, {"required": ["geometry"]}]},
}
"""A FeatureCollection of MultiPolygons as RFC 7946, sections 3.1.7, 3.2 and 3.3, has it."""


def problem(response: TestResponse, status: int, code: str | None = None) -> Json:
    """The body of an error, which must have the one problem shape (RFC 9457)."""
    assert response.status_code == status, response.text
    assert response.content_type == "application/problem+json"
    assert "no-store" in response.headers["Cache-Control"]
    body: Json = json.loads(response.data)
    assert {"type", "title", "status", "detail", "instance"} <= set(body)
    assert body["status"] == status
    assert body["type"].startswith("urn:kandi:problem:")
    assert body["title"]
    assert body["detail"]
    if code is not None:
        assert body["type"] == f"urn:kandi:problem:{code}"
    return body


def exact(response: TestResponse) -> Json:
    """A JSON answer with its decimals as they are written."""
    assert response.status_code == 200, response.text
    return cast("Json", json.loads(response.text, parse_float=Decimal))


def conforms(answer: object, document: Json, schema: str) -> None:
    """Raise unless the answer is what a schema of our OpenAPI document says."""
    whole = {"$ref": f"#/components/schemas/{schema}", "components": document["components"]}
    Draft202012Validator(whole, format_checker=FormatChecker()).validate(answer)


def pages(client: FlaskClient, path: str) -> Iterator[Json]:
    """Every page of a collection, by the links that the pages give."""
    following: str | None = path
    while following is not None:
        page = exact(client.get(following))
        yield page
        links = {link["rel"]: link["href"] for link in page["links"]}
        following = links.get("next")


@cache
def everything(app: Flask, layer: Layer) -> dict[int, Json]:
    """Every public property of every public site of a layer, by id."""
    names = ",".join(sorted(sql.output_names(layer, Audience.PUBLIC)))
    found = pages(app.test_client(), f"/api/v1/{layer.name}?fields={names}&limit=500")
    return {one["id"]: one["properties"] for page in found for one in page["features"]}


def ids(page: Json) -> list[int]:
    """Ids of the features of a page, in their order."""
    return [feature["id"] for feature in page["features"]]
