"""The table of what is attached to sites."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    func,
)

from gis.tables import metadata

attachments = Table(
    "attachments",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("layer", Text, nullable=False),
    Column("site_id", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("public", Boolean, nullable=False),
    Column("sha256", Text),
    Column("mime", Text),
    Column("size", BigInteger),
    Column("width", Integer),
    Column("height", Integer),
    Column("taken_at", DateTime(timezone=True)),
    Column("longitude", Double),
    Column("latitude", Double),
    Column("link", Text),
    Column("actor", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("removed_at", DateTime(timezone=True)),
    Index("ix_attachments_site", "layer", "site_id", "id"),
    CheckConstraint("layer IN ('parks', 'parcels', 'plants')", name="layer"),
    CheckConstraint("kind IN ('photo', 'document', 'panorama')", name="kind"),
    CheckConstraint("(kind = 'panorama') = (link IS NOT NULL)", name="link"),
    CheckConstraint("(kind = 'panorama') = (sha256 IS NULL)", name="sha256"),
)
"""Photos, documents and links of a site; the position (WGS 84) of a photo is for staff alone."""
