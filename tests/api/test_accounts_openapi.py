"""Accounts, edits and oversight: documented as they are, and no generated input breaks them."""

import json
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from flask import Flask
from sqlalchemy import text

from mini_program_api import openapi_accounts
from server.accounts.principals import Role
from server.request import engine_of
from tests.api.generated import DOCUMENTED, statuses_of
from tests.api.people import signed_in
from tests.conftest import apps
from tests.databases import Maker

EXAMPLES = int(os.environ.get("KANDI_SOAK_INPUTS", "10"))
PATHS: dict[str, Any] = {
    **openapi_accounts.paths(),
    **{path: {"patch": edit} for path, edit in openapi_accounts.edits().items()},
}
OPERATIONS = [(path, method) for path, item in PATHS.items() for method in item]
ENDING = {("/session", "delete"), ("/sessions/{id}", "delete")}
"""What ends the session of the test itself."""

DICTIONARY: list[Any] = [
    None, True, -1, 0, 1e308, -0.0, 2**63, 2**64, 10**40, "", " ", "\0", "a\u0000b", "\ud800",
    "٣", "1_0", "1e3", "NaN", "2026-02-30", "9999-12-31T23:59:60Z", "%", "' OR 1=1 --", "../..",
    "{{7*7}}", "\u202e", "😀" * 200, "x" * 5000, [], {}, [[]], [None], {"": ""}, {"a": {"b": []}},
]  # fmt: skip

MEMBERS = (
    "username",
    "password",
    "totp",
    "name",
    "code",
    "changes",
    "reason",
    "grants",
    "current",
    "disabled",
    "verified",
)

Running = tuple[Flask, schemathesis.BaseSchema, dict[str, str]]


@pytest.fixture(scope="module")
def running(maker: Maker, demo_template: str) -> Iterator[Running]:
    with maker.copied(demo_template) as url, apps() as make:
        app = make(url)
        with engine_of(app).begin() as connection:
            # Generated numbers are small: none of them shall be that of the test's own account.
            connection.execute(text("ALTER TABLE users ALTER COLUMN id RESTART WITH 77000077"))
        everyone = sorted((role, "") for role in Role)
        headers = signed_in(app, "all", everyone)
        yield app, schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app), headers


@pytest.mark.parametrize(("path", "method"), [one for one in OPERATIONS if one not in ENDING])
def test_generated_requests_get_documented_answers(
    running: Running, path: str, method: str, record_property: Callable[[str, object], None]
) -> None:
    _, schema, headers = running
    operation = schema[path][method.upper()]
    statuses = statuses_of(operation, DOCUMENTED, most=EXAMPLES, headers=headers)
    record_property("generated inputs", statuses.total())
    assert statuses


@pytest.mark.parametrize(
    ("path", "method"), [one for one in OPERATIONS if one[1] in ("post", "put", "patch")]
)
def test_no_word_of_the_dictionary_breaks_a_body(
    running: Running, path: str, method: str, record_property: Callable[[str, object], None]
) -> None:
    app, _, headers = running
    client = app.test_client()
    address = f"/api/v1{path}".replace("{id}", "100123")
    for word in DICTIONARY:
        for body in (word, *({member: word} for member in MEMBERS)):
            sent = headers | {"If-Match": '"1"', "Content-Type": "application/json"}
            content = json.dumps(body)
            answer = client.open(address, method=method.upper(), data=content, headers=sent)
            assert answer.status_code < 500, (body, answer.text)
    record_property("inputs of the dictionary", len(DICTIONARY) * (1 + len(MEMBERS)))


RAW = [b"[" * 30_000, b'{"a":' * 5_000, b"\xff\xfe", b'{"username": NaN}', b'{"a":1e999}', b"null",
       b'"\\ud800"', b'{"username":"\\u0000","password":"x"}', b"{", b"\x00" * 10]  # fmt: skip


@pytest.mark.parametrize("raw", RAW, ids=range(len(RAW)))
def test_no_raw_body_breaks_anything(running: Running, raw: bytes) -> None:
    app, _, headers = running
    client = app.test_client()
    for path, method in OPERATIONS:
        if (path, method) not in ENDING:
            address = f"/api/v1{path}".replace("{id}", "1")
            sent = headers | {"If-Match": '"1"'}
            answer = client.open(address, method=method.upper(), data=raw, headers=sent)
            assert answer.status_code < 500, (path, answer.text)


KEYS = ["", " ", "x" * 300, "中", "a\tb"]


@pytest.mark.parametrize("key", KEYS)
def test_keys_that_are_none_are_refused(running: Running, key: str) -> None:
    app, _, headers = running
    sent = headers | {"Idempotency-Key": key, "If-Match": '"1"'}
    answer = app.test_client().patch("/api/v1/parcels/1", json={}, headers=sent)
    assert answer.status_code == 400
