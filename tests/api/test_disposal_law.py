"""Clocks and numbers of the law and names of offices: read by staff, added to by administrators."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import schemathesis
from flask.testing import FlaskClient
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import IntegrityError
from werkzeug.test import TestResponse

from mini_program_api import openapi_disposal_law
from server.accounts.principals import Role
from server.disposal.actions import Step
from server.disposal.documents import office_of
from server.disposal.law_names import STEP_TERMS, Number, Unit
from server.disposal.parameters import deadline, parameters
from tests.api.answers import problem
from tests.api.generated import DESCRIBED, statuses_of
from tests.api.people import signed_in
from tests.conftest import apps
from tests.databases import Maker

ADMIN = ((Role.ADMIN, ""),)
COUNTY_ADMIN = ((Role.ADMIN, "330503"),)
OFFICER = ((Role.OFFICER, "330503"),)
PATHS: dict[str, Any] = openapi_disposal_law.paths()
OPERATIONS = [(path, method) for path, item in PATHS.items() for method in item]
REPLY = {
    "region_code": "330503", "step": "reply", "days": 20, "working_days": True,
    "effective_from": "2026-03-01", "source": "南浔政办发〔2026〕3号", "article": "第四条",
}  # fmt: skip


@pytest.fixture(scope="module")
def law_url(maker: Maker, demo_template: str) -> Iterator[str]:
    with maker.copied(demo_template) as url:
        yield url


@pytest.fixture(scope="module")
def desk(law_url: str) -> Iterator[FlaskClient]:
    with apps() as make:
        yield make(law_url).test_client()


@pytest.fixture
def books(law_url: str) -> Iterator[Engine]:
    engine = create_engine(law_url)
    yield engine
    engine.dispose()


def ask(
    client: FlaskClient, method: str, path: str, body: object = None, seen: int | None = None,
    user: str = "admin", grants: tuple[tuple[Role, str], ...] = ADMIN, key: str | None = None,
) -> TestResponse:  # fmt: skip
    headers = signed_in(client, user, grants) | ({"Idempotency-Key": key} if key else {})
    if seen is not None:
        headers["If-Match"] = f'"{seen}"'
    return client.open(f"/api/v1{path}", method=method, headers=headers, json=body)


def listed(client: FlaskClient, path: str, key: str, name: str) -> list[dict[str, Any]]:
    answer = ask(client, "GET", path, user="officer", grants=OFFICER)
    assert answer.status_code == 200, answer.text
    assert answer.get_json()["total"] == len(answer.get_json()["items"])
    return [one for one in answer.get_json()["items"] if one[key] == name]


def test_every_clock_and_number_is_listed_with_its_words_and_source(
    desk: FlaskClient, books: Engine
) -> None:
    clocks = ask(desk, "GET", "/disposal-deadlines?region=3306").get_json()["items"]
    assert {one["step"]: one["title"] for one in clocks} == {s.value: STEP_TERMS[s] for s in Step}
    numbers = ask(desk, "GET", "/disposal-numbers?region=3306").get_json()["items"]
    assert {(one["name"], one["title"], one["unit"]) for one in numbers} == {
        (one.value, one.term, one.unit.value) for one in Number
    }
    assert all(one["applies"] and one["source"] for one in clocks + numbers)
    fee = next(one for one in numbers if one["name"] == "idle_fee_percent")
    assert (fee["value"], fee["unit"], fee["article"]) == (20, "百分比", "第十四条")
    with books.connect() as connection:
        in_force = parameters(connection, "3306", date(2026, 3, 2))
    assert {n: float(one.value) for n, one in in_force.items()} == {
        one["name"]: float(one["value"]) for one in numbers
    }


def test_a_newer_row_decides_from_its_day_on_and_the_older_stays(
    desk: FlaskClient, books: Engine
) -> None:
    made = ask(desk, "POST", "/disposal-deadlines", REPLY, 2)
    assert made.status_code == 201, made.text
    told = made.get_json()
    assert (told["title"], told["region_name"], told["series"]) == ("权利人书面答复", "南浔区", 3)
    assert (told["applies"], told["version"], told["article"]) == (True, 1, "第四条")
    rows = listed(desk, "/disposal-deadlines?region=330503", "step", "reply")
    assert [(one["region_code"], one["days"], one["applies"]) for one in rows] == [
        ("", 30, False), ("330503", 20, True),
    ]  # fmt: skip
    before = listed(desk, "/disposal-deadlines?region=330503&on=2026-02-28", "step", "reply")
    assert [one["applies"] for one in before] == [True, False]
    elsewhere = listed(desk, "/disposal-deadlines?region=330502", "step", "reply")
    assert [(one["days"], one["applies"]) for one in elsewhere] == [(30, True)]
    with books.connect() as connection:
        assert deadline(connection, Step.REPLY, "330503101", date(2026, 3, 1)).days == 20
        assert deadline(connection, Step.REPLY, "330503101", date(2026, 2, 28)).days == 30
    corrected = ask(desk, "POST", "/disposal-deadlines", REPLY | {"days": 25}, 3)
    assert corrected.get_json()["version"] == 2
    with books.connect() as connection:
        assert deadline(connection, Step.REPLY, "330503", date(2026, 3, 1)).days == 25


def test_what_was_not_seen_is_not_overruled(desk: FlaskClient) -> None:
    body = {
        "region_code": "3305", "name": "photo_distance_m", "value": 300,
        "effective_from": "2026-01-01", "source": "湖自然资发〔2026〕1号", "article": "第二条",
    }  # fmt: skip
    assert problem(ask(desk, "POST", "/disposal-numbers", body), 428, "version-missing")
    made = ask(desk, "POST", "/disposal-numbers", body, 2, key="once-only")
    assert made.status_code == 201
    again = ask(desk, "POST", "/disposal-numbers", body, 2, key="once-only")
    assert again.get_json() == made.get_json()
    assert again.headers["Idempotent-Replayed"] == "true"
    stale = problem(ask(desk, "POST", "/disposal-numbers", body, 2), 412, "stale-version")
    assert stale["current"] == {"version": 3}
    logged = ask(desk, "GET", "/audit?action=disposal.law_added&limit=1").get_json()
    [entry] = logged["items"]
    assert entry["subject"] == f"legal_parameters/{made.get_json()['id']}"
    assert entry["details"]["source"] == "湖自然资发〔2026〕1号"


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("numbers", {"name": "idle_fee_percent", "value": 120}),
        ("numbers", {"name": "pause_seizure", "value": 2}),
        ("numbers", {"name": "idle_line_months", "value": 12.5}),
        ("deadlines", {"step": "pay", "days": 30, "working_days": True, "rolls": True}),
        ("numbers", {"name": "photo_distance_m", "value": 1, "region_code": "99"}),
        ("numbers", {"name": "photo_distance_m", "value": 1, "effective_from": "1999-12-31"}),
    ],
)
def test_a_row_that_cannot_be_is_refused(
    desk: FlaskClient, path: str, wrong: dict[str, object]
) -> None:
    paper = {
        "region_code": "330503", "effective_from": "2026-03-01", "source": "x", "article": "y",
    }  # fmt: skip
    problem(ask(desk, "POST", f"/disposal-{path}", paper | wrong, 2), 422, "bad-law-row")


@pytest.mark.parametrize("missing", ["source", "article"])
def test_no_row_without_its_paper(desk: FlaskClient, missing: str) -> None:
    without = {name: value for name, value in REPLY.items() if name != missing}
    for body in (without, without | {missing: " "}):
        refused = problem(ask(desk, "POST", "/disposal-deadlines", body, 4), 400)
        assert refused["parameter"] == missing


def test_only_administrators_of_the_region_add_rows(desk: FlaskClient) -> None:
    refused = ask(desk, "POST", "/disposal-deadlines", REPLY, 4, "officer", OFFICER)
    problem(refused, 403, "staff-only")
    for region in ("", "3305", "330502"):
        other = REPLY | {"region_code": region}
        refused = ask(desk, "POST", "/disposal-deadlines", other, 4, "south", COUNTY_ADMIN)
        problem(refused, 403, "out-of-region")


def test_an_office_changes_its_name_and_old_documents_keep_theirs(
    desk: FlaskClient, books: Engine
) -> None:
    [before] = listed(desk, "/disposal-offices?region=330503", "region_code", "330503")
    assert (before["id"], before["name"]) == (None, "湖州市南浔区自然资源和规划局")
    named = {
        "region_code": "330503", "effective_from": "2026-05-01", "source": "浔编〔2026〕7号",
        "name": "南浔区自然资源局", "short_name": "浔自然资", "government": "南浔区人民政府",
        "phone": "0572-3012345",
    }  # fmt: skip
    made = ask(desk, "POST", "/disposal-offices", named, before["series"], "south", COUNTY_ADMIN)
    assert made.status_code == 201, made.text
    [after] = listed(desk, "/disposal-offices?region=330503", "region_code", "330503")
    assert (after["name"], after["applies"], after["series"]) == ("南浔区自然资源局", True, 2)
    with books.connect() as connection:
        assert office_of(connection, "330503101", date(2026, 5, 1)).short_name == "浔自然资"
        assert office_of(connection, "330503101", date(2026, 4, 30)).name == before["name"]


@pytest.mark.parametrize("table", ["case_deadlines", "legal_parameters", "disposal_offices"])
def test_the_database_itself_lets_nobody_rewrite_the_law(books: Engine, table: str) -> None:
    with books.begin() as connection:
        assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() > 0
        with pytest.raises(IntegrityError, match="holds history"):
            connection.execute(text(f"UPDATE {table} SET source = 'x'"))


def test_each_unit_has_values_that_cannot_be() -> None:
    for unit in Unit:
        least, most = unit.bounds
        assert unit.allows(least)
        assert unit.allows(most)
        assert not unit.allows(least - 1)
        assert not unit.allows(most + 1)


def test_documented_operations_are_the_routes(desk: FlaskClient) -> None:
    own = [
        r for r in desk.application.url_map.iter_rules() if r.endpoint.startswith("disposal_law.")
    ]
    asked = {(r.rule.removeprefix("/api/v1"), m.lower()) for r in own for m in r.methods or ()}
    assert asked - {(path, m) for path, _ in asked for m in ("head", "options")} == set(OPERATIONS)


# The WSGI transport of schemathesis leaves the file of a download open.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_generated_requests_get_documented_answers(
    desk: FlaskClient, path: str, method: str
) -> None:
    headers = signed_in(desk.application, "everywhere", [(Role.ADMIN, "")])
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", desk.application)
    asked = headers | {"Accept-Encoding": "identity"}
    statuses = statuses_of(schema[path][method.upper()], DESCRIBED, most=12, headers=asked)
    assert statuses
    assert 401 not in statuses
