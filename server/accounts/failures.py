"""Failed logins as operators see them: a line of the log and a number of the metrics."""

from enum import StrEnum

import structlog
from prometheus_client import Counter

from server.accounts.lockout import Guess

FAILURES = Counter("kandi_login_failures", "Logins of staff that failed, by what failed", ("kind",))

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


def tell(failure: Failure, guess: Guess, *, is_known: bool) -> None:
    """Log and count a failed login.

    What was typed as a username is told if there is such an account: else it may be a password.
    """
    FAILURES.labels(failure.value).inc()
    who = {"username": guess.username} if is_known else {}
    logger.warning("login failed", kind=failure.value, address=guess.address, **who)
