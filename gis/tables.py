"""The tables, built from the layer registry; migrations are checked against them by a test.

No table names a schema: the connection's search_path says which jurisdiction it works in.
"""

from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Computed,
    Date,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    Sequence,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy import Column as SqlColumn
from sqlalchemy.dialects.postgresql import JSONB, NUMRANGE
from sqlalchemy.types import TypeEngine

from gis.crs import CGCS2000
from gis.layers import LAYERS, REGISTRY, Audience, Column, Kind, Layer
from gis.layers.codes import REGION_LEVEL
from gis.zooms import BANDS, GRIDS, grid_column

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# One sequence for all layers: WeChat's <map> wants numeric ids that are unique across them.
site_ids = Sequence("site_id_seq", start=100_001, metadata=metadata)

GCJ02_SRID = 0
"""GCJ-02 has no EPSG code; SRID 0 lets PostGIS refuse to mix it with storage coordinates."""

GRID_SRIDS = {Audience.PUBLIC: GCJ02_SRID, Audience.STAFF: 3857}
"""The plane of web maps: of GCJ-02 degrees it is not EPSG:3857, so it has no code either."""

IMPORT_STATES = [
    "received",
    "staged",
    "failed",
    "applying",
    "applied",
    "rolling_back",
    "rolled_back",
    "cancelled",
]
_WAITING = "state IN ('received', 'applying', 'rolling_back')"

_EFFECTIVE_AREA = "coalesce(area_legal_m2, area_planar_m2)"


def sql_type(column: Column) -> TypeEngine[Any]:
    """The SQL type of a registry column."""
    types: dict[Kind, TypeEngine[Any]] = {
        Kind.TEXT: Text(),
        Kind.CODE: Text(),
        Kind.HIERARCHY: Text(),
        Kind.TEXTS: ARRAY(Text()),
        Kind.INTEGER: Integer(),
        Kind.NUMBER: Numeric(18, column.scale),
        Kind.AREA: Numeric(18, 2),
        Kind.INTERVAL: NUMRANGE(),
        Kind.BOOLEAN: Boolean(),
        Kind.DATE: Date(),
        Kind.INSTANT: DateTime(timezone=True),
    }
    return types[column.kind]


def _quoted(values: list[str]) -> str:
    return ", ".join(f"'{value}'" for value in values)


def _column(column: Column) -> SqlColumn[Any]:
    if column.name == "area_m2":
        return SqlColumn(column.name, sql_type(column), Computed(_EFFECTIVE_AREA, persisted=True))
    references = {
        "region_code": ForeignKey("regions.code"),
        # Deferrable: one import may replace a park and what stands in it.
        "park_code": ForeignKey("parks.code", deferrable=True, initially="DEFERRED"),
    }
    nullable = not (column.required or column.computed)
    reference = references.get(column.name)
    return SqlColumn(
        column.name, sql_type(column), *([reference] if reference else []), nullable=nullable
    )


def _checks(layer: Layer) -> list[CheckConstraint]:
    checks = [
        CheckConstraint(f"{c.name} IN ({_quoted(list(c.choices))})", name=c.name)
        for c in layer.columns
        if c.choices
    ]
    checks += [
        CheckConstraint(f"{c.name} ~ '{c.pattern}'", name=c.name)
        for c in layer.columns
        if c.pattern
    ]
    checks += [
        CheckConstraint(f"{c.name} >= 0", name=c.name)
        for c in layer.columns
        if c.kind is Kind.AREA and not c.computed
    ]
    return [*checks, CheckConstraint("version > 0", name="version")]


def _site_table(layer: Layer) -> Table:
    """Every column of a layer with its exact geometry: the truth that staff keep."""
    return Table(
        layer.name,
        metadata,
        SqlColumn(
            "id", BigInteger, site_ids, primary_key=True, server_default=site_ids.next_value()
        ),
        *(_column(column) for column in layer.columns),
        SqlColumn("geom", Geometry(layer.shape, CGCS2000, spatial_index=False, nullable=False)),
        SqlColumn(
            "geom_gcj02", Geometry(layer.shape, GCJ02_SRID, spatial_index=False, nullable=False)
        ),
        SqlColumn("version", Integer, nullable=False, server_default=text("1")),
        SqlColumn("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        SqlColumn("updated_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        # A parcel that was split or merged stays as the parent of its children.
        SqlColumn("retired_at", DateTime(timezone=True)),
        SqlColumn("created_import_id", BigInteger, ForeignKey("import_runs.id")),
        # Nobody looked for so long that the public no longer sees it; set by gis.freshness.
        SqlColumn("stale_since", DateTime(timezone=True)),
        *_checks(layer),
        Index(f"uq_{layer.name}_code", "code", unique=True),
        Index(f"ix_{layer.name}_geom", "geom", postgresql_using="gist"),
        Index(None, "created_import_id"),
        *([Index(None, "park_code")] if any(c.name == "park_code" for c in layer.columns) else []),
    )


def _publication_table(layer: Layer) -> Table:
    """What the public reads, and all it can reach: ready JSON text beside what is filtered on.

    ``geometry`` is GeoJSON in GCJ-02, exact and by band, ``properties`` the summary columns,
    ``detail`` the other public columns. A band without a text is drawn like the next finer one.
    A row that the public may not see is not here. What every page reads stands first and is kept
    in the row itself: PostgreSQL walks over all columns before the one it wants.
    """
    return Table(
        f"{layer.name}_public",
        metadata,
        SqlColumn("id", BigInteger, primary_key=True, autoincrement=False),
        SqlColumn("geom", Geometry(layer.shape, GCJ02_SRID, spatial_index=False, nullable=False)),
        SqlColumn("geometry", Text, nullable=False),
        SqlColumn("properties", Text, nullable=False),
        *(SqlColumn(band.geometry, Text) for band in BANDS if layer in LAYERS),
        SqlColumn("version", Integer, nullable=False),
        *(SqlColumn(column.name, sql_type(column)) for column in layer.published),
        SqlColumn("detail", Text, nullable=False),
        Index(f"ix_{layer.name}_public_geom", "geom", postgresql_using="gist"),
        Index(f"ix_{layer.name}_public_code", "code"),
    )


def _tile_table(layer: Layer) -> Table:
    """What the public sees drawn: each site on the plane of web maps, exact and by band.

    A band without a shape is drawn like the next finer one. ``x`` and ``y`` place the label. The
    outlines on a grid are TWKB in the units of its tiles, from the north-west corner of the world.
    Follows from the truth by ``gis.drawing`` in the transaction that writes it.
    """
    exact = Geometry("MULTIPOLYGON", GCJ02_SRID, spatial_index=False, nullable=False)
    return Table(
        f"{layer.name}_tiles",
        metadata,
        SqlColumn("id", BigInteger, primary_key=True, autoincrement=False),
        SqlColumn("geom", exact),
        SqlColumn("x", Double, nullable=False),
        SqlColumn("y", Double, nullable=False),
        *(SqlColumn(grid_column(grid), LargeBinary) for grid in GRIDS),
        SqlColumn("area_m2", Numeric(18, 2)),
        SqlColumn("status", Text, nullable=False),
        SqlColumn("code", Text, nullable=False),
        SqlColumn("name", Text, nullable=False),
        *(
            SqlColumn(band.geom, Geometry("MULTIPOLYGON", GCJ02_SRID, spatial_index=False))
            for band in BANDS
        ),
        Index(f"ix_{layer.name}_tiles_geom", "geom", postgresql_using="gist"),
    )


def _cell_table(layer: Layer) -> Table:
    """How many public sites of each status stand in each cell of the grid, in GCJ-02.

    Sums are of whole metres, so that adding and taking away leaves no remainder.
    """
    return Table(
        f"{layer.name}_cells",
        metadata,
        SqlColumn("x", Integer, primary_key=True, autoincrement=False),
        SqlColumn("y", Integer, primary_key=True, autoincrement=False),
        SqlColumn("status", Text, primary_key=True),
        SqlColumn("sites", BigInteger, nullable=False),
        SqlColumn("sum_x", BigInteger, nullable=False),
        SqlColumn("sum_y", BigInteger, nullable=False),
        SqlColumn("area_m2", Numeric, nullable=False),
    )


regions = Table(
    "regions",
    metadata,
    SqlColumn("code", Text, primary_key=True),
    SqlColumn("level", Text, nullable=False),
    SqlColumn("name", Text, nullable=False),
    SqlColumn("parent_code", Text, ForeignKey("regions.code"), index=True),
    SqlColumn("geom", Geometry("MULTIPOLYGON", CGCS2000, spatial_index=False)),
    SqlColumn("geom_gcj02", Geometry("MULTIPOLYGON", GCJ02_SRID, spatial_index=False)),
    SqlColumn("source", Text, nullable=False),
    CheckConstraint(f"level IN ({_quoted(list(REGION_LEVEL))})", name="level"),
    CheckConstraint(r"code ~ '^\d{2}(\d{2}(\d{2}(\d{3})?)?)?$'", name="code"),
    Index("ix_regions_geom", "geom", postgresql_using="gist"),
)

layer_state = Table(
    "layer_state",
    metadata,
    SqlColumn("layer", Text, primary_key=True),
    SqlColumn("version", BigInteger, nullable=False, server_default=text("1")),
    SqlColumn("changed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)
"""One row a layer; the writing transaction raises ``version``, so caches know what is old."""

import_runs = Table(
    "import_runs",
    metadata,
    SqlColumn("id", BigInteger, Identity(always=True), primary_key=True),
    SqlColumn("layer", Text, nullable=False),
    SqlColumn("state", Text, nullable=False),
    SqlColumn("file_name", Text, nullable=False),
    SqlColumn("file_sha256", Text, nullable=False),
    SqlColumn("options", JSONB, nullable=False, server_default=text("'{}'")),
    SqlColumn("evidence", JSONB, nullable=False, server_default=text("'{}'")),
    SqlColumn("counts", JSONB, nullable=False, server_default=text("'{}'")),
    SqlColumn("problem", JSONB),
    SqlColumn("actor", Text, nullable=False),
    SqlColumn("idempotency_key", Text),
    SqlColumn("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    SqlColumn("staged_at", DateTime(timezone=True)),
    SqlColumn("applied_at", DateTime(timezone=True)),
    SqlColumn("rolled_back_at", DateTime(timezone=True)),
    CheckConstraint(f"state IN ({_quoted(IMPORT_STATES)})", name="state"),
    # Prefixes of the regions in which the run may change sites: those of who sent it.
    SqlColumn("regions", ARRAY(Text), nullable=False, server_default=text("'{\"\"}'")),
    SqlColumn("asked_by", Text),
    Index("uq_import_runs_idempotency_key", "actor", "idempotency_key", unique=True),
    Index("ix_import_runs_waiting", "id", postgresql_where=text(_WAITING)),
)
"""One row an uploaded file; ``gis.importing.runs`` says which state follows which."""

import_progress = Table(
    "import_progress",
    metadata,
    SqlColumn(
        "run_id", BigInteger, ForeignKey("import_runs.id", ondelete="CASCADE"), primary_key=True
    ),
    SqlColumn("step", Text, nullable=False),
    SqlColumn("done", BigInteger, nullable=False),
    SqlColumn("total", BigInteger, nullable=False),
    SqlColumn("attempts", Integer, nullable=False, server_default=text("0")),
    SqlColumn("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)
"""How far a run is; apart from the run, whose row its worker holds until it commits."""

import_findings = Table(
    "import_findings",
    metadata,
    SqlColumn("run_id", BigInteger, ForeignKey("import_runs.id", ondelete="CASCADE")),
    SqlColumn("row_no", Integer, nullable=False),
    SqlColumn("code", Text, nullable=False),
    SqlColumn("severity", Text, nullable=False),
    SqlColumn("message", Text, nullable=False),
    SqlColumn("field", Text),
    SqlColumn("value", Text),
    SqlColumn("longitude", Double),
    SqlColumn("latitude", Double),
    Index("ix_import_findings_run_id", "run_id", "row_no"),
)

import_profiles = Table(
    "import_profiles",
    metadata,
    SqlColumn("name", Text, primary_key=True),
    SqlColumn("layer", Text, nullable=False),
    SqlColumn("mapping", JSONB, nullable=False),
    SqlColumn("updated_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)
"""Field mappings that staff saved for one source of files, to be used again."""

revisions = Table(
    "revisions",
    metadata,
    SqlColumn("id", BigInteger, Identity(always=True), primary_key=True),
    SqlColumn("layer", Text, nullable=False),
    SqlColumn("site_id", BigInteger, nullable=False),
    SqlColumn("version", Integer, nullable=False),
    SqlColumn("row", JSONB, nullable=False),
    SqlColumn("import_id", BigInteger, ForeignKey("import_runs.id")),
    SqlColumn("replaced_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    SqlColumn("actor", Text),
    SqlColumn("action", Text),
    SqlColumn("reason", Text),
    Index("ix_revisions_site", "layer", "site_id", "version"),
    Index(None, "import_id"),
)
"""What a site was before a change: ``row`` is the whole row at ``version``.

Who changed it and why stands here for edits, and in the run for imports.
"""

lineage = Table(
    "lineage",
    metadata,
    SqlColumn("layer", Text, primary_key=True),
    SqlColumn("child_id", BigInteger, primary_key=True, autoincrement=False),
    SqlColumn("parent_id", BigInteger, primary_key=True, autoincrement=False),
    SqlColumn("import_id", BigInteger, ForeignKey("import_runs.id"), index=True),
)
"""Which parcels came out of which by split or merge."""

audit = Table(
    "audit",
    metadata,
    SqlColumn("id", BigInteger, Identity(always=True), primary_key=True),
    SqlColumn("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    SqlColumn("actor", Text, nullable=False),
    SqlColumn("action", Text, nullable=False),
    SqlColumn("subject", Text, nullable=False),
    SqlColumn("details", JSONB, nullable=False),
    SqlColumn("seq", BigInteger),
    SqlColumn("prev_hash", Text),
    SqlColumn("hash", Text),
    Index("uq_audit_seq", "seq", unique=True),
    Index("ix_audit_subject", "subject"),
)
"""One row a change, written in the same transaction as the change.

``seq``, ``prev_hash`` and ``hash`` are the database's own: a trigger of the migration fills them
when the transaction commits, and another refuses every later change.
"""

audit_head = Table(
    "audit_head",
    metadata,
    SqlColumn("id", Integer, primary_key=True, autoincrement=False),
    SqlColumn("seq", BigInteger, nullable=False),
    SqlColumn("hash", Text, nullable=False),
    CheckConstraint("id = 1", name="one"),
)
"""The last row of the chain; its lock puts commits that write audit in one order."""

SITES: dict[str, Table] = {layer.name: _site_table(layer) for layer in REGISTRY}
PUBLICATIONS: dict[str, Table] = {layer.name: _publication_table(layer) for layer in REGISTRY}
TILES: dict[str, Table] = {layer.name: _tile_table(layer) for layer in LAYERS}
CELLS: dict[str, Table] = {layer.name: _cell_table(layer) for layer in LAYERS}
