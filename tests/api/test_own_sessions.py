"""One's own sessions, the password again before what matters, and codes that a role must have."""

import time
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from werkzeug.test import TestResponse

from server.accounts import lockout, totp
from server.accounts.principals import Grant, Role
from server.config import Settings
from server.request import engine_of
from tests.api.answers import problem
from tests.api.people import an_own_password
from tests.conftest import AppMaker

PASSWORD = "right horse battery"
FORM = {"username": "sun", "name": "孙工", "password": "a right good password"}
OLD = "UPDATE sessions SET confirmed_at = now() - interval '11 minutes'"
CONFIRM, TOTP = "/session/confirm", "/session/totp"


def execute(app: Flask, statement: str) -> None:
    with engine_of(app).execution_options(isolation_level="READ COMMITTED").begin() as connection:
        connection.execute(text(statement))


@pytest.fixture
def app(make_app: AppMaker, database_url: str) -> Flask:
    made = make_app(database_url)
    with engine_of(made).execution_options(isolation_level="READ COMMITTED").begin() as connection:
        for name, role in (("qian", Role.ADMIN), ("li", Role.OFFICER)):
            an_own_password(connection, name, PASSWORD, Grant(role, ""))
    return made


class Person:
    """Somebody who logged in and sends their token."""

    def __init__(self, app: Flask, username: str = "qian", agent: str = "", **more: str) -> None:
        self.client = app.test_client(use_cookies=False)
        form = {"username": username, "password": PASSWORD, **more}
        headers = {"User-Agent": agent} if agent else {}
        answer = self.client.post("/api/v1/session", json=form, headers=headers)
        assert answer.status_code == 200, answer.text
        self.session = answer.get_json()

    def ask(self, method: str, path: str, body: object = None) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.session['token']}"}
        return self.client.open(f"/api/v1{path}", method=method, json=body, headers=headers)

    def sessions(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.ask("GET", "/sessions").get_json()["items"]
        return found


def test_one_sees_where_one_is_logged_in_and_ends_it(app: Flask) -> None:
    here, there, other = Person(app), Person(app, agent="Phone\u00a0/1"), Person(app, "li")
    found = here.sessions()
    assert [one["current"] for one in found] == [False, True]
    assert found[0]["agent"] == "Phone/1"
    assert found[0]["address"] == "127.0.0.1"
    problem(other.ask("DELETE", f"/sessions/{found[0]['id']}"), 404, "unknown-session")
    assert here.ask("DELETE", f"/sessions/{found[0]['id']}").status_code == 204
    problem(there.ask("GET", "/session"), 401, "unauthenticated")
    assert [one["current"] for one in here.sessions()] == [True]
    assert len(other.sessions()) == 1


WRITES: list[tuple[str, str, Any]] = [
    ("POST", "/users", FORM),
    ("PATCH", "/users/2", {"name": "李"}),
    ("PUT", "/users/2/grants", []),
    ("POST", TOTP, {}),
    ("DELETE", "/sessions/999999", None),
]


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
def test_what_a_stolen_session_must_not_do_needs_the_password_again(
    app: Flask, method: str, path: str, body: Any
) -> None:
    admin = Person(app)
    fresh = admin.ask(method, path, body)
    assert fresh.status_code in (200, 201, 404), fresh.text
    execute(app, OLD)
    problem(admin.ask(method, path, body), 403, "confirmation-required")
    assert admin.ask("GET", "/users").status_code == 200
    former = admin.session["token"]
    admin.session = admin.ask("POST", CONFIRM, {"password": PASSWORD}).get_json()
    assert admin.session["token"] != former
    again = admin.ask(method, path, body)
    assert again.status_code in (200, 404, 409), again.text
    admin.session["token"] = former
    problem(admin.ask("GET", "/session"), 401, "unauthenticated")


ADMINISTRATION = [
    ("POST", "/disposal-deadlines"),
    ("POST", "/disposal-numbers"),
    ("POST", "/disposal-offices"),
    ("POST", "/disposal-rules"),
    ("PUT", "/disposal-targets"),
    ("POST", "/disposal-reports"),
]


@pytest.mark.parametrize(("method", "path"), ADMINISTRATION)
def test_rules_that_everyone_obeys_need_the_password_again(
    app: Flask, method: str, path: str
) -> None:
    admin = Person(app)
    problem(admin.ask(method, path, {}), 400, "invalid-parameter")
    execute(app, OLD)
    problem(admin.ask(method, path, {}), 403, "confirmation-required")
    assert admin.ask("GET", path).status_code in (200, 400)
    admin.session = admin.ask("POST", CONFIRM, {"password": PASSWORD}).get_json()
    problem(admin.ask(method, path, {}), 400, "invalid-parameter")


def test_confirming_is_a_guess_like_any_other(app: Flask) -> None:
    admin = Person(app)
    for _ in range(lockout.FREE_GUESSES["user"]):
        problem(admin.ask("POST", CONFIRM, {"password": "x"}), 401, "invalid-credentials")
    problem(admin.ask("POST", CONFIRM, {"password": PASSWORD}), 429, "locked")


def test_confirming_by_cookie_needs_the_token_of_our_pages(app: Flask) -> None:
    page = app.test_client()
    page.post("/api/v1/session", json={"username": "qian", "password": PASSWORD})
    asked = page.post("/api/v1/session/confirm", json={"password": PASSWORD})
    problem(asked, 403, "csrf-token-missing")


def test_a_role_that_must_have_codes_gets_them_at_the_first_login(
    make_app: AppMaker, app: Flask, database_url: str
) -> None:
    strict = make_app(database_url, totp_roles="admin,gis")
    assert Person(strict, "li").session["totp_required"] is False
    admin = Person(strict)
    assert admin.session["totp_required"] is True
    for path in ("/users", "/parcels?crs=cgcs2000", "/audit"):
        problem(admin.ask("GET", path), 403, "totp-enrolment-required")
    problem(admin.ask("POST", "/users", FORM), 403, "totp-enrolment-required")
    begun = admin.ask("POST", TOTP, {}).get_json()
    now = int(time.time() // totp.STEP_S)
    code = {"code": totp.code(begun["secret"], now)}
    assert admin.ask("POST", TOTP, code).get_json() == {"totp": True}
    assert admin.ask("GET", "/users").status_code == 200
    assert admin.ask("GET", "/session").get_json()["totp_required"] is False
    later = Person(strict, totp=totp.code(begun["secret"], now + 1))
    assert later.session["totp_required"] is False


def test_production_wants_codes_of_administrators_and_leaders() -> None:
    assert Settings(production=True).roles_with_codes == (Role.ADMIN, Role.LEADER)
    assert Settings().roles_with_codes == ()
    assert Settings(production=True, totp_roles="").roles_with_codes == ()
    with pytest.raises(ValueError, match="totp_roles"):
        Settings(totp_roles="admin,king")


def test_no_secret_of_codes_is_readable_in_the_database(
    make_app: AppMaker, app: Flask, database_url: str
) -> None:
    admin = Person(app)
    secret = admin.ask("POST", TOTP, {}).get_json()["secret"]
    now = int(time.time() // totp.STEP_S)
    assert admin.ask("POST", TOTP, {"code": totp.code(secret, now)}).status_code == 200
    with engine_of(app).connect() as connection:
        stored = connection.execute(text("SELECT totp_secret FROM users WHERE id = 1")).scalar()
    assert stored
    assert secret.encode() not in bytes(stored)
    other = "k9:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
    keyless = make_app(database_url, privacy_keys=other).test_client()
    form = {"username": "qian", "password": PASSWORD, "totp": totp.code(secret, now + 1)}
    problem(keyless.post("/api/v1/session", json=form), 503, "unreadable")
