"""What we ask WeChat: who logs in, their phone number, messages, checks of text, codes to scan."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from server.wechat.transport import Call, Transport, WechatAway, WechatRefused

INVALID_CODE, USED_CODE, TOO_OFTEN, BLOCKED_USER = 40029, 40163, 45011, 40226
"""Refusals of a login that its user, not the installation, is the cause of."""
USED_UP = 43101
"""The user did not allow this message, or has had what they allowed."""
_STALE_TOKEN = frozenset({40001, 40014, 42001})

LONGEST_TEXT = 2500
LONGEST_SCENE = 32
_SCENE = re.compile(r"[0-9A-Za-z!#$&'()*+,/:;=?@._~-]{1,32}")

Answer = TypeVar("Answer")


@dataclass(frozen=True, repr=False)
class Account:
    """The mini program: its AppID and the secret that goes with it."""

    appid: str
    secret: str


class Tokens(Protocol):
    """Where the access token is, which all processes share."""

    def current(self) -> str:
        """A token that should be good."""

    def renewed(self, rejected: str) -> str:
        """Another one than that, which WeChat did not take."""


class Suggestion(StrEnum):
    """What WeChat advises to do with a text."""

    PASS = "pass"  # noqa: S105
    REVIEW = "review"
    RISKY = "risky"


class Scene(StrEnum):
    """What kind of text is checked, by WeChat's number."""

    PROFILE = "1"
    COMMENT = "2"
    FORUM = "3"
    LOG = "4"


@dataclass(frozen=True, repr=False)
class Message:
    """A subscribe message: its template, the page that it opens, the template's keywords."""

    template_id: str
    page: str
    keywords: Mapping[str, str]


@dataclass(frozen=True)
class Wechat:
    """WeChat's interface for one mini program."""

    transport: Transport
    account: Account
    tokens: Tokens

    def openid_of(self, code: str) -> str:
        """Who logs in with this code, which works once; the session_key is dropped here."""
        query = {
            "appid": self.account.appid,
            "secret": self.account.secret,
            "js_code": code,
            "grant_type": "authorization_code",
        }
        found = self.transport.json(Call("/sns/jscode2session", query)).get("openid")
        if not isinstance(found, str) or not found:
            raise WechatAway("/sns/jscode2session")
        return found

    def phone_of(self, code: str) -> str:
        """The phone number that a user gave to this mini program, with its country's code."""
        path = "/wxa/business/getuserphonenumber"
        found = self._json(path, {"code": code}).get("phone_info")
        members: dict[str, Any] = found if isinstance(found, dict) else {}
        watermark = members.get("watermark")
        if not isinstance(watermark, dict) or watermark.get("appid") != self.account.appid:
            # Another mini program's number: somebody passes on what is not theirs.
            raise WechatRefused(path, INVALID_CODE)
        number = str(members.get("purePhoneNumber", ""))
        country = str(members.get("countryCode", "86"))
        if not re.fullmatch(r"[0-9]{5,15}", number) or not re.fullmatch(r"[0-9]{1,4}", country):
            raise WechatAway(path)
        return number if country == "86" else f"+{country}{number}"

    def send(self, openid: str, message: Message) -> None:
        """Send a subscribe message; :class:`WechatRefused` ``USED_UP`` if it is not allowed."""
        body = {
            "touser": openid,
            "template_id": message.template_id,
            "page": message.page,
            "data": {name: {"value": value} for name, value in message.keywords.items()},
            "lang": "zh_CN",
        }
        self._json("/cgi-bin/message/subscribe/send", body)

    def verdict(self, openid: str, text: str, scene: Scene = Scene.COMMENT) -> Suggestion:
        """What WeChat thinks of a text of at most 2500 characters that this user wrote."""
        path = "/wxa/msg_sec_check"
        body = {
            "content": text[:LONGEST_TEXT],
            "version": 2,
            "scene": int(scene.value),
            "openid": openid,
        }
        result = self._json(path, body).get("result")
        try:
            return Suggestion(result["suggest"])  # type: ignore[index]
        except (KeyError, TypeError, ValueError):
            raise WechatAway(path) from None

    def mini_code(self, scene: str, page: str, width: int = 430) -> bytes:
        """The picture of a code that opens a page of the mini program with this scene."""
        if not _SCENE.fullmatch(scene):
            raise ValueError(f"a scene has 1 to {LONGEST_SCENE} plain characters: {scene!r}")
        body = {"scene": scene, "page": page, "check_path": False, "width": width}
        path = "/wxa/getwxacodeunlimit"
        found = self._authorised(
            lambda token: self.transport.content(Call(path, {"access_token": token}, body))
        )
        if found[:3] != b"\xff\xd8\xff" and found[:4] != b"\x89PNG":
            raise WechatAway(path)
        return found

    def _json(self, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        return self._authorised(
            lambda token: self.transport.json(Call(path, {"access_token": token}, body))
        )

    def _authorised(self, ask: Callable[[str], Answer]) -> Answer:
        token = self.tokens.current()
        try:
            return ask(token)
        except WechatRefused as refused:
            if refused.errcode not in _STALE_TOKEN:
                raise
        return ask(self.tokens.renewed(token))


@dataclass(frozen=True)
class Granted:
    """An access token and how long it is good for."""

    token: str
    expires_in_s: int


def fetch_token(transport: Transport, account: Account, *, force: bool) -> Granted:
    """A stable access token; ``force`` voids the present one (20 a day, 30 s apart)."""
    body = {
        "grant_type": "client_credential",
        "appid": account.appid,
        "secret": account.secret,
        "force_refresh": force,
    }
    members = transport.json(Call("/cgi-bin/stable_token", {}, body))
    token, seconds = members.get("access_token"), members.get("expires_in")
    if not isinstance(token, str) or not token or not isinstance(seconds, int):
        raise WechatAway("/cgi-bin/stable_token")
    return Granted(token, seconds)
