"""Import runs with their findings, what sites were before a change, lineage and audit."""

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create them as the SQL file beside this one says."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text("utf-8"))


def downgrade() -> None:
    """Drop every table that upgrade made, with the history of all sites."""
    for layer in ("plants", "parcels", "parks"):
        op.drop_column(layer, "created_import_id")
    for table in (
        "import_findings",
        "import_progress",
        "lineage",
        "revisions",
        "import_runs",
        "import_profiles",
        "audit",
    ):
        op.drop_table(table)
