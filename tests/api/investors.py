"""Investors in a test: an application with keys and a fake WeChat, and who is logged in there."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from server.config import Settings
from server.wechat.fake_answers import FakeWechat
from tests.conftest import AppMaker
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
