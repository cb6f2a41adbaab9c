"""Which sites stand under a finger: by layer, nearest first, with true distances."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Connection, Numeric, Select, Text, cast, func, literal, select, union_all

from gis import sql
from gis.crs import CGCS2000, Crs, from_gcj02
from gis.drawn import drawn, meets
from gis.layers import Audience, Layer
from gis.query import ItemsQuery
from gis.scope import EVERYWHERE, under
from gis.tables import GRID_SRIDS, SITES
from gis.zooms import Box, pixel_m, plane

TOUCH_PX = 8
"""A finger may miss by this many pixels."""

FARTHEST_ZOOM = 9
"""Below it a finger reaches no farther than there, 1.2 km, lest it touch whole provinces."""

MOST_SITES = 20


@dataclass(frozen=True)
class Touch:
    """A touched point in degrees of ``crs``, and the zoom at which it was touched."""

    crs: Crs
    longitude: float
    latitude: float
    zoom: int
    layers: tuple[Layer, ...]
    regions: tuple[str, ...] = EVERYWHERE
    """Prefixes of the regions whose sites may be found."""

    @property
    def audience(self) -> Audience:
        """Whose sites are meant, as with any query in that coordinate system."""
        return ItemsQuery(self.crs).audience

    @property
    def exact(self) -> tuple[float, float]:
        """The point in CGCS2000, where distances are measured."""
        point = np.array([[self.longitude, self.latitude]])
        longitude, latitude = (from_gcj02(point) if self.crs is Crs.GCJ02 else point)[0]
        return float(longitude), float(latitude)

    @property
    def reach_m(self) -> float:
        """How far on the plane a site may be."""
        return TOUCH_PX * pixel_m(max(self.zoom, FARTHEST_ZOOM))


@dataclass(frozen=True)
class Found:
    """A touched site: its summary as JSON text, and metres from the point (0 inside)."""

    layer: str
    id: int
    distance_m: float
    properties: str


def identify(connection: Connection, touch: Touch) -> list[Found]:
    """Sites within reach in the order of the touch's layers, nearest and then smallest first."""
    if not touch.layers:
        return []
    rows = connection.execute(identify_sql(touch))
    return [Found(row.layer, row.id, float(row.distance_m), row.properties) for row in rows]


def identify_sql(touch: Touch) -> Select[*tuple[Any, ...]]:
    """``(layer, id, distance_m, properties)`` of what :func:`identify` finds."""
    each = [_near(layer, rank, touch).subquery() for rank, layer in enumerate(touch.layers)]
    near = union_all(*(select(one) for one in each)).subquery("near")
    return (
        select(near.c.layer, near.c.id, near.c.distance_m, near.c.properties)
        .order_by(near.c.rank, near.c.distance_m, near.c.area_m2, near.c.id)
        .limit(MOST_SITES)
    )


def _near(layer: Layer, rank: int, touch: Touch) -> Select[*tuple[Any, ...]]:
    site, source = SITES[layer.name], sql.source(layer, touch.audience)
    x, y = plane(touch.longitude, touch.latitude)
    finger = func.ST_SetSRID(func.ST_Point(x, y), GRID_SRIDS[touch.audience])
    reach = Box(x, y, x, y).grown(touch.reach_m)
    shown = drawn(layer, touch.audience, reach)
    here = func.ST_SetSRID(func.ST_Point(*touch.exact), CGCS2000)
    distance = func.ST_Distance(func.geography(site.c.geom), func.geography(here))
    public = touch.audience is Audience.PUBLIC
    summary = source.c.properties if public else sql.properties(site, layer.summary(Audience.STAFF))
    joined = shown.join(site, site.c.id == shown.c.id)
    return (
        select(
            literal(rank).label("rank"),
            literal(layer.name).label("layer"),
            shown.c.id,
            func.round(cast(distance, Numeric), 1).label("distance_m"),
            cast(summary, Text).label("properties"),
            shown.c.area_m2,
        )
        .select_from(joined.join(source, source.c.id == shown.c.id) if public else joined)
        .where(
            meets(shown, reach, ItemsQuery(touch.crs)),
            func.ST_DWithin(shown.c.geom, finger, touch.reach_m),
            under(site.c.region_code, touch.regions),
        )
    )
