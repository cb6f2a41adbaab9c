"""A password that somebody else gave only serves to set one's own."""

from pathlib import Path

from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Add the mark; the passwords that are there count as their owners'."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text("utf-8"))


def downgrade() -> None:
    """Drop the mark."""
    op.drop_column("users", "password_is_first")
