"""Floor that stands on a parcel and the rule about it, printed reports, kinds of evidence."""

from pathlib import Path

from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Make them as the SQL file beside this one says, with the first rules."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text("utf-8"))


def downgrade() -> None:
    """Drop them; the code before knows no such rule, so its rows go too."""
    op.drop_table("disposal_report_prints")
    op.drop_constraint("ck_disposal_evidence_kind", "disposal_evidence")
    op.execute("UPDATE disposal_evidence SET kind = 'document' WHERE kind <> 'photo'")
    op.create_check_constraint(
        "ck_disposal_evidence_kind", "disposal_evidence", "kind IN ('photo', 'document')"
    )
    op.execute("ALTER TABLE classification_rules DISABLE TRIGGER classification_rules_stay")
    op.execute("DELETE FROM classification_rules WHERE sub_kind = 'below_plot_ratio'")
    op.execute("ALTER TABLE classification_rules ENABLE TRIGGER classification_rules_stay")
    op.drop_column("parcels", "built_floor_m2")
