"""Accounts of staff, keys of repeated requests, and the hash chain of audit."""

from pathlib import Path

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make them as the SQL file beside this one says."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text("utf-8"))


def downgrade() -> None:
    """Take all of it away; rows of audit stay, without their chain."""
    for statement in (
        "DROP TRIGGER audit_chained ON audit",
        "DROP TRIGGER audit_no_truncate ON audit",
        "DROP TRIGGER audit_append_only ON audit",
        "DROP FUNCTION audit_refuse()",
        "DROP FUNCTION audit_chain()",
        "DROP FUNCTION audit_hash(audit)",
        "DROP INDEX ix_audit_subject",
    ):
        op.execute(statement)
    for column in ("hash", "prev_hash", "seq"):
        op.drop_column("audit", column)
    for table in (
        "audit_head",
        "idempotency_keys",
        "login_failures",
        "sessions",
        "user_grants",
        "users",
    ):
        op.drop_table(table)
