"""Roads and how fast they are: what driving times are estimated on."""

from pathlib import Path

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Create them as the SQL file beside this one says."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text("utf-8"))


def downgrade() -> None:
    """Drop both, with the network that was loaded."""
    op.drop_table("roads")
    op.drop_table("road_speeds")
