"""Investors, what they keep and ask, the outbox, attachments, and the token of WeChat."""

from pathlib import Path

from alembic import op

revision = "0012"
down_revision = "0011"

TABLES = (
    "wechat_tokens",
    "attachments",
    "outbox",
    "enquiry_messages",
    "enquiries",
    "shares",
    "subscriptions",
    "search_matches",
    "searches",
    "favourites",
    "periods",
    "consents",
    "privacy_notices",
    "login_counts",
    "wechat_codes",
    "investor_sessions",
    "investors",
)


def upgrade() -> None:
    """Make them as the SQL file beside this one says, with a notice and periods to start from."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text("utf-8"))


def downgrade() -> None:
    """Take all of it away."""
    for table in TABLES:
        op.drop_table(table)
