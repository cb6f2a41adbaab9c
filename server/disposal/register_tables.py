"""The table of the register of low-efficiency land: what a county's list says of each parcel."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
    func,
)

from gis.layers.codes import IDLE_CLASS
from gis.tables import metadata

disposal_register = Table(
    "disposal_register",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("site_id", BigInteger, ForeignKey("parcels.id"), nullable=False),
    Column("class", Text, nullable=False),
    Column("case_id", BigInteger, ForeignKey("disposal_cases.id")),
    Column("occupied_m2", Numeric(18, 2), nullable=False),
    Column("disposed_before_m2", Numeric(18, 2), nullable=False),
    Column("company", Text, nullable=False),
    Column("credit_code", Text),
    Column("address", Text),
    Column("tax_last_wan_per_mu", Numeric(18, 4)),
    Column("tax_before_wan_per_mu", Numeric(18, 4)),
    Column("operating_state", Text),
    Column("current_use", Text),
    Column("measure", Text),
    Column("progress_note", Text),
    Column("problem", Text),
    Column("plan_unit", Text),
    Column("actor", Text, nullable=False),
    Column("imported_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint(f"class IN ({', '.join(map(repr, IDLE_CLASS))})", name="class"),
    CheckConstraint("disposed_before_m2 BETWEEN 0 AND occupied_m2", name="areas"),
    UniqueConstraint("site_id", "class", name="uq_disposal_register_site"),
    Index(None, "case_id"),
)
"""One row a parcel and class; its case holds what happened since it was registered."""
