"""Sessions of staff: opaque tokens, stored hashed, that end by rest, by age or by order."""

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, delete, func, insert, select, update

from server.accounts.principals import Grant, Principal, Role
from server.accounts.tables import sessions, user_grants, users

PREFIX = "kandi_"
_SHAPE = re.compile(r"kandi_[A-Za-z0-9_-]{43}")
SEEN_EVERY = timedelta(minutes=1)
"""How exactly rest is measured: not every request writes."""


class UnknownSession(LookupError):
    """The user has no session of that number."""


@dataclass(frozen=True)
class Limits:
    """When a session ends by itself: after so long without a request, and after so long at all.

    A first password opens one for so long after it was given.
    """

    idle: timedelta
    absolute: timedelta
    first_password: timedelta


@dataclass(frozen=True)
class Origin:
    """Where a session is, as far as it is known: what its owner recognises it by."""

    address: str | None = None
    agent: str | None = None


@dataclass(frozen=True)
class Session:
    """Who is logged in with a token, until when at most, and how sure we are of them."""

    id: int
    who: Principal
    expires_at: datetime
    confirmed_at: datetime
    has_totp: bool
    has_first_password: bool
    is_stale: bool
    """Whether it was seen so long ago that ``touch`` has something to write."""


def is_token(text: str) -> bool:
    """Whether the text has the shape of a token: what has not needs no look at the database."""
    return _SHAPE.fullmatch(text) is not None


def token_hash(token: str) -> str:
    """What is stored of a token; it is random, so no salt and no slow hash is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


def csrf_of(token: str) -> str:
    """The token that a page of ours sends with every change, which no other site can know."""
    digest = hmac.digest(token.encode(), b"kandi csrf", "sha256")
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def begin(connection: Connection, user_id: int, limits: Limits, origin: Origin = Origin()) -> str:
    """Begin a session; its token."""
    token = _new_token()
    connection.execute(
        insert(sessions).values(
            token_hash=token_hash(token),
            user_id=user_id,
            expires_at=func.now() + limits.absolute,
            address=origin.address,
            agent=origin.agent,
        )
    )
    return token


def renew(connection: Connection, session_id: int) -> str:
    """Note that the password was given again; a new token takes the place of the one before."""
    token = _new_token()
    confirmed = update(sessions).where(sessions.c.id == session_id)
    values = {"token_hash": token_hash(token), "confirmed_at": func.now(), "seen_at": func.now()}
    connection.execute(confirmed.values(values))
    return token


def _new_token() -> str:
    return PREFIX + secrets.token_urlsafe(32)


def find(connection: Connection, token: str, limits: Limits) -> Session | None:
    """The living session of a token, with the grants that hold at this moment."""
    row = connection.execute(_living(token, limits)).one_or_none()
    if row is None:
        return None
    grants = tuple(Grant(Role(role), region) for role, region in row.grants)
    who = Principal(row.id, row.username, row.name, grants)
    return Session(
        id=row.session_id,
        who=who,
        expires_at=row.expires_at,
        confirmed_at=row.confirmed_at,
        has_totp=row.has_totp,
        has_first_password=row.password_is_first,
        is_stale=row.is_stale,
    )


def _living(token: str, limits: Limits) -> "Select[*tuple[object, ...]]":
    granted = (
        select(
            func.coalesce(
                func.json_agg(func.json_build_array(user_grants.c.role, user_grants.c.region_code)),
                func.json_build_array(),
            )
        )
        .where(user_grants.c.user_id == users.c.id)
        .scalar_subquery()
    )
    return (
        select(
            users.c.id,
            users.c.username,
            users.c.name,
            users.c.totp_secret.is_not(None).label("has_totp"),
            users.c.password_is_first,
            sessions.c.id.label("session_id"),
            sessions.c.expires_at,
            sessions.c.confirmed_at,
            (sessions.c.seen_at < func.now() - SEEN_EVERY).label("is_stale"),
            granted.label("grants"),
        )
        .join(users, users.c.id == sessions.c.user_id)
        .where(
            sessions.c.token_hash == token_hash(token),
            *_alive(limits),
            users.c.disabled_at.is_(None),
        )
    )


def _alive(limits: Limits) -> "tuple[ColumnElement[bool], ...]":
    row = sessions.c
    return row.expires_at > func.now(), row.seen_at > func.now() - limits.idle


def touch(connection: Connection, token: str) -> None:
    """Note that the session was used."""
    used = sessions.c.token_hash == token_hash(token)
    connection.execute(update(sessions).where(used).values(seen_at=func.now()))


def end(connection: Connection, token: str) -> None:
    """End a session."""
    connection.execute(delete(sessions).where(sessions.c.token_hash == token_hash(token)))


def end_all(connection: Connection, user_id: int, but: str | None = None) -> None:
    """End every session of a user, but for that of one token."""
    ended = delete(sessions).where(sessions.c.user_id == user_id)
    if but is not None:
        ended = ended.where(sessions.c.token_hash != token_hash(but))
    connection.execute(ended)


def listed(connection: Connection, user_id: int, limits: Limits) -> list[Row[*tuple[Any, ...]]]:
    """The living sessions of a user, the last seen first."""
    row = sessions.c
    asked = select(row.id, row.created_at, row.seen_at, row.expires_at, row.address, row.agent)
    mine = asked.where(row.user_id == user_id, *_alive(limits))
    return list(connection.execute(mine.order_by(row.seen_at.desc(), row.id.desc())))


def end_one(connection: Connection, user_id: int, session_id: int) -> None:
    """End a session of a user; :class:`UnknownSession` if it is not theirs or over."""
    row = sessions.c
    ended = delete(sessions).where(row.id == session_id, row.user_id == user_id)
    if not connection.execute(ended).rowcount:
        raise UnknownSession(session_id)


def forget_old(connection: Connection) -> int:
    """Forget sessions that are over by age; how many."""
    over = sessions.c.expires_at < func.now()
    return connection.execute(delete(sessions).where(over)).rowcount
