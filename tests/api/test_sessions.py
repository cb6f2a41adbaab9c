"""Logging in, seeing who one is, logging out; and what a guesser meets."""

import time
from contextlib import AbstractContextManager
from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, text
from werkzeug.test import TestResponse

from server.accounts import lockout, totp, users
from server.accounts.principals import Grant, Role
from server.config import Settings
from server.request import engine_of
from server.sealing import Purpose, sealer
from tests.api.answers import problem
from tests.api.people import an_own_password, signed_in
from tests.conftest import AppMaker

PASSWORD = "right horse battery"
SESSION = "/api/v1/session"


@pytest.fixture
def app(make_app: AppMaker, database_url: str) -> Flask:
    made = make_app(database_url)
    with changing(made) as connection:
        user_id = an_own_password(connection, "zhang", PASSWORD, Grant(Role.OFFICER, "330503"))
        users.rename(connection, "tests", user_id, "张三")
    return made


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def changing(app: Flask) -> AbstractContextManager[Connection]:
    return engine_of(app).execution_options(isolation_level="READ COMMITTED").begin()


def execute(app: Flask, statement: str) -> None:
    with changing(app) as connection:
        connection.execute(text(statement))


def log_in(client: FlaskClient, **more: str) -> TestResponse:
    return client.post(SESSION, json={"username": "zhang", "password": PASSWORD, **more})


def with_codes(app: Flask) -> str:
    """Let everyone use the one-time codes of one secret."""
    secret = totp.new_secret()
    sealed = sealer(settings_of(app)).seal(Purpose.TOTP, secret)
    with changing(app) as connection:
        connection.execute(text("UPDATE users SET totp_secret = :sealed"), {"sealed": sealed})
    return secret


def settings_of(app: Flask) -> Settings:
    found: Settings = app.extensions["kandi"][0]
    return found


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_one_who_logs_in_is_known_until_they_log_out(app: Flask) -> None:
    answer = log_in(app.test_client())
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "private, no-store"
    body = answer.get_json()
    assert body["user"]["name"] == "张三"
    assert body["user"]["grants"][0]["role_text"] == "土地干部"
    assert datetime.fromisoformat(body["expires_at"]).tzinfo is not None
    tool, headers = app.test_client(), bearer(body["token"])
    assert tool.get(SESSION, headers=headers).get_json()["user"] == body["user"]
    assert tool.delete(SESSION, headers=headers).status_code == 204
    problem(tool.get(SESSION, headers=headers), 401, "unauthenticated")


def test_a_page_is_known_by_its_cookie_which_no_script_reads(client: FlaskClient) -> None:
    answer = log_in(client)
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie
    assert client.get(SESSION).get_json()["csrf"] == answer.get_json()["csrf"]


def test_the_cookie_is_secure_where_the_page_is(client: FlaskClient) -> None:
    form = {"username": "zhang", "password": PASSWORD}
    answer = client.post(SESSION, json=form, base_url="https://localhost")
    assert answer.headers["Set-Cookie"].startswith("__Host-kandi_session=")
    assert "Secure; HttpOnly; Path=/; SameSite=Lax" in answer.headers["Set-Cookie"]
    assert client.get(SESSION, base_url="https://localhost").status_code == 200


def test_the_cookie_is_secure_behind_a_proxy_that_speaks_tls(
    make_app: AppMaker, app: Flask, database_url: str
) -> None:
    client = make_app(database_url, public_url="https://land.example.gov.cn").test_client()
    answer = log_in(client)
    assert "Secure" in answer.headers["Set-Cookie"]
    assert answer.headers["Set-Cookie"].startswith("__Host-")


def test_logging_in_anew_ends_the_session_of_before(client: FlaskClient) -> None:
    former = log_in(client).get_json()["token"]
    log_in(client)
    problem(client.get(SESSION, headers=bearer(former)), 401, "unauthenticated")


def test_a_change_by_cookie_needs_the_token_of_our_pages(client: FlaskClient) -> None:
    csrf = log_in(client).get_json()["csrf"]
    problem(client.delete(SESSION), 403, "csrf-token-missing")
    problem(client.delete(SESSION, headers={"X-CSRF-Token": "x"}), 403, "csrf-token-missing")
    assert client.get(SESSION).status_code == 200
    assert client.delete(SESSION, headers={"X-CSRF-Token": csrf}).status_code == 204
    problem(client.get(SESSION), 401, "unauthenticated")


@pytest.mark.parametrize(
    ("username", "password"), [("zhang", "wrong"), ("nobody", PASSWORD), ("ZHANG", PASSWORD)]
)
def test_wrong_credentials_say_nothing_of_what_is_wrong(
    client: FlaskClient, username: str, password: str
) -> None:
    answer = client.post(SESSION, json={"username": username, "password": password})
    body = problem(answer, 401, "invalid-credentials")
    assert body["detail"] == "用户名、密码或验证码不正确"


def test_each_wrong_password_delays_more_and_a_right_one_forgives(
    client: FlaskClient, app: Flask
) -> None:
    waits = []
    for _ in range(lockout.FREE_GUESSES["user"] + 2):
        problem(log_in(client, password="wrong"), 401, "invalid-credentials")
        with changing(app) as connection:
            row = text("SELECT locked_until - last_at FROM login_failures WHERE subject ~ '^user'")
            waits.append(connection.execute(row).scalar())
            connection.execute(text("UPDATE login_failures SET locked_until = NULL"))
    assert waits[: lockout.FREE_GUESSES["user"] - 1] == [None] * 4
    assert [wait.total_seconds() for wait in waits[4:] if wait] == [30, 60, 120]
    assert log_in(client).status_code == 200
    assert log_in(client, password="wrong").status_code == 401
    assert log_in(client).status_code == 200


def test_who_is_locked_is_not_let_in_by_the_right_password(client: FlaskClient) -> None:
    for _ in range(lockout.FREE_GUESSES["user"]):
        log_in(client, password="wrong")
    answer = log_in(client)
    problem(answer, 429, "locked")
    assert 1 <= int(answer.headers["Retry-After"]) <= lockout.FIRST_DELAY_S


def test_an_address_that_guesses_at_many_users_is_locked(client: FlaskClient) -> None:
    for number in range(lockout.FREE_GUESSES["address"]):
        form = {"username": f"user{number}", "password": "wrong"}
        problem(client.post(SESSION, json=form), 401, "invalid-credentials")
    problem(log_in(client), 429, "locked")
    elsewhere = {"environ_base": {"REMOTE_ADDR": "203.0.113.9"}}
    form = {"username": "zhang", "password": PASSWORD}
    assert client.post(SESSION, json=form, **elsewhere).status_code == 200


def test_a_forged_forwarded_header_does_not_hide_the_address(
    make_app: AppMaker, database_url: str
) -> None:
    trusting = make_app(database_url, trusted_proxies=1).test_client()
    form = {"username": "nobody", "password": "wrong"}
    headers = {"X-Forwarded-For": "198.51.100.1, 203.0.113.7"}
    trusting.post(SESSION, json=form, headers=headers)
    make_app(database_url).test_client().post(SESSION, json=form, headers=headers)
    app = make_app(database_url)
    with changing(app) as connection:
        rows = connection.execute(text("SELECT subject FROM login_failures")).scalars()
        assert set(rows) == {"user:nobody", "address:203.0.113.7", "address:127.0.0.1"}


def test_a_code_is_asked_for_and_works_once(client: FlaskClient, app: Flask) -> None:
    secret = with_codes(app)
    problem(log_in(client), 401, "totp-required")
    problem(log_in(client, totp="000000x"), 401, "invalid-credentials")
    code = totp.code(secret, int(time.time() // totp.STEP_S))
    assert log_in(client, totp=code).status_code == 200
    problem(log_in(client, totp=code), 401, "invalid-credentials")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE sessions SET seen_at = now() - interval '61 minutes'",
        "UPDATE sessions SET expires_at = now()",
        "UPDATE users SET disabled_at = now()",
        "DELETE FROM sessions",
    ],
)
def test_a_session_ends_by_rest_by_age_and_by_order(app: Flask, statement: str) -> None:
    client, headers = app.test_client(), signed_in(app, "zhang")
    assert client.get(SESSION, headers=headers).status_code == 200
    execute(app, statement)
    problem(client.get(SESSION, headers=headers), 401, "unauthenticated")


def test_use_keeps_a_session_alive(app: Flask) -> None:
    client, headers = app.test_client(), signed_in(app, "zhang")
    execute(app, "UPDATE sessions SET seen_at = now() - interval '59 minutes'")
    assert client.get(SESSION, headers=headers).status_code == 200
    with changing(app) as connection:
        rested = text("SELECT now() - seen_at < interval '1 minute' FROM sessions")
        assert connection.execute(rested).scalar() is True


def test_no_token_is_stored(app: Flask) -> None:
    token = log_in(app.test_client()).get_json()["token"]
    with changing(app) as connection:
        stored = connection.execute(text("SELECT s::text FROM sessions s")).scalar_one()
    assert token not in stored
    assert len(token) > 40
