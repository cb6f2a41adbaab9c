"""What stands about one site: neighbours, parks, nearest facilities and verdicts, for its sheet."""

from dataclasses import dataclass
from typing import Any

import shapely
from sqlalchemy import JSON, Connection, cast, func, select

from gis.features import UnknownFeature
from gis.layers import Layer
from gis.layers.codes import FACILITY_KIND
from gis.siting.explain import Verdict, verdicts
from gis.siting.terms import DISTANCES, OVERLAPS, TABLES, near_id
from gis.siting.versions import data_date
from gis.tables import PUBLICATIONS

_MOST_NEIGHBOURS = 200


@dataclass(frozen=True)
class Nearby:
    """The nearest facility of a kind: metres in a straight line, and where, in GCJ-02 degrees."""

    kind: str
    title: str
    name: str
    metres: float
    point: tuple[float, float]


@dataclass(frozen=True)
class About:
    """Everything that the sheet of a site draws and lists; geometries in GCJ-02 degrees."""

    site: shapely.Geometry
    frame: tuple[float, float, float, float]
    neighbours: tuple[shapely.Geometry, ...]
    parks: tuple[shapely.Geometry, ...]
    nearby: tuple[Nearby, ...]
    verdicts: tuple[Verdict, ...]
    as_of: str | None


def of(connection: Connection, layer: Layer, site_id: int) -> About:
    """What stands about a site of the public; :class:`UnknownFeature` if there is none."""
    public, stored = PUBLICATIONS[layer.name], TABLES[layer.name]
    row = connection.execute(
        select(func.ST_AsBinary(public.c.geom).label("wkb"), stored)
        .join_from(public, stored, stored.c.id == public.c.id)
        .where(public.c.id == site_id)
    ).one_or_none()
    if row is None:
        raise UnknownFeature(layer.name, site_id)
    site = shapely.from_wkb(bytes(row.wkb))
    frame = _frame(site)
    return About(
        site,
        frame,
        _within(connection, layer.name, frame, site_id),
        _within(connection, "parks", frame, 0),
        _nearby(connection, row._mapping),
        verdicts(tuple(row._mapping[c.name] for c in OVERLAPS.values()), row.site_m2),
        data_date(connection).as_of,
    )


def _frame(site: shapely.Geometry) -> tuple[float, float, float, float]:
    """A box about the site, some four times as wide, and never under a kilometre."""
    west, south, east, north = shapely.bounds(site)
    x, y = (west + east) / 2, (south + north) / 2
    half = max((north - south) * 2, (east - west) * 1.7, 0.005)
    return float(x - half * 1.6), float(y - half), float(x + half * 1.6), float(y + half)


def _within(
    connection: Connection, name: str, frame: tuple[float, float, float, float], but: int
) -> tuple[shapely.Geometry, ...]:
    table = PUBLICATIONS[name]
    box = func.ST_MakeEnvelope(*frame, 0)
    rows = connection.execute(
        select(func.ST_AsBinary(table.c.geom))
        .where(func.ST_Intersects(table.c.geom, box), table.c.id != but)
        .order_by(table.c.id)
        .limit(_MOST_NEIGHBOURS)
    )
    return tuple(shapely.from_wkb(bytes(wkb)) for wkb in rows.scalars())


def _nearby(connection: Connection, row: Any) -> tuple[Nearby, ...]:
    table = PUBLICATIONS["facilities"]
    ids = [row[near_id(kind)] for kind in DISTANCES if row[near_id(kind)] is not None]
    found = connection.execute(
        select(
            table.c.id, table.c.kind, func.ST_X(table.c.geom), func.ST_Y(table.c.geom), _name(table)
        ).where(table.c.id.in_(ids))
    )
    near = [
        Nearby(kind, FACILITY_KIND[kind], name, row[DISTANCES[kind].name], (x, y))
        for _, kind, x, y, name in found
    ]
    return tuple(sorted(near, key=lambda one: one.metres))


def _name(table: Any) -> Any:
    # Names are not filtered on, so the publication has them only in its ready text.
    return cast(table.c.properties, JSON)["name"].as_string()
