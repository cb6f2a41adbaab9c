"""Texts that people write: judged by WeChat before they are stored, or later if it is away."""

import logging
from enum import StrEnum

from server.people.services import Services
from server.wechat.client import Suggestion
from server.wechat.transport import WechatAway, WechatRefused

logger = logging.getLogger(__name__)


class Verdict(StrEnum):
    """What is known of a text; ``held`` is shown to staff with a warning, ``risky`` never stored
    unless it turned out so later, and then shown to nobody."""

    PASSED = "passed"
    UNCHECKED = "unchecked"
    HELD = "held"
    RISKY = "risky"


_OF = {
    Suggestion.PASS: Verdict.PASSED,
    Suggestion.REVIEW: Verdict.HELD,
    Suggestion.RISKY: Verdict.RISKY,
}


class RiskyText(ValueError):
    """WeChat holds the text for unlawful or offensive."""


def judged(services: Services, openid: str | None, text: str) -> Verdict:
    """What WeChat says of a text by the user of that openid; ``unchecked`` if it says nothing.

    Guests have no openid, by which alone WeChat judges. Called without an open transaction.
    """
    if services.wechat is None or openid is None:
        return Verdict.UNCHECKED
    try:
        return _OF[services.wechat.verdict(openid, text)]
    except (WechatAway, WechatRefused) as error:
        logger.info("a text stays unchecked: %s", type(error).__name__)
        return Verdict.UNCHECKED


def require_harmless(verdict: Verdict) -> Verdict:
    """The verdict; :class:`RiskyText` if it is the worst."""
    if verdict is Verdict.RISKY:
        raise RiskyText
    return verdict
