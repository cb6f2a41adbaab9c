"""The queue of import work: how often a run was begun, and the key that makes a retry harmless."""

from pathlib import Path

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add them as the SQL file beside this one says."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text("utf-8"))


def downgrade() -> None:
    """Take both columns away again."""
    op.drop_column("import_runs", "idempotency_key")
    op.drop_column("import_progress", "attempts")
