"""How often one address may try to log in: counted in the database, before anything is asked."""

import ipaddress

from sqlalchemy import Connection, delete, func, text
from sqlalchemy.dialects.postgresql import insert

from server.people.tables import login_counts
from server.sealing import Purpose, Sealer

WINDOW_S = 60


class TooMany(RuntimeError):
    """An address tried to log in more often than it may in a minute."""


def count(connection: Connection, sealer: Sealer, address: str | None, most: int) -> None:
    """Count a login of the address; :class:`TooMany` beyond ``most`` in this minute.

    The caller commits either way: refused tries count, too.
    """
    row = login_counts.c
    subject = sealer.digest(Purpose.ADDRESS, _subscriber(address))
    counted = insert(login_counts).values(
        subject=subject, minute=func.date_trunc("minute", func.clock_timestamp()), count=1
    )
    tries = connection.execute(
        counted.on_conflict_do_update(
            index_elements=["subject", "minute"], set_={"count": row.count + 1}
        ).returning(row.count)
    ).scalar_one()
    if tries > most:
        raise TooMany


def _subscriber(address: str | None) -> str:
    """IPv6 addresses of one subscriber are many: the /64 counts."""
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return "unknown"
    if found.version == 4:
        return str(found)
    return str(ipaddress.ip_network(f"{found}/64", strict=False))


def forget_old(connection: Connection) -> int:
    """Forget counts that no longer matter; how many."""
    old = login_counts.c.minute < func.now() - text("interval '1 hour'")
    return connection.execute(delete(login_counts).where(old)).rowcount
