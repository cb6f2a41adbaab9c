"""Facilities, constraints, scoring profiles, and the narrow tables that siting reads."""

import json
from pathlib import Path

from alembic import op
from sqlalchemy import text

revision = "0008"
down_revision = "0007"

_HERE = Path(__file__)


def upgrade() -> None:
    """Create them as the SQL file beside this one says, with the first profile."""
    bind = op.get_bind()
    bind.exec_driver_sql(_HERE.with_suffix(".sql").read_text("utf-8"))
    first = json.loads(_HERE.with_name("v0008_siting_profile.json").read_text("utf-8"))
    bind.execute(
        text(
            "INSERT INTO siting_profiles (name, version, body, source)"
            " VALUES (:name, :version, CAST(:body AS jsonb), :source)"
        ),
        first | {"body": json.dumps(first["body"], ensure_ascii=False)},
    )


def downgrade() -> None:
    """Drop every table that upgrade made, with what was imported into them."""
    for table in (
        "plants_siting",
        "parcels_siting",
        "siting_profiles",
        "facilities_public",
        "facilities",
        "constraints_public",
        "constraints",
    ):
        op.drop_table(table)
