"""The OpenAPI document: valid, complete, and true of the routes and of generated requests."""

import re

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV31SpecValidator

from gis import filters
from gis.layers import LAYERS, REGISTRY, Layer
from gis.siting.terms import SITED
from mini_program_api import openapi_people
from mini_program_api.openapi import build
from mini_program_api.params import PAGE_PARAMETERS
from tests.api.answers import Json, problem
from tests.api.generated import DESCRIBED, statuses_of


@pytest.fixture(scope="session")
def described(demo_url: str) -> schemathesis.BaseSchema:
    """The document as a live server gives it, and the server itself."""
    return schemathesis.openapi.from_url(f"{demo_url}/api/v1/openapi.json")


PUBLIC_PARTS = ("api", "disposal_notices", "maps", "openapi", "siting", "tiles")
PATHS: Json = build(1000)["paths"]  # type: ignore[assignment]
PEOPLE = set(openapi_people.paths())
PUBLIC = {
    path
    for path, item in PATHS.items()
    if "security" not in next(iter(item.values())) and path not in PEOPLE
}
"""What anyone may ask; test_imports_openapi.py and test_people_openapi.py ask the rest."""


METHODS = {"get", "post", "put", "patch", "delete"}
OPERATIONS = [
    (path, method)
    for path in sorted(PUBLIC)
    for method in PATHS[path]
    if method in METHODS and "security" not in PATHS[path][method]
]


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_generated_requests_get_documented_answers(
    described: schemathesis.BaseSchema, path: str, method: str
) -> None:
    operation = described[path][method.upper()]
    statuses = statuses_of(operation, DESCRIBED, most=100)
    assert statuses.keys() <= {200, 204, 304, 400, 403, 404, 422}
    assert statuses.keys() & {200, 204, 404, 422}


@pytest.fixture
def document(client: FlaskClient) -> Json:
    """The document."""
    answer = client.get("/api/v1/openapi.json").json
    assert answer is not None
    return dict(answer)


def test_the_document_is_valid_openapi_3_1(document: Json) -> None:
    assert document["openapi"].startswith("3.1")
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def test_the_validator_sees_a_broken_document(document: Json) -> None:
    del document["paths"]["/layers"]["get"]["responses"]["200"]["description"]
    assert list(OpenAPIV31SpecValidator(document).iter_errors())


def test_documented_paths_and_routes_are_the_same(app: Flask, document: Json) -> None:
    undocumented = {"/openapi.json", "/docs"}
    routes = set()
    for rule in app.url_map.iter_rules():
        if rule.endpoint.split(".")[0] not in PUBLIC_PARTS:
            continue
        path = rule.rule.removeprefix("/api/v1")
        path = re.sub(r"<int:site_id>", "{id}", path)
        path = re.sub(r"<(?:int:)?(\w+)>", r"{\1}", path)
        drawn = path.replace("<drawn:layer>", "<layer:layer>")
        layers = SITED if path.endswith(".pdf") else REGISTRY if path == drawn else LAYERS
        for layer in layers if "<layer:layer>" in drawn else [None]:
            routes.add(drawn.replace("<layer:layer>", layer.name) if layer else path)
    assert set(document["paths"]) & PUBLIC == routes - undocumented


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_documented_parameters_are_those_that_are_taken(document: Json, layer: Layer) -> None:
    operation = document["paths"][f"/{layer.name}"]["get"]
    named = [p["name"] for p in operation["parameters"] if p["in"] == "query"]
    assert named == list(dict.fromkeys(named))
    assert set(named) == {*PAGE_PARAMETERS, *filters.parameters(layer)}


@pytest.mark.parametrize("path", ["parcels", "parcels/1", "layers", "regions"])
def test_a_parameter_that_is_not_documented_is_refused(
    client: FlaskClient, document: Json, path: str
) -> None:
    operation = document["paths"][f"/{path.replace('/1', '/{id}')}"]["get"]
    assert "undocumented" not in {p["name"] for p in operation["parameters"]}
    problem(client.get(f"/api/v1/{path}?undocumented=1"), 400, "invalid-parameter")


def _only_investors(security: list[Json]) -> bool:
    return all(set(one) <= {"investorSession"} for one in security)


def test_every_operation_says_what_can_go_wrong(document: Json) -> None:
    ids = []
    for path, operations in document["paths"].items():
        for method in METHODS & set(operations):
            operation = operations[method]
            answers = operation["responses"]
            ids.append(operation["operationId"])
            # What is not kept any more need not be given up: that answer is no mistake.
            forgiving = method == "delete" and "/favourites/" in path
            missing = {"404"} if "{id}" in path and not forgiving else set()
            assert {"400", "503"} | missing <= set(answers), (method, path)
            asks = operation.get("security", [])
            # Investors have no roles: whoever is logged in may do all that is his own.
            roles = {"403"} if asks and not _only_investors(asks) else set()
            assert ({"401"} if asks else set()) | roles <= set(answers), (method, path)
            assert "304" in answers or "ETag" not in answers.get("200", {}).get("headers", {})
            for status in (status for status in answers if status >= "400"):
                assert list(answers[status]["content"]) == ["application/problem+json"]
    assert len(ids) == len(set(ids)) > 10


def test_the_limit_of_the_installation_is_documented() -> None:
    parameters = build(250)["paths"]["/parcels"]["get"]["parameters"]  # type: ignore[index]
    (limit,) = (p for p in parameters if p["name"] == "limit")
    assert limit["schema"]["maximum"] == 250


def test_the_page_to_browse_the_document_is_there(client: FlaskClient) -> None:
    response = client.get("/api/v1/docs")
    assert response.status_code == 200
    assert "openapi.json" in response.text
