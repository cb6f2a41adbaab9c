"""Documented operations on rules, scans, figures, reports and registers: the routes, and true."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from flask import Flask

from mini_program_api import openapi_disposal_scans
from server.accounts.principals import Role
from server.config import Settings
from server.db import job_engine
from server.disposal.report_prints import Printer
from tests.api.generated import DESCRIBED, statuses_of
from tests.api.people import signed_in
from tests.conftest import apps
from tests.databases import Maker

PATHS: dict[str, Any] = openapi_disposal_scans.paths()
OPERATIONS = [(path, method) for path, item in PATHS.items() for method in item]
OURS = {
    "disposal_maps",
    "disposal_register",
    "disposal_reports",
    "disposal_scans",
    "disposal_statistics",
}
EVERYTHING = [(role, "") for role in (Role.ADMIN, Role.LEADER, Role.OFFICER)]
Described = tuple[schemathesis.BaseSchema, dict[str, str]]


@pytest.fixture(scope="module")
def described(maker: Maker, demo_template: str) -> Iterator[Described]:
    with maker.copied(demo_template) as url, apps() as make:
        app = make(url)
        headers = signed_in(app, "all", EVERYTHING)
        client = app.test_client()
        for path, body in (
            ("disposal-scans", {"as_of": "2026-08-20", "region": "3305"}),
            ("disposal-reports", {"region": "330521", "month": "2026-08"}),
        ):
            made = client.post(f"/api/v1/{path}", headers=headers, json=body)
            assert made.status_code in (200, 201), made.text
        with job_engine(Settings(database_url=url)).begin() as connection:
            assert Printer()(connection)
        yield schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app), headers


# The WSGI transport of schemathesis leaves the file of a download open.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_generated_requests_get_documented_answers(
    described: Described, path: str, method: str
) -> None:
    schema, headers = described
    operation = schema[path][method.upper()]
    statuses = statuses_of(
        operation, DESCRIBED, most=12, headers=headers | {"Accept-Encoding": "identity"}
    )
    assert statuses
    assert 401 not in statuses


def test_what_is_asked_rightly_is_answered_as_documented(described: Described) -> None:
    schema, headers = described
    for path in ("/disposal-rules", "/disposal-warnings", "/disposal-statistics",
                 "/disposal-targets", "/disposal-reports", "/disposal-cases.geojson"):  # fmt: skip
        case = schema[path]["GET"].Case()
        answer = case.call(headers=headers | {"Accept-Encoding": "identity"})
        assert answer.status_code == 200, path
        case.validate_response(answer, checks=list(DESCRIBED))
    case = schema["/disposal-reports/{id}"]["GET"].Case(path_parameters={"id": 1})
    answer = case.call(headers=headers | {"Accept-Encoding": "identity"})
    assert answer.status_code == 200
    case.validate_response(answer, checks=list(DESCRIBED))


def test_documented_operations_are_the_routes(app: Flask) -> None:
    routes = set()
    for rule in app.url_map.iter_rules():
        if rule.endpoint.split(".")[0] in OURS:
            path = re.sub(r"<[^>]*:report_id>", "{id}", rule.rule.removeprefix("/api/v1"))
            methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
            routes |= {(path, method.lower()) for method in methods}
    assert routes == set(OPERATIONS)


def test_every_operation_asks_for_a_session() -> None:
    assert all(item[method]["security"] for item in PATHS.values() for method in item)
