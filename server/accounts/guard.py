"""Who sends this request: staff by cookie or bearer token, or nobody."""

import hmac
from datetime import UTC, datetime, timedelta

from flask import g, request

from server.accounts import sessions
from server.accounts.principals import (
    ROLE_TITLES,
    Principal,
    Role,
    StaffOnly,
    Unauthenticated,
)
from server.accounts.sessions import Limits, Origin, Session
from server.request import connection, settings, writing

COOKIE = "kandi_session"
_HOST_COOKIE = f"__Host-{COOKIE}"
_MOST_OF_AGENT = 200
CSRF_HEADER = "X-CSRF-Token"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class CsrfMissing(PermissionError):
    """A change by cookie without the token that only pages of ours know."""


class AccountUnready(PermissionError):
    """The account has to be set up by its owner before it may do anything else."""


class PasswordChangeRequired(AccountUnready):
    """Somebody else gave the password: it only serves to set one's own."""


class CodesRequired(AccountUnready):
    """A role of this account must use one-time codes, and it has none yet."""


class ConfirmationRequired(PermissionError):
    """The password has to be given again before this."""


def limits() -> Limits:
    """When sessions of this installation end."""
    config = settings()
    return Limits(
        timedelta(minutes=config.session_idle_minutes),
        timedelta(hours=config.session_hours),
        timedelta(days=config.first_password_days),
    )


def staff(*roles: Role) -> Principal:
    """Who asks, with one of the roles somewhere if any is given.

    Raises :class:`Unauthenticated`, :class:`CsrfMissing`, :class:`AccountUnready` or
    :class:`StaffOnly`.
    """
    found = session()
    who = found.who
    if found.has_first_password:
        raise PasswordChangeRequired
    if not found.has_totp and who.has_any(settings().roles_with_codes):
        raise CodesRequired
    if roles and not who.has(*roles):
        wanted = "、".join(ROLE_TITLES[role] for role in roles)
        raise StaffOnly(f"需要以下角色之一：{wanted}")
    return who


def confirmed(*roles: Role) -> Principal:
    """The same, for what a stolen session must not do; :class:`ConfirmationRequired`."""
    who = staff(*roles)
    require_confirmed()
    return who


def own() -> Principal:
    """Who asks about their own account, which they may before it is ready for anything else."""
    return session().who


def own_confirmed() -> Principal:
    """The same, for what a stolen session must not do; :class:`ConfirmationRequired`."""
    require_confirmed()
    return own()


def require_confirmed() -> None:
    """Raise :class:`ConfirmationRequired` unless the password was given not long ago."""
    lasts = timedelta(minutes=settings().confirm_minutes)
    if session().confirmed_at < datetime.now(UTC) - lasts:
        raise ConfirmationRequired


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
    return "Authorization" in request.headers or cookie_name() in request.cookies


def is_tls() -> bool:
    """Whether pages are read by https, which a proxy in front may speak for us."""
    return request.is_secure or (settings().public_url or "").startswith("https://")


def cookie_name() -> str:
    """The name of the cookie; by https one that no other host and no plain page can set."""
    return _HOST_COOKIE if is_tls() else COOKIE


def origin() -> Origin:
    """Where the request comes from, as its sender will recognise it."""
    agent = "".join(c for c in request.headers.get("User-Agent", "") if c.isprintable())
    return Origin(address(), agent[:_MOST_OF_AGENT] or None)


def presented() -> tuple[str, bool]:
    """The token that the request brings, and whether as a cookie; :class:`Unauthenticated`."""
    if "Authorization" in request.headers:
        scheme, _, given = request.headers["Authorization"].partition(" ")
        given = given.strip() if scheme.lower() == "bearer" else ""
        by_cookie = False
    else:
        given, by_cookie = request.cookies.get(cookie_name(), ""), True
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
