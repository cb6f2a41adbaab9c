"""Tables of statistics and reports: the ledger of what happened to cases, targets, frozen reports.

A trigger posts every change of a case to the ledger, dated as the change was; rows are only added,
so any past month can be added up again.
"""

from enum import StrEnum

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
    LargeBinary,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)

from gis.layers.codes import IDLE_CLASS
from gis.tables import metadata

_CLASSES = f"class IN ({', '.join(repr(code) for code in IDLE_CLASS)})"


class Flow(StrEnum):
    """What a posting tells; each but STAGE moves the stock.

    ``new``: found; ``disposed``: area disposed of; ``closed``: accepted, with the area that no
    progress had told; ``rejected``: not idle after all; ``adjusted``: moved from one cause or
    measure to another, or measured anew; ``balance``: the stock on 1 January; ``stage``: a stage
    ended, with its days.
    """

    NEW = "new"
    DISPOSED = "disposed"
    CLOSED = "closed"
    REJECTED = "rejected"
    ADJUSTED = "adjusted"
    BALANCE = "balance"
    STAGE = "stage"


_FLOWS = f"flow IN ({', '.join(repr(flow.value) for flow in Flow)})"


def _dimensions() -> list[Column[str]]:
    names = ("region_code", "class", "cause", "measure", "flow", "state")
    return [Column(name, Text, nullable=False) for name in names]


def _amounts() -> list[Column[object]]:
    return [
        Column("cases", Integer, nullable=False),
        Column("area_m2", Numeric(18, 2), nullable=False),
        Column("days", Integer, nullable=False),
    ]


disposal_postings = Table(
    "disposal_postings",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("on_date", Date, nullable=False),
    *_dimensions(),
    *_amounts(),
    CheckConstraint(_FLOWS, name="flow"),
)
"""Postings since the last time that they were added up."""

disposal_cells = Table(
    "disposal_cells",
    metadata,
    Column("month", Date, primary_key=True),
    *(Column(column.name, Text, primary_key=True) for column in _dimensions()),
    *_amounts(),
    CheckConstraint(_FLOWS, name="flow"),
)
"""Postings added up by month, and on each 1 January the stock before it."""

disposal_overdue = Table(
    "disposal_overdue",
    metadata,
    Column("case_id", BigInteger, ForeignKey("disposal_cases.id"), nullable=False),
    Column("from_on", Date, nullable=False),
    Column("to_on", Date, nullable=False),
    *(Column(name, Text, nullable=False) for name in ("region_code", "class", "cause", "measure")),
    Index("ix_disposal_overdue_days", "from_on", "to_on"),
    Index(None, "case_id"),
)
"""Days on which a case was overdue, up to the change that came after them."""

disposal_targets = Table(
    "disposal_targets",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("region_code", Text, ForeignKey("regions.code"), nullable=False),
    Column("class", Text, nullable=False, server_default=text("''")),
    Column("year", Integer, nullable=False),
    Column("area_m2", Numeric(18, 2), nullable=False),
    Column("source", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("set_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint(f"class = '' OR {_CLASSES}", name="class"),
    CheckConstraint("area_m2 >= 0", name="area"),
    CheckConstraint("year BETWEEN 2000 AND 2100", name="year"),
    UniqueConstraint("region_code", "class", "year", name="uq_disposal_targets_year"),
)
"""What a region has to dispose of in a year, of one class or of all (an empty class)."""

disposal_reports = Table(
    "disposal_reports",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("region_code", Text, ForeignKey("regions.code"), nullable=False),
    Column("month", Date, nullable=False),
    Column("snapshot", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("note", Text),
    Column("actor", Text, nullable=False),
    Column("frozen_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint("extract(day FROM month) = 1", name="month"),
    UniqueConstraint("region_code", "month", name="uq_disposal_reports_month"),
)
"""Monthly reports as they were published; a trigger refuses every change."""

disposal_report_prints = Table(
    "disposal_report_prints",
    metadata,
    Column("report_id", BigInteger, ForeignKey("disposal_reports.id"), primary_key=True),
    Column("body", LargeBinary, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("printed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)
"""The PDF of each report, drawn once; a trigger refuses every change."""
