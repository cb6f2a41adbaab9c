"""How far it is by road from the sites of an answer to what they are near to."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, func, select

from gis.siting.answer import Site
from gis.siting.routes import Point, RoadNetwork, Router, StraightLine, Way
from gis.siting.terms import TABLES
from gis.siting.versions import DataDate
from gis.tables import SITES

Ways = Mapping[tuple[int, str], Way]
"""By id of the site and kind of facility; what nobody can drive to is not there."""


def router(connection: Connection, date: DataDate) -> Router:
    """The best router that the installation's data allows."""
    return RoadNetwork(connection) if date.has_roads else StraightLine()


def by_road(connection: Connection, sites: Sequence[Site], date: DataDate) -> Ways:
    """Ways from each site to the nearest facilities that it names; empty without roads."""
    if not date.has_roads or not sites:
        return {}
    starts = _starts(connection, sites)
    ends = _ends(connection, {one.id for site in sites for one in site.explanation.nearest})
    asked = [
        ((site.id, one.kind), (starts[site.id], ends[one.id]))
        for site in sites
        for one in site.explanation.nearest
        if site.id in starts and one.id in ends
    ]
    ways = router(connection, date).ways([pair for _, pair in asked])
    return {key: way for (key, _), way in zip(asked, ways, strict=True) if way is not None}


def _starts(connection: Connection, sites: Sequence[Site]) -> dict[int, Point]:
    found: dict[int, Point] = {}
    for name in {site.layer.name for site in sites}:
        stored = TABLES[name]
        ids = [site.id for site in sites if site.layer.name == name]
        centre = select(stored.c.id, func.ST_X(stored.c.centre), func.ST_Y(stored.c.centre))
        rows = connection.execute(centre.where(stored.c.id.in_(ids)))
        found |= {site_id: (x, y) for site_id, x, y in rows}
    return found


def _ends(connection: Connection, ids: set[int]) -> dict[int, Point]:
    place = SITES["facilities"]
    rows = connection.execute(
        select(place.c.id, func.ST_X(place.c.geom), func.ST_Y(place.c.geom)).where(
            place.c.id.in_(sorted(ids))
        )
    )
    return {facility_id: (x, y) for facility_id, x, y in rows}


def told(text: str, way: Way | None) -> str:
    """What is said of a distance, with the way by road if there is one."""
    if way is None or way.minutes is None:
        return text
    return f"{text}，开车约 {max(way.minutes, 1):.0f} 分钟、{way.metres / 1000:.1f} km"
