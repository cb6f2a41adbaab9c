"""The text of a site's shape as a page sends it, and what a site weighs in the budget of a page.

A weight is known before the text is: one page of outlines with 100,000 corners each would be
gigabytes.
"""

from sqlalchemy import ColumnElement, Select, Subquery, func, or_, select

from gis.layers import Audience, Layer
from gis.query import ItemsQuery
from gis.tables import PUBLICATIONS, SITES, TILES
from gis.zooms import METRES_PER_DEGREE, bands_at

STAFF_DECIMALS = 9
"""Degrees to 9 decimals are 0.1 mm: what a survey delivers, read back unchanged."""
STAFF_DRAWN_DECIMALS = 6
"""A shape that was simplified to a pixel is no survey."""
_NARROWING = 0.8
"""A pixel is less in degrees of latitude than of longitude: by the cosine of 37 degrees here."""
_CORNER_BYTES = 29
"""One corner with ``STAFF_DECIMALS``: ``[120.123456789,30.123456789],``."""

MOST_UNWEIGHED_BYTES = 64_000
"""Of a site in a page that is sent as it comes, unless it turns out not to fit: 2,900 corners."""


def exact(layer: Layer, audience: Audience) -> ColumnElement[str]:
    """The text of the whole shape."""
    if audience is Audience.PUBLIC:
        return PUBLICATIONS[layer.name].c.geometry
    return func.ST_AsGeoJSON(SITES[layer.name].c.geom, STAFF_DECIMALS)


def drawn(layer: Layer, query: ItemsQuery) -> ColumnElement[str]:
    """The text of a shape simplified to a pixel of the query's zoom, or of the exact one."""
    bands = () if query.zoom is None else bands_at(query.zoom)
    if not bands or layer.name not in TILES:
        return exact(layer, query.audience)
    if query.audience is Audience.PUBLIC:
        # A shape that no band changed is the exact one.
        public = PUBLICATIONS[layer.name]
        return func.coalesce(*(public.c[band.geometry] for band in bands), public.c.geometry)
    shape, pixel = SITES[layer.name].c.geom, bands[0].tolerance_m / METRES_PER_DEGREE
    simple = func.ST_Multi(func.ST_SimplifyPreserveTopology(shape, pixel * _NARROWING))
    return func.ST_AsGeoJSON(simple, STAFF_DRAWN_DECIMALS)


def weight(layer: Layer, query: ItemsQuery) -> ColumnElement[int]:
    """Bytes that a site takes in a page: of its ready texts, or, of staff, of the exact outline.

    PostgreSQL tells the length of a stored text without reading it.
    """
    if query.audience is Audience.STAFF:
        return func.ST_NPoints(SITES[layer.name].c.geom) * _CORNER_BYTES
    public = PUBLICATIONS[layer.name]
    texts = func.octet_length(drawn(layer, query)) + func.octet_length(public.c.properties)
    return texts if query.fields is None else texts + func.octet_length(public.c.detail)


def within_budget(rows: Select[int, int], most_bytes: int) -> Subquery:
    """``(id, fits)`` of rows ``(id, weight)``: those first in order that weigh no more together.

    The first always fits, and none fits after one that does not.
    """
    each = rows.subquery("each")
    total = func.sum(each.c.weight).over(order_by=each.c.id)
    first = func.row_number().over(order_by=each.c.id) == 1
    return select(each.c.id, or_(first, total <= most_bytes).label("fits")).subquery("weighed")
