"""What filters and words are looked for in: narrow rows, because those of ready text are wide.

A list without a box, its count, and filtered clusters read a tenth of the pages here.
"""

from sqlalchemy import BigInteger, Double, Index, Select, Table, select
from sqlalchemy import Column as SqlColumn

from gis.layers import LAYERS, Column, Kind, Layer
from gis.tables import PUBLICATIONS, TILES, metadata, sql_type

_FIXED = frozenset({Kind.BOOLEAN, Kind.INTEGER, Kind.DATE, Kind.INSTANT})


def _place(column: Column) -> int:
    """PostgreSQL walks over all columns before the one it wants: long ones stand last."""
    return 0 if column.kind in _FIXED else 2 if column.searched else 1


def _table(layer: Layer) -> Table:
    return Table(
        f"{layer.name}_queryables",
        metadata,
        SqlColumn("id", BigInteger, primary_key=True, autoincrement=False),
        SqlColumn("x", Double, nullable=False),
        SqlColumn("y", Double, nullable=False),
        *(SqlColumn(c.name, sql_type(c)) for c in sorted(layer.published, key=_place)),
        Index(f"ix_{layer.name}_queryables_place", "x", "y"),
    )


QUERYABLES: dict[str, Table] = {layer.name: _table(layer) for layer in LAYERS}
"""By layer; ``x`` and ``y`` are where the label of a site stands, as in its tile row."""


def rows(layer: Layer) -> Select[*tuple[object, ...]]:
    """The rows as they follow from the publication, in the order of the table's columns."""
    public, tiles = PUBLICATIONS[layer.name], TILES[layer.name]
    columns = (
        tiles.c[c.name] if c.name in ("x", "y") else public.c[c.name]
        for c in QUERYABLES[layer.name].c
    )
    return select(*columns).join_from(public, tiles, public.c.id == tiles.c.id)
