"""Disposal of idle land: cases, their history, evidence, documents, deadlines, legal numbers."""

from pathlib import Path

from alembic import op

revision = "0006"
down_revision = "0005"

_TABLES = (
    "disposal_counters",
    "disposal_offices",
    "legal_parameters",
    "case_deadlines",
    "disposal_documents",
    "disposal_evidence",
    "disposal_progress",
    "disposal_actions",
    "disposal_cases",
)


def upgrade() -> None:
    """Make them as the SQL file beside this one says."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text("utf-8"))


def downgrade() -> None:
    """Take them away again, cases and all."""
    for table in _TABLES:
        op.drop_table(table)
    op.execute("DROP FUNCTION disposal_is_history()")
