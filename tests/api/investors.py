"""Investors in a test: an application with keys and a fake WeChat, and who is logged in there."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text
from werkzeug.test import TestResponse

from mini_program_api.search_params import question_of, stamps
from server.accounts.principals import Role
from server.config import Settings
from server.db import job_engine
from server.outbox import Delivery
from server.people.errands import Errands
from server.people.messages import Letters
from server.people.services import made
from server.wechat.fake_answers import FakeWechat
from tests.api.people import OFFICER, signed_in
from tests.conftest import AppMaker, apps
from tests.databases import Maker
from tests.wechat import SECRET, Faked, faked

KEYS = "k1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="


def people_settings(wx: Faked, folder: Path) -> dict[str, Any]:
    """Settings of an application that serves people, with this WeChat and this directory."""
    return {
        "data_dir": folder,
        "privacy_keys": KEYS,
        "wechat_base_url": wx.address,
        "wechat_appid": wx.fake.appid,
        "wechat_secret": SECRET,
        "wechat_match_template": "match:thing1,number2,time3",
        "wechat_reply_template": "reply:character_string1,phrase2,time3",
        "logins_per_minute": 10_000,
    }


@dataclass
class Caller:
    """One investor at one phone or browser."""

    client: FlaskClient
    token: str

    def ask(self, method: str, path: str, **more: Any) -> TestResponse:
        """A request with the token."""
        headers = {"Authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        return self.client.open(f"/api/v1{path}", method=method, headers=headers, **more)

    def get(self, path: str) -> Any:
        """What a GET answers."""
        answer = self.ask("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.get_json()

    def send(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        """What a change answers that must succeed; None for an empty answer."""
        answer = self.ask(method, path, json=body, headers=headers)
        assert answer.status_code in (200, 201, 204), answer.text
        return answer.get_json(silent=True)

    def consent(self) -> None:
        """Agree to the notice in force."""
        self.send("POST", "/me/consent", {"version": self.get("/privacy-notice")["version"]})


@dataclass
class Town:
    """An application, its WeChat, and a way to log in."""

    app: Flask
    wx: Faked
    numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    @property
    def fake(self) -> FakeWechat:
        """What WeChat knows."""
        return self.wx.fake

    @property
    def config(self) -> Settings:
        """The settings of the application."""
        found: Settings = self.app.extensions["kandi"][0]
        return found

    def code(self, person: str) -> str:
        """A fresh code of a person."""
        return f"{person}-{next(self.numbers)}"

    @property
    def engine(self) -> Engine:
        """Engine of the application's database, as commands have it."""
        return job_engine(self.config)

    def execute(self, statement: str, **values: object) -> Any:
        """Run a statement past the application; the first value of its first row, if any."""
        with self.engine.begin() as connection:
            result = connection.execute(text(statement), values)
            return result.scalar() if result.returns_rows else None

    def sites(self, layer: str = "parcels", where: str = "true", most: int = 5) -> list[int]:
        """Numbers of public sites of a layer."""
        found = f"SELECT id FROM {layer}_public WHERE {where} ORDER BY id LIMIT {most}"
        with self.engine.connect() as connection:
            return list(connection.execute(text(found)).scalars())

    def staff(self, username: str = "officer", *grants: tuple[Role, str]) -> Caller:
        """A member of staff with these roles, by default an officer of the city."""
        headers = signed_in(self.app, username, grants or OFFICER)
        token = headers["Authorization"].removeprefix("Bearer ")
        return Caller(self.app.test_client(), token)

    def errands(self) -> Errands:
        """What the worker does for investors, done when a test asks for it."""
        letters = Letters(made(self.config, self.engine))
        delivery = Delivery(self.engine, letters.handlers())
        return Errands(self.engine, delivery, question_of, stamps)

    def log_in(self, person: str) -> Caller:
        """A user of the mini program."""
        return self._caller("wechat", {"code": self.code(person)})

    def guest(self) -> Caller:
        """A browser."""
        return self._caller("guest", {})

    def _caller(self, way: str, body: dict[str, str]) -> Caller:
        client = self.app.test_client()
        answer = client.post(f"/api/v1/session/{way}", json=body)
        assert answer.status_code == 200, answer.text
        return Caller(client, answer.get_json()["token"])


@contextmanager
def town(make_app: AppMaker, url: str, folder: Path, **settings: Any) -> Iterator[Town]:
    """A town on a database for as long as the block lasts."""
    with faked() as wx:
        yield Town(make_app(url, **(people_settings(wx, folder) | settings)), wx)


@contextmanager
def demo_town(maker: Maker, template: str, folder: Path) -> Iterator[Town]:
    """A town on a demo city of its own, for the tests of one file."""
    with maker.copied(template) as url, apps() as make, town(make, url, folder) as place:
        yield place
