"""Tables of disposal cases, declared where the code can see them; migrations make them."""

from geoalchemy2 import Geometry
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from gis.crs import CGCS2000
from gis.tables import metadata
from server.disposal.codes import Cause, IdleClass, Source, State


def _one_of(column: str, codes: type[IdleClass] | type[State] | type[Source] | type[Cause]) -> str:
    return f"{column} IN ({', '.join(repr(code.value) for code in codes)})"


OPEN = "state NOT IN ('closed', 'rejected')"

disposal_cases = Table(
    "disposal_cases",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("case_no", Text),
    Column("site_id", BigInteger, ForeignKey("parcels.id"), nullable=False),
    Column("class", Text, nullable=False),
    Column("round", Integer, nullable=False, server_default=text("1")),
    Column("state", Text, nullable=False),
    Column("region_code", Text, ForeignKey("regions.code"), nullable=False),
    Column("area_in_class_m2", Numeric(18, 2), nullable=False),
    Column("disposed_area_m2", Numeric(18, 2), nullable=False, server_default=text("0")),
    Column("rule_id", BigInteger),
    Column("rule_inputs", JSONB, nullable=False, server_default=text("'{}'")),
    Column("source", Text, nullable=False),
    Column("discovered_on", Date, nullable=False),
    Column("registered_on", Date),
    Column("classified_on", Date),
    Column("closed_on", Date),
    Column("idle_since", Date),
    Column("cause", Text),
    Column("measures", ARRAY(Text()), nullable=False, server_default=text("'{}'")),
    Column("target_on", Date),
    Column("target_area_m2", Numeric(18, 2)),
    Column("responsible_unit", Text),
    Column("officer", BigInteger),
    Column("deadline_on", Date),
    Column("deadline_note", Text),
    Column("state_since", Date, nullable=False),
    Column("last_on", Date, nullable=False),
    Column("suspended_state", Text),
    Column("suspension", JSONB(none_as_null=True)),
    Column("legal", JSONB(none_as_null=True)),
    Column("previous_case_id", BigInteger, ForeignKey("disposal_cases.id")),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("updated_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint(_one_of("class", IdleClass), name="class"),
    CheckConstraint(_one_of("state", State), name="state"),
    CheckConstraint(_one_of("source", Source), name="source"),
    CheckConstraint(_one_of("cause", Cause), name="cause"),
    CheckConstraint("area_in_class_m2 > 0", name="area"),
    CheckConstraint("disposed_area_m2 BETWEEN 0 AND area_in_class_m2", name="disposed"),
    CheckConstraint("(state = 'suspended') = (suspended_state IS NOT NULL)", name="suspended"),
    CheckConstraint("(state = 'closed') = (closed_on IS NOT NULL)", name="closed"),
    CheckConstraint("state_since >= discovered_on AND last_on >= state_since", name="days"),
    CheckConstraint("round > 0 AND version > 0", name="counted"),
    Index("uq_disposal_cases_open", "site_id", "class", unique=True, postgresql_where=text(OPEN)),
    Index("uq_disposal_cases_round", "site_id", "class", "round", unique=True),
    Index("uq_disposal_cases_case_no", "case_no", unique=True),
    Index("ix_disposal_cases_listed", "region_code", "state"),
    Index("ix_disposal_cases_due", "deadline_on", postgresql_where=text(OPEN)),
)
"""One row a parcel, class and round; what is in it follows from its actions."""

disposal_actions = Table(
    "disposal_actions",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("case_id", BigInteger, ForeignKey("disposal_cases.id"), nullable=False),
    Column("case_version", Integer, nullable=False),
    Column("action", Text, nullable=False),
    Column("from_state", Text),
    Column("to_state", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("happened_on", Date, nullable=False),
    Column("actor", Text, nullable=False),
    Column("user_id", BigInteger),
    Column("role", Text),
    Column("comment", Text),
    Column("inputs", JSONB, nullable=False, server_default=text("'{}'")),
    CheckConstraint(_one_of("from_state", State), name="from_state"),
    CheckConstraint(_one_of("to_state", State), name="to_state"),
    UniqueConstraint("case_id", "case_version", name="uq_disposal_actions_version"),
)
"""The timeline of a case: only ever added to, which a trigger keeps so."""

disposal_progress = Table(
    "disposal_progress",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("case_id", BigInteger, ForeignKey("disposal_cases.id"), nullable=False),
    Column("on_date", Date, nullable=False),
    Column("delta_m2", Numeric(18, 2), nullable=False),
    Column("measure", Text),
    Column("note", Text),
    Column("action_id", BigInteger, ForeignKey("disposal_actions.id"), nullable=False),
    Index("ix_disposal_progress_case", "case_id", "on_date"),
    Index("ix_disposal_progress_day", "on_date"),
    Index(None, "action_id"),
)
"""What was disposed of and when; a negative entry takes an earlier one back and says why."""

disposal_evidence = Table(
    "disposal_evidence",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("case_id", BigInteger, ForeignKey("disposal_cases.id"), nullable=False),
    Column("action_id", BigInteger, ForeignKey("disposal_actions.id")),
    Column("kind", Text, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("mime", Text, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("width", Integer),
    Column("height", Integer),
    Column("taken_at", DateTime(timezone=True)),
    Column("exif_taken_at", DateTime(timezone=True)),
    Column("position", Geometry("POINT", CGCS2000, spatial_index=False)),
    Column("exif_position", Geometry("POINT", CGCS2000, spatial_index=False)),
    Column("distance_m", Double),
    Column("exif_distance_m", Double),
    Column("is_far", Boolean, nullable=False, server_default=text("false")),
    Column("note", Text),
    Column("actor", Text, nullable=False),
    Column("user_id", BigInteger),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint(
        "kind IN ('photo', 'document', 'electricity', 'social_insurance', 'tax')", name="kind"
    ),
    Index("uq_disposal_evidence_content", "case_id", "sha256", unique=True),
    Index(None, "action_id"),
)
"""Photos and papers of a case; positions by the phone and by the photo itself, both kept."""

disposal_documents = Table(
    "disposal_documents",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("case_id", BigInteger, ForeignKey("disposal_cases.id"), nullable=False),
    Column("action_id", BigInteger, ForeignKey("disposal_actions.id")),
    Column("kind", Text, nullable=False),
    Column("doc_no", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("issued_on", Date, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("inputs", JSONB, nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Index("uq_disposal_documents_doc_no", "doc_no", unique=True),
    Index(None, "case_id"),
    Index(None, "action_id"),
)
"""Documents that were made from a case, as they were issued: the file is in the row."""

case_deadlines = Table(
    "case_deadlines",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("region_code", Text, nullable=False, server_default=text("''")),
    Column("step", Text, nullable=False),
    Column("days", Integer, nullable=False),
    Column("working_days", Boolean, nullable=False),
    Column("rolls", Boolean, nullable=False, server_default=text("false")),
    Column("effective_from", Date, nullable=False),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("source", Text, nullable=False),
    Column("article", Text),
    CheckConstraint("days >= 0", name="days"),
    Index("uq_case_deadlines_row", "step", "region_code", "effective_from", "version", unique=True),
)
"""How long a step may take: the longest region prefix wins, then the newest row in force."""

legal_parameters = Table(
    "legal_parameters",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("region_code", Text, nullable=False, server_default=text("''")),
    Column("name", Text, nullable=False),
    Column("value", Numeric(18, 6), nullable=False),
    Column("unit", Text, nullable=False),
    Column("effective_from", Date, nullable=False),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("source", Text, nullable=False),
    Column("article", Text),
    Index(
        "uq_legal_parameters_row", "name", "region_code", "effective_from", "version", unique=True
    ),
)
"""Numbers of the law by name, region and day."""

disposal_offices = Table(
    "disposal_offices",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("region_code", Text, ForeignKey("regions.code"), nullable=False),
    Column("name", Text, nullable=False),
    Column("short_name", Text, nullable=False),
    Column("government", Text, nullable=False),
    Column("address", Text),
    Column("phone", Text),
    Column("effective_from", Date, nullable=False),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("source", Text, nullable=False),
    Index("uq_disposal_offices_row", "region_code", "effective_from", "version", unique=True),
)
"""Whose name stands under the documents of a county, and the sign 机关代字 in their numbers."""

disposal_counters = Table(
    "disposal_counters",
    metadata,
    Column("name", Text, primary_key=True),
    Column("last", Integer, nullable=False),
)
"""The last serial given in a series of case or document numbers."""
