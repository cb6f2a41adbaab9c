"""What siting can ask of a site, and the narrow table of each layer that holds the answers ready.

Beside a layer's own queryables stand the geodesic metres to the nearest facility of each kind, the
m2 by which the site breaks each kind of constraint, and the leading industries of its park.
``gis.siting.stored`` keeps the tables true.
"""

from collections.abc import Mapping
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import BigInteger, Computed, Double, Index, Integer, Table, text
from sqlalchemy import Column as SqlColumn
from sqlalchemy.types import TypeEngine

from gis.crs import CGCS2000
from gis.layers import Column, Kind, Layer
from gis.layers.codes import CONSTRAINT_KIND, FACILITY_KIND
from gis.layers.constraints import IN_FORCE
from gis.layers.parcels import PARCELS
from gis.layers.plants import PLANTS
from gis.tables import SITES, metadata, sql_type

SITED: tuple[Layer, ...] = (PARCELS, PLANTS)
"""Layers whose sites can be chosen."""

NUMERIC = frozenset({Kind.INTEGER, Kind.NUMBER, Kind.AREA})

DISTANCES: Mapping[str, Column] = {
    kind: Column(f"near_{kind}_m", Kind.NUMBER, f"距最近{title}", unit="m", queryable=True)
    for kind, title in FACILITY_KIND.items()
}
"""Geodesic metres in a straight line from a point inside the site; null: none is known."""

OVERLAPS: Mapping[str, Column] = {
    kind: Column(f"over_{kind}_m2", Kind.AREA, title, unit="m²")
    for kind, title in CONSTRAINT_KIND.items()
}
"""m2 that break the constraint: touched, or outside where it must be inside; null: not known."""

VIOLATED = "violated"
"""Column with a bit for each kind of constraint that is broken, so that one test asks for many."""

BITS: Mapping[str, int] = {kind: 1 << number for number, kind in enumerate(CONSTRAINT_KIND)}

TOUCH_M2 = 1.0
"""Overlaps up to this are how two surveys of one line differ, not a violation."""

INDUSTRIES = Column("industries", Kind.TEXTS, "园区主导产业")
BANNED = Column("banned_industries", Kind.TEXTS, "禁止入驻行业")


def near_id(kind: str) -> str:
    """Name of the column that holds the nearest facility's id."""
    return f"near_{kind}_id"


def _stored(layer: Layer) -> Layer:
    """The columns of the narrow table, as a layer: so filters mean the same as in lists."""
    columns = (*layer.queryables, *DISTANCES.values(), *OVERLAPS.values(), INDUSTRIES, BANNED)
    return Layer(f"{layer.name}_siting", layer.title, columns, layer.zooms)


STORED: Mapping[str, Layer] = {layer.name: _stored(layer) for layer in SITED}


def _type(column: Column) -> TypeEngine[Any]:
    # Doubles compare and multiply several times as fast as numerics, and hold 15 digits exactly.
    return Double() if column.kind in NUMERIC else sql_type(column)


def _place(column: Column) -> int:
    """What is scored comes first and text last: PostgreSQL reads a row from its start, and what
    stands behind text or a null it finds only by reading all before it.
    """
    if column.name in {one.name for one in DISTANCES.values()}:
        return 0
    fixed = (NUMERIC, {Kind.BOOLEAN, Kind.DATE, Kind.INSTANT})
    group = next((number for number, kinds in enumerate(fixed, 1) if column.kind in kinds), 3)
    return 4 if column.name in {one.name for one in OVERLAPS.values()} else group


def _index(table: str, name: str, *columns: str) -> Index:
    ops = {"region_code": "text_pattern_ops"} if "region_code" in columns else {}
    return Index(f"ix_{table}_{name}", *columns, postgresql_ops=ops)


def _indexes(stored: Layer) -> list[Index]:
    name = stored.name
    # An index takes half a second of every 100,000 sites that are written: only the usual bounds.
    ranged = (
        "area_m2",
        "price_start_wan",
        "vacant_m2",
        "rent_yuan_per_m2_month",
        "near_motorway_exit_m",
    )
    present = {column.name for column in stored.columns}
    return [
        Index(f"ix_{name}_centre", "centre", postgresql_using="gist"),
        # A region is a range of codes: after a range an index narrows no further, so what is asked
        # as a list of values comes before it.
        _index(name, "place", "status", "region_code", "area_m2"),
        _index(name, "region", "region_code", "area_m2"),
        _index(name, "status", "status", "area_m2"),
        *(Index(f"ix_{name}_{one}", one) for one in ranged if one in present),
    ]


_VIOLATED = " + ".join(
    f"CASE WHEN {OVERLAPS[kind].name} > {TOUCH_M2:g} THEN {bit} ELSE 0 END"
    for kind, bit in BITS.items()
)


def _table(stored: Layer) -> Table:
    return Table(
        stored.name,
        metadata,
        SqlColumn("id", BigInteger, primary_key=True, autoincrement=False),
        SqlColumn("site_m2", Double, nullable=False),
        SqlColumn(VIOLATED, Integer, Computed(_VIOLATED, persisted=True)),
        *(SqlColumn(column.name, _type(column)) for column in sorted(stored.columns, key=_place)),
        *(SqlColumn(near_id(kind), BigInteger) for kind in DISTANCES),
        SqlColumn("centre", Geometry("POINT", CGCS2000, spatial_index=False, nullable=False)),
        *_indexes(stored),
    )


TABLES: Mapping[str, Table] = {name: _table(stored) for name, stored in STORED.items()}
"""The narrow table by the name of its layer; ``site_m2`` is the geodesic area of the geometry,
measured as overlaps are, so that their share of it is exact."""

_BINDING = ", ".join(f"'{status}'" for status in IN_FORCE)

Index(
    "ix_constraints_binding",
    SITES["constraints"].c.geom,
    postgresql_using="gist",
    postgresql_where=text(f"status IN ({_BINDING}) AND retired_at IS NULL"),
)
