"""Features of a layer as GeoJSON text: rows of ready text, joined and never parsed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import AnyStr

from sqlalchemy import Connection, select

from gis import sql
from gis.changes import LayerState
from gis.layers import Audience, Layer
from gis.query import ItemsQuery
from gis.tables import layer_state


class UnknownFeature(LookupError):
    """The layer holds no site of that id that the reader may see."""


@dataclass(frozen=True)
class Page:
    """One page of a layer: its features as JSON text, and where the next page begins.

    ``features`` are ``returned`` texts in UTF-8 with commas between them.
    """

    features: bytes
    returned: int
    matched: int
    next_after_id: int | None


def state(connection: Connection, layer: Layer) -> LayerState:
    """How new the layer is in the caller's snapshot."""
    row = connection.execute(
        select(layer_state.c.version, sql.changed_at()).where(layer_state.c.layer == layer.name)
    ).one_or_none()
    return LayerState(row.version, row.at) if row else LayerState(0, None)


def page(connection: Connection, layer: Layer, query: ItemsQuery) -> Page:
    """The page that the query asks for, in the order of ids."""
    found = [(row.id, row.feature) for row in connection.execute(sql.page(layer, query))]
    shown = shown_of(found, query)
    more = len(shown) < len(found)
    if query.after_id is None and not more:
        matched = len(shown)
    else:
        matched = connection.execute(sql.count(layer, query)).scalar_one()
    text = ",".join([feature for _, feature in shown])
    return Page(text.encode(), len(shown), matched, shown[-1][0] if more else None)


def shown_of(
    found: Sequence[tuple[int, AnyStr | None]], query: ItemsQuery
) -> list[tuple[int, AnyStr]]:
    """Of the rows of :func:`gis.sql.page` those that the page shows; if fewer, there is a next."""
    shown = []
    for site_id, feature in found[: query.limit]:
        if feature is None:
            break
        shown.append((site_id, feature))
    return shown


@dataclass(frozen=True)
class Feature:
    """One site: its own version and its GeoJSON text."""

    version: int
    text: str


def feature(connection: Connection, layer: Layer, audience: Audience, site_id: int) -> Feature:
    """One site with every column that the audience may see."""
    row = connection.execute(sql.one(layer, audience, site_id)).one_or_none()
    if row is None:
        raise UnknownFeature(layer.name, site_id)
    return Feature(row.version, row.feature)


@dataclass(frozen=True)
class LayerSummary(LayerState):
    """What a layer holds for the public: how many sites, and their box in GCJ-02 degrees."""

    layer: Layer
    count: int
    extent: tuple[float, float, float, float] | None


def summary(connection: Connection, layer: Layer) -> LayerSummary:
    """What the layer holds for the public in the caller's snapshot."""
    now = state(connection, layer)
    row = connection.execute(sql.extent(layer)).one()
    box = None if row.west is None else (row.west, row.south, row.east, row.north)
    return LayerSummary(now.version, now.changed_at, layer, row.sites, box)
