"""Logging in: a password, a code where one is asked for, and a session in return."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from gis.audit import Action, record
from server.accounts import failures, lockout, passwords, sessions, totp
from server.accounts.failures import Failure
from server.accounts.lockout import Guess, Locked
from server.accounts.sessions import Limits, Origin, Session
from server.accounts.tables import users
from server.accounts.users import subject

Opened = Callable[[bytes], str]
"""Opens the sealed secret of one-time codes."""

Begin = Callable[[], AbstractContextManager[Connection]]
"""Begins a transaction that commits when its block ends well."""


class InvalidCredentials(PermissionError):
    """Username, password or code is wrong; which of them is nobody's business."""


class TotpRequired(PermissionError):
    """The password is right; a code is asked for as well."""


class FirstPasswordExpired(PermissionError):
    """The password is right, but somebody else gave it too long ago for it to be used first."""


@dataclass(frozen=True)
class Credentials:
    """What a person typed, and the address it came from."""

    username: str
    password: str
    totp: str | None
    origin: Origin


def log_in(begin: Begin, given: Credentials, limits: Limits, opened: Opened) -> str:
    """The token of a new session.

    Raises :class:`InvalidCredentials`, :class:`TotpRequired`, :class:`FirstPasswordExpired` or
    :class:`lockout.Locked`, and ``Unreadable`` where codes are asked for and their secret does
    not open.
    """
    guess = Guess(given.username, given.origin.address)
    row = counted(begin, guess)
    # Without a transaction: a hash takes its time on purpose.
    right = passwords.fits(None if row is None else row.password_hash, given.password)
    if row is None:
        failures.tell(Failure.UNKNOWN_USER, guess, is_known=False)
        raise InvalidCredentials
    if not right or row.disabled_at is not None:
        failure = Failure.DISABLED if right else Failure.WRONG_PASSWORD
        failures.tell(failure, guess, is_known=True)
        raise InvalidCredentials
    if row.password_is_first and row.password_at < datetime.now(UTC) - limits.first_password:
        failures.tell(Failure.FIRST_PASSWORD_EXPIRED, guess, is_known=True)
        raise FirstPasswordExpired
    with begin() as connection:
        step = _used_step(connection, row.id, given, opened)
        lockout.forgive(connection, guess)
        if passwords.is_old(row.password_hash):
            _store(connection, row.id, password_hash=passwords.hashed(given.password))
        _store(connection, row.id, totp_step=func.coalesce(step, users.c.totp_step))
        details = {"address": given.origin.address, "totp": step is not None}
        actor = f"user:{row.username}"
        record(connection, actor, Action.LOGGED_IN, subject(row.id), details)
        return sessions.begin(connection, row.id, limits, given.origin)


def confirm(begin: Begin, session: Session, password: str, address: str | None) -> str:
    """The new token of a session whose owner gave their password again.

    Raises :class:`InvalidCredentials` or :class:`lockout.Locked`: it counts as a guess.
    """
    guess = Guess(session.who.username, address)
    row = counted(begin, guess)
    if row is None or not passwords.fits(row.password_hash, password):
        failures.tell(Failure.NOT_CONFIRMED, guess, is_known=row is not None)
        raise InvalidCredentials
    with begin() as connection:
        lockout.forgive(connection, guess)
        details = {"address": address, "again": True}
        record(connection, session.who.actor, Action.LOGGED_IN, subject(row.id), details)
        return sessions.renew(connection, session.id)


def counted(begin: Begin, guess: Guess) -> Row[*tuple[Any, ...]] | None:
    """The user of a guess, which counts as wrong from now on; raises :class:`lockout.Locked`."""
    with begin() as connection:
        row = _user(connection, guess.username)
        try:
            lockout.count(connection, guess)
        except Locked:
            failures.tell(Failure.LOCKED, guess, is_known=row is not None)
            raise
    return row


def _user(connection: Connection, username: str) -> Row[*tuple[Any, ...]] | None:
    return connection.execute(select(users).where(users.c.username == username)).one_or_none()


def _used_step(
    connection: Connection, user_id: int, given: Credentials, opened: Opened
) -> int | None:
    """The step of the code that was given; the user's row is held, so no code works twice."""
    row = connection.execute(select(users).where(users.c.id == user_id).with_for_update()).one()
    if row.totp_secret is None:
        return None
    if given.totp is None:
        raise TotpRequired
    secret = opened(row.totp_secret)
    step = totp.matching_step(secret, given.totp, time.time(), row.totp_step)
    if step is None:
        guess = Guess(given.username, given.origin.address)
        failures.tell(Failure.WRONG_CODE, guess, is_known=True)
        raise InvalidCredentials
    return step


def _store(connection: Connection, user_id: int, **values: object) -> None:
    connection.execute(update(users).where(users.c.id == user_id).values(values))
