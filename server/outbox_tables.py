"""The table of what is to be sent later."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from gis.tables import metadata

outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("payload", JSONB, nullable=False),
    Column("dedupe", Text),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("next_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("done_at", DateTime(timezone=True)),
    Column("error", Text),
    Index("uq_outbox_dedupe", "dedupe", unique=True),
    Index("ix_outbox_waiting", "next_at", postgresql_where=text("done_at IS NULL")),
)
"""What is to be sent, written with the change that is told of; nothing personal is in a payload."""
