"""Which officer an enquiry goes to: of those whose region is closest the least busy one."""

from sqlalchemy import Connection, Select, func, literal, select, text

from server.accounts.principals import Role
from server.accounts.tables import user_grants, users
from server.people.tables import enquiries

_LOCK = 0x656E7175


class NoSuchOfficer(LookupError):
    """Nobody of that number may handle enquiries of that region."""


def officer_for(connection: Connection, region_code: str | None) -> int | None:
    """The officer who gets the next enquiry of a region; None if none is responsible.

    One enquiry is assigned at a time, else two at once would see the same officer as least busy.
    """
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    found = connection.execute(_officers(region_code).limit(1)).first()
    return None if found is None else int(found.id)


def require_officer(connection: Connection, user_id: int, region_code: str | None) -> None:
    """:class:`NoSuchOfficer` unless that user is an officer of the region."""
    those = _officers(region_code).where(users.c.id == user_id)
    if connection.execute(those).first() is None:
        raise NoSuchOfficer(user_id)


def officers_of(connection: Connection, region_code: str | None) -> dict[int, str]:
    """Names by number of those who may handle enquiries of a region, the likeliest first."""
    those = _officers(region_code).add_columns(users.c.name)
    return {int(row.id): str(row.name) for row in connection.execute(those)}


def _officers(region_code: str | None) -> Select[int]:
    given, row = user_grants.c, enquiries.c
    busy = (
        select(func.count())
        .where(row.officer_id == users.c.id, row.closed_at.is_(None))
        .scalar_subquery()
    )
    closeness = func.max(func.length(given.region_code))
    return (
        select(users.c.id)
        .join(user_grants, given.user_id == users.c.id)
        .where(
            given.role == Role.OFFICER.value,
            users.c.disabled_at.is_(None),
            literal(region_code or "").startswith(given.region_code),
        )
        .group_by(users.c.id)
        .order_by(closeness.desc(), busy, users.c.id)
    )
