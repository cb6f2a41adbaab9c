"""Rules of the five kinds of idle land, scans, warnings, and the day on which building stopped."""

from pathlib import Path

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Create them as the SQL file beside this one says, with the first rules."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text("utf-8"))


def downgrade() -> None:
    """Drop the tables with all their rows, and the column."""
    for table in ("disposal_warnings", "disposal_scans", "classification_rules"):
        op.drop_table(table)
    op.execute("DROP FUNCTION refuse_rule_change()")
    op.drop_column("parcels", "stopped_on")
