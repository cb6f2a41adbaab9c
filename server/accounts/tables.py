"""Tables of accounts: users, what they may do where, their sessions, and guesses at passwords."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    false,
    func,
    text,
)

from gis.tables import metadata
from server.accounts.principals import Role

REGION_PATTERN = r"^(\d{2}(\d{2}(\d{2}(\d{3})?)?)?)?$"
_ROLES = ", ".join(f"'{role}'" for role in Role)

users = Table(
    "users",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("username", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("totp_secret", LargeBinary),
    Column("totp_pending", LargeBinary),
    Column("totp_step", BigInteger),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("password_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("disabled_at", DateTime(timezone=True)),
    Column("password_is_first", Boolean, nullable=False, server_default=false()),
    CheckConstraint(r"username ~ '^[a-z][a-z0-9._-]{1,39}$'", name="username"),
    Index("uq_users_username", "username", unique=True),
)
"""``totp_secret`` is asked for at login, ``totp_pending`` waits for its first right code (both are
sealed), and ``totp_step`` is the last time step whose code was used: no code works twice.
``password_is_first``: somebody else gave it at ``password_at``, and it serves to set one's own."""

user_grants = Table(
    "user_grants",
    metadata,
    Column("user_id", BigInteger, ForeignKey("users.id"), primary_key=True, autoincrement=False),
    Column("role", Text, primary_key=True),
    Column("region_code", Text, primary_key=True),
    Column("granted_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint(f"role IN ({_ROLES})", name="role"),
    CheckConstraint(f"region_code ~ '{REGION_PATTERN}'", name="region_code"),
)
"""A role in the regions whose code begins with ``region_code``; "" is everywhere."""

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", Text, primary_key=True),
    Column("user_id", BigInteger, ForeignKey("users.id"), nullable=False, index=True),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("seen_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("id", BigInteger, Identity(always=True), nullable=False, unique=True),
    Column("confirmed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("address", Text),
    Column("agent", Text),
)
"""Who is logged in; the token itself is with them alone. ``confirmed_at`` is when the password was
last given, ``address`` and ``agent`` are what one recognises a session by."""

login_failures = Table(
    "login_failures",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("failures", Integer, nullable=False, server_default=text("0")),
    Column("last_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("locked_until", DateTime(timezone=True)),
)
"""Guesses at passwords, by ``user:<username>`` and by ``address:<network>``."""

status_transitions = Table(
    "status_transitions",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("layer", Text, nullable=False),
    Column("from_status", Text, nullable=False),
    Column("to_status", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("region_code", Text, nullable=False, server_default=text("''")),
    Column("effective_from", Date, nullable=False),
    Column("effective_until", Date),
    Column("source", Text, nullable=False),
    CheckConstraint(f"role IN ({_ROLES})", name="role"),
    CheckConstraint("effective_until > effective_from", name="period"),
    Index(
        "uq_status_transitions",
        *("layer", "from_status", "to_status", "role", "region_code", "effective_from"),
        unique=True,
    ),
)
"""Which status may follow which, and who may say so: rules with a date, a region and a source."""
