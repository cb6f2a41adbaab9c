"""What maps draw: shapes by zoom on the plane of web maps, and counts by cell of its grid."""

from pathlib import Path

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create them as the SQL file beside this one says; the next publication fills them."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text("utf-8"))


def downgrade() -> None:
    """Drop them; all they hold follows from the sites."""
    for layer in ("plants", "parcels", "parks"):
        op.drop_table(f"{layer}_cells")
        op.drop_table(f"{layer}_tiles")
