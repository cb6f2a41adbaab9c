"""Passwords: argon2id hashes, and which passwords nobody may choose."""

from functools import cache
from importlib.resources import files

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerifyMismatchError

SHORTEST, LONGEST = 10, 128

# OWASP's second choice of parameters: 19 MiB, so that a burst of logins cannot take all memory.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)


class WeakPassword(ValueError):
    """A password that must not be used; the text says in Chinese why."""


def hashed(password: str) -> str:
    """The password as it is stored."""
    return _HASHER.hash(password)


def fits(password_hash: str | None, password: str) -> bool:
    """Whether the password is that of the hash; takes as long where there is no user at all."""
    try:
        return _HASHER.verify(password_hash or _nobody(), password) and password_hash is not None
    except (VerifyMismatchError, InvalidHashError):
        return False


def is_old(password_hash: str) -> bool:
    """Whether the hash was made with weaker parameters than today's."""
    return _HASHER.check_needs_rehash(password_hash)


@cache
def _nobody() -> str:
    return _HASHER.hash("nobody has this password")


def check(password: str, username: str) -> None:
    """Raise :class:`WeakPassword` unless the password may be used by that user."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise WeakPassword(f"密码应为 {SHORTEST} 到 {LONGEST} 个字符")
    if username.casefold() in password.casefold():
        raise WeakPassword("密码不能包含用户名")
    if password.casefold() in _common() or len(set(password)) < 4:
        raise WeakPassword("这个密码太常见，请换一个")


@cache
def _common() -> frozenset[str]:
    """Passwords that lists of stolen ones are full of, as long as ours must be.

    From the 20,000 most frequent ones that Royce Williams published and Django ships (BSD licence),
    and from zxcvbn 4.5.0, @zxcvbn-ts/language-common 4.1.3 and popular-passwords 1.0.3 (MIT).
    """
    text = (files("server.accounts") / "common_passwords.txt").read_text("utf-8")
    return frozenset(text.split("\n"))
