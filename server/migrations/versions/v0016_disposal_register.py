"""The register of low-efficiency land."""

from pathlib import Path

from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Create it as the SQL file beside this one says."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text("utf-8"))


def downgrade() -> None:
    """Drop it with all its rows; cases stay."""
    op.drop_table("disposal_register")
