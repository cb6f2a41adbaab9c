"""An Idempotency-Key has one effect however often a phone that heard nothing sends again."""

import json
import os
import random
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text

from server.accounts import sessions, users
from server.accounts.principals import Grant, Role
from server.config import Settings
from server.db import job_engine
from tests.api.cutting import send
from tests.api.people import LIMITS, a_user
from tests.conftest import served
from tests.databases import Maker

EDITS = "SELECT count(*) FROM audit WHERE action = 'site.edited'"
KEYS = int(os.environ.get("KANDI_SOAK_KEYS", "6"))
RETRIES = int(os.environ.get("KANDI_SOAK_RETRIES", "4"))


@pytest.fixture(scope="module")
def live(
    maker: Maker, demo_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Engine, str]]:
    with maker.copied(demo_template) as url:
        engine = job_engine(Settings(database_url=url))
        with engine.begin() as connection:
            user_id = a_user(connection, "phone")
            users.grant(connection, "tests", user_id, [Grant(Role.OFFICER, "")])
            token = sessions.begin(connection, user_id, LIMITS)
        with served(url, tmp_path_factory.mktemp("retries") / "serve.log") as address:
            yield address, engine, token


def test_cut_replies_leave_one_effect_and_one_answer(live: tuple[str, Engine, str]) -> None:
    address, engine, token = live
    rng = random.Random(11)
    with engine.connect() as connection:
        ids = list(connection.execute(text("SELECT id FROM parcels ORDER BY id")).scalars())
        before = connection.execute(text(EDITS)).scalar_one()
    for number in range(KEYS):
        site_id = ids[number % len(ids)]
        with engine.connect() as connection:
            row = text("SELECT version FROM parcels WHERE id = :id")
            seen = connection.execute(row, {"id": site_id}).scalar_one()
        change = {"changes": {"remark": f"第 {number} 个键"}, "reason": "断线重试"}
        body = json.dumps(change).encode()
        head = (
            f"PATCH /api/v1/parcels/{site_id} HTTP/1.1\r\nHost: kandi\r\nConnection: close\r\n"
            f"Authorization: Bearer {token}\r\nContent-Type: application/json\r\n"
            f'If-Match: "{seen}"\r\nIdempotency-Key: key-{number}\r\n'
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        answers = [send(address, head, body, rng.random() < 0.4) for _ in range(RETRIES - 1)]
        answers.append(send(address, head, body, heard=True))
        bodies = {one.partition(b"\r\n\r\n")[2] for one in answers if one}
        assert all(one.startswith(b"HTTP/1.1 200") for one in answers if one), answers
        assert len(bodies) == 1
        with engine.connect() as connection:
            assert connection.execute(row, {"id": site_id}).scalar_one() == seen + 1
    with engine.connect() as connection:
        after = connection.execute(text(EDITS)).scalar_one()
    assert after == before + KEYS


def test_without_a_key_a_retry_has_another_effect_so_the_key_is_what_holds(
    live: tuple[str, Engine, str],
) -> None:
    """The control: the same retries of something that any retry repeats, without a key."""
    address, _, token = live
    head = (
        f"POST /api/v1/session/totp HTTP/1.1\r\nHost: kandi\r\nConnection: close\r\n"
        f"Authorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
    )

    def secret(key: str) -> bytes:
        answer = send(address, f"{head}{key}\r\n", b"{}", heard=True)
        assert answer.startswith(b"HTTP/1.1 200"), answer
        return answer.partition(b"\r\n\r\n")[2]

    assert secret("") != secret("")
    key = "Idempotency-Key: totp\r\n"
    assert secret(key) == secret(key)
