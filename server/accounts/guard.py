"""Who sends this request: staff by cookie or bearer token, or nobody."""

import hmac
from datetime import timedelta

from flask import g, request

from server.accounts import sessions
from server.accounts.principals import (
    ROLE_TITLES,
    Principal,
    Role,
    StaffOnly,
    Unauthenticated,
)
from server.accounts.sessions import Limits, Session
from server.request import connection, settings, writing

COOKIE = "kandi_session"
CSRF_HEADER = "X-CSRF-Token"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class CsrfMissing(PermissionError):
    """A change by cookie without the token that only pages of ours know."""


def limits() -> Limits:
    """When sessions of this installation end."""
    config = settings()
    return Limits(
        timedelta(minutes=config.session_idle_minutes), timedelta(hours=config.session_hours)
    )


def staff(*roles: Role) -> Principal:
    """Who asks, with one of the roles somewhere if any is given.

    Raises :class:`Unauthenticated`, :class:`CsrfMissing` or :class:`StaffOnly`.
    """
    who = session().who
    if roles and not who.has(*roles):
        wanted = "、".join(ROLE_TITLES[role] for role in roles)
        raise StaffOnly(f"需要以下角色之一：{wanted}")
    return who


def session() -> Session:
    """The session of this request; a change by cookie must bring its CSRF token."""
    if "session" not in g:
        given, by_cookie = presented()
        if by_cookie and request.method not in _SAFE:
            _require_csrf(given)
        g.session = _living(given)
    found: Session = g.session
    return found


def is_presented() -> bool:
    """Whether the request brings anything that could be a session."""
    return "Authorization" in request.headers or COOKIE in request.cookies


def presented() -> tuple[str, bool]:
    """The token that the request brings, and whether as a cookie; :class:`Unauthenticated`."""
    if "Authorization" in request.headers:
        scheme, _, given = request.headers["Authorization"].partition(" ")
        given = given.strip() if scheme.lower() == "bearer" else ""
        by_cookie = False
    else:
        given, by_cookie = request.cookies.get(COOKIE, ""), True
    if not sessions.is_token(given):
        raise Unauthenticated
    return given, by_cookie


def _require_csrf(token: str) -> None:
    given = request.headers.get(CSRF_HEADER, "").encode()
    if not hmac.compare_digest(given, sessions.csrf_of(token).encode()):
        raise CsrfMissing


def session_of(token: str) -> Session:
    """The living session of a token; :class:`Unauthenticated` if there is none."""
    found = sessions.find(connection(), token, limits())
    if found is None:
        raise Unauthenticated
    return found


def address() -> str | None:
    """The address that the request comes from, as far as the proxies in front are trusted."""
    hops = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    trusted = settings().trusted_proxies
    return hops[-trusted] if 0 < trusted <= len(hops) and hops[-trusted] else request.remote_addr


def _living(token: str) -> Session:
    found = session_of(token)
    if found.is_stale:
        with writing() as transaction:
            sessions.touch(transaction, token)
    return found
