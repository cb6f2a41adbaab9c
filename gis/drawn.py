"""Where drawings are read from, and which of their rows a view or a tile wants.

The public is drawn from its tile table. Staff are few and see every edit at once: their shapes are
put on the plane while they look.
"""

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Double,
    FromClause,
    and_,
    cast,
    func,
    literal,
    select,
    true,
)

from gis import sql
from gis.crs import CGCS2000
from gis.drawing import on_plane
from gis.layers import Audience, Layer
from gis.query import ItemsQuery
from gis.tables import GRID_SRIDS, SITES, TILES
from gis.zooms import BANDS, Box, bands_at, degrees


def drawn(layer: Layer, audience: Audience, box: Box) -> FromClause:
    """Rows of what an audience sees drawn in a box on its plane, and perhaps of more around it."""
    if audience is Audience.PUBLIC:
        return TILES[layer.name]
    west, south = degrees(box.west, box.south)
    east, north = degrees(box.east, box.north)
    around = func.ST_MakeEnvelope(west, south, east, north, CGCS2000)
    return on_plane(layer, audience, _meets(SITES[layer.name].c.geom, around))


def shape_at(table: FromClause, audience: Audience, zoom: int) -> ColumnElement[object]:
    """The shape of a drawn row, right to a pixel of a zoom; of staff it may touch itself."""
    bands = bands_at(zoom)
    if audience is Audience.PUBLIC:
        return func.coalesce(*(table.c[band.geom] for band in bands), table.c.geom)
    if zoom > BANDS[0].zoom:
        return table.c.geom
    return func.ST_Simplify(table.c.geom, bands[0].tolerance_m, True)


def label_point(table: FromClause, audience: Audience) -> ColumnElement[object]:
    """Where the label of a tile row stands, as a geometry on its plane."""
    return func.ST_SetSRID(func.ST_Point(table.c.x, table.c.y), GRID_SRIDS[audience])


def mu(area_m2: ColumnElement[object]) -> ColumnElement[float]:
    """Square metres as 亩 with one decimal, which is what a map has room for."""
    return cast(func.round(cast(area_m2, Double) * 3 / 200) / 10, Double).label("area_mu")


def meets(table: FromClause, box: Box, query: ItemsQuery) -> ColumnElement[bool]:
    """The box around the row's shape meets a box on its plane."""
    srid = GRID_SRIDS[query.audience]
    bounds = func.ST_MakeEnvelope(box.west, box.south, box.east, box.north, srid)
    return _meets(table.c.geom, bounds)


def _meets(shape: ColumnElement[object], bounds: ColumnElement[object]) -> ColumnElement[bool]:
    return shape.op("&&", return_type=Boolean())(bounds)


def inside(table: FromClause, box: Box) -> ColumnElement[bool]:
    """The row's label stands in the box; of two boxes that touch, it stands in one."""
    return and_(
        table.c.x >= box.west, table.c.x < box.east, table.c.y > box.south, table.c.y <= box.north
    )


def finds(layer: Layer, table: FromClause, query: ItemsQuery) -> ColumnElement[bool]:
    """The row is of a site that meets the query's filters; its bbox and its page do not matter."""
    if not query.is_filtered:
        return true()
    rows = sql.looked_in(layer, query.audience)
    demanded = sql.fits(layer, rows, query)
    return select(literal(1)).where(rows.c.id == table.c.id, demanded).exists()
