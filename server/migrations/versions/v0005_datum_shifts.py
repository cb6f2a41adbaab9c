"""Counties' own parameters for old datums, and on which day each daily job was done."""

from pathlib import Path

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add them as the SQL file beside this one says."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text("utf-8"))


def downgrade() -> None:
    """Take both tables away again."""
    op.drop_table("daily_jobs")
    op.drop_table("datum_shifts")
