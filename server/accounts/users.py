"""Users: making, granting, disabling and finding them, each with its audit row."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from gis.audit import Action, record
from server.accounts import passwords, sessions
from server.accounts.principals import Grant, Role
from server.accounts.tables import REGION_PATTERN, user_grants, users

_USERNAME = re.compile(r"[a-z][a-z0-9._-]{1,39}")


class UnknownUser(LookupError):
    """There is no user of that name or number."""


class UserExists(ValueError):
    """There is a user of that name already."""


class BadUser(ValueError):
    """A username or region that cannot be; the text says in Chinese why."""


@dataclass(frozen=True)
class User:
    """A user as administrators see them."""

    id: int
    username: str
    name: str
    disabled: bool
    has_totp: bool
    has_first_password: bool
    created_at: datetime
    grants: tuple[Grant, ...]


def subject(user_id: int) -> str:
    """How audit names a user."""
    return f"users/{user_id}"


def add(connection: Connection, actor: str, username: str, name: str, password: str) -> int:
    """Make a user without any role, whose password serves to set their own; their number."""
    if not _USERNAME.fullmatch(username):
        raise BadUser("用户名应为 2 到 40 个小写字母、数字或 . _ -，以字母开头")
    _require_name(name)
    passwords.check(password, username)
    if connection.execute(select(users.c.id).where(users.c.username == username)).first():
        raise UserExists(username)
    made = insert(users).values(
        username=username,
        name=name.strip(),
        password_hash=passwords.hashed(password),
        password_is_first=True,
    )
    user_id = int(connection.execute(made.returning(users.c.id)).scalar_one())
    record(connection, actor, Action.USER_ADDED, subject(user_id), {"username": username})
    return user_id


def settle_password(connection: Connection, user_id: int) -> None:
    """Let the password that a user was made with count as their own: for trying out alone."""
    own = update(users).where(users.c.id == user_id)
    connection.execute(own.values(password_is_first=False))


def _require_name(name: str) -> None:
    if not name.strip() or len(name) > 60 or not name.isprintable():
        raise BadUser("姓名应为 1 到 60 个字")


def rename(connection: Connection, actor: str, user_id: int, name: str) -> None:
    """Give a user another name for people to read."""
    _require_name(name)
    before = of(connection, user_id).name
    connection.execute(update(users).where(users.c.id == user_id).values(name=name.strip()))
    details = {"changed": "name", "before": before, "after": name.strip()}
    record(connection, actor, Action.USER_CHANGED, subject(user_id), details)


def grant(connection: Connection, actor: str, user_id: int, grants: Sequence[Grant]) -> None:
    """Give a user exactly these roles in these regions, in place of those before."""
    for one in grants:
        if not re.fullmatch(REGION_PATTERN, one.region_code):
            raise BadUser(f"{one.region_code} 不是行政区划代码")
    before = of(connection, user_id).grants
    connection.execute(delete(user_grants).where(user_grants.c.user_id == user_id))
    for one in sorted(set(grants), key=_order):
        row = {"user_id": user_id, "role": one.role.value, "region_code": one.region_code}
        connection.execute(insert(user_grants).values(row))
    details = {"before": _listed(before), "after": _listed(grants)}
    record(connection, actor, Action.USER_GRANTED, subject(user_id), details)


def _order(one: Grant) -> tuple[str, str]:
    return one.role.value, one.region_code


def _listed(grants: Sequence[Grant]) -> list[str]:
    return [f"{one.role.value}:{one.region_code}" for one in sorted(set(grants), key=_order)]


def disable(connection: Connection, actor: str, user_id: int) -> None:
    """Let a user in no more, and end all their sessions."""
    now = func.coalesce(users.c.disabled_at, func.now())
    connection.execute(update(users).where(users.c.id == user_id).values(disabled_at=now))
    sessions.end_all(connection, user_id)
    record(connection, actor, Action.USER_DISABLED, subject(user_id), {})


def enable(connection: Connection, actor: str, user_id: int) -> None:
    """Let a user in again."""
    connection.execute(update(users).where(users.c.id == user_id).values(disabled_at=None))
    record(connection, actor, Action.USER_ENABLED, subject(user_id), {})


def listed(connection: Connection) -> list[User]:
    """Every user, by name."""
    granted: dict[int, list[Grant]] = {}
    for row in connection.execute(select(user_grants).order_by("role", "region_code")):
        granted.setdefault(row.user_id, []).append(Grant(Role(row.role), row.region_code))
    return [
        User(
            row.id,
            row.username,
            row.name,
            row.disabled_at is not None,
            row.totp_secret is not None,
            row.password_is_first,
            row.created_at,
            tuple(granted.get(row.id, ())),
        )
        for row in connection.execute(select(users).order_by(users.c.username))
    ]


def of(connection: Connection, user_id: int) -> User:
    """The user of that number; :class:`UnknownUser` if there is none."""
    found = [user for user in listed(connection) if user.id == user_id]
    if not found:
        raise UnknownUser(user_id)
    return found[0]


def named(connection: Connection, username: str) -> User:
    """The user of that name; :class:`UnknownUser` if there is none."""
    found = [user for user in listed(connection) if user.username == username]
    if not found:
        raise UnknownUser(username)
    return found[0]
