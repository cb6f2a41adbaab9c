"""Calls of WeChat over HTTP: time limits, the few retries that are safe, answers read by hand.

Errors arrive with status 200 and often as text/plain, so the body alone says what an answer is.
Nothing of a call but its path and the error's number is ever logged: the rest is secret.
"""

import json
import logging
import math
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import urllib3

logger = logging.getLogger(__name__)
# It would log whole addresses, with the secret and the code in them.
logging.getLogger("urllib3").setLevel(logging.WARNING)

BUSY = -1
_PAUSES_S = (0.1, 0.3)
_LEAST_S = 0.05
_MOST_AT_ONCE = 3
_SLOT_S = 0.5
_MOST_BYTES = 4 << 20
_REQUEST_ID = re.compile(r"rid: ?([0-9a-f-]{8,64})")


class WechatAway(RuntimeError):
    """WeChat cannot be asked now: not set up, no answer in time, busy, or an answer of no sense."""


class WechatRefused(RuntimeError):
    """WeChat says no: ``errcode`` is its number of the reason."""

    def __init__(self, path: str, errcode: int) -> None:
        super().__init__(f"{path} answered {errcode}")
        self.errcode = errcode


@dataclass(frozen=True, repr=False)
class Call:
    """One request; ``body`` is posted as JSON, without one it is a GET."""

    path: str
    query: Mapping[str, str]
    body: Mapping[str, object] | None = None


@dataclass(frozen=True, repr=False)
class Transport:
    """Asks one server; ``timeout_s`` is how long one call may take with all its attempts."""

    base_url: str
    timeout_s: float
    _slots: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(_MOST_AT_ONCE))
    _pool: urllib3.PoolManager = field(
        default_factory=lambda: urllib3.PoolManager(maxsize=8, retries=False)
    )

    def json(self, call: Call) -> dict[str, Any]:
        """The members of the answer; :class:`WechatRefused` or :class:`WechatAway`."""
        members = _members(self.content(call))
        if members is None:
            logger.warning("wechat %s answered no JSON", call.path)
            raise WechatAway(call.path)
        return members

    def content(self, call: Call) -> bytes:
        """The answer's bytes, be they JSON or a picture; an error in JSON raises as above."""
        content = self._settled(call)
        errcode = _errcode(content)
        if errcode:
            said = _REQUEST_ID.search(content.decode("utf-8", "replace"))
            request_id = said[1] if said else "none"
            logger.info("wechat %s refused: %d, rid %s", call.path, errcode, request_id)
            raise WechatRefused(call.path, errcode)
        return content

    def _settled(self, call: Call) -> bytes:
        """Tried again only where WeChat was too busy to do anything: -1, or a 5xx."""
        deadline = time.monotonic() + self.timeout_s
        # A slow WeChat must not take every thread of a server whose reads need none of it.
        if not self._slots.acquire(timeout=_SLOT_S):
            logger.warning("wechat %s not asked: too many calls under way", call.path)
            raise WechatAway(call.path)
        try:
            return self._attempts(call, deadline)
        finally:
            self._slots.release()

    def _attempts(self, call: Call, deadline: float) -> bytes:
        for pause_s in (*_PAUSES_S, math.inf):
            status, content = self._once(call, deadline - time.monotonic())
            if status == 200 and _errcode(content) != BUSY:
                return content
            refused = 200 < status < 500
            if refused or time.monotonic() + pause_s + _LEAST_S > deadline:
                break
            time.sleep(pause_s)
        logger.warning("wechat %s gave no answer: status %d", call.path, status)
        raise WechatAway(call.path)

    def _once(self, call: Call, left_s: float) -> tuple[int, bytes]:
        address = f"{self.base_url}{call.path}?{urlencode(call.query)}"
        body = None if call.body is None else json.dumps(call.body, ensure_ascii=False).encode()
        try:
            answer = self._pool.request(
                "GET" if body is None else "POST",
                address,
                body=body,
                headers={"Content-Type": "application/json"},
                timeout=urllib3.Timeout(total=max(left_s, _LEAST_S)),
                redirect=False,
            )
        except (urllib3.exceptions.HTTPError, OSError) as error:
            # Its text holds the address, and that the secret.
            logger.warning("wechat %s did not answer: %s", call.path, type(error).__name__)
            raise WechatAway(call.path) from None
        if len(answer.data) > _MOST_BYTES:
            raise WechatAway(call.path)
        return answer.status, answer.data


def _errcode(content: bytes) -> int:
    """The error's number that the answer holds; 0 if it holds none."""
    members = _members(content)
    found = 0 if members is None else members.get("errcode", 0)
    return found if isinstance(found, int) else 0


def _members(content: bytes) -> dict[str, Any] | None:
    if not content.lstrip().startswith(b"{"):
        return None
    try:
        found = json.loads(content)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
