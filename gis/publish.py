"""Publishing: the writing transaction's own last step, so readers never see a half-done change."""

from sqlalchemy import (
    CTE,
    Connection,
    Select,
    case,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)

from gis import drawing, queryables, sql
from gis.changes import Box, Change
from gis.layers import LAYERS, Layer
from gis.queryables import QUERYABLES
from gis.siting import stored
from gis.tables import PUBLICATIONS, layer_state

CHANNEL = "kandi"
"""NOTIFY channel on which every commit that changes a layer says so, as a ``Change``."""

MOST_IDS = 200
"""A change of more sites names none of them: a notification holds at most 8,000 bytes."""


def publish(
    connection: Connection, layer: Layer, decimals: int, ids: Select[int] | None = None
) -> int:
    """Make the publication follow from the truth, for chosen sites or for all; the new version.

    Runs in the caller's transaction: raises the layer's data version and notifies listeners, both
    of which take effect with the commit. Writers of one layer queue on its version row.
    """
    version, at, schema = _raise_version(connection, layer)
    public = PUBLICATIONS[layer.name]
    gone = delete(public).where(sql.chosen(public.c.id, ids))
    # Texts of simplified shapes are made of what is drawn.
    if layer in LAYERS:
        drawing.draw(connection, layer, ids)
    rows = sql.publication(layer, decimals, ids)
    made = insert(public).from_select([c.name for c in public.c], rows)
    change = Change(schema, layer.name, version, at, None, None)
    if ids is None:
        connection.execute(gone)
        connection.execute(made)
    else:
        # Where sites stood and where they stand now: an answer about neither place is unchanged.
        before = _touched(connection, gone.returning(public.c.id, public.c.geom).cte("gone"))
        after = _touched(connection, made.returning(public.c.id, public.c.geom).cte("made"))
        change = change.of(before, after)
    if layer in LAYERS:
        _refresh_queryables(connection, layer, ids)
    stored.refresh(connection, layer, ids)
    connection.execute(select(func.pg_notify(CHANNEL, change.to_json())))
    return version


def _refresh_queryables(connection: Connection, layer: Layer, ids: Select[int] | None) -> None:
    table, public = QUERYABLES[layer.name], PUBLICATIONS[layer.name]
    connection.execute(delete(table).where(sql.chosen(table.c.id, ids)))
    found = queryables.rows(layer).where(sql.chosen(public.c.id, ids))
    connection.execute(insert(table).from_select([c.name for c in table.c], found))


def fill(connection: Connection) -> None:
    """Make what follows from the publication in an installation that is older than it."""
    for layer in LAYERS:
        held = select(exists(select(QUERYABLES[layer.name].c.id)))
        if not connection.execute(held).scalar_one():
            _refresh_queryables(connection, layer, None)
    stored.fill(connection)


def _touched(connection: Connection, rows: CTE) -> tuple[list[int] | None, Box | None]:
    """The ids of the rows, unless they are many, and the box around them, unless there are none."""
    box = func.ST_Extent(rows.c.geom)
    edges = (func.ST_XMin(box), func.ST_YMin(box), func.ST_XMax(box), func.ST_YMax(box))
    named = case((func.count() <= MOST_IDS, func.array_agg(rows.c.id)))
    count, ids, west, south, east, north = connection.execute(
        select(func.count(), named, *edges).select_from(rows)
    ).one()
    return ([], None) if count == 0 else (ids, (west, south, east, north))


def _raise_version(connection: Connection, layer: Layer) -> tuple[int, str, str]:
    """The new version, when it was written, and the schema that it counts in."""
    made = (layer_state.c.version, sql.changed_at(), func.current_schema())
    raised = connection.execute(
        update(layer_state)
        .where(layer_state.c.layer == layer.name)
        .values(version=layer_state.c.version + 1, changed_at=func.clock_timestamp())
        .returning(*made)
    ).one_or_none()
    if raised is None:
        first = insert(layer_state).values(layer=layer.name).returning(*made)
        raised = connection.execute(first).one()
    version, at, schema = raised
    return version, at, schema
