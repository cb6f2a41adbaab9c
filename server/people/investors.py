"""Investors and their sessions: found by openid, known by an opaque token that is stored hashed."""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, exists, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from server.people.notices import current_version
from server.people.tables import consents, investor_sessions, investors
from server.sealing import Purpose, Sealer

PREFIX = "investor_"
_SHAPE = re.compile(r"investor_[A-Za-z0-9_-]{43}")


@dataclass(frozen=True)
class Investor:
    """Somebody who looks for land: a user of the mini program, or a browser."""

    id: int

    @property
    def actor(self) -> str:
        """What audit and history store: a number, nothing personal."""
        return f"investor:{self.id}"


@dataclass(frozen=True)
class Session:
    """A living session."""

    investor: Investor
    expires_at: datetime
    is_stale: bool
    """Whether so much of its time is over that :func:`extend` has something to write."""


@dataclass(frozen=True)
class Standing:
    """What a client shows of the investor who is logged in."""

    id: int
    has_openid: bool
    has_phone: bool
    consented: bool


def is_token(text: str) -> bool:
    """Whether the text has the shape of a token: what has not needs no look at the database."""
    return _SHAPE.fullmatch(text) is not None


def new_token() -> str:
    """A token that nobody can guess."""
    return PREFIX + secrets.token_urlsafe(32)


def token_digest(token: str) -> bytes:
    """What is stored of a token; it is random, so no salt and no slow hash is needed."""
    return hashlib.sha256(token.encode()).digest()


def add_guest(connection: Connection) -> Investor:
    """A new investor of whom nothing is known: one browser."""
    return _added(connection)


def with_openid(connection: Connection, sealer: Sealer, openid: str) -> Investor:
    """The investor of an openid, made at the first login; two first logins make one."""
    row = investors.c
    known = select(row.id).where(row.openid_digest.in_(sealer.digests(Purpose.OPENID, openid)))
    found = connection.execute(known).scalar()
    if found is not None:
        return Investor(found)
    made = (
        upsert(investors)
        .values(
            openid=sealer.seal(Purpose.OPENID, openid),
            openid_digest=sealer.digest(Purpose.OPENID, openid),
        )
        .on_conflict_do_nothing(index_elements=["openid_digest"])
        .returning(row.id)
    )
    fresh = connection.execute(made).scalar()
    return Investor(connection.execute(known).scalar_one() if fresh is None else fresh)


def _added(connection: Connection) -> Investor:
    made = insert(investors).values({}).returning(investors.c.id)
    return Investor(connection.execute(made).scalar_one())


def begin_session(connection: Connection, who: Investor, token: str, days: int) -> None:
    """Let the token stand for the investor; again, it changes nothing."""
    connection.execute(
        upsert(investor_sessions)
        .values(
            token_digest=token_digest(token),
            investor_id=who.id,
            expires_at=func.now() + timedelta(days=days),
        )
        .on_conflict_do_nothing()
    )


def find_session(connection: Connection, token: str, days: int) -> Session | None:
    """The living session of a token."""
    row = investor_sessions.c
    half_over = row.expires_at < func.now() + timedelta(days=days) / 2
    living = select(row.investor_id, row.expires_at, half_over.label("is_stale")).where(
        row.token_digest == token_digest(token), row.expires_at > func.now()
    )
    found = connection.execute(living).one_or_none()
    if found is None:
        return None
    return Session(Investor(found.investor_id), found.expires_at, found.is_stale)


def extend(connection: Connection, token: str, days: int) -> None:
    """Who comes back stays logged in."""
    row = investor_sessions.c
    until = func.now() + timedelta(days=days)
    mine = row.token_digest == token_digest(token)
    connection.execute(update(investor_sessions).where(mine).values(expires_at=until))


def end_session(connection: Connection, token: str) -> None:
    """The token stands for nobody any more."""
    mine = investor_sessions.c.token_digest == token_digest(token)
    connection.execute(delete(investor_sessions).where(mine))


def standing(connection: Connection, who: Investor) -> Standing:
    """What is known of the investor, in yes and no."""
    row, agreed = investors.c, consents.c
    consented = exists().where(
        agreed.investor_id == row.id, agreed.version == current_version().scalar_subquery()
    )
    found = connection.execute(
        select(
            row.openid_digest.is_not(None).label("has_openid"),
            row.phone_digest.is_not(None).label("has_phone"),
            consented.label("consented"),
        ).where(row.id == who.id)
    ).one()
    return Standing(who.id, found.has_openid, found.has_phone, found.consented)


def openid_of(connection: Connection, sealer: Sealer, investor_id: int) -> str | None:
    """The openid that messages go to; None for a guest, or whom we forgot."""
    sealed = select(investors.c.openid).where(investors.c.id == investor_id)
    found = connection.execute(sealed).scalar()
    return None if found is None else sealer.open(Purpose.OPENID, found)


def phone_of(connection: Connection, sealer: Sealer, investor_id: int) -> str | None:
    """The phone number that the investor gave."""
    sealed = select(investors.c.phone).where(investors.c.id == investor_id)
    found = connection.execute(sealed).scalar()
    return None if found is None else sealer.open(Purpose.PHONE, found)


def set_phone(connection: Connection, sealer: Sealer, who: Investor, phone: str) -> None:
    """Remember the phone number of the investor, in place of an older one."""
    values = {
        "phone": sealer.seal(Purpose.PHONE, phone),
        "phone_digest": sealer.digest(Purpose.PHONE, phone),
    }
    connection.execute(update(investors).where(investors.c.id == who.id).values(values))


def masked(phone: str | None) -> str | None:
    """A phone number that its owner knows again and nobody else can call."""
    return phone and f"{phone[:3]}****{phone[-4:]}"
