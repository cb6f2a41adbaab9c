"""What the public sees drawn, as it follows from the truth: tile rows, and counts by cell.

Pure functions to bound statements, run by ``gis.publish`` in the transaction that writes.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Delete,
    FromClause,
    Insert,
    Integer,
    LargeBinary,
    Select,
    Subquery,
    case,
    cast,
    delete,
    false,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import insert

from gis import sql
from gis.layers import Audience, Layer
from gis.tables import CELLS, GRID_SRIDS, SITES, TILES
from gis.zooms import (
    BANDS,
    EXTENT,
    GRIDS,
    HALF_WORLD_M,
    RADIUS_M,
    WORLD_M,
    Band,
    bands_at,
    grid_column,
)

CELL_LEVEL = 14
"""Cells of the stored counts: 2.1 km wide at 30° north, an eighth of a tile at zoom 11."""

_DEGREES_SRID = 4326
_PLANE_SRID = 3857
"""For ST_Transform only; it is the projection of any degrees, those of GCJ-02 too."""

_LABEL = ("id", "status", "code", "name", "area_m2")


def draw(connection: Connection, layer: Layer, ids: Select[int] | None = None) -> None:
    """Make tile rows and cells follow from the truth, for chosen sites or for all."""
    if ids is None:
        connection.execute(delete(CELLS[layer.name]))
    else:
        connection.execute(count_cells(layer, ids, gone=True))
    tiles = TILES[layer.name]
    connection.execute(delete(tiles).where(sql.chosen(tiles.c.id, ids)))
    rows = tile_rows(layer, ids)
    connection.execute(insert(tiles).from_select([c.name for c in tiles.c], rows))
    connection.execute(count_cells(layer, ids))
    if ids is not None:
        connection.execute(empty_cells(layer))


def tile_rows(layer: Layer, ids: Select[int] | None) -> Select[*tuple[object, ...]]:
    """The rows of the tile table, in the order of its columns."""
    site = SITES[layer.name]
    drawn = on_plane(layer, Audience.PUBLIC, sql.is_public(layer) & sql.chosen(site.c.id, ids))
    for finer, band in zip((None, *BANDS), BANDS, strict=False):
        drawn = _simplified(drawn, finer, band)
    outlines = {grid_column(grid): _outline(drawn, grid) for grid in GRIDS}
    return select(
        *(
            outlines[c.name].label(c.name) if c.name in outlines else drawn.c[c.name]
            for c in TILES[layer.name].c
        )
    )


def _outline(drawn: Subquery, grid: int) -> ColumnElement[bytes]:
    """The outline of a row in the units of a grid's tiles, valid there, as TWKB."""
    world = func.ST_MakeEnvelope(-HALF_WORLD_M, -HALF_WORLD_M, HALF_WORLD_M, HALF_WORLD_M)
    units = EXTENT << grid

    def on_grid(shape: ColumnElement[object]) -> ColumnElement[object]:
        return func.ST_AsMVTGeom(shape, world, units, 0, false())

    bands = (drawn.c[band.geom] for band in bands_at(grid))
    # A site too small for the grid is a speck there, not nothing.
    speck = func.ST_Expand(func.ST_Point(drawn.c.x, drawn.c.y), WORLD_M / units)
    shape = func.coalesce(on_grid(func.coalesce(*bands, drawn.c.geom)), on_grid(speck))
    return func.ST_AsTWKB(shape, 0, type_=LargeBinary)


def _fenced(statement: Select[*tuple[object, ...]], name: str) -> Subquery:
    # OFFSET 0 keeps PostgreSQL from merging the levels, which would compute each shape many times.
    return statement.offset(0).subquery(name)


def on_plane(layer: Layer, audience: Audience, which: ColumnElement[bool]) -> Subquery:
    """Sites on the plane of an audience's grid, with the place of their label."""
    site = SITES[layer.name]
    shape = site.c.geom_gcj02 if audience is Audience.PUBLIC else site.c.geom
    # The label is found in degrees: counting sites then needs no shape on the plane.
    rows = _fenced(
        select(
            *(site.c[name] for name in _LABEL),
            shape.label("shape"),
            func.ST_PointOnSurface(shape).label("label"),
        ).where(which),
        "found",
    )
    plane = func.ST_Transform(func.ST_SetSRID(rows.c.shape, _DEGREES_SRID), _PLANE_SRID)
    latitude = func.radians(func.ST_Y(rows.c.label))
    return _fenced(
        select(
            *(rows.c[name] for name in _LABEL),
            func.ST_SetSRID(plane, GRID_SRIDS[audience]).label("geom"),
            (func.radians(func.ST_X(rows.c.label)) * RADIUS_M).label("x"),
            (func.ln(func.tan(func.pi() / 4 + latitude / 2)) * RADIUS_M).label("y"),
        ),
        "on_plane",
    )


def rows_of(source: FromClause, *without: str) -> list[Column[object]]:
    """The columns of a selection, but for some."""
    return [column for column in source.c if column.name not in without]  # type: ignore[misc]


def _simplified(drawn: Subquery, finer: Band | None, band: Band) -> Subquery:
    """The rows with the shape of one band more; null where it is the next finer one's."""
    fine = (
        drawn.c.geom
        if finer is None
        else func.coalesce(
            *(drawn.c[b.geom] for b in reversed(BANDS) if b.zoom >= finer.zoom), drawn.c.geom
        )
    )
    fast = _fenced(
        select(
            *drawn.c,
            fine.label("fine"),
            func.ST_Simplify(fine, band.tolerance_m, True).label("fast"),
        ),
        f"fast_{band.zoom}",
    )
    # ST_Simplify is 25 times as fast and nearly always right; where not, the slow one is.
    sound = case(
        (func.ST_NPoints(fast.c.fast) == func.ST_NPoints(fast.c.fine), None),
        (func.ST_IsValid(fast.c.fast), fast.c.fast),
        else_=func.ST_Multi(func.ST_SimplifyPreserveTopology(fast.c.fine, band.tolerance_m)),
    )
    return _fenced(select(*rows_of(fast, "fine", "fast"), sound.label(band.geom)), band.geom)


def cell_of(table: FromClause, level: int) -> tuple[ColumnElement[int], ColumnElement[int]]:
    """Column and row of the cell that holds a tile row's label; row 0 is the northmost."""
    size = WORLD_M / 2**level
    x = cast(func.floor((table.c.x + HALF_WORLD_M) / size), Integer)
    y = cast(func.floor((HALF_WORLD_M - table.c.y) / size), Integer)
    return x.label("x"), y.label("y")


def cell_counts(table: FromClause, level: int) -> Select[*tuple[object, ...]]:
    """Tile rows counted by cell and status, in the order of the columns of a cell table."""
    x, y = cell_of(table, level)
    sums = (func.sum(cast(func.round(table.c[n]), BigInteger)).label(f"sum_{n}") for n in "xy")
    return select(
        x,
        y,
        table.c.status,
        func.count().label("sites"),
        *(cast(total, BigInteger).label(total.name) for total in sums),
        func.coalesce(func.sum(table.c.area_m2), 0).label("area_m2"),
    ).group_by(x, y, table.c.status)


def count_cells(layer: Layer, ids: Select[int] | None, *, gone: bool = False) -> Insert:
    """Add the chosen tile rows to the counts of their cells, or take away those to be ``gone``."""
    tiles, cells = TILES[layer.name], CELLS[layer.name]
    counted = cell_counts(tiles, CELL_LEVEL).where(sql.chosen(tiles.c.id, ids)).subquery("counted")
    sign = -1 if gone else 1
    summed = ("sites", "sum_x", "sum_y", "area_m2")
    statement = insert(cells).from_select(
        [c.name for c in cells.c],
        select(
            *(
                (counted.c[c.name] * sign).label(c.name) if c.name in summed else counted.c[c.name]
                for c in cells.c
            )
        ),
    )
    return statement.on_conflict_do_update(
        index_elements=[cells.c.x, cells.c.y, cells.c.status],
        set_={name: cells.c[name] + statement.excluded[name] for name in summed},
    )


def empty_cells(layer: Layer) -> Delete:
    """Drop the cells in which nothing is left."""
    cells = CELLS[layer.name]
    return delete(cells).where(cells.c.sites == 0)
