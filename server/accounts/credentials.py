"""Credentials of an account: passwords and one-time codes, changed by their owner or reset."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select, update

from gis.audit import Action, record
from server.accounts import failures, lockout, passwords, sessions, totp
from server.accounts.failures import Failure
from server.accounts.lockout import Guess
from server.accounts.login import InvalidCredentials
from server.accounts.passwords import WeakPassword
from server.accounts.principals import Grant, Principal, Role
from server.accounts.tables import users as table
from server.accounts.users import BadUser, User, subject
from server.sealing import Purpose, Sealer


def require_reach(who: Principal, *grants: Grant) -> None:
    """Raise ``Forbidden`` unless the administrator's own regions hold all of these grants.

    Else whoever keeps the accounts of a county could make themselves those of the whole country.
    """
    for one in grants:
        who.require((Role.ADMIN,), one.region_code)


def require_other(who: Principal, user: User, disabled: bool | None) -> None:
    """Raise ``BadUser`` where administrators would lock themselves out."""
    if disabled and user.id == who.user_id:
        raise BadUser("不能停用自己的账号")


def require_admin_left(who: Principal, user_id: int, wanted: Sequence[Grant]) -> None:
    """Raise ``BadUser`` where administrators would take the role from themselves."""
    if user_id == who.user_id and not any(one.role is Role.ADMIN for one in wanted):
        raise BadUser("不能取消自己的管理员角色")


def require_password(connection: Connection, user: User, password: str) -> None:
    """Raise ``InvalidCredentials`` unless it is the user's own."""
    stored = select(table.c.password_hash).where(table.c.id == user.id)
    if not passwords.fits(connection.execute(stored).scalar_one(), password):
        raise InvalidCredentials


@dataclass(frozen=True)
class OwnPassword:
    """A password and the one that takes its place, both typed by their owner, and where."""

    current: str
    password: str
    address: str | None


def change_password(connection: Connection, user: User, own: OwnPassword, keep: str) -> None:
    """Let a user have a password of their own; only the session of the token ``keep`` stays.

    The present one is a guess, which ``login.counted`` has counted. Raises ``InvalidCredentials``
    or ``WeakPassword``, also where nothing would change.
    """
    guess = Guess(user.username, own.address)
    try:
        require_password(connection, user, own.current)
    except InvalidCredentials:
        failures.tell(Failure.NOT_CONFIRMED, guess, is_known=True)
        raise
    lockout.forgive(connection, guess)
    if own.password == own.current:
        raise WeakPassword("新密码不能与现在的密码相同")
    _set_password(connection, user, own.password, is_first=False)
    sessions.end_all(connection, user.id, keep)
    actor = f"user:{user.username}"
    record(connection, actor, Action.USER_CHANGED, subject(user.id), {"changed": "password"})


def give_password(connection: Connection, actor: str, user: User, password: str) -> None:
    """Give a user a password that serves to set their own; all their sessions end."""
    _set_password(connection, user, password, is_first=True)
    sessions.end_all(connection, user.id)
    details = {"changed": "password", "first": True}
    record(connection, actor, Action.USER_CHANGED, subject(user.id), details)


def _set_password(connection: Connection, user: User, password: str, *, is_first: bool) -> None:
    passwords.check(password, user.username)
    row = {"password_hash": passwords.hashed(password), "password_is_first": is_first}
    _store(connection, user.id, password_at=func.now(), **row)


def begin_totp(connection: Connection, sealer: Sealer, user_id: int) -> str:
    """A secret that counts once its first code was given; it is stored sealed."""
    secret = totp.new_secret()
    _store(connection, user_id, totp_pending=sealer.seal(Purpose.TOTP, secret))
    return secret


@dataclass(frozen=True)
class FirstCode:
    """A code that shows that the secret arrived, and when it was given."""

    code: str
    at_s: float


class WrongCode(ValueError):
    """A first code that no begun secret makes at this time."""


def confirm_totp(connection: Connection, sealer: Sealer, who: Principal, first: FirstCode) -> None:
    """Ask for codes of the pending secret from now on; ``WrongCode`` for a wrong one."""
    user_id = who.user_id
    row = connection.execute(
        select(table.c.totp_pending).where(table.c.id == user_id).with_for_update()
    ).one()
    if row.totp_pending is None:
        raise WrongCode
    secret = sealer.open(Purpose.TOTP, row.totp_pending)
    step = totp.matching_step(secret, first.code, first.at_s, None)
    if step is None:
        raise WrongCode
    _store(connection, user_id, totp_secret=row.totp_pending, totp_pending=None, totp_step=step)
    record(connection, who.actor, Action.USER_CHANGED, subject(user_id), {"changed": "totp on"})


def end_totp(connection: Connection, actor: str, user_id: int) -> None:
    """Ask for codes no more."""
    _store(connection, user_id, totp_secret=None, totp_pending=None, totp_step=None)
    record(connection, actor, Action.USER_CHANGED, subject(user_id), {"changed": "totp off"})


def _store(connection: Connection, user_id: int, **values: object) -> None:
    connection.execute(update(table).where(table.c.id == user_id).values(values))
