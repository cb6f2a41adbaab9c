"""Editing a site: what changes, who may, what is refused, and what history and the public see."""

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from server.accounts.principals import Role
from server.request import engine_of
from tests.api.answers import Json, problem
from tests.api.people import signed_in
from tests.conftest import apps
from tests.databases import Maker

ROUNDS = int(os.environ.get("KANDI_SOAK_ROUNDS", "3"))
RACERS = int(os.environ.get("KANDI_SOAK_RACERS", "4"))
OFFICER = ((Role.OFFICER, "330503"),)
REVIEWER = ((Role.REVIEWER, "3305"),)


@pytest.fixture(scope="module")
def app(maker: Maker, demo_template: str) -> Iterator[Flask]:
    with maker.copied(demo_template) as url, apps() as make:
        yield make(url)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def officer(app: Flask) -> dict[str, str]:
    return signed_in(app, "officer", OFFICER)


def query(app: Flask, statement: str, **values: Any) -> Any:
    with engine_of(app).begin() as connection:
        return connection.execute(text(statement), values).scalar()


def a_parcel(app: Flask, status: str = "available", region: str = "330503", skip: int = 0) -> int:
    found = query(
        app,
        "SELECT id FROM parcels WHERE status = :status AND starts_with(region_code, :region)"
        " AND retired_at IS NULL ORDER BY id OFFSET :skip LIMIT 1",
        status=status, region=region, skip=skip,
    )  # fmt: skip
    assert found is not None
    return int(found)


def version(app: Flask, site_id: int) -> int:
    return int(query(app, "SELECT version FROM parcels WHERE id = :id", id=site_id))


def patch(
    client: FlaskClient, headers: dict[str, str], site_id: int, seen: int | str | None, **body: Any
) -> TestResponse:
    body = {"reason": "实地核实后更正", **body}
    match = {} if seen is None else {"If-Match": f'"{seen}"'}
    return client.patch(f"/api/v1/parcels/{site_id}", json=body, headers=headers | match)


def history(client: FlaskClient, headers: dict[str, str], site_id: int) -> list[Json]:
    answer = client.get(f"/api/v1/parcels/{site_id}/history", headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "private, no-store"
    return list(answer.get_json()["items"])


def test_an_edit_is_seen_by_staff_and_public_and_stands_in_history_and_audit(
    app: Flask, client: FlaskClient, officer: dict[str, str]
) -> None:
    site_id = a_parcel(app)
    seen = version(app, site_id)
    changes = {"name": "改过的名称", "price_start_wan": 1234.5, "has_gas": None,
               "plot_ratio": {"min": 1.5, "max": None}, "remark": "仅内部"}  # fmt: skip
    answer = patch(client, officer, site_id, seen, changes=changes)
    assert answer.status_code == 200, answer.text
    body = answer.get_json()
    assert answer.headers["ETag"] == f'"{seen + 1}"'
    assert (body["version"], body["name"], body["remark"]) == (seen + 1, "改过的名称", "仅内部")
    public = client.get(f"/api/v1/parcels/{site_id}").get_json()["properties"]
    assert (public["name"], public["price_start_wan"]) == ("改过的名称", 1234.5)
    assert public["plot_ratio"]["min"] == 1.5
    assert "remark" not in public
    newest = history(client, officer, site_id)[0]
    assert (newest["actor_name"], newest["reason"]) == ("officer（测试）", "实地核实后更正")
    words = {one["title"]: one["after_text"] for one in newest["changes"]}
    assert words["容积率"] == "≥1.5"
    assert words["起始价"] == "1234.5 万元"
    details = query(
        app, "SELECT details FROM audit WHERE subject = :s ORDER BY seq DESC LIMIT 1",
        s=f"parcels/{site_id}",
    )  # fmt: skip
    assert details["changes"]["name"][1] == "改过的名称"


def test_wechat_has_no_patch_and_names_it_in_a_header(
    app: Flask, client: FlaskClient, officer: dict[str, str]
) -> None:
    site_id = a_parcel(app, skip=3)
    headers = officer | {"If-Match": f'"{version(app, site_id)}"'}
    body = {"changes": {"name": "微信里改的"}, "reason": "现场核实"}
    path = f"/api/v1/parcels/{site_id}"
    for other in ({}, {"X-HTTP-Method-Override": "DELETE"}):
        assert client.post(path, json=body, headers=headers | other).status_code == 405
    meant = headers | {"X-HTTP-Method-Override": "PATCH"}
    assert client.get(path, headers=meant).get_json()["properties"]["name"] != "微信里改的"
    answer = client.post(path, json=body, headers=meant)
    assert (answer.status_code, answer.get_json()["name"]) == (200, "微信里改的")


def test_history_begins_with_the_import_that_made_the_site(
    app: Flask, client: FlaskClient, officer: dict[str, str]
) -> None:
    first = history(client, officer, a_parcel(app, skip=1))[-1]
    assert first["action"] == "created"
    assert "parcels.zip" in first["reason"]


def test_who_saw_an_older_version_is_told_what_is_now(
    app: Flask, client: FlaskClient, officer: dict[str, str]
) -> None:
    site_id = a_parcel(app, skip=2)
    seen = version(app, site_id)
    assert patch(client, officer, site_id, seen, changes={"name": "甲"}).status_code == 200
    refused = patch(client, officer, site_id, seen, changes={"name": "乙"})
    body = problem(refused, 412, "stale-version")
    assert (body["current"]["name"], body["current"]["version"]) == ("甲", seen + 1)
    problem(patch(client, officer, site_id, None, changes={"name": "乙"}), 428, "version-missing")
    for bad in ("x", "0", "1.5", '1","2', "9" * 12):
        problem(patch(client, officer, site_id, bad, changes={"name": "乙"}), 400)


def test_a_status_follows_only_by_the_rules_of_who_asks(app: Flask, client: FlaskClient) -> None:
    officer, reviewer = signed_in(app, "second", OFFICER), signed_in(app, "reviewer", REVIEWER)
    site_id = a_parcel(app, "sold")
    path, seen = f"/api/v1/parcels/{site_id}/transitions", version(app, site_id)
    mine = client.get(path, headers=officer).get_json()
    theirs = client.get(path, headers=reviewer).get_json()
    assert {one["status"] for one in mine["allowed"]} == {"secondary_transfer", "undisclosed"}
    assert "reserved" in {one["status"] for one in theirs["allowed"]}
    assert all(one["source"] and one["title"] for one in theirs["allowed"])
    refused = patch(client, officer, site_id, seen, changes={"status": "reserved"})
    allowed = problem(refused, 409, "illegal-transition")["allowed"]
    assert {one["status"] for one in allowed} == {"secondary_transfer", "undisclosed"}
    done = patch(client, reviewer, site_id, seen, changes={"status": "reserved"})
    assert done.get_json()["status"] == "reserved"


def test_a_rule_counts_in_its_region_and_its_time(app: Flask, client: FlaskClient) -> None:
    officer, site_id = signed_in(app, "second", OFFICER), a_parcel(app, "reserved")
    path = f"/api/v1/parcels/{site_id}/transitions"

    def may_be_sold() -> bool:
        found = client.get(path, headers=officer).get_json()["allowed"]
        return "sold" in {one["status"] for one in found}

    add = ("INSERT INTO status_transitions (layer, from_status, to_status, role, region_code,"
           " effective_from, effective_until, source) VALUES ('parcels', 'reserved', 'sold',"
           " 'officer', :region, :since, :until, 't') RETURNING 1")  # fmt: skip
    assert not may_be_sold()
    query(app, add, region="330502", since="2020-01-01", until=None)
    query(app, add, region="330503", since="2999-01-01", until=None)
    query(app, add, region="330503", since="2020-01-01", until="2020-02-01")
    assert not may_be_sold()
    query(app, add, region="3305", since="2020-01-01", until=None)
    assert may_be_sold()


def test_hiding_and_showing_again_changes_what_the_public_sees(
    app: Flask, client: FlaskClient, officer: dict[str, str]
) -> None:
    site_id = a_parcel(app, skip=3)
    path, seen = f"/api/v1/parcels/{site_id}", version(app, site_id)
    patch(client, officer, site_id, seen, changes={"status": "undisclosed"})
    problem(client.get(path), 404, "unknown-feature")
    back = {"status": "available"}
    problem(patch(client, officer, site_id, seen + 1, changes=back), 409, "illegal-transition")
    reviewer = signed_in(app, "reviewer", REVIEWER)
    assert patch(client, reviewer, site_id, seen + 1, changes=back).status_code == 200
    assert client.get(path).status_code == 200


def test_verifying_sets_the_time_and_nothing_else(
    app: Flask, client: FlaskClient, officer: dict[str, str]
) -> None:
    site_id = a_parcel(app, skip=4)
    query(app, "UPDATE parcels SET stale_since = now() WHERE id = :id RETURNING 1", id=site_id)
    answer = patch(client, officer, site_id, version(app, site_id), verified=True)
    assert answer.status_code == 200, answer.text
    fresh = "SELECT now() - verified_at < '1 minute' AND stale_since IS NULL FROM parcels"
    assert query(app, f"{fresh} WHERE id = :id", id=site_id) is True
    changed = history(client, officer, site_id)[0]["changes"]
    assert [one["column"] for one in changed] == ["verified_at"]


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"code": "X"}, "code"),
        ({"geom": "x"}, "geom"),
        ({"area_m2": 1}, "area_m2"),
        ({"verified_at": "2026-01-01"}, "verified_at"),
        ({"parent_codes": ["x"]}, "parent_codes"),
        ({"version; DROP TABLE audit": 1}, "version; DROP TABLE audit"),
        ({"name": None}, "name"),
        ({"name": "  "}, "name"),
        ({"name": "x\u0007"}, "name"),
        ({"name": "x" * 3000}, "name"),
        ({"name": ["x"]}, "name"),
        ({"name": {"a": 1}}, "name"),
        ({"status": "lost"}, "status"),
        ({"status": True}, "status"),
        ({"region_code": "339999"}, "region_code"),
        ({"region_code": "33%"}, "region_code"),
        ({"park_code": "没有"}, "park_code"),
        ({"price_start_wan": -1}, "price_start_wan"),
        ({"price_start_wan": 1e300}, "price_start_wan"),
        ({"price_start_wan": "١٢"}, "price_start_wan"),
        ({"tenure_years": 1.5}, "tenure_years"),
        ({"tenure_years": 10**12}, "tenure_years"),
        ({"available_on": "2026-02-30"}, "available_on"),
        ({"plot_ratio": {"min": 3, "max": 1}}, "plot_ratio"),
        ({"plot_ratio": {"min": "1"}}, "plot_ratio"),
        ({"plot_ratio": {"least": 1}}, "plot_ratio"),
        ({"lot_code": "123"}, "lot_code"),
        ({"has_power": "perhaps"}, "has_power"),
    ],
)
def test_bad_values_are_refused_and_named(
    app: Flask, client: FlaskClient, officer: dict[str, str], changes: Json, column: str
) -> None:
    site_id = a_parcel(app, skip=5)
    seen = version(app, site_id)
    answer = patch(client, officer, site_id, seen, changes=changes)
    assert problem(answer, 400, "invalid-parameter")["parameter"] == f"changes.{column}"
    assert version(app, site_id) == seen


def test_an_edit_needs_a_reason_and_a_change(
    app: Flask, client: FlaskClient, officer: dict[str, str]
) -> None:
    site_id = a_parcel(app, skip=5)
    seen = version(app, site_id)
    for reason in ("", " ", None, 5, "x" * 600):
        problem(patch(client, officer, site_id, seen, changes={"name": "x"}, reason=reason), 400)
    problem(patch(client, officer, site_id, seen), 422, "nothing-changed")
    name = query(app, "SELECT name FROM parcels WHERE id = :id", id=site_id)
    same = patch(client, officer, site_id, seen, changes={"name": name})
    problem(same, 422, "nothing-changed")
    assert version(app, site_id) == seen


def test_only_editors_edit_and_only_in_their_regions(app: Flask, client: FlaskClient) -> None:
    here, there = a_parcel(app, skip=6), a_parcel(app, region="330502")
    viewer = signed_in(app, "viewer", ((Role.VIEWER, ""), (Role.LEADER, ""), (Role.ADMIN, "")))
    problem(patch(client, viewer, here, 1, changes={"name": "x"}), 403, "staff-only")
    officer = signed_in(app, "second", OFFICER)
    problem(patch(client, officer, there, 1, changes={"name": "x"}), 403, "out-of-region")
    move = {"region_code": "330502"}
    seen = version(app, here)
    problem(patch(client, officer, here, seen, changes=move), 403, "out-of-region")
    problem(patch(client, {}, here, seen, changes={"name": "x"}), 401, "unauthenticated")
    problem(patch(client, officer, 7, 1, changes={"name": "x"}), 404, "unknown-feature")
    for what in ("history", "transitions"):
        path = f"/api/v1/parcels/{there}/{what}"
        problem(client.get(path, headers=officer), 403, "out-of-region")


def test_a_retry_with_its_key_has_one_effect_and_the_same_answer(
    app: Flask, client: FlaskClient, officer: dict[str, str]
) -> None:
    site_id = a_parcel(app, skip=7)
    seen, headers = version(app, site_id), officer | {"Idempotency-Key": "one"}
    first = patch(client, headers, site_id, seen, changes={"name": "一次"})
    again = patch(client, headers, site_id, seen, changes={"name": "一次"})
    assert (first.status_code, first.data) == (again.status_code, again.data)
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Idempotent-Replayed"] == "true"
    assert version(app, site_id) == seen + 1
    other = patch(client, headers, site_id, seen, changes={"name": "两次"})
    problem(other, 422, "idempotency-key-reused")
    stranger = signed_in(app, "second", OFFICER) | {"Idempotency-Key": "one"}
    problem(patch(client, stranger, site_id, seen, changes={"name": "一次"}), 412)


def race(app: Flask, racers: int, act: Any) -> list[Any]:
    """What each of the racers got, who all begin at once."""
    start = threading.Barrier(racers)

    def run(number: int) -> Any:
        start.wait()
        return act(number)

    with ThreadPoolExecutor(racers) as pool:
        return list(pool.map(run, range(racers)))


def test_of_racers_on_one_version_exactly_one_wins(app: Flask, officer: dict[str, str]) -> None:
    site_id = a_parcel(app, skip=8)
    for _ in range(ROUNDS):
        seen = version(app, site_id)

        def act(number: int, seen: int = seen) -> int:
            changes = {"name": f"第 {seen} 版第 {number} 位"}
            return patch(app.test_client(), officer, site_id, seen, changes=changes).status_code

        statuses = race(app, RACERS, act)
        assert sorted(statuses) == [200, *[412] * (RACERS - 1)]
        assert version(app, site_id) == seen + 1


def test_racers_who_read_and_then_write_all_win_so_the_race_is_one(app: Flask) -> None:
    """The control: without the version in the UPDATE, changes are lost."""
    site_id = a_parcel(app, skip=9)
    seen, both_read = version(app, site_id), threading.Barrier(2)

    def act(number: int) -> bool:
        with (
            engine_of(app).execution_options(isolation_level="READ COMMITTED").begin() as connection
        ):
            row = text("SELECT version FROM parcels WHERE id = :id")
            found = connection.execute(row, {"id": site_id}).scalar_one()
            both_read.wait()
            naive = text("UPDATE parcels SET name = :name, version = version + 1 WHERE id = :id")
            connection.execute(naive, {"name": str(number), "id": site_id})
            return bool(found == seen)

    assert race(app, 2, act) == [True, True]
