"""Sites that an investor keeps: shown as the public sees them now, or as gone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from gis.features import UnknownFeature
from gis.layers import LAYERS, Layer, layer_named
from gis.tables import PUBLICATIONS
from server.people.quota import Kept, require_room
from server.people.tables import favourites


@dataclass(frozen=True)
class Favourite:
    """One kept site; what is not public any more has the name of the day it was kept."""

    layer: Layer
    site_id: int
    code: str
    name: str
    status: str | None
    area_m2: Decimal | None
    added_at: datetime

    @property
    def gone(self) -> bool:
        """Whether the public does not see the site any more."""
        return self.status is None


def add(connection: Connection, investor_id: int, layer: Layer, site_id: int) -> None:
    """Keep a site; again, it changes nothing. :class:`UnknownFeature` if it is not public."""
    public = PUBLICATIONS[layer.name].c
    found = connection.execute(
        select(public.code, public.name).where(public.id == site_id)
    ).one_or_none()
    if found is None:
        raise UnknownFeature(layer.name, site_id)
    require_room(connection, Kept.FAVOURITES, investor_id)
    kept = insert(favourites).values(
        investor_id=investor_id,
        layer=layer.name,
        site_id=site_id,
        code=found.code,
        name=found.name,
    )
    connection.execute(kept.on_conflict_do_nothing())


def remove(connection: Connection, investor_id: int, layer: Layer, site_id: int) -> None:
    """Keep the site no longer."""
    row = favourites.c
    connection.execute(
        delete(favourites).where(
            row.investor_id == investor_id, row.layer == layer.name, row.site_id == site_id
        )
    )


def listed(connection: Connection, investor_id: int) -> list[Favourite]:
    """All that the investor keeps, the newest first."""
    found = [one for layer in LAYERS for one in _of_layer(connection, investor_id, layer)]
    return sorted(found, key=lambda one: (one.added_at, one.site_id), reverse=True)


def _of_layer(connection: Connection, investor_id: int, layer: Layer) -> Iterator[Favourite]:
    mine, public = favourites.c, PUBLICATIONS[layer.name]
    rows = (
        select(
            mine.layer,
            mine.site_id,
            func.coalesce(public.c.code, mine.code).label("code"),
            func.coalesce(public.c.name, mine.name).label("name"),
            public.c.status,
            public.c.area_m2,
            mine.added_at,
        )
        .select_from(favourites.join(public, public.c.id == mine.site_id, isouter=True))
        .where(mine.investor_id == investor_id, mine.layer == layer.name)
    )
    for row in connection.execute(rows):
        yield Favourite(
            layer_named(row.layer),
            row.site_id,
            row.code,
            row.name,
            row.status,
            row.area_m2,
            row.added_at,
        )
