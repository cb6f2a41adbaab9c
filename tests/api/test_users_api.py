"""Accounts by the API: what administrators may, what everyone may with their own, and oversight."""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from server.accounts import totp
from server.accounts.principals import Role
from server.nightly import CHINA
from server.request import engine_of
from tests.api.answers import problem
from tests.api.people import signed_in
from tests.conftest import apps
from tests.databases import Maker

ADMIN = ((Role.ADMIN, ""),)
FORM = {"username": "sun", "name": "孙工", "password": "a right good password"}


@pytest.fixture(scope="module")
def app(maker: Maker, demo_template: str) -> Iterator[Flask]:
    with maker.copied(demo_template) as url, apps() as make:
        yield make(url)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def admin(app: Flask) -> dict[str, str]:
    return signed_in(app, "admin", ADMIN)


def bearer(client: FlaskClient, username: str, password: str, **more: str) -> dict[str, str]:
    form = {"username": username, "password": password, **more}
    answer = client.post("/api/v1/session", json=form)
    assert answer.status_code == 200, answer.text
    client.delete_cookie("kandi_session")
    return {"Authorization": f"Bearer {answer.get_json()['token']}"}


def test_the_life_of_an_account(client: FlaskClient, admin: dict[str, str]) -> None:
    grants = [{"role": "officer", "region_code": "330503"}]
    made = client.post("/api/v1/users", json=FORM | {"grants": grants}, headers=admin)
    assert made.status_code == 201, made.text
    path = made.headers["Location"]
    assert made.get_json()["grants"][0]["region_name"] == "南浔区"
    problem(client.post("/api/v1/users", json=FORM, headers=admin), 409, "user-exists")
    mine = bearer(client, "sun", FORM["password"])
    changed = client.patch(path, json={"name": "孙高工"}, headers=admin)
    assert changed.get_json()["name"] == "孙高工"
    everywhere = [{"role": "gis", "region_code": ""}]
    client.put(f"{path}/grants", json=everywhere, headers=admin)
    seen = client.get("/api/v1/session", headers=mine).get_json()["user"]
    assert [(one["role"], one["region_name"]) for one in seen["grants"]] == [("gis", "全部")]
    client.patch(path, json={"disabled": True}, headers=admin)
    problem(client.get("/api/v1/session", headers=mine), 401, "unauthenticated")
    form = {"username": "sun", "password": FORM["password"]}
    problem(client.post("/api/v1/session", json=form), 401, "invalid-credentials")
    client.patch(path, json={"disabled": False}, headers=admin)
    assert bearer(client, "sun", FORM["password"])
    listed = client.get("/api/v1/users", headers=admin).get_json()
    assert "sun" in [one["username"] for one in listed["items"]]


def test_only_administrators_keep_accounts(app: Flask, client: FlaskClient) -> None:
    others = signed_in(app, "other", [(role, "") for role in Role if role is not Role.ADMIN])
    for method, path in (("GET", "/users"), ("POST", "/users"), ("PATCH", "/users/1"),
                         ("PUT", "/users/1/grants")):  # fmt: skip
        answer = client.open(f"/api/v1{path}", method=method, json={}, headers=others)
        problem(answer, 403, "staff-only")


def test_an_administrator_of_a_county_reaches_no_further(
    app: Flask, client: FlaskClient, admin: dict[str, str]
) -> None:
    """Else they would make themselves those of the whole country."""
    county = signed_in(app, "county", ((Role.ADMIN, "330503"),))
    me = client.get("/api/v1/session", headers=county).get_json()["user"]["id"]
    chief = client.get("/api/v1/session", headers=admin).get_json()["user"]["id"]
    own, all_of_it = {"role": "admin", "region_code": "330503"}, {"role": "admin"}
    grants = f"/api/v1/users/{me}/grants"
    problem(client.put(grants, json=[all_of_it], headers=county), 403, "out-of-region")
    problem(client.put(grants, json=[own, {"role": "gis"}], headers=county), 403, "out-of-region")
    body = {"password": "a stolen account 1"}
    taken = client.patch(f"/api/v1/users/{chief}", json=body, headers=county)
    problem(taken, 403, "out-of-region")
    problem(client.put(f"/api/v1/users/{chief}/grants", json=[], headers=county), 403)
    form = FORM | {"username": "chen"}
    wide = client.post("/api/v1/users", json=form | {"grants": [all_of_it]}, headers=county)
    problem(wide, 403, "out-of-region")
    town = [{"role": "officer", "region_code": "330503001"}]
    made = client.post("/api/v1/users", json=form | {"grants": town}, headers=county)
    assert made.status_code == 201, made.text
    seen = client.get("/api/v1/users", headers=county).get_json()["items"]
    assert {"chen", "county"} <= {one["username"] for one in seen}
    assert "admin" not in {one["username"] for one in seen}


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"username": "x"}, 422),
        ({"username": "Zhang"}, 422),
        ({"password": "short"}, 422),
        ({"password": "sunny-sunny-2026"}, 422),
        ({"password": "password123"}, 422),
        ({"name": " "}, 422),
        ({"name": "a\u0007"}, 422),
        ({"name": 5}, 400),
        ({"extra": 1}, 400),
        ({"grants": [{"role": "king"}]}, 400),
        ({"grants": [{"role": "gis", "region_code": "33%"}]}, 422),
        ({"grants": [{"role": "gis", "region_code": "333"}]}, 422),
    ],
)
def test_bad_accounts_are_refused(
    client: FlaskClient, admin: dict[str, str], form: dict[str, object], status: int
) -> None:
    body = FORM | {"username": "sunny"} | form
    problem(client.post("/api/v1/users", json=body, headers=admin), status)


def test_an_administrator_cannot_lock_themselves_out(
    client: FlaskClient, admin: dict[str, str]
) -> None:
    me = client.get("/api/v1/session", headers=admin).get_json()["user"]["id"]
    refused = client.patch(f"/api/v1/users/{me}", json={"disabled": True}, headers=admin)
    problem(refused, 422, "bad-user")
    none = client.put(f"/api/v1/users/{me}/grants", json=[], headers=admin)
    problem(none, 422, "bad-user")
    problem(client.patch("/api/v1/users/999999", json={}, headers=admin), 404, "unknown-user")


def test_a_new_password_ends_every_other_session(
    client: FlaskClient, admin: dict[str, str]
) -> None:
    form = FORM | {"username": "zhou"}
    client.post("/api/v1/users", json=form, headers=admin)
    mine, elsewhere = (bearer(client, "zhou", form["password"]) for _ in range(2))
    path, better = "/api/v1/session/password", "another good password"
    wrong = {"current": "not this one", "password": better}
    problem(client.post(path, json=wrong, headers=mine), 401, "invalid-credentials")
    right = {"current": form["password"], "password": better}
    assert client.post(path, json=right, headers=mine).status_code == 204
    assert client.get("/api/v1/session", headers=mine).status_code == 200
    problem(client.get("/api/v1/session", headers=elsewhere), 401, "unauthenticated")
    assert bearer(client, "zhou", better)


def test_one_time_codes_from_beginning_to_end(client: FlaskClient, admin: dict[str, str]) -> None:
    form = FORM | {"username": "wu"}
    client.post("/api/v1/users", json=form, headers=admin)
    mine, path = bearer(client, "wu", form["password"]), "/api/v1/session/totp"
    begun = client.post(path, json={}, headers=mine).get_json()
    assert begun["uri"].startswith("otpauth://totp/")
    assert bearer(client, "wu", form["password"]), "codes do not count before the first was right"
    problem(client.post(path, json={"code": "x"}, headers=mine), 422, "wrong-code")
    now = int(time.time() // totp.STEP_S)
    code = totp.code(begun["secret"], now)
    assert client.post(path, json={"code": code}, headers=mine).get_json() == {"totp": True}
    body = {"username": "wu", "password": form["password"]}
    problem(client.post("/api/v1/session", json=body), 401, "totp-required")
    problem(client.post("/api/v1/session", json=body | {"totp": code}), 401, "invalid-credentials")
    assert bearer(client, "wu", form["password"], totp=totp.code(begun["secret"], now + 1))
    ended = client.post(path, json={"password": form["password"]}, headers=mine)
    assert ended.get_json() == {"totp": False}
    assert bearer(client, "wu", form["password"])


def test_the_log_is_read_by_those_who_oversee_everywhere(
    app: Flask, client: FlaskClient, admin: dict[str, str]
) -> None:
    client.post("/api/v1/users", json=FORM | {"username": "zheng"}, headers=admin)
    found = client.get("/api/v1/audit?action=user.added&limit=1", headers=admin).get_json()
    assert found["items"][0]["details"] == {"username": "zheng"}
    assert found["items"][0]["actor_name"] == "admin（测试）"
    following = client.get(f"/api/v1/audit?limit=1&cursor={found['next'] or ''}", headers=admin)
    if found["next"]:
        assert following.get_json()["items"][0]["seq"] < found["items"][0]["seq"]
    assert client.get("/api/v1/audit?from=2199-01-01", headers=admin).get_json()["total"] == 0
    for bad in (
        "actor=%00",
        "subject=' OR 1=1",
        "from=yesterday",
        "limit=0",
        "to=9999-99-99",
        "x=1",
    ):
        problem(client.get(f"/api/v1/audit?{bad}", headers=admin), 400)
    viewer = signed_in(app, "viewer", ((Role.VIEWER, "330503"),))
    problem(client.get("/api/v1/audit", headers=viewer), 403, "out-of-region")
    officer = signed_in(app, "officer", ((Role.OFFICER, ""),))
    problem(client.get("/api/v1/audit", headers=officer), 403, "staff-only")


def test_staff_sees_what_waits_to_be_verified_in_their_regions(
    app: Flask, client: FlaskClient
) -> None:
    old = datetime.now(CHINA) - timedelta(days=400)
    with engine_of(app).begin() as connection:
        site_id = connection.execute(
            text(
                "UPDATE parcels SET verified_at = :old, stale_since = now() WHERE id = (SELECT id"
                " FROM parcels WHERE status = 'available' AND starts_with(region_code, '330503')"
                " LIMIT 1) RETURNING id"
            ),
            {"old": old},
        ).scalar_one()
    here = signed_in(app, "officer", ((Role.OFFICER, "330503"),))
    there = signed_in(app, "second", ((Role.OFFICER, "330502"),))
    path = "/api/v1/freshness?within_days=0&layer=parcels"
    mine = {one["id"]: one for one in client.get(path, headers=here).get_json()["items"]}
    assert mine[site_id]["pending_verification"] is True
    assert mine[site_id]["days_left"] < -300
    assert site_id not in {one["id"] for one in client.get(path, headers=there).get_json()["items"]}
    shown = client.get(f"/api/v1/parcels/{site_id}?crs=cgcs2000", headers=here).get_json()
    assert shown["properties"]["pending_verification"] is True
    for bad in ("within_days=-1", "within_days=9999", "layer=x"):
        problem(client.get(f"/api/v1/freshness?{bad}", headers=here), 400)
