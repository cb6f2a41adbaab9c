"""Logging in by WeChat and as a guest: one effect a code, also in a crowd; limits; what is kept."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, text

from server.people import codes
from server.people.codes import Code
from server.people.tables import investor_sessions, investors, wechat_codes
from server.request import engine_of
from server.sealing import Purpose
from server.wechat.fake_answers import Script
from server.wechat.transport import WechatRefused
from tests.api.answers import problem
from tests.api.investors import Town, town
from tests.conftest import AppMaker

SESSION = "/sns/jscode2session"
RACERS = 10


@pytest.fixture
def place(make_app: AppMaker, database_url: str, tmp_path: Path) -> Iterator[Town]:
    with town(make_app, database_url, tmp_path) as made:
        yield made


def log_in(place: Town, code: str) -> Any:
    return place.app.test_client().post("/api/v1/session/wechat", json={"code": code})


def count(engine: Engine, table: Any) -> int:
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def together(work: Callable[[int], Any]) -> list[Any]:
    gate = threading.Barrier(RACERS)

    def one(number: int) -> Any:
        gate.wait()
        return work(number)

    with ThreadPoolExecutor(RACERS) as crowd:
        return list(crowd.map(one, range(RACERS)))


def _ignoring(work: Callable[..., Any], place: Town, code: str, _number: int) -> Any:
    return work(place, code)


def test_a_code_gives_a_session_that_says_it_is_a_trial(place: Town) -> None:
    answer = log_in(place, "mary-1").get_json()
    assert answer["investor"] == {
        "id": answer["investor"]["id"],
        "has_phone": False,
        "consented": False,
    }
    assert answer["fake"] is True, "the fake WeChat is marked"
    assert answer["token"].startswith("investor_")
    assert place.log_in("mary").get("/me")["id"] == answer["investor"]["id"], (
        "one person, one investor"
    )
    assert place.log_in("paul").get("/me")["id"] != answer["investor"]["id"]


def test_a_retried_login_gives_the_same_session(place: Town, engine: Engine) -> None:
    first, again = log_in(place, "mary-1").get_json(), log_in(place, "mary-1").get_json()
    assert first == again
    assert place.fake.calls[SESSION] == 1
    assert count(engine, investor_sessions) == 1


def test_racers_with_one_code_get_one_session(place: Town, engine: Engine) -> None:
    for round_number in range(8):
        before = place.fake.calls[SESSION]
        code = f"mary-{round_number}"
        answers = together(partial(_ignoring, log_in, place, code))
        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.get_json()["token"] for answer in answers}) == 1
        assert place.fake.calls[SESSION] == before + 1
    assert count(engine, investors) == 1


def test_control_without_the_claim_racers_use_up_the_code(place: Town) -> None:
    """The naive way: look, ask WeChat, store. It must fail, else the test above sees nothing."""
    client = place.wx.client

    def naive(_: int) -> str:
        try:
            return client.openid_of("mary-1")
        except WechatRefused as refused:
            return str(refused.errcode)

    assert "40163" in together(naive)


def test_first_logins_of_one_person_by_many_codes_make_one_investor(
    place: Town, engine: Engine
) -> None:
    answers = together(lambda number: log_in(place, f"mary-{number}"))
    assert len({answer.get_json()["investor"]["id"] for answer in answers}) == 1
    assert len({answer.get_json()["token"] for answer in answers}) == RACERS
    assert count(engine, investors) == 1


def test_a_refused_code_stays_refused_and_is_asked_once(place: Town) -> None:
    for _ in range(3):
        problem(log_in(place, "invalid-1"), 422, "wechat-code")
    assert place.fake.calls[SESSION] == 1


@pytest.mark.parametrize(
    ("code", "status", "name"),
    [("blocked-1", 403, "wechat-blocked"), ("", 400, "invalid-parameter"), ("地", 400, None)],
)
def test_codes_that_let_nobody_in(place: Town, code: str, status: int, name: str | None) -> None:
    problem(log_in(place, code), status, name)


def test_a_busy_wechat_leaves_the_code_to_be_tried_again(place: Town) -> None:
    place.fake.scripts.append(Script(SESSION, times=3, errcode=-1))
    refused = log_in(place, "mary-1")
    problem(refused, 503, "unavailable")
    assert refused.headers["Retry-After"]
    assert log_in(place, "mary-1").status_code == 200


def test_an_installation_without_wechat_says_so(
    make_app: AppMaker, database_url: str, tmp_path: Path
) -> None:
    client = make_app(database_url, data_dir=tmp_path).test_client()
    problem(client.post("/api/v1/session/wechat", json={"code": "x"}), 503, "unavailable")
    assert client.post("/api/v1/session/guest", json={}).status_code == 200


def test_a_claim_whose_owner_died_is_taken_over(place: Town, engine: Engine) -> None:
    assert log_in(place, "paul-1").status_code == 200
    with engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE wechat_codes SET settled_at = NULL, investor_id = NULL,"
                " claimed_at = now() - interval '1 minute'"
            )
        )
    # WeChat had the code before: the phone is told to get another one.
    problem(log_in(place, "paul-1"), 422, "wechat-code")


def test_a_code_is_no_key_for_later(place: Town, engine: Engine) -> None:
    assert log_in(place, "mary-1").status_code == 200
    with engine.begin() as connection:
        connection.execute(text("UPDATE wechat_codes SET settled_at = now() - interval '1 hour'"))
    problem(log_in(place, "mary-1"), 422, "wechat-code")


def test_after_logging_out_neither_token_nor_code_lets_in(place: Town) -> None:
    code = place.code("mary")
    client = place.app.test_client()
    bearer = {"Authorization": f"Bearer {log_in(place, code).get_json()['token']}"}
    assert client.get("/api/v1/me", headers=bearer).status_code == 200
    assert client.delete("/api/v1/me/session", headers=bearer).status_code == 204
    problem(client.get("/api/v1/me", headers=bearer), 401, "unauthenticated")
    problem(log_in(place, code), 422, "wechat-code")


def test_a_session_that_is_over_lets_nobody_in(place: Town, engine: Engine) -> None:
    guest = place.guest()
    with engine.begin() as connection:
        connection.execute(text("UPDATE investor_sessions SET expires_at = now()"))
    problem(guest.ask("GET", "/me"), 401, "unauthenticated")


def test_who_comes_back_stays_logged_in(place: Town, engine: Engine) -> None:
    guest = place.guest()
    with engine.begin() as connection:
        soon = "UPDATE investor_sessions SET expires_at = now() + interval '1 day'"
        connection.execute(text(soon))
    guest.get("/me")
    with engine.connect() as connection:
        left = "SELECT expires_at > now() + interval '29 days' FROM investor_sessions"
        assert connection.execute(text(left)).scalar_one()


def test_an_address_may_try_so_often_and_wechat_is_not_asked_for_more(
    make_app: AppMaker, database_url: str, tmp_path: Path
) -> None:
    with town(make_app, database_url, tmp_path, logins_per_minute=3, trusted_proxies=1) as place:
        client = place.app.test_client()

        def try_from(address: str, way: str = "wechat") -> Any:
            body = {"code": place.code("mary")} if way == "wechat" else {}
            headers = {"X-Forwarded-For": address}
            return client.post(f"/api/v1/session/{way}", json=body, headers=headers)

        answers = [try_from("2001:db8::1").status_code for _ in range(3)]
        assert answers == [200] * 3
        refused = try_from("2001:db8::2")
        problem(refused, 429, "too-many-requests")
        assert refused.headers["Retry-After"] == "60"
        problem(try_from("2001:db8::3", "guest"), 429, "too-many-requests")
        assert place.fake.calls[SESSION] == 3
        assert try_from("2001:db8:1::1").status_code == 200, "another subscriber"


def test_what_is_stored_gives_nobody_away(place: Town, engine: Engine) -> None:
    code = place.code("mary")
    token = log_in(place, code).get_json()["token"]
    openid = place.wx.client.openid_of("mary-x")
    with engine.connect() as connection:
        dump = "".join(
            str(row)
            for table in (investors, investor_sessions, wechat_codes)
            for row in connection.execute(select(table))
        )
    assert dump
    for secret in (openid, token, token.removeprefix("investor_"), code):
        assert secret not in dump


def test_the_openid_can_be_opened_by_whoever_sends_messages(place: Town, engine: Engine) -> None:
    place.log_in("mary")
    sealed = select(investors.c.openid)
    with engine.connect() as connection:
        found = connection.execute(sealed).scalar_one()
    seal = place.app.extensions["kandi.people"].sealer
    assert seal.open(Purpose.OPENID, found) == place.wx.client.openid_of("mary-y")


def test_a_failed_write_after_the_answer_leaves_the_code_to_be_taken_over(place: Town) -> None:
    """The answer of WeChat and what follows from it are one transaction."""
    seal = place.app.extensions.get("kandi.people")
    assert seal is None
    place.guest()
    services = place.app.extensions["kandi.people"]
    engine = engine_of(place.app).execution_options(isolation_level="READ COMMITTED")

    def broken() -> codes.Written:
        def write(_connection: Any) -> int:
            raise RuntimeError("disk")

        return write

    code = Code("login", "mary-1")
    with pytest.raises(RuntimeError):
        codes.redeemed(engine.begin, services.sealer, code, broken)
    with engine.connect() as connection:
        assert connection.execute(select(wechat_codes.c.settled_at)).scalar_one() is None


@pytest.mark.parametrize(
    "token", ["", "x", "investor_", "investor_" + "x" * 43, "kandi_" + "x" * 43]
)
def test_other_tokens_let_nobody_in(place: Town, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    answer = place.app.test_client().get("/api/v1/me", headers=headers)
    problem(answer, 401, "unauthenticated")
