"""Failed logins are logged and counted by what failed, and nothing that was typed in vain is."""

import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from flask import Flask
from prometheus_client import REGISTRY
from sqlalchemy import text
from structlog.testing import capture_logs

from server import observe
from server.accounts import lockout
from server.accounts.failures import Failure
from server.accounts.principals import Grant, Role
from server.request import engine_of
from tests.api.answers import problem
from tests.api.people import an_own_password
from tests.conftest import AppMaker, served

PASSWORD, CANARY = "right horse battery", "金丝雀的密码 canary-2026"
SESSION = "/api/v1/session"


@pytest.fixture
def app(make_app: AppMaker, database_url: str) -> Flask:
    made = make_app(database_url)
    observe.register(made)
    with engine_of(made).execution_options(isolation_level="READ COMMITTED").begin() as connection:
        an_own_password(connection, "zhang", PASSWORD, Grant(Role.OFFICER, "330503"))
    return made


@pytest.fixture
def lines() -> Iterator[list[Any]]:
    """What is logged meanwhile."""
    with capture_logs() as found:
        yield found


def execute(app: Flask, statement: str) -> None:
    with engine_of(app).execution_options(isolation_level="READ COMMITTED").begin() as connection:
        connection.execute(text(statement))


def log_in(app: Flask, username: str, password: str, **more: str) -> Any:
    form = {"username": username, "password": password, **more}
    return app.test_client(use_cookies=False).post(SESSION, json=form)


def counted(failure: Failure) -> float:
    name = "kandi_login_failures_total"
    return REGISTRY.get_sample_value(name, {"kind": failure.value}) or 0


def wrong_password(app: Flask) -> None:
    problem(log_in(app, "zhang", CANARY), 401, "invalid-credentials")


def unknown_user(app: Flask) -> None:
    """The username is where people paste a password by mistake."""
    problem(log_in(app, CANARY, PASSWORD), 401, "invalid-credentials")


def disabled(app: Flask) -> None:
    execute(app, "UPDATE users SET disabled_at = now()")
    problem(log_in(app, "zhang", PASSWORD), 401, "invalid-credentials")


def expired(app: Flask) -> None:
    execute(
        app, "UPDATE users SET password_is_first = true, password_at = now() - interval '8 days'"
    )
    problem(log_in(app, "zhang", PASSWORD), 403, "first-password-expired")


def wrong_code(app: Flask) -> None:
    token = log_in(app, "zhang", PASSWORD).get_json()["token"]
    headers = {"Authorization": f"Bearer {token}"}
    client = app.test_client(use_cookies=False)
    client.post(f"{SESSION}/totp", json={}, headers=headers)
    execute(app, "UPDATE users SET totp_secret = totp_pending")
    problem(log_in(app, "zhang", PASSWORD, totp=CANARY[:10]), 401, "invalid-credentials")


def locked(app: Flask) -> None:
    execute(
        app,
        "INSERT INTO login_failures VALUES ('user:zhang', 9, now(), now() + interval '1 minute')",
    )
    problem(log_in(app, "zhang", PASSWORD), 429, "locked")


def not_confirmed(app: Flask) -> None:
    token = log_in(app, "zhang", PASSWORD).get_json()["token"]
    headers = {"Authorization": f"Bearer {token}"}
    client = app.test_client(use_cookies=False)
    wrong = client.post(f"{SESSION}/confirm", json={"password": CANARY}, headers=headers)
    problem(wrong, 401, "invalid-credentials")


CASES = [
    (Failure.WRONG_PASSWORD, wrong_password, "zhang"),
    (Failure.UNKNOWN_USER, unknown_user, None),
    (Failure.DISABLED, disabled, "zhang"),
    (Failure.FIRST_PASSWORD_EXPIRED, expired, "zhang"),
    (Failure.WRONG_CODE, wrong_code, "zhang"),
    (Failure.LOCKED, locked, "zhang"),
    (Failure.NOT_CONFIRMED, not_confirmed, "zhang"),
]


@pytest.mark.parametrize(("failure", "fail", "username"), CASES)
def test_each_failure_is_a_line_and_a_number(
    app: Flask,
    lines: list[Any],
    failure: Failure,
    fail: Callable[[Flask], None],
    username: str | None,
) -> None:
    before = counted(failure)
    fail(app)
    told = [line for line in lines if line["event"] == "login failed"]
    assert [line["kind"] for line in told] == [failure.value]
    assert told[0]["address"] == "127.0.0.1"
    assert told[0].get("username") == username
    assert counted(failure) == before + 1
    text_of_all = json.dumps(lines, ensure_ascii=False, default=str)
    assert CANARY not in text_of_all
    assert CANARY[:10] not in text_of_all
    assert PASSWORD not in text_of_all


def test_every_kind_is_tried() -> None:
    assert {failure for failure, _, _ in CASES} == set(Failure)


def test_a_login_that_works_is_no_failure(app: Flask, lines: list[Any]) -> None:
    assert log_in(app, "zhang", PASSWORD).status_code == 200
    assert [line for line in lines if line["event"] == "login failed"] == []


def test_a_stolen_session_does_not_find_the_password_by_changing_it(
    app: Flask, lines: list[Any]
) -> None:
    token = log_in(app, "zhang", PASSWORD).get_json()["token"]
    headers = {"Authorization": f"Bearer {token}"}
    client = app.test_client(use_cookies=False)
    path, better = f"{SESSION}/password", "another good password"
    for _ in range(lockout.FREE_GUESSES["user"]):
        wrong = client.post(path, json={"current": CANARY, "password": better}, headers=headers)
        problem(wrong, 401, "invalid-credentials")
    right = {"current": PASSWORD, "password": better}
    problem(client.post(path, json=right, headers=headers), 429, "locked")
    execute(app, "UPDATE login_failures SET locked_until = NULL")
    assert client.post(path, json=right, headers=headers).status_code == 204
    assert log_in(app, "zhang", better).status_code == 200
    kinds = [line["kind"] for line in lines if line["event"] == "login failed"]
    assert kinds == [Failure.NOT_CONFIRMED.value] * 5 + [Failure.LOCKED.value]


def test_the_metrics_of_a_server_that_runs_count_them(database_url: str, tmp_path: Path) -> None:
    """The command that starts the workers must not have decided where numbers are kept."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    log = tmp_path / "serve.log"
    with served(database_url, log, KANDI_METRICS_PORT=str(port)) as base:
        form = json.dumps({"username": "nobody", "password": CANARY}).encode()
        headers = {"Content-Type": "application/json"}
        with pytest.raises(HTTPError):
            urlopen(Request(f"{base}{SESSION}", form, headers))
        with urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
            shown = answer.read().decode()
    assert 'kandi_login_failures_total{kind="unknown-user"} 1.0' in shown
    assert "kandi_request_seconds_bucket" in shown
    assert "login failed" in log.read_text()
    assert CANARY not in log.read_text()
