"""Narrow rows in which filters and words are looked for."""

from pathlib import Path

from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Make the tables; the upgrade fills them when it has come to its end."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text("utf-8"))


def downgrade() -> None:
    """Drop the tables."""
    for layer in ("plants", "parks", "parcels"):
        op.drop_table(f"{layer}_queryables")
