"""What the clients' core asks exists on the server."""

import re

import pytest
from werkzeug.exceptions import MethodNotAllowed, NotFound

from server.app import create_app
from server.config import ROOT, Settings

NOWHERE = "postgresql+psycopg2://nobody@127.0.0.1:1/nothing"
CORE = ROOT / "client/core/src/api.ts"
EXAMPLES = {"{id}": "1", "{layer}": "parcels", "{code}": "abcdefgh"}


def operations() -> list[str]:
    text = CORE.read_text("utf-8")
    return re.findall(r'"((?:GET|POST|PUT|PATCH|DELETE) /[^"]*)"', text)


def served(operation: str) -> bool:
    method, path = operation.split(" ")
    for name, example in EXAMPLES.items():
        path = path.replace(name, example)
    adapter = create_app(Settings(database_url=NOWHERE)).url_map.bind("localhost")
    try:
        adapter.match(f"/api/v1{path}", method)
    except (NotFound, MethodNotAllowed):
        return False
    return True


@pytest.mark.parametrize("operation", operations())
def test_an_operation_of_the_core_is_served(operation: str) -> None:
    assert served(operation)


def test_an_operation_that_nobody_serves_is_noticed() -> None:
    assert len(operations()) > 30
    assert not served("GET /moon")
    assert not served("DELETE /legend")
