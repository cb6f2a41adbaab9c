"""Sessions of staff: log in, see who one is, log out."""

from typing import Annotated

from flask import Blueprint, Response, request
from pydantic import Field

from mini_program_api import bodies, params
from mini_program_api.bodies import Body
from mini_program_api.staff_answers import private, user
from server.accounts import guard, login, sessions
from server.accounts.guard import COOKIE
from server.accounts.login import Credentials
from server.request import connection, settings, writing

bp = Blueprint("sessions", __name__, url_prefix="/api/v1")


class LoginForm(Body):
    """What a person types to log in."""

    username: Annotated[str, Field(min_length=1, max_length=60)]
    password: Annotated[str, Field(min_length=1, max_length=1000)]
    totp: Annotated[str, Field(max_length=10)] | None = None


@bp.post("/session")
def begin() -> Response:
    """Log in; the token stands in the answer, and in a cookie for pages."""
    params.once(request.args, ())
    form = bodies.parse(LoginForm)
    given = Credentials(form.username, form.password, form.totp, guard.address())
    token = login.log_in(writing, given, guard.limits())
    found = guard.session_of(token)
    answer = private(
        {
            "token": token,
            "csrf": sessions.csrf_of(token),
            "expires_at": found.expires_at.isoformat(timespec="seconds"),
            "user": user(connection(), found.who),
        }
    )
    answer.set_cookie(
        COOKIE,
        token,
        max_age=settings().session_hours * 3600,
        secure=request.is_secure,
        httponly=True,
        samesite="Lax",
    )
    return answer


@bp.get("/session")
def current() -> Response:
    """Who one is."""
    params.once(request.args, ())
    found, (token, _) = guard.session(), guard.presented()
    return private(
        {
            "csrf": sessions.csrf_of(token),
            "expires_at": found.expires_at.isoformat(timespec="seconds"),
            "user": user(connection(), found.who),
        }
    )


@bp.delete("/session")
def end() -> Response:
    """Log out."""
    params.once(request.args, ())
    guard.session()
    with writing() as transaction:
        sessions.end(transaction, guard.presented()[0])
    answer = Response(status=204)
    answer.delete_cookie(COOKIE, httponly=True, samesite="Lax")
    return answer
