"""Texts of simplified shapes: the GeoJSON of each band, in degrees with few decimals."""

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, func, select

from gis.layers import Layer
from gis.tables import TILES
from gis.zooms import BANDS, Band, DegreeGrid, degree_grid

_DEGREES_SRID = 4326
_PLANE_SRID = 3857
"""For ST_Transform only; it is the projection of any degrees, those of GCJ-02 too."""

_FINER = (DegreeGrid(1, 5), DegreeGrid(1, 6))
"""Tried where the grid of a band would break a shape."""


def texts(layer: Layer, decimals: int, which: ColumnElement[bool]) -> Subquery:
    """``id`` and the text of each band of the chosen rows of the tile table.

    ``decimals`` of degrees where rounding to those of a band would break a shape.
    """
    tiles = TILES[layer.name]
    # Even an outline that kept all its corners is shorter with the decimals of the first band.
    shapes: dict[Band, ColumnElement[object]] = {b: tiles.c[b.geom] for b in BANDS[1:]}
    shapes[BANDS[0]] = func.coalesce(tiles.c[BANDS[0].geom], tiles.c.geom)
    plane = {b: func.ST_SetSRID(shape, _PLANE_SRID) for b, shape in shapes.items()}
    degrees = (func.ST_Transform(plane[b], _DEGREES_SRID).label(f"whole_z{b.zoom}") for b in BANDS)
    whole = _fenced(select(tiles.c.id, *degrees).where(which), "whole")
    written = (_text(whole, band, decimals).label(band.geometry) for band in BANDS)
    return select(whole.c.id, *written).subquery("banded")


def _fenced(statement: Select[*tuple[object, ...]], name: str) -> Subquery:
    # OFFSET 0 keeps PostgreSQL from merging the levels, which would compute each shape many times.
    return statement.offset(0).subquery(name)


def _text(rows: Subquery, band: Band, decimals: int) -> ColumnElement[str]:
    """GeoJSON of a band's shape, on the coarsest grid of degrees where it stays whole and valid."""
    whole = rows.c[f"whole_z{band.zoom}"]
    tried = [_on_grid(whole, grid) for grid in (degree_grid(band.zoom), *_FINER)]
    return case(*tried, else_=func.ST_AsGeoJSON(whole, decimals, 0))


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
