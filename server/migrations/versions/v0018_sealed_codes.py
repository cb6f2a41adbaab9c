"""Secrets of one-time codes are sealed; sessions say where they are and when confirmed."""

from collections.abc import Callable
from pathlib import Path

from alembic import op
from sqlalchemy import BigInteger, LargeBinary, Text, column, select, table, update

from server.config import settings
from server.sealing import Purpose, sealer

revision = "0018"
down_revision = "0017"

COLUMNS = ("totp_secret", "totp_pending")
USERS = table("users", column("id", BigInteger), *(column(name, LargeBinary) for name in COLUMNS))


def upgrade() -> None:
    """Seal what is there; raises ``KeysMissing`` where there is something and no key."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text("utf-8"))
    _changed(lambda plain: sealer(settings()).seal(Purpose.TOTP, bytes(plain).decode()))


def downgrade() -> None:
    """Open what is sealed, with the same keys."""
    for name in ("id", "confirmed_at", "address", "agent"):
        op.drop_column("sessions", name)
    _changed(lambda sealed: sealer(settings()).open(Purpose.TOTP, sealed).encode())
    for name in COLUMNS:
        opened = f"convert_from({name}, 'UTF8')"
        op.alter_column("users", name, type_=Text(), postgresql_using=opened)


def _changed(change: Callable[[bytes], bytes]) -> None:
    bind = op.get_bind()
    for name in COLUMNS:
        value = USERS.c[name]
        found = bind.execute(select(USERS.c.id, value).where(value.is_not(None))).all()
        for user_id, stored in found:
            changed = update(USERS).where(USERS.c.id == user_id)
            bind.execute(changed.values({name: change(stored)}))
