"""What the fake WeChat knows and answers: who logs in, tokens, numbers, messages, checked texts.

A login code ``mary-1`` is of the person ``mary``; a phone code ``13800138000-1`` gives that number.
What stands before the last hyphen says who it is, what follows makes each code another one.
"""

import hashlib
import itertools
import secrets
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw

Members = dict[str, Any]

TOKEN_S = 7200
_LOGINS_A_MINUTE = 100
_FIELD_LENGTHS = {"thing": 20, "character_string": 32, "phrase": 5, "number": 32, "name": 10}
_RISKY, _DOUBTFUL = "违禁", "疑似"
_REMEMBERED = 1000


class Refused(Exception):
    """An error of WeChat: a number and its words."""

    def __init__(self, errcode: int, errmsg: str) -> None:
        super().__init__(errmsg)
        self.errcode = errcode
        self.errmsg = errmsg


@dataclass
class Script:
    """A failure to come: how often the path fails, and how: a number, a status or a silence."""

    path: str
    times: int = 1
    errcode: int | None = None
    status: int = 200
    silent_s: float = 0.0
    body: str | None = None


@dataclass
class FakeWechat:
    """One WeChat with one mini program; safe for threads."""

    appid: str = "wx-fake"
    secret: str = "fake-secret"  # noqa: S105
    lock: threading.RLock = field(default_factory=threading.RLock)
    calls: Counter[str] = field(default_factory=Counter)
    scripts: list[Script] = field(default_factory=list)
    sent: deque[Members] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    token: str | None = None
    token_until: float = 0.0
    _used: set[tuple[str, str]] = field(default_factory=set)
    _known: set[str] = field(default_factory=set)
    _logins: dict[str, deque[float]] = field(default_factory=dict)
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def answer(self, path: str, query: Mapping[str, str], body: Members) -> Members | bytes:
        """The answer of a path; raises :class:`Refused`, KeyError for a path that is not there."""
        answers: dict[str, Callable[[], Members | bytes]] = {
            "/sns/jscode2session": lambda: self._session(query),
            "/cgi-bin/stable_token": lambda: self._stable_token(body),
            "/wxa/business/getuserphonenumber": lambda: self._phone(query, body),
            "/cgi-bin/message/subscribe/send": lambda: self._subscribe(query, body),
            "/wxa/msg_sec_check": lambda: self._check(query, body),
            "/wxa/getwxacodeunlimit": lambda: self._code(query, body),
        }
        with self.lock:
            return answers[path]()

    def scripted(self, path: str) -> Script | None:
        """Count the call, and take the failure that was ordered for it, if any."""
        with self.lock:
            self.calls[path] += 1
            found = next((one for one in self.scripts if one.path == path and one.times > 0), None)
            if found is not None:
                found.times -= 1
            return found

    def _session(self, query: Mapping[str, str]) -> Members:
        if query.get("appid") != self.appid:
            raise Refused(40013, "invalid appid")
        if query.get("secret") != self.secret:
            raise Refused(40125, "invalid appsecret")
        code = query.get("js_code", "")
        if not code or code.startswith("invalid"):
            raise Refused(40029, "invalid code")
        self._use("login", code)
        person = code.rpartition("-")[0] or code
        if person == "blocked":
            raise Refused(40226, "code blocked")
        openid = _openid(person)
        self._count_login(openid)
        self._known.add(openid)
        return {"session_key": secrets.token_urlsafe(16), "openid": openid}

    def _use(self, kind: str, code: str) -> None:
        if (kind, code) in self._used:
            raise Refused(40163, "code been used")
        self._used.add((kind, code))

    def _count_login(self, openid: str) -> None:
        times = self._logins.setdefault(openid, deque())
        while times and times[0] < time.monotonic() - 60:
            times.popleft()
        if len(times) >= _LOGINS_A_MINUTE:
            raise Refused(45011, "api minute-quota reach limit, must slower, retry next minute")
        times.append(time.monotonic())

    def _stable_token(self, body: Members) -> Members:
        if body.get("grant_type") != "client_credential":
            raise Refused(40002, "invalid grant_type")
        if body.get("appid") != self.appid:
            raise Refused(40013, "invalid appid")
        if body.get("secret") != self.secret:
            raise Refused(40125, "invalid appsecret")
        left = self.token_until - time.time()
        if body.get("force_refresh") or left < 300:
            self.token, self.token_until = secrets.token_urlsafe(90), time.time() + TOKEN_S
        return {"access_token": self.token, "expires_in": int(self.token_until - time.time())}

    def _require_token(self, query: Mapping[str, str]) -> None:
        if query.get("access_token") != self.token or self.token is None:
            raise Refused(40001, "invalid credential, access_token is invalid or not latest")
        if time.time() > self.token_until:
            raise Refused(42001, "access_token expired")

    def _phone(self, query: Mapping[str, str], body: Members) -> Members:
        self._require_token(query)
        code = str(body.get("code", ""))
        if not code or code.startswith("invalid"):
            raise Refused(40029, "invalid code")
        self._use("phone", code)
        number = code.rpartition("-")[0]
        if not (number.isdecimal() and len(number) == 11):
            number = "139" + str(int(hashlib.sha256(code.encode()).hexdigest(), 16))[:8]
        appid = "wx-another" if code.startswith("foreign") else self.appid
        info = {
            "phoneNumber": number,
            "purePhoneNumber": number,
            "countryCode": "86",
            "watermark": {"timestamp": int(time.time()), "appid": appid},
        }
        return {"errcode": 0, "errmsg": "ok", "phone_info": info}

    def _subscribe(self, query: Mapping[str, str], body: Members) -> Members:
        self._require_token(query)
        if body.get("touser") not in self._known:
            raise Refused(40003, "invalid openid")
        if not body.get("template_id"):
            raise Refused(40037, "invalid template_id")
        if str(body.get("page", "")).startswith("/"):
            raise Refused(41030, "invalid page")
        for name, member in dict(body.get("data", {})).items():
            value = str(member.get("value", ""))
            most = _FIELD_LENGTHS.get(name.rstrip("0123456789"), 100)
            if not value or len(value) > most:
                raise Refused(47003, f"argument invalid! data.{name}.value is invalid")
        self.sent.append(body)
        return {"errcode": 0, "errmsg": "ok", "msgid": next(self._numbers)}

    def _check(self, query: Mapping[str, str], body: Members) -> Members:
        self._require_token(query)
        content = str(body.get("content", ""))
        if body.get("openid") not in self._known:
            raise Refused(61010, "code is expired")
        if body.get("version") != 2 or body.get("scene") not in (1, 2, 3, 4):
            raise Refused(40129, "invalid scene or version")
        if not content or len(content) > 2500:
            raise Refused(44991, "content is empty or too long")
        suggest, label = ("risky", 20006) if _RISKY in content else ("pass", 100)
        if suggest == "pass" and _DOUBTFUL in content:
            suggest, label = "review", 21000
        result = {"suggest": suggest, "label": label}
        return {"errcode": 0, "errmsg": "ok", "result": result, "trace_id": secrets.token_hex(8)}

    def _code(self, query: Mapping[str, str], body: Members) -> bytes:
        self._require_token(query)
        scene, page = str(body.get("scene", "")), str(body.get("page", ""))
        if not 0 < len(scene) <= 32 or "%" in scene:
            raise Refused(40169, "invalid length for scene, or the data is not json string")
        if page.startswith("/") or "?" in page:
            raise Refused(41030, "invalid page")
        width = int(body.get("width", 430))
        if not 280 <= width <= 1280:
            raise Refused(40097, "invalid args")
        return _picture(scene, width)


def _openid(person: str) -> str:
    return "oFAKE" + hashlib.sha256(person.encode()).hexdigest()[:23]


def _picture(scene: str, width: int) -> bytes:
    """A picture that can be told from a real code at a glance."""
    picture = Image.new("RGB", (width, width), "white")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((8, 8, width - 8, width - 8), outline="#07c160", width=6)
    draw.text((width // 2, width // 2), f"FAKE\n{scene}", fill="black", anchor="mm", align="center")
    written = BytesIO()
    picture.save(written, "JPEG")
    return written.getvalue()
