"""Sessions of staff: log in, see who one is and where, confirm it, log out."""

from typing import Annotated, Any

from flask import Blueprint, Response, request
from pydantic import Field
from sqlalchemy import Row

from gis.audit import Action, record
from mini_program_api import bodies, params
from mini_program_api.bodies import Body
from mini_program_api.staff_answers import Json, private, user
from mini_program_api.writes import Reply, Write, change_by
from server.accounts import guard, login, sessions
from server.accounts.login import Credentials
from server.accounts.sessions import Session
from server.accounts.users import subject
from server.people.services import services
from server.request import connection, settings, writing
from server.sealing import Purpose

bp = Blueprint("sessions", __name__, url_prefix="/api/v1")


class LoginForm(Body):
    """What a person types to log in."""

    username: Annotated[str, Field(min_length=1, max_length=60)]
    password: Annotated[str, Field(min_length=1, max_length=1000)]
    totp: Annotated[str, Field(max_length=10)] | None = None


class ConfirmForm(Body):
    """One's password again."""

    password: Annotated[str, Field(min_length=1, max_length=1000)]


@bp.post("/session")
def begin() -> Response:
    """Log in; the token stands in the answer, and in a cookie for pages."""
    params.once(request.args, ())
    form = bodies.parse(LoginForm)
    given = Credentials(form.username, form.password, form.totp, guard.origin())
    token = login.log_in(writing, given, guard.limits(), _opened)
    _end_former()
    return _begun(token)


def _opened(sealed: bytes) -> str:
    return services().sealer.open(Purpose.TOTP, sealed)


def _end_former() -> None:
    """End the session that a browser had before it logged in anew."""
    former = request.cookies.get(guard.cookie_name(), "")
    if sessions.is_token(former):
        with writing() as transaction:
            sessions.end(transaction, former)


def _begun(token: str) -> Response:
    answer = private({"token": token, **_shown(token, guard.session_of(token))})
    answer.set_cookie(
        guard.cookie_name(),
        token,
        max_age=settings().session_hours * 3600,
        secure=guard.is_tls(),
        httponly=True,
        samesite="Lax",
    )
    return answer


def _shown(token: str, found: Session) -> Json:
    required = not found.has_totp and found.who.has_any(settings().roles_with_codes)
    return {
        "csrf": sessions.csrf_of(token),
        "expires_at": found.expires_at.isoformat(timespec="seconds"),
        "totp_required": required,
        "password_change_required": found.has_first_password,
        "user": user(connection(), found.who),
    }


@bp.get("/session")
def current() -> Response:
    """Who one is."""
    params.once(request.args, ())
    found, (token, _) = guard.session(), guard.presented()
    return private(_shown(token, found))


@bp.post("/session/confirm")
def confirm() -> Response:
    """Give one's password again; a new token takes the place of the one that asks."""
    params.once(request.args, ())
    found, form = guard.session(), bodies.parse(ConfirmForm)
    return _begun(login.confirm(writing, found, form.password, guard.address()))


@bp.get("/sessions")
def listed() -> Response:
    """One's own living sessions."""
    params.once(request.args, ())
    current, who = guard.session().id, guard.own()
    found = sessions.listed(connection(), who.user_id, guard.limits())
    items = [_item(row, is_current=row.id == current) for row in found]
    return private({"items": items, "next": None, "total": len(items)})


def _item(row: Row[*tuple[Any, ...]], *, is_current: bool) -> Json:
    return {
        "id": row.id,
        "current": is_current,
        "created_at": row.created_at.isoformat(timespec="seconds"),
        "seen_at": row.seen_at.isoformat(timespec="seconds"),
        "expires_at": row.expires_at.isoformat(timespec="seconds"),
        "address": row.address,
        "agent": row.agent,
    }


@bp.delete("/sessions/<int(max=9223372036854775807):session_id>")
@change_by(guard.own_confirmed)
def end_one(write: Write, session_id: int) -> Reply:
    """End one of one's own sessions, wherever it is."""
    params.once(request.args, ())
    sessions.end_one(write.connection, write.who.user_id, session_id)
    audited = subject(write.who.user_id)
    record(write.connection, write.actor, Action.SESSION_ENDED, audited, {"session": session_id})
    return Reply()


@bp.delete("/session")
def end() -> Response:
    """Log out."""
    params.once(request.args, ())
    guard.session()
    with writing() as transaction:
        sessions.end(transaction, guard.presented()[0])
    answer = Response(status=204)
    answer.delete_cookie(guard.cookie_name(), secure=guard.is_tls(), httponly=True, samesite="Lax")
    return answer
