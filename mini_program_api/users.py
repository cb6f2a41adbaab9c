"""Accounts by the API: administrators keep them, everyone keeps their own password and codes."""

import time
from typing import Annotated

from flask import Blueprint, Response, request
from pydantic import Field, RootModel
from sqlalchemy import Connection

from mini_program_api import bodies, params
from mini_program_api.bodies import Body
from mini_program_api.staff_answers import grants as granted
from mini_program_api.staff_answers import private
from mini_program_api.writes import Reply, Write, change_by, confirmed_change
from server.accounts import credentials, guard, login, totp, users
from server.accounts.credentials import FirstCode, OwnPassword
from server.accounts.lockout import Guess
from server.accounts.principals import Grant, Principal, Role
from server.accounts.users import User
from server.people.services import services
from server.request import connection, writing

bp = Blueprint("users", __name__, url_prefix="/api/v1")

Json = dict[str, object]

_Password = Annotated[str, Field(min_length=1, max_length=1000)]
_Name = Annotated[str, Field(min_length=1, max_length=60)]


class GrantForm(Body):
    """A role in a region."""

    role: Role
    region_code: Annotated[str, Field(max_length=9)] = ""


class UserForm(Body):
    """A new account."""

    username: Annotated[str, Field(min_length=1, max_length=60)]
    name: _Name
    password: _Password
    grants: Annotated[list[GrantForm], Field(max_length=50)] = Field(default_factory=list)


class ChangeForm(Body):
    """A change of an account."""

    name: _Name | None = None
    disabled: bool | None = None
    password: _Password | None = None
    reset_totp: bool | None = None


class GrantsForm(RootModel[Annotated[list[GrantForm], Field(max_length=50)]]):
    """All roles of an account."""


class PasswordForm(Body):
    """One's own new password."""

    current: _Password
    password: _Password


class TotpForm(Body):
    """Nothing to begin; the first code to confirm; the password to end it."""

    code: Annotated[str, Field(max_length=10)] | None = None
    password: _Password | None = None


@bp.get("/users")
def listed() -> Response:
    """Every account that the administrator may change."""
    params.once(request.args, ())
    who = guard.staff(Role.ADMIN)
    reached = [one for one in users.listed(connection()) if _is_reached(who, one)]
    found = [_shown(connection(), one) for one in reached]
    return private({"items": found, "next": None, "total": len(found)})


@bp.post("/users")
@confirmed_change(Role.ADMIN)
def add(write: Write) -> Reply:
    """Make an account."""
    params.once(request.args, ())
    form = bodies.parse(UserForm)
    credentials.require_reach(write.who, *_grants(form.grants))
    made = users.add(write.connection, write.actor, form.username, form.name, form.password)
    if form.grants:
        users.grant(write.connection, write.actor, made, _grants(form.grants))
    return Reply(
        _shown(write.connection, users.of(write.connection, made)),
        201,
        {"Location": f"/api/v1/users/{made}"},
    )


@bp.patch("/users/<int(max=9223372036854775807):user_id>")
@confirmed_change(Role.ADMIN)
def alter(write: Write, user_id: int) -> Reply:
    """Rename, disable, enable, or give a password that serves to set one's own."""
    params.once(request.args, ())
    form, user = bodies.parse(ChangeForm), users.of(write.connection, user_id)
    credentials.require_reach(write.who, *user.grants)
    credentials.require_other(write.who, user, form.disabled)
    if form.name is not None:
        users.rename(write.connection, write.actor, user_id, form.name)
    if form.password is not None:
        credentials.give_password(write.connection, write.actor, user, form.password)
    if form.reset_totp:
        credentials.end_totp(write.connection, write.actor, user_id)
    if form.disabled is not None:
        turn = users.disable if form.disabled else users.enable
        turn(write.connection, write.actor, user_id)
    return Reply(_shown(write.connection, users.of(write.connection, user_id)))


@bp.put("/users/<int(max=9223372036854775807):user_id>/grants")
@confirmed_change(Role.ADMIN)
def grant(write: Write, user_id: int) -> Reply:
    """Give an account exactly these roles."""
    params.once(request.args, ())
    wanted = _grants(bodies.parse(GrantsForm).root)
    former = users.of(write.connection, user_id).grants
    credentials.require_reach(write.who, *former, *wanted)
    credentials.require_admin_left(write.who, user_id, wanted)
    users.grant(write.connection, write.actor, user_id, wanted)
    return Reply(_shown(write.connection, users.of(write.connection, user_id)))


def _guessing() -> Principal:
    """Who gives their own password with a change: a guess, counted before it is tried."""
    who = guard.own()
    login.counted(writing, Guess(who.username, guard.address()))
    return who


@bp.post("/session/password")
@change_by(_guessing)
def change_password(write: Write) -> Reply:
    """Change one's own password; every other session of one's ends."""
    params.once(request.args, ())
    form = bodies.parse(PasswordForm)
    user = users.of(write.connection, write.who.user_id)
    own = OwnPassword(form.current, form.password, guard.address())
    credentials.change_password(write.connection, user, own, keep=guard.presented()[0])
    return Reply()


@bp.post("/session/totp")
@change_by(guard.own_confirmed)
def change_totp(write: Write) -> Reply:
    """Begin one-time codes, confirm them by the first code, or end them by the password."""
    params.once(request.args, ())
    form, user_id = bodies.parse(TotpForm), write.who.user_id
    if form.password is not None:
        user = users.of(write.connection, user_id)
        credentials.require_password(write.connection, user, form.password)
        credentials.end_totp(write.connection, write.actor, user_id)
        return Reply({"totp": False})
    if form.code is not None:
        first = FirstCode(form.code, time.time())
        credentials.confirm_totp(write.connection, services().sealer, write.who, first)
        return Reply({"totp": True})
    secret = credentials.begin_totp(write.connection, services().sealer, user_id)
    return Reply({"secret": secret, "uri": totp.uri(secret, write.who.username)})


def _is_reached(who: Principal, user: User) -> bool:
    return all(who.may((Role.ADMIN,), one.region_code) for one in user.grants)


def _grants(forms: list[GrantForm]) -> list[Grant]:
    return [Grant(one.role, one.region_code) for one in forms]


def _shown(transaction: Connection, user: User) -> Json:
    return {
        "id": user.id,
        "username": user.username,
        "name": user.name,
        "disabled": user.disabled,
        "totp": user.has_totp,
        "first_password": user.has_first_password,
        "created_at": user.created_at.isoformat(timespec="seconds"),
        "grants": granted(transaction, user.grants),
    }
