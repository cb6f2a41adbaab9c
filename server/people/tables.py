"""Tables of investors, their things and their enquiries; migrations are checked against them."""

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
    SmallInteger,
    Table,
    Text,
    func,
    text,
)

from gis.tables import metadata
from server.accounts import tables as accounts

_ALL_LAYERS = "layer IN ('parks', 'parcels', 'plants')"


def _id() -> Column[int]:
    return Column("id", BigInteger, Identity(always=True), primary_key=True)


def _now(name: str) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=False, server_default=func.now())


def _instant(name: str) -> Column[object]:
    return Column(name, DateTime(timezone=True))


def _of_investor(*, primary_key: bool = False) -> Column[int]:
    owner = ForeignKey("investors.id", ondelete="CASCADE")
    return Column("investor_id", BigInteger, owner, primary_key=primary_key, nullable=False)


investors = Table(
    "investors",
    metadata,
    _id(),
    Column("openid", LargeBinary),
    Column("openid_digest", LargeBinary),
    Column("phone", LargeBinary),
    Column("phone_digest", LargeBinary),
    _now("created_at"),
    _instant("erased_at"),
    Index("uq_investors_openid_digest", "openid_digest", unique=True),
    Index(None, "phone_digest"),
)
"""Sealed openid and phone, each with the digest it is found by; a browser's guest has neither."""

investor_sessions = Table(
    "investor_sessions",
    metadata,
    Column("token_digest", LargeBinary, primary_key=True),
    _of_investor(),
    _now("created_at"),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Index(None, "investor_id"),
    Index(None, "expires_at"),
)
"""Living sessions by the digest of their token; a session that ended has no row."""

wechat_codes = Table(
    "wechat_codes",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    _now("claimed_at"),
    _instant("settled_at"),
    Column("investor_id", BigInteger, ForeignKey("investors.id", ondelete="CASCADE")),
    Column("errcode", Integer),
    Index(None, "investor_id"),
    Index(None, "claimed_at"),
)
"""Codes of WeChat, which work once: who claims one asks WeChat, all others wait for the answer."""

login_counts = Table(
    "login_counts",
    metadata,
    Column("subject", LargeBinary, primary_key=True),
    Column("minute", DateTime(timezone=True), primary_key=True),
    Column("count", Integer, nullable=False),
    Index(None, "minute"),
)
"""How often an address (its digest) tried to log in, by minute."""

privacy_notices = Table(
    "privacy_notices",
    metadata,
    Column("version", Text, primary_key=True),
    Column("effective_from", Date, nullable=False),
    Column("text", Text, nullable=False),
    Column("source", Text, nullable=False),
)
"""What investors are told and agree to; the newest in force is the one that counts."""

consents = Table(
    "consents",
    metadata,
    _of_investor(primary_key=True),
    Column("version", Text, ForeignKey("privacy_notices.version"), primary_key=True),
    _now("at"),
)

periods = Table(
    "periods",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("region_code", Text, primary_key=True),
    Column("effective_from", Date, primary_key=True),
    Column("days", Integer, nullable=False),
    Column("working_days", Boolean, nullable=False),
    Column("source", Text, nullable=False),
    CheckConstraint("days >= 0", name="days"),
    CheckConstraint(r"region_code ~ '^(\d{2}(\d{2}(\d{2}(\d{3})?)?)?)?$'", name="region_code"),
)
"""How long something may take or be kept: by region (the longest prefix counts) and from a day."""

favourites = Table(
    "favourites",
    metadata,
    _of_investor(primary_key=True),
    Column("layer", Text, primary_key=True),
    Column("site_id", BigInteger, primary_key=True, autoincrement=False),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    _now("added_at"),
    CheckConstraint(_ALL_LAYERS, name="layer"),
)
"""``code`` and ``name`` are those of the day it was added: the site may be gone from the public."""

searches = Table(
    "searches",
    metadata,
    _id(),
    _of_investor(),
    Column("name", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("notify", Boolean, nullable=False),
    _now("created_at"),
    Column("evaluated", Text, nullable=False),
    Index(None, "investor_id"),
    Index(None, "evaluated"),
)
"""Filters of a layer or criteria of siting, as the path that asks them; ``evaluated`` names the
data versions that the matches are true of."""

search_matches = Table(
    "search_matches",
    metadata,
    Column(
        "search_id", BigInteger, ForeignKey("searches.id", ondelete="CASCADE"), primary_key=True
    ),
    Column("layer", Text, primary_key=True),
    Column("site_id", BigInteger, primary_key=True, autoincrement=False),
    _now("found_at"),
    _instant("seen_at"),
)
"""Every site that a search ever found: it is new once, until the investor has seen it."""

subscriptions = Table(
    "subscriptions",
    metadata,
    _of_investor(primary_key=True),
    Column("kind", Text, primary_key=True),
    _instant("used_at"),
    CheckConstraint("kind IN ('match', 'reply')", name="kind"),
)
"""Messages that an investor allowed; WeChat says when what was allowed is used up."""

shares = Table(
    "shares",
    metadata,
    Column("code", Text, primary_key=True),
    Column("path", Text, nullable=False),
    _now("created_at"),
    Index("uq_shares_path", "path", unique=True),
    CheckConstraint("code ~ '^[0-9A-Za-z]{8,12}$'", name="code"),
)

enquiries = Table(
    "enquiries",
    metadata,
    _id(),
    Column("investor_id", BigInteger, ForeignKey("investors.id", ondelete="SET NULL")),
    Column("layer", Text, nullable=False),
    Column("site_id", BigInteger, nullable=False),
    Column("site_code", Text, nullable=False),
    Column("site_name", Text, nullable=False),
    Column("region_code", Text),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("contact_name", LargeBinary),
    Column("phone", LargeBinary),
    Column("phone_digest", LargeBinary),
    Column("visit_on", Date),
    _instant("scheduled_for"),
    Column("officer_id", BigInteger, ForeignKey(accounts.users.c.id)),
    Column("first_response_due_at", DateTime(timezone=True), nullable=False),
    _instant("first_responded_at"),
    Column("escalation", SmallInteger, nullable=False, server_default=text("0")),
    _instant("escalate_at"),
    _instant("closed_at"),
    _now("created_at"),
    _now("updated_at"),
    Index(None, "investor_id"),
    Index(None, "officer_id"),
    Index(None, "phone_digest"),
    Index("ix_enquiries_region_code", "region_code", "id"),
    Index(
        "ix_enquiries_escalate_at", "escalate_at", postgresql_where=text("escalate_at IS NOT NULL")
    ),
    CheckConstraint("kind IN ('enquiry', 'appointment')", name="kind"),
    CheckConstraint(
        "state IN ('waiting', 'answered', 'scheduled', 'closed', 'cancelled')", name="state"
    ),
    CheckConstraint(_ALL_LAYERS, name="layer"),
    CheckConstraint("escalation BETWEEN 0 AND 2", name="escalation"),
)
"""What an investor asks about a site; without ``investor_id`` only the statistics are left."""

enquiry_messages = Table(
    "enquiry_messages",
    metadata,
    _id(),
    Column(
        "enquiry_id", BigInteger, ForeignKey("enquiries.id", ondelete="CASCADE"), nullable=False
    ),
    _now("at"),
    Column("side", Text, nullable=False),
    Column("user_id", BigInteger, ForeignKey(accounts.users.c.id)),
    Column("body", LargeBinary),
    Column("verdict", Text, nullable=False),
    Index("ix_enquiry_messages_enquiry_id", "enquiry_id", "id"),
    Index(None, "user_id"),
    CheckConstraint("side IN ('investor', 'staff')", name="side"),
    CheckConstraint("verdict IN ('passed', 'unchecked', 'held', 'risky')", name="verdict"),
)
"""Sealed words of both sides; erased ones have no body."""
