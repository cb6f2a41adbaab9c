"""Before an investor's words are stored: WeChat judges them while no transaction is open."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import g

from mini_program_api import bodies
from server.people import guard, investors, texts
from server.people.services import services
from server.people.texts import Verdict
from server.request import connection, give_back

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")


def judged(
    *names: str,
) -> Callable[[Callable[Arguments, Answer]], Callable[Arguments, Answer]]:
    """A decorator for views: these members of the body are judged first.

    Raises ``RiskyText``; else :func:`verdict` says in the view what WeChat said.
    """

    def decorate(view: Callable[Arguments, Answer]) -> Callable[Arguments, Answer]:
        @wraps(view)
        def judging(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Answer:
            who, body = guard.investor(), bodies.json_body()
            members = body if isinstance(body, dict) else {}
            text = "\n".join(str(members[name]) for name in names if members.get(name))
            openid = investors.openid_of(connection(), services().sealer, who.id)
            give_back()  # WeChat may take its time
            found = texts.judged(services(), openid, text) if text else Verdict.PASSED
            g.verdict = texts.require_harmless(found)
            return view(*args, **kwargs)

        return judging

    return decorate


def verdict() -> Verdict:
    """What WeChat said of the words of this request."""
    found: Verdict = g.verdict
    return found
