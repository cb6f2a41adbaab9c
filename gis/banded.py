"""Texts of simplified shapes: the GeoJSON of each band, in degrees with few decimals."""

from sqlalchemy import ColumnElement, Table, and_, case, func, select
from sqlalchemy.sql.selectable import LateralFromClause

from gis.layers import Layer
from gis.tables import TILES
from gis.zooms import BANDS, Band, DegreeGrid, degree_grid

_DEGREES_SRID = 4326
_PLANE_SRID = 3857
"""For ST_Transform only; it is the projection of any degrees, those of GCJ-02 too."""

_FINER = (DegreeGrid(1, 5), DegreeGrid(1, 6))
"""Tried where the grid of a band would break a shape."""


def shapes(layer: Layer, site: Table) -> LateralFromClause:
    """The shapes of all bands in degrees, of the tile row that belongs to a row of ``site``.

    Looked up row by row: in the transaction that fills a table PostgreSQL knows nothing of it, and
    would join it to another by comparing each with each.
    """
    tiles = TILES[layer.name]
    # Even an outline that kept all its corners is shorter with the decimals of the first band.
    plane: dict[Band, ColumnElement[object]] = {b: tiles.c[b.geom] for b in BANDS[1:]}
    plane[BANDS[0]] = func.coalesce(tiles.c[BANDS[0].geom], tiles.c.geom)
    degrees = (
        func.ST_Transform(func.ST_SetSRID(plane[b], _PLANE_SRID), _DEGREES_SRID).label(b.geom)
        for b in BANDS
    )
    # OFFSET 0 keeps PostgreSQL from computing each shape wherever it is used.
    return (
        select(*degrees).where(tiles.c.id == site.c.id).correlate(site).offset(0).lateral("whole")
    )


def text(whole: LateralFromClause, band: Band, decimals: int) -> ColumnElement[str]:
    """GeoJSON of a band's shape, on the coarsest grid of degrees where it stays whole and valid.

    ``decimals`` of degrees where no grid will do.
    """
    shape = whole.c[band.geom]
    tried = [_on_grid(shape, grid) for grid in (degree_grid(band.zoom), *_FINER)]
    return case(*tried, else_=func.ST_AsGeoJSON(shape, decimals, 0))


def _on_grid(
    shape: ColumnElement[object], grid: DegreeGrid
) -> tuple[ColumnElement[bool], ColumnElement[str]]:
    """Whether the shape stays whole and valid on a grid, and its text there.

    Looked at in units of the last decimal: whole numbers show what is valid; degrees could be by a
    hair, and no more when they are read back.
    """
    units = 10**grid.decimals
    rounded = func.ST_SnapToGrid(func.ST_Scale(shape, units, units), grid.digit)
    kept = func.ST_NumGeometries(rounded) == func.ST_NumGeometries(shape)
    degrees = func.ST_Scale(rounded, 1 / units, 1 / units)
    valid = and_(kept, func.ST_IsValid(rounded))
    return valid, func.ST_AsGeoJSON(degrees, grid.decimals, 0)
