"""The documented operations on cases: the routes that there are, and true of generated requests."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from flask import Flask

from mini_program_api import openapi_disposal_cases
from server.accounts.principals import Role
from server.config import Settings
from server.db import job_engine
from tests.api.generated import DESCRIBED, statuses_of
from tests.api.people import signed_in
from tests.conftest import apps
from tests.databases import Maker
from tests.disposal.county import COUNTY, County
from tests.disposal.desk import Desk

PATHS: dict[str, Any] = openapi_disposal_cases.paths()
OPERATIONS = [(path, method) for path, item in PATHS.items() for method in item]
Described = tuple[schemathesis.BaseSchema, dict[str, str]]
EVERYTHING = [(role, COUNTY) for role in (Role.LEADER, Role.OFFICER, Role.REVIEWER)]


@pytest.fixture(scope="module")
def described(
    maker: Maker, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Described]:
    with maker.copied(migrated_template) as url, apps() as make:
        county = County(job_engine(Settings(database_url=url)))
        app = make(url, data_dir=tmp_path_factory.mktemp("data"))
        desk = Desk(app.test_client())
        for _ in range(3):
            desk.verified(county.parcel(), "2026-02-02")
        schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
        yield schema, signed_in(app, "all", EVERYTHING)


# The WSGI transport of schemathesis leaves the file of a download open.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_generated_requests_get_documented_answers(
    described: Described, path: str, method: str
) -> None:
    schema, headers = described
    operation = schema[path][method.upper()]
    statuses = statuses_of(
        operation, DESCRIBED, most=20, headers=headers | {"Accept-Encoding": "identity"}
    )
    assert statuses
    assert 401 not in statuses


def test_documented_operations_are_the_routes(app: Flask) -> None:
    routes = set()
    for rule in app.url_map.iter_rules():
        if rule.endpoint.split(".")[0] not in ("disposal_cases", "disposal_files"):
            continue
        path = rule.rule.removeprefix("/api/v1")
        path = re.sub(r"<(?:[^:>]*:)?case_id>", "{id}", path)
        path = re.sub(r"<(?:[^:>]*:)?file_id>", "{file}", path)
        for variant in ("large", "thumb") if ":variant>" in path else ("",):
            one = re.sub(r"<any\([^)]*\):variant>", variant, path)
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                routes.add((one, method.lower()))
    assert routes == set(OPERATIONS)


def test_every_operation_asks_for_a_session() -> None:
    assert all(item[method]["security"] for item in PATHS.values() for method in item)
