"""Regions as a scope: which sites lie in the regions that somebody was granted."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, false, or_, select, true

from gis.features import UnknownFeature
from gis.layers import Layer
from gis.tables import SITES

EVERYWHERE = ("",)
"""The prefix that every region has, and what stands in none."""


def under(column: ColumnElement[str | None], prefixes: Sequence[str]) -> ColumnElement[bool]:
    """The code begins with one of the prefixes; "" takes in what has no code as well."""
    if "" in prefixes:
        return true()
    return or_(false(), *(column.startswith(prefix, autoescape=True) for prefix in prefixes))


def covers(prefixes: Sequence[str], region_code: str | None) -> bool:
    """The same for one code in hand."""
    return any((region_code or "").startswith(prefix) for prefix in prefixes)


def region_of(connection: Connection, layer: Layer, site_id: int) -> str | None:
    """The region of a site; :class:`UnknownFeature` if there is none of that number."""
    site = SITES[layer.name].c
    row = connection.execute(select(site.region_code).where(site.id == site_id)).one_or_none()
    if row is None:
        raise UnknownFeature(layer.name, site_id)
    found: str | None = row.region_code
    return found
