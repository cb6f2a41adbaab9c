"""Edits by people: who may change which status, how long listings last, regions of imports."""

from pathlib import Path

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Make them as the SQL file beside this one says, with the rules to begin with."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text("utf-8"))


def downgrade() -> None:
    """Take all of it away, with the rules."""
    op.drop_table("listing_expiry")
    op.drop_table("status_transitions")
    for layer in ("constraints", "facilities", "plants", "parcels", "parks"):
        op.drop_column(layer, "stale_since")
    for column in ("reason", "action", "actor"):
        op.drop_column("revisions", column)
    op.execute("DROP INDEX uq_import_runs_idempotency_key")
    # Two people may have used one key; without whose it was, it names neither run.
    op.execute("UPDATE import_runs SET idempotency_key = NULL")
    index = "uq_import_runs_idempotency_key"
    op.create_index(index, "import_runs", ["idempotency_key"], unique=True)
    op.drop_column("import_runs", "asked_by")
    op.drop_column("import_runs", "regions")
