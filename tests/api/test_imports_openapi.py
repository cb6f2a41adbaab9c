"""The documented operations of staff: the routes that there are, and true of generated requests."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from flask import Flask

from gis.layers import LAYERS
from mini_program_api import openapi_imports
from tests.api.generated import DOCUMENTED, statuses_of
from tests.api.people import signed_in
from tests.api.staff import GIS
from tests.conftest import apps
from tests.databases import Maker

PATHS: dict[str, Any] = openapi_imports.paths()
OPERATIONS = [(path, method) for path, item in PATHS.items() for method in item]
Described = tuple[schemathesis.BaseSchema, dict[str, str]]


@pytest.fixture(scope="module")
def described(
    maker: Maker, demo_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Described]:
    folder: Path = tmp_path_factory.mktemp("data")
    with maker.copied(demo_template) as url, apps() as make:
        app = make(url, data_dir=folder, upload_mb=1)
        schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
        yield schema, signed_in(app, "gis", GIS)


# The WSGI transport of schemathesis leaves the file of a download open.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_generated_requests_get_documented_answers(
    described: Described, path: str, method: str
) -> None:
    schema, headers = described
    # Nobody works on imports here, so a request that prefers to wait would only wait.
    statuses = statuses_of(
        schema[path][method.upper()], DOCUMENTED, most=15, headers=headers, without=["Prefer"]
    )
    assert statuses
    assert not statuses.keys() & {401, 403}


def test_documented_operations_are_the_routes(app: Flask) -> None:
    routes = set()
    for rule in app.url_map.iter_rules():
        if rule.endpoint.split(".")[0] not in ("imports", "import_files", "exports"):
            continue
        path = re.sub(r"<(?:[^:>]*:)?run_id>", "{id}", rule.rule.removeprefix("/api/v1"))
        path = re.sub(r"<(?:[^:>]*:)?(row|name)>", r"{\1}", path)
        wishes = ("apply", "rollback", "cancel") if ":wish>" in path else ("",)
        for wish in wishes:
            one = re.sub(r"<any\([^)]*\):wish>", wish, path)
            for layer in LAYERS if "<layer:layer>" in one else LAYERS[:1]:
                for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                    routes.add((one.replace("<layer:layer>", layer.name), method.lower()))
    assert routes == set(OPERATIONS)


def test_every_operation_asks_for_a_session() -> None:
    assert all(item[method]["security"] for item in PATHS.values() for method in item)
