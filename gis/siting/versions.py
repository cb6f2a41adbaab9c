"""How new the data is that an answer stands on."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, exists, func, select

from gis.siting.roads import roads
from gis.sql import stamp
from gis.tables import layer_state


@dataclass(frozen=True)
class DataDate:
    """A number that every change of any layer raises, and when the newest change was written."""

    version: int
    as_of: str | None
    has_roads: bool
    """Whether a road network is loaded."""


DATED = select(
    func.coalesce(func.sum(layer_state.c.version), 0).label("data_version"),
    stamp(func.max(layer_state.c.changed_at)).label("data_as_of"),
    exists(select(roads.c.id)).label("has_roads"),
)
"""One row for :func:`date_of`."""


def data_date(connection: Connection) -> DataDate:
    """How new the data is in the caller's snapshot."""
    return date_of(connection.execute(DATED).one())


def date_of(row: Row[Any]) -> DataDate:
    """A row with the columns of :data:`DATED`."""
    return DataDate(int(row.data_version), row.data_as_of, row.has_roads)
