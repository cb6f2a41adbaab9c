"""A password that an administrator gave: it serves to set one's own, and not for long."""

from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from server.accounts.principals import Role
from server.cli import main
from server.config import settings
from server.demo_users import PASSWORD as DEMO
from server.demo_users import load
from server.request import engine_of
from tests.api.answers import problem
from tests.api.people import signed_in
from tests.conftest import AppMaker

GIVEN, OWN = "given by the office", "chosen by oneself"
SESSION, CHANGE = "/api/v1/session", "/api/v1/session/password"
FORM = {"username": "sun", "name": "孙工", "password": GIVEN}
GRANTS = [{"role": "officer", "region_code": "330503"}]
OLDER = "UPDATE users SET password_at = now() - interval '{}' WHERE username = 'sun'"


@pytest.fixture
def app(make_app: AppMaker, demo_copy_url: str) -> Flask:
    return make_app(demo_copy_url)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client(use_cookies=False)


@pytest.fixture
def admin(app: Flask) -> dict[str, str]:
    return signed_in(app, "admin", ((Role.ADMIN, ""),))


@pytest.fixture
def account(client: FlaskClient, admin: dict[str, str]) -> str:
    """The address of an account that an administrator made."""
    made = client.post("/api/v1/users", json=FORM | {"grants": GRANTS}, headers=admin)
    assert made.get_json()["first_password"] is True
    return made.headers["Location"]


def log_in(client: FlaskClient, password: str) -> Any:
    return client.post(SESSION, json={"username": "sun", "password": password})


def bearer(client: FlaskClient, password: str) -> tuple[dict[str, str], bool]:
    """Headers of who logs in, and whether the password has to be changed."""
    body = log_in(client, password).get_json()
    return {"Authorization": f"Bearer {body['token']}"}, body["password_change_required"]


def execute(app: Flask, statement: str) -> None:
    with engine_of(app).execution_options(isolation_level="READ COMMITTED").begin() as connection:
        connection.execute(text(statement))


def test_a_given_password_serves_to_set_ones_own_and_for_nothing_else(
    client: FlaskClient, account: str, admin: dict[str, str]
) -> None:
    mine, must = bearer(client, GIVEN)
    assert must is True
    assert client.get(SESSION, headers=mine).get_json()["password_change_required"] is True
    for path in (
        "/parcels?crs=cgcs2000",
        "/freshness",
        "/disposal-cases",
        "/enquiries",
        "/imports",
    ):
        problem(client.get(f"/api/v1{path}", headers=mine), 403, "password-change-required")
    change = {"changes": {}, "reason": "x", "verified": True}
    edited = client.patch("/api/v1/parcels/1", json=change, headers=mine)
    problem(edited, 403, "password-change-required")
    assert client.post(f"{SESSION}/totp", json={}, headers=mine).status_code == 200
    set_own = client.post(CHANGE, json={"current": GIVEN, "password": OWN}, headers=mine)
    assert set_own.status_code == 204
    assert client.get(SESSION, headers=mine).get_json()["password_change_required"] is False
    assert client.get("/api/v1/freshness", headers=mine).status_code == 200
    assert bearer(client, OWN)[1] is False
    problem(log_in(client, GIVEN), 401, "invalid-credentials")
    listed = client.get("/api/v1/users", headers=admin).get_json()["items"]
    assert {one["username"]: one["first_password"] for one in listed}["sun"] is False


def test_who_logs_out_instead_has_changed_nothing(client: FlaskClient, account: str) -> None:
    mine, _ = bearer(client, GIVEN)
    assert client.delete(SESSION, headers=mine).status_code == 204
    problem(client.get(SESSION, headers=mine), 401, "unauthenticated")
    assert bearer(client, GIVEN)[1] is True


def test_what_is_attached_in_secret_stays_so(client: FlaskClient, account: str) -> None:
    """Public reads are no less public for who has not set a password yet."""
    mine, _ = bearer(client, GIVEN)
    assert client.get("/api/v1/parcels?limit=1", headers=mine).status_code == 200
    site = client.get("/api/v1/parcels?limit=1").get_json()["features"][0]["id"]
    shown = client.get(f"/api/v1/parcels/{site}/attachments", headers=mine)
    assert shown.status_code == 200
    assert shown.headers["Cache-Control"] == "no-cache"


def test_the_same_password_is_no_change(client: FlaskClient, account: str) -> None:
    mine, _ = bearer(client, GIVEN)
    same = client.post(CHANGE, json={"current": GIVEN, "password": GIVEN}, headers=mine)
    assert "不能与现在的密码相同" in problem(same, 422, "weak-password")["detail"]
    assert client.get(SESSION, headers=mine).get_json()["password_change_required"] is True


def test_a_password_that_is_given_again_has_to_be_changed_again(
    client: FlaskClient, account: str, admin: dict[str, str]
) -> None:
    mine, _ = bearer(client, GIVEN)
    client.post(CHANGE, json={"current": GIVEN, "password": OWN}, headers=mine)
    given = client.patch(account, json={"password": "given once more"}, headers=admin)
    assert given.get_json()["first_password"] is True
    problem(client.get(SESSION, headers=mine), 401, "unauthenticated")
    assert bearer(client, "given once more")[1] is True


def test_a_given_password_that_nobody_used_expires(
    app: Flask, client: FlaskClient, account: str, admin: dict[str, str]
) -> None:
    execute(app, OLDER.format("6 days 23 hours"))
    assert log_in(client, GIVEN).status_code == 200
    execute(app, OLDER.format("7 days 1 minute"))
    refused = problem(log_in(client, GIVEN), 403, "first-password-expired")
    assert "管理员重新设置" in refused["detail"]
    problem(log_in(client, "not the password"), 401, "invalid-credentials")
    client.patch(account, json={"password": "given once more"}, headers=admin)
    mine, _ = bearer(client, "given once more")
    client.post(CHANGE, json={"current": "given once more", "password": OWN}, headers=mine)
    execute(app, OLDER.format("7 days 1 minute"))
    assert log_in(client, OWN).status_code == 200, "one's own does not expire"


def test_the_keyboard_gives_passwords_that_have_to_be_changed(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = engine_of(app).url.render_as_string(hide_password=False)
    monkeypatch.setenv("KANDI_DATABASE_URL", url)
    settings.cache_clear()
    try:
        words = ["user", "add", "sun", "--name", "孙工", "--password", GIVEN]
        made = CliRunner().invoke(main, [*words, "--grant", "officer:330503"])
        assert made.exit_code == 0, made.output
        mine, must = bearer(client, GIVEN)
        assert must is True
        client.post(CHANGE, json={"current": GIVEN, "password": OWN}, headers=mine)
        again = CliRunner().invoke(main, ["user", "password", "sun"], input=f"{GIVEN}\n{GIVEN}\n")
        assert again.exit_code == 0, again.output
        assert GIVEN not in again.output
    finally:
        settings.cache_clear()
    problem(client.get(SESSION, headers=mine), 401, "unauthenticated")
    assert bearer(client, GIVEN)[1] is True


def test_accounts_of_the_demo_are_ready(app: Flask, client: FlaskClient) -> None:
    load(engine_of(app), lambda _line: None)
    answer = client.post(SESSION, json={"username": "officer", "password": DEMO})
    assert answer.get_json()["password_change_required"] is False
