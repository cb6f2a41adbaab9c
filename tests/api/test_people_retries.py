"""What an investor does has one effect, whether answers are cut off or the server is killed."""

import json
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from server.config import Settings
from server.db import job_engine
from server.people import notices
from tests.api.cutting import Asked
from tests.conftest import served, started
from tests.databases import Maker

KEYS = int(os.environ.get("KANDI_SOAK_KEYS", "24")) // 4
RETRIES = int(os.environ.get("KANDI_SOAK_RETRIES", "4"))
KILLS = int(os.environ.get("KANDI_SOAK_KILLS", "3"))
ALONE = "--without-worker"
OFTEN = {"KANDI_LOGINS_PER_MINUTE": "10000"}
SEARCH = {"name": "大地块", "path": "/parcels?area_mu_min=30"}
KINDS = ("favourites", "searches", "enquiries", "consents")


@dataclass(frozen=True)
class Town:
    """A demo city of one's own, its investors and their writes."""

    url: str
    engine: Engine
    sites: list[int]
    notice: str

    def count(self, table: str) -> int:
        """Rows of a table."""
        with self.engine.connect() as connection:
            return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())

    def write(self, address: str, kind: str, number: int) -> Asked:
        """A write of that kind by an investor who has made none of it."""
        token = self.newcomer(address)
        asked: dict[str, tuple[str, str, Any]] = {
            "favourites": ("PUT", f"/me/favourites/parcels/{self.sites[number]}", None),
            "searches": (
                "POST",
                "/me/searches",
                SEARCH,
            ),
            "enquiries": ("POST", "/me/enquiries", self.enquiry(number)),
            "consents": ("POST", "/me/consent", {"version": self.notice}),
        }
        if kind == "enquiries":
            agreed = Asked("POST", "/me/consent", token, {"version": self.notice})
            assert agreed.sent(address, heard=True)[0] == 204
        method, path, body = asked[kind]
        return Asked(method, path, token, body, f"{kind}-{number}")

    def enquiry(self, number: int) -> dict[str, Any]:
        """What is asked about the site of that number."""
        site = self.sites[number]
        return {"layer": "parcels", "site_id": site, "message": "请问？", "contact_name": "王",
                "phone": "13800138000"}  # fmt: skip

    @staticmethod
    def newcomer(address: str) -> str:
        """The token of a guest."""
        status, body = Asked("POST", "/session/guest", "none").sent(address, heard=True)
        assert status == 200, body
        return str(json.loads(body)["token"])


@pytest.fixture(scope="module")
def town(maker: Maker, demo_template: str) -> Iterator[Town]:
    with maker.copied(demo_template) as url:
        engine = job_engine(Settings(database_url=url))
        with engine.connect() as connection:
            found = connection.execute(text("SELECT id FROM parcels_public ORDER BY id"))
            sites = list(found.scalars())
            notice = connection.execute(notices.current_version()).scalar_one()
        yield Town(url, engine, sites, notice)


@pytest.fixture(scope="module")
def address(town: Town, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the town is served while nobody kills it."""
    log = tmp_path_factory.mktemp("town") / "serve.log"
    with served(town.url, log, ALONE, **OFTEN) as found:
        yield found


def test_cut_replies_leave_one_effect_and_one_answer(town: Town, address: str) -> None:
    rng = random.Random(5)
    for kind in KINDS:
        for number in range(KEYS):
            asked = town.write(address, kind, number)
            before = town.count(kind)
            answers = [asked.sent(address, heard=rng.random() > 0.5) for _ in range(RETRIES - 1)]
            answers.append(asked.sent(address, heard=True))
            heard = {one for one in answers if one[0]}
            assert len(heard) == 1, heard
            assert heard.pop()[0] in (200, 201, 204)
            assert town.count(kind) == before + 1, kind


def test_a_server_that_is_killed_in_the_middle_did_it_once_or_not_at_all(
    town: Town, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    rng, done_before = random.Random(9), 0
    address, process = started(town.url, tmp_path / "serve.log", ALONE, **OFTEN)
    try:
        for number in range(KILLS):
            kind = KINDS[number % len(KINDS)]
            asked = town.write(address, kind, 100 + number)
            before = town.count(kind)
            asked.sent(address, heard=False)
            time.sleep(rng.choice((0.0, 0.02, 0.1, 0.5)))
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            left = town.count(kind) - before
            assert left in (0, 1), kind
            done_before += left
            address, process = started(town.url, tmp_path / "serve.log", ALONE, **OFTEN)
            status, body = asked.sent(address, heard=True)
            assert status in (200, 201, 204), body
            assert town.count(kind) == before + 1, kind
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    record_property("kills after their commit", done_before)


def test_without_a_key_a_retry_has_another_effect_so_the_key_is_what_holds(
    town: Town, address: str
) -> None:
    """The control: the same retries without a key ask twice."""
    asked = replace(town.write(address, "enquiries", 300), key=None)
    before = town.count("enquiries")
    assert {asked.sent(address, heard=True)[0] for _ in range(2)} == {201}
    assert town.count("enquiries") == before + 2
