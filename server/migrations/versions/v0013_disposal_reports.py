"""The ledger of disposal, targets and frozen monthly reports."""

from pathlib import Path

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Create them as the SQL file beside this one says; cases that are there are posted."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text("utf-8"))


def downgrade() -> None:
    """Drop the tables with all their rows, frozen reports among them."""
    op.execute("DROP TRIGGER disposal_cases_post_new ON disposal_cases")
    op.execute("DROP TRIGGER disposal_cases_post_change ON disposal_cases")
    for table in ("reports", "targets", "overdue", "cells", "postings"):
        op.drop_table(f"disposal_{table}")
    for function in ("post_new_cases", "post_case_changes", "refuse_report_change"):
        op.execute(f"DROP FUNCTION {function}()")
