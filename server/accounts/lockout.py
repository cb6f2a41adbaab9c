"""Lockout: guesses at passwords are counted before they are tried, and each wrong one delays more.

Counting first leaves no room for many guesses at once: each has its own count.
"""

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, case, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from server.accounts.tables import login_failures

FREE_GUESSES = {"user": 5, "address": 50}
"""Wrong guesses without a delay; many people may share the address of an office."""
FIRST_DELAY_S = 30
LONGEST_DELAY_S = 15 * 60
FORGOTTEN_AFTER = timedelta(hours=24)


class Locked(RuntimeError):
    """Too many wrong guesses: no more before ``until``."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"{seconds} s")
        self.seconds = seconds


@dataclass(frozen=True)
class Guess:
    """Whom a guess is counted against."""

    username: str
    address: str | None

    @property
    def subjects(self) -> tuple[str, ...]:
        """As they stand in the table, in one order for all, so that no two guesses deadlock."""
        network = [f"address:{_network(self.address)}"] if self.address else []
        return (*network, f"user:{self.username}")


def _network(address: str) -> str:
    """IPv6 addresses of one subscriber are many: the /64 counts."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if found.version == 4:
        return str(found)
    return str(ipaddress.ip_network(f"{found}/64", strict=False))


def delay_s(kind: str, failures: int) -> int:
    """How long the next guess has to wait after so many wrong ones."""
    beyond = failures - FREE_GUESSES[kind]
    if beyond < 0:
        return 0
    return int(min(FIRST_DELAY_S * 2 ** min(beyond, 10), LONGEST_DELAY_S))


def count(connection: Connection, guess: Guess) -> None:
    """Count a guess as wrong until it is known to be right; :class:`Locked` if it may not be made.

    The caller commits before the password is looked at.
    """
    for subject in guess.subjects:
        _require_unlocked(connection, subject)
    for subject in guess.subjects:
        _count(connection, subject)


def _require_unlocked(connection: Connection, subject: str) -> None:
    row = login_failures.c
    until: datetime | None = connection.execute(
        select(row.locked_until).where(row.subject == subject, row.locked_until > func.now())
    ).scalar()
    if until is not None:
        raise Locked(max(1, round((until - datetime.now(until.tzinfo)).total_seconds())))


def _count(connection: Connection, subject: str) -> None:
    row = login_failures.c
    forgotten = row.last_at < func.now() - FORGOTTEN_AFTER
    counted = insert(login_failures).values(subject=subject, failures=1)
    failures = connection.execute(
        counted.on_conflict_do_update(
            index_elements=["subject"],
            set_={"failures": case((forgotten, 1), else_=row.failures + 1), "last_at": func.now()},
        ).returning(row.failures)
    ).scalar_one()
    seconds = delay_s(subject.partition(":")[0], failures)
    if seconds:
        until = func.now() + timedelta(seconds=seconds)
        locked = update(login_failures).where(row.subject == subject)
        connection.execute(locked.values(locked_until=until))


def forgive(connection: Connection, guess: Guess) -> None:
    """The guess was right: the user starts anew, the address has one wrong guess less.

    An address is not forgiven more, lest one right password buy guesses at all others.
    """
    row = login_failures.c
    connection.execute(delete(login_failures).where(row.subject == f"user:{guess.username}"))
    one_less = update(login_failures).where(row.subject == guess.subjects[0])
    connection.execute(one_less.values(failures=row.failures - 1, locked_until=None))


def unlock(connection: Connection, username: str) -> None:
    """Let a user try again at once."""
    subject = f"user:{username}"
    connection.execute(delete(login_failures).where(login_failures.c.subject == subject))


def forget_old(connection: Connection) -> int:
    """Forget counts that no longer matter; how many."""
    old = login_failures.c.last_at < func.now() - FORGOTTEN_AFTER
    return connection.execute(delete(login_failures).where(old)).rowcount
