"""Texts of simplified shapes: the GeoJSON of each band, in degrees with few decimals."""

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, func, select

from gis.layers import Layer
from gis.tables import TILES
from gis.zooms import BAND_DECIMALS, BANDS, Band

_DEGREES_SRID = 4326
_PLANE_SRID = 3857
"""For ST_Transform only; it is the projection of any degrees, those of GCJ-02 too."""


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
    grid = 10.0**-BAND_DECIMALS
    snapped = (
        func.ST_SnapToGrid(whole.c[f"whole_z{b.zoom}"], grid).label(f"rounded_z{b.zoom}")
        for b in BANDS
    )
    both = _fenced(select(*whole.c, *snapped), "rounded")
    written = (_text(both, band, decimals).label(band.geometry) for band in BANDS)
    return select(both.c.id, *written).subquery("banded")


def _fenced(statement: Select[*tuple[object, ...]], name: str) -> Subquery:
    # OFFSET 0 keeps PostgreSQL from merging the levels, which would compute each shape many times.
    return statement.offset(0).subquery(name)


def _text(rows: Subquery, band: Band, decimals: int) -> ColumnElement[str]:
    """GeoJSON of a band's shape, with few decimals if it stays whole and valid on their grid."""
    whole, rounded = rows.c[f"whole_z{band.zoom}"], rows.c[f"rounded_z{band.zoom}"]
    kept = func.ST_NumGeometries(rounded) == func.ST_NumGeometries(whole)
    return case(
        (and_(kept, func.ST_IsValid(rounded)), func.ST_AsGeoJSON(rounded, BAND_DECIMALS, 0)),
        else_=func.ST_AsGeoJSON(whole, decimals, 0),
    )
