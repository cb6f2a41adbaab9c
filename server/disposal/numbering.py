"""Numbers of cases and documents: serial by county, kind and year, without gaps or doubles."""

from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

from server.disposal.codes import IdleClass
from server.disposal.tables import disposal_counters

_COUNTY_DIGITS = 6


def next_serial(connection: Connection, series: str) -> int:
    """The next number of a series; whoever asks at the same time waits for this transaction."""
    table = disposal_counters
    statement = insert(table).values(name=series, last=1)
    taken = statement.on_conflict_do_update(
        index_elements=[table.c.name], set_={"last": table.c.last + 1}
    ).returning(table.c.last)
    serial: int = connection.execute(taken).scalar_one()
    return serial


def case_no(connection: Connection, region_code: str, idle_class: IdleClass, year: int) -> str:
    """The number of a new case, like ``330503-GEWY-2026-0001``."""
    series = f"{region_code[:_COUNTY_DIGITS]}-{idle_class.value.upper()}-{year}"
    return f"{series}-{next_serial(connection, series):04d}"
