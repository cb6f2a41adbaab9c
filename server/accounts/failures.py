"""Failed logins as operators see them: a line of the log, and whoever counts them."""

from collections.abc import Callable
from enum import StrEnum

import structlog

from server.accounts.lockout import Guess

logger = structlog.get_logger("kandi.logins")


class Failure(StrEnum):
    """What was wrong, which only operators are told."""

    UNKNOWN_USER = "unknown-user"
    WRONG_PASSWORD = "wrong-password"  # noqa: S105
    DISABLED = "disabled"
    WRONG_CODE = "wrong-code"
    FIRST_PASSWORD_EXPIRED = "first-password-expired"  # noqa: S105
    LOCKED = "locked"
    NOT_CONFIRMED = "not-confirmed"
    """The password of a session that is there already was given again, and wrong."""


_counting: list[Callable[[Failure], None]] = []


def count_by(count: Callable[[Failure], None]) -> None:
    """Tell this one of each failure too: the command must not import what the metrics need."""
    if count not in _counting:
        _counting.append(count)


def tell(failure: Failure, guess: Guess, *, is_known: bool) -> None:
    """Log a failed login and have it counted.

    What was typed as a username is told if there is such an account: else it may be a password.
    """
    for count in _counting:
        count(failure)
    who = {"username": guess.username} if is_known else {}
    logger.warning("login failed", kind=failure.value, address=guess.address, **who)
