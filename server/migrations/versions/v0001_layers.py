"""Regions, the three layers of sites, what the public reads of them, and their versions."""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create them as the SQL file beside this one says."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text("utf-8"))


def downgrade() -> None:
    """Drop every table that upgrade made, with all its rows."""
    for layer in ("plants", "parcels", "parks"):
        op.drop_table(f"{layer}_public")
        op.drop_table(layer)
    op.drop_table("layer_state")
    op.drop_table("regions")
    op.execute("DROP SEQUENCE site_id_seq")
