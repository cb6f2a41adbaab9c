"""Sessions of investors: by a code of WeChat, or as the guest that a browser is."""

from typing import Annotated

from flask import Blueprint, Response, request
from pydantic import Field

from mini_program_api import bodies, params
from mini_program_api.bodies import Body
from mini_program_api.staff_answers import private
from server.accounts.guard import address
from server.people import guard, investors
from server.people.login import Door, LoggedIn, LoginRules
from server.people.services import services
from server.request import connection, settings, writing

bp = Blueprint("investor_sessions", __name__, url_prefix="/api/v1")


class CodeForm(Body):
    """What ``wx.login`` gives a mini program."""

    code: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[!-~]+$")]


@bp.post("/session/wechat")
def by_wechat() -> Response:
    """Log in with a code of WeChat; the same code again gives the same session."""
    params.once(request.args, ())
    form = bodies.parse(CodeForm)
    return _welcome(_door().by_wechat(services().require_wechat(), form.code, address()))


@bp.post("/session/guest")
def as_guest() -> Response:
    """A session for a browser, of whom nothing is known."""
    params.once(request.args, ())
    bodies.parse(Body)
    return _welcome(_door().as_guest(address()))


@bp.delete("/me/session")
def end() -> Response:
    """Log out."""
    params.once(request.args, ())
    guard.session()
    with writing() as transaction:
        investors.end_session(transaction, guard.presented())
    return Response(status=204)


def _door() -> Door:
    config = settings()
    rules = LoginRules(config.investor_session_days, config.logins_per_minute)
    return Door(writing, services().sealer, rules)


def _welcome(entered: LoggedIn) -> Response:
    who = investors.standing(connection(), entered.session.investor)
    body: dict[str, object] = {
        "token": entered.token,
        "expires_at": entered.session.expires_at.isoformat(timespec="seconds"),
        "investor": {"id": who.id, "has_phone": who.has_phone, "consented": who.consented},
    }
    if settings().wechat_is_fake:
        body["fake"] = True
    return private(body)
