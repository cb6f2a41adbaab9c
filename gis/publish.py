"""Publishing: the writing transaction's own last step, so readers never see a half-done change."""

import json

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    delete,
    func,
    insert,
    select,
    true,
    update,
)

from gis import sql
from gis.layers import Layer
from gis.tables import PUBLICATIONS, SITES, layer_state

CHANNEL = "kandi"
"""NOTIFY channel on which every commit that changes a layer says so."""


def publish(
    connection: Connection, layer: Layer, decimals: int, ids: Select[int] | None = None
) -> int:
    """Make the publication follow from the truth, for chosen sites or for all; the new version.

    Runs in the caller's transaction: raises the layer's data version and notifies listeners, both
    of which take effect with the commit. Writers of one layer queue on its version row.
    """
    version = _raise_version(connection, layer)
    site, public = SITES[layer.name], PUBLICATIONS[layer.name]
    connection.execute(delete(public).where(_chosen(public.c.id, ids)))
    rows = sql.publication(layer, decimals).where(_chosen(site.c.id, ids))
    connection.execute(insert(public).from_select([c.name for c in public.c], rows))
    payload = json.dumps({"layer": layer.name, "version": version})
    connection.execute(select(func.pg_notify(CHANNEL, payload)))
    return version


def _chosen(column: ColumnElement[int], ids: Select[int] | None) -> ColumnElement[bool]:
    return true() if ids is None else column.in_(ids)


def _raise_version(connection: Connection, layer: Layer) -> int:
    raised = connection.execute(
        update(layer_state)
        .where(layer_state.c.layer == layer.name)
        .values(version=layer_state.c.version + 1, changed_at=func.clock_timestamp())
        .returning(layer_state.c.version)
    ).scalar_one_or_none()
    if raised is not None:
        return int(raised)
    connection.execute(insert(layer_state).values(layer=layer.name))
    return 1
