"""How new the data is that an answer stands on."""

from dataclasses import dataclass

from sqlalchemy import Connection, exists, func, select

from gis.siting.roads import roads
from gis.tables import layer_state


@dataclass(frozen=True)
class DataDate:
    """A number that every change of any layer raises, and when the newest change was written."""

    version: int
    as_of: str | None
    has_roads: bool
    """Whether a road network is loaded."""


_STATEMENT = select(
    func.coalesce(func.sum(layer_state.c.version), 0).label("version"),
    func.to_char(func.max(layer_state.c.changed_at), 'YYYY-MM-DD"T"HH24:MI:SSTZH:TZM').label("at"),
    exists(select(roads.c.id)).label("roads"),
)


def data_date(connection: Connection) -> DataDate:
    """How new the data is in the caller's snapshot."""
    row = connection.execute(_STATEMENT).one()
    return DataDate(int(row.version), row.at, row.roads)
