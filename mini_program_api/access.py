"""Who may read what: exact coordinates are for staff, in the regions that were granted to them."""

from dataclasses import replace

from gis.crs import Crs
from gis.layers import Layer
from gis.query import ItemsQuery, Under
from gis.scope import EVERYWHERE, covers, region_of
from server.accounts import guard
from server.accounts.principals import Forbidden, Principal, StaffOnly, Unauthenticated
from server.request import connection

_REGION = "region_code"


def regions_of(crs: Crs) -> tuple[str, ...]:
    """Prefixes of the regions whose sites the reader may have in that system.

    The public, who reads GCJ-02, is not asked who it is. Raises :class:`StaffOnly`, and
    ``Unauthenticated`` for a session that is over.
    """
    if crs is Crs.GCJ02:
        return EVERYWHERE
    try:
        return prefixes(guard.staff())
    except Unauthenticated:
        if guard.is_presented():
            raise
        raise StaffOnly from None


def prefixes(who: Principal) -> tuple[str, ...]:
    """Prefixes of the regions in which somebody has any role; :class:`StaffOnly` if in none."""
    found = who.prefixes()
    if not found:
        raise StaffOnly("您还没有任何角色，请联系管理员")
    return found


def scoped(layer: Layer, query: ItemsQuery) -> ItemsQuery:
    """The query within the regions that its reader may see."""
    return within(layer, query, regions_of(query.crs))


def within(layer: Layer, query: ItemsQuery, regions: tuple[str, ...]) -> ItemsQuery:
    """The query within regions."""
    if "" in regions:
        return query
    scope = Under(layer.column(_REGION), regions)
    return replace(query, conditions=(*query.conditions, scope))


def permit_site(layer: Layer, crs: Crs, site_id: int) -> None:
    """Raise ``Forbidden`` where the site lies outside of the reader's regions."""
    regions = regions_of(crs)
    if "" not in regions:
        region_code = region_of(connection(), layer, site_id)
        if not covers(regions, region_code):
            raise Forbidden(region_code)
