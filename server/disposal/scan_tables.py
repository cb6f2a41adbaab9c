"""Tables of finding idle land: rules, scans and warnings; migrations make them."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from gis.layers.codes import IDLE_CLASS
from gis.tables import metadata

_CLASSES = f"class IN ({', '.join(repr(code) for code in IDLE_CLASS)})"

classification_rules = Table(
    "classification_rules",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("region_code", Text, nullable=False, server_default=text("''")),
    Column("class", Text, nullable=False),
    Column("sub_kind", Text, nullable=False),
    Column("effective_from", Date, nullable=False),
    Column("effective_to", Date),
    Column("parameters", JSONB, nullable=False),
    Column("title", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("article", Text),
    Column("version", Integer, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint(_CLASSES, name="class"),
    CheckConstraint("effective_to >= effective_from", name="days"),
    CheckConstraint("version > 0", name="version"),
    UniqueConstraint("region_code", "sub_kind", "version", name="uq_classification_rules_version"),
)
"""Rules by region, kind and day; rows are added, never changed, which a trigger keeps so."""

disposal_scans = Table(
    "disposal_scans",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("as_of", Date, nullable=False),
    Column("region_code", Text, nullable=False, server_default=text("''")),
    Column("actor", Text, nullable=False),
    Column("counts", JSONB, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Index("ix_disposal_scans_day", "as_of"),
)
"""One row a scan that wrote: which day it judged, and what it found."""

disposal_warnings = Table(
    "disposal_warnings",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("site_id", BigInteger, ForeignKey("parcels.id"), nullable=False),
    Column("region_code", Text, nullable=False),
    Column("class", Text, nullable=False),
    Column("sub_kind", Text, nullable=False),
    Column("line", Text, nullable=False),
    Column("line_on", Date, nullable=False),
    Column("days_before", Integer, nullable=False),
    Column("area_m2", Numeric(18, 2), nullable=False),
    Column("rule_id", BigInteger, ForeignKey("classification_rules.id"), nullable=False),
    Column("inputs", JSONB, nullable=False),
    Column("raised_on", Date, nullable=False),
    Column("cleared_on", Date),
    CheckConstraint(_CLASSES, name="class"),
    CheckConstraint("line IN ('enters', 'recovery')", name="line"),
    UniqueConstraint(
        "site_id", "sub_kind", "line", "line_on", "days_before", name="uq_disposal_warnings_step"
    ),
    Index(
        "ix_disposal_warnings_current",
        "region_code",
        "line_on",
        postgresql_where=text("cleared_on IS NULL"),
    ),
)
"""A line that a parcel is about to cross: one row for each step of days before it."""
