"""Vector tiles: one statement a tile, straight from the rows that ``gis.drawing`` prepared.

From a layer's ``shape_zoom`` on, a tile holds the shapes (``parcels``) and, in a second layer
(``parcels_label``), one point a site. Below it holds counts by cell (``parcels_cluster``).
"""

from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    LargeBinary,
    Select,
    Table,
    Text,
    and_,
    case,
    cast,
    func,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from gis import sql
from gis.drawing import CELL_LEVEL, cell_counts
from gis.drawn import drawn, finds, inside, label_point, meets, mu, shape_at
from gis.layers import Audience, Layer
from gis.query import ItemsQuery, OneOf
from gis.queryables import QUERYABLES
from gis.tables import CELLS, GRID_SRIDS
from gis.zooms import (
    EXTENT,
    WORLD_M,
    Box,
    Tile,
    cell_box,
    degrees,
    grid_at,
    grid_column,
)

FORMAT = 2
"""Raised when a tile of the same data looks different, so that no browser keeps the old look."""

BUFFER = 64
"""Units; outlines go on for it, so that no edge of a tile is drawn."""

MOST_BYTES = 500_000
MOST_SHAPES = 12_000
MOST_TILE_ZOOM = 16
"""Clients stretch tiles of this zoom when they show a higher one: a unit is 15 cm there."""
CLUSTERS_PER_TILE = 2
"""Levels from a tile down to its clusters: 4 x 4 of them, 128 px wide."""

_ROOM = 8
"""Cells that a shape may reach beyond the one of its label."""


@dataclass(frozen=True)
class Detail:
    """How much a tile holds: labels and attributes or only statuses, and how many shapes."""

    described: bool
    shapes: int


@dataclass(frozen=True)
class TileBody:
    """A tile as it is sent; ``truncated`` says what was left out: attributes or shapes."""

    content: bytes
    truncated: str | None = None


def stamp(version: int, changed_at: str | None) -> str:
    """What stands in the address of a tile, so that one address never has two contents.

    Begins with the data version; the rest tells apart equal versions of a restored database and
    tiles of another ``FORMAT``.
    """
    told = f"{changed_at}/{FORMAT}".encode()
    return f"{version}-{blake2b(told, digest_size=4).hexdigest()}"


def tile(connection: Connection, layer: Layer, asked: Tile, query: ItemsQuery) -> TileBody:
    """A tile of the sites that the query finds, never above ``MOST_BYTES``.

    A tile that would be larger loses attributes and labels first, then its smallest shapes; empty
    bytes if nothing stands there.
    """
    content, shapes = _run(connection, tile_sql(layer, asked, query, in_full(layer, asked.z)))
    if fits(content, shapes):
        return TileBody(content)
    bare = Detail(described=False, shapes=MOST_SHAPES)
    truncated = "shapes" if shapes > MOST_SHAPES else "attributes"
    content, shapes = _run(connection, tile_sql(layer, asked, query, bare))
    while len(content) > MOST_BYTES:
        truncated = "shapes"
        # Small shapes go first and hold less than the mean, hence a bit more than in proportion.
        bare = replace(bare, shapes=int(shapes * MOST_BYTES / len(content) * 0.9))
        content, shapes = _run(connection, tile_sql(layer, asked, query, bare))
    return TileBody(content, truncated)


def in_full(layer: Layer, zoom: int) -> Detail:
    """All that a tile of that zoom may hold, and one shape more to tell that there are too many."""
    return Detail(zoom >= layer.label_zoom, MOST_SHAPES + 1)


def fits(content: bytes, shapes: int) -> bool:
    """Whether a tile may be sent as it is."""
    return len(content) <= MOST_BYTES and shapes <= MOST_SHAPES


def buffered(asked: Tile) -> Box:
    """What a tile covers with its buffer."""
    return asked.box.grown(_unit(asked.z) * BUFFER)


def _run(connection: Connection, statement: Select[bytes, int]) -> tuple[bytes, int]:
    content, shapes = connection.execute(statement).one()
    return bytes(content), shapes


def tile_sql(layer: Layer, asked: Tile, query: ItemsQuery, detail: Detail) -> Select[bytes, int]:
    """``(tile, shapes)``: the bytes of a tile and how many features its first layer holds."""
    if asked.z < layer.shape_zoom:
        return _clusters(layer, asked, query)
    site = _sites(layer, asked, query, detail).cte("site")
    described = (site.c.code, site.c.area_mu) if detail.described else ()
    shapes = select(site.c.id, site.c.status, *described, site.c.mvt)
    drawn = _encoded(shapes, layer.name, extent(asked.z))
    if not detail.described:
        return drawn
    labels = select(
        site.c.id,
        site.c.status,
        site.c.name,
        site.c.code,
        site.c.area_mu,
        site.c.point.label("mvt"),
    ).where(site.c.point.is_not(None))
    first = drawn.subquery("shapes")
    second = _encoded(labels, f"{layer.name}_label", EXTENT).subquery("labels")
    both = first.c.tile.op("||", return_type=LargeBinary())(second.c.tile)
    return select(both, first.c.features).select_from(first.join(second, true()))


def extent(zoom: int) -> int:
    """Units along the edge of the shapes' layer: those of the grid that they are stored on."""
    return EXTENT << ((grid_at(zoom) or zoom) - zoom)


def _encoded(
    rows: Select[*tuple[object, ...]], name: str, units: int = EXTENT
) -> Select[bytes, int]:
    feature = rows.subquery(f"{name}_row")
    encoded = func.ST_AsMVT(feature.table_valued(), name, units, "mvt", "id", type_=LargeBinary)
    return select(encoded.label("tile"), func.count(feature.c.mvt).label("features"))


def _sites(
    layer: Layer, asked: Tile, query: ItemsQuery, detail: Detail
) -> Select[*tuple[object, ...]]:
    """What stands in a tile, each with its outline there and, of labels in it, their place."""
    around = buffered(asked)
    table = drawn(layer, query.audience, around)
    columns: list[ColumnElement[Any]] = [table.c.id, table.c.status]
    if detail.described:
        point = case((inside(table, asked.box), _place(table, asked)))
        columns += [table.c.code, table.c.name, mu(table.c.area_m2), point.label("point")]
    return (
        select(*columns, _outline(table, asked, query).label("mvt"))
        .where(meets(table, around, query), finds(layer, table, query))
        # The order makes the bytes of a tile follow from its data alone, as a strong tag promises.
        .order_by(table.c.area_m2.desc(), table.c.id)
        .limit(detail.shapes)
    )


def _outline(table: FromClause, asked: Tile, query: ItemsQuery) -> ColumnElement[object]:
    """The outline of a row in the units of a tile."""
    shape = shape_at(table, query.audience, asked.z)
    speck = func.ST_Expand(label_point(table, query.audience), _unit(asked.z))
    # A site too small for the grid of the tile is a speck there, not nothing.
    cut = func.coalesce(
        _mvt(shape, asked, query), case((inside(table, asked.box), _mvt(speck, asked, query)))
    )
    grid = grid_at(asked.z)
    if grid is None or query.audience is Audience.STAFF:
        return cut
    units = extent(asked.z)
    stored = func.ST_GeomFromTWKB(table.c[grid_column(grid)])
    moved = func.ST_Translate(stored, -units * asked.x, -units * asked.y)
    # Cutting takes longer than all else, and what is near costs a client nothing.
    near = table.c.geom.op("@", return_type=Boolean())(_reach(asked, query))
    return case((and_(near, table.c[grid_column(grid)].is_not(None)), moved), else_=cut)


def _reach(asked: Tile, query: ItemsQuery) -> ColumnElement[object]:
    """As far from a tile as shapes are sent whole, made once for all rows."""
    box = reach(asked)
    srid = GRID_SRIDS[query.audience]
    around = func.ST_MakeEnvelope(box.west, box.south, box.east, box.north, srid)
    return select(around).scalar_subquery()


def reach(asked: Tile) -> Box:
    """A tile and half of one on every side: MapLibre keeps coordinates up to a whole one."""
    return asked.box.grown(WORLD_M / 2**asked.z / 2)


def _unit(zoom: int) -> float:
    return WORLD_M / (EXTENT << zoom)


def _place(table: FromClause, asked: Tile) -> ColumnElement[object]:
    """Where a row's label stands, in units of the tile."""
    box, units_per_m = asked.box, 1 / _unit(asked.z)
    x = func.round((table.c.x - box.west) * units_per_m)
    return func.ST_Point(x, func.round((box.north - table.c.y) * units_per_m))


def _clusters(layer: Layer, asked: Tile, query: ItemsQuery) -> Select[bytes, int]:
    level = asked.z + CLUSTERS_PER_TILE
    by_status = cells(layer, query, level, asked.box).subquery("by_status")
    x, y = by_status.c.x, by_status.c.y
    sites = func.sum(by_status.c.sites)
    order = aggregate_order_by(by_status.c.status, by_status.c.sites.desc(), by_status.c.status)
    clusters = (
        select(
            x,
            y,
            cast(sites, Integer).label("count"),
            mu(func.sum(by_status.c.area_m2)),
            func.array_agg(order, type_=ARRAY(Text))[1].label("status"),
            (func.sum(by_status.c.sum_x) / sites).label("mean_x"),
            (func.sum(by_status.c.sum_y) / sites).label("mean_y"),
        )
        .group_by(x, y)
        .order_by(x, y)
        .subquery("cluster")
    )
    srid = GRID_SRIDS[query.audience]
    mean = func.ST_SetSRID(func.ST_Point(clusters.c.mean_x, clusters.c.mean_y), srid)
    cell_id = cast(clusters.c.y, BigInteger) * 2**level + clusters.c.x
    rows = select(
        cell_id.label("id"),
        clusters.c["count"],
        clusters.c.status,
        clusters.c.area_mu,
        _mvt(mean, asked, query).label("mvt"),
    )
    return _encoded(rows, f"{layer.name}_cluster")


def bounds(connection: Connection, layer: Layer) -> tuple[float, float, float, float] | None:
    """A box in degrees around all public sites; None if there are none.

    From the cells of their labels, which takes no time, with room for parks of 30 km.
    """
    cell = CELLS[layer.name].c
    row = connection.execute(
        select(func.min(cell.x), func.min(cell.y), func.max(cell.x), func.max(cell.y))
    ).one()
    if row[0] is None:
        return None
    first = cell_box(CELL_LEVEL, row[0] - _ROOM, row[1] - _ROOM)
    last = cell_box(CELL_LEVEL, row[2] + _ROOM, row[3] + _ROOM)
    return (*degrees(first.west, last.south), *degrees(last.east, first.north))


def cells(layer: Layer, query: ItemsQuery, level: int, box: Box) -> Select[*tuple[object, ...]]:
    """Sites whose label stands in the box, counted by cell of ``level`` and by status.

    The box is one of whole cells. Stored counts answer where they can, else the rows are counted.
    """
    statuses = [c for c in query.conditions if isinstance(c, OneOf) and c.column.name == "status"]
    plain = query.words is None and len(statuses) == len(query.conditions)
    if query.audience is Audience.STAFF or level > CELL_LEVEL:
        table = drawn(layer, query.audience, box)
        rows = cell_counts(table, level).where(inside(table, box), finds(layer, table, query))
        # Staff's rows are of the box already; to look at their shapes again is to project them.
        return rows if query.audience is Audience.STAFF else rows.where(meets(table, box, query))
    if plain:
        return _stored_cells(CELLS[layer.name], level, box, statuses)
    narrow = QUERYABLES[layer.name]
    return cell_counts(narrow, level).where(inside(narrow, box), sql.fits(layer, narrow, query))


def stored_range(box: Box) -> tuple[int, int, int, int]:
    """Columns and rows of the stored cells in a box: first of both, and first after both."""
    size = WORLD_M / 2**CELL_LEVEL
    west, east = (round((edge + WORLD_M / 2) / size) for edge in (box.west, box.east))
    north, south = (round((WORLD_M / 2 - edge) / size) for edge in (box.north, box.south))
    return west, north, east, south


def _stored_cells(
    stored: Table, level: int, box: Box, statuses: list[OneOf]
) -> Select[*tuple[object, ...]]:
    west, north, east, south = stored_range(box)
    shift = CELL_LEVEL - level
    x, y = stored.c.x.op(">>")(shift).label("x"), stored.c.y.op(">>")(shift).label("y")
    sums = (func.sum(stored.c[n]).label(n) for n in ("sites", "sum_x", "sum_y", "area_m2"))
    return (
        select(x, y, stored.c.status, *sums)
        .where(
            stored.c.x >= west,
            stored.c.x < east,
            stored.c.y >= north,
            stored.c.y < south,
            *(sql.condition_clause(stored, status) for status in statuses),
        )
        .group_by(x, y, stored.c.status)
    )


def _mvt(shape: ColumnElement[object], asked: Tile, query: ItemsQuery) -> ColumnElement[object]:
    box = asked.box
    bounds = func.ST_MakeEnvelope(
        box.west, box.south, box.east, box.north, GRID_SRIDS[query.audience]
    )
    scale = extent(asked.z) // EXTENT
    return func.ST_AsMVTGeom(shape, bounds, EXTENT * scale, BUFFER * scale)
