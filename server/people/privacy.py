"""One's own data: all of it on demand, gone on demand, gone by itself when it is too old.

What an enquiry leaves behind is its statistics: site, kind, states, times; nobody's name.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, ScalarSelect, Table, and_, delete, exists, func, select, update

from gis.audit import Action, record
from server import outbox
from server.accounts.tables import users
from server.idempotency import idempotency_keys
from server.people import limits
from server.people.enquiry_states import State
from server.people.investors import Investor
from server.people.periods import PeriodKind, period
from server.people.tables import (
    consents,
    enquiries,
    enquiry_messages,
    favourites,
    investor_sessions,
    investors,
    searches,
    subscriptions,
    wechat_codes,
)
from server.sealing import Purpose, Sealer

_CODES_KEPT = timedelta(hours=1)
_OWNED: tuple[Table, ...] = (
    investor_sessions,
    favourites,
    searches,
    subscriptions,
    consents,
    wechat_codes,
)


def erase(connection: Connection, who: Investor) -> None:
    """Forget the investor; open enquiries are withdrawn, and of all only the statistics stay."""
    mine = enquiries.c.investor_id == who.id
    withdrawn = update(enquiries).where(mine, enquiries.c.closed_at.is_(None))
    connection.execute(
        withdrawn.values(state=State.CANCELLED.value, closed_at=func.now(), escalate_at=None)
    )
    depersonalise(connection, select(enquiries.c.id).where(mine).scalar_subquery())
    for table in _OWNED:
        connection.execute(delete(table).where(table.c.investor_id == who.id))
    # Answers that were kept for retries hold what was asked.
    kept = idempotency_keys.c.actor == who.actor
    connection.execute(delete(idempotency_keys).where(kept))
    gone = {
        "openid": None,
        "openid_digest": None,
        "phone": None,
        "phone_digest": None,
        "erased_at": func.now(),
    }
    connection.execute(update(investors).where(investors.c.id == who.id).values(gone))
    record(connection, who.actor, Action.INVESTOR_ERASED, f"investors/{who.id}", {})


def depersonalise(connection: Connection, numbers: ScalarSelect[int]) -> int:
    """Leave of these enquiries only what is about no person; how many there were."""
    words = update(enquiry_messages).where(enquiry_messages.c.enquiry_id.in_(numbers))
    connection.execute(words.values(body=None))
    nobody = {"investor_id": None, "contact_name": None, "phone": None, "phone_digest": None}
    chosen = update(enquiries).where(enquiries.c.id.in_(numbers))
    return connection.execute(chosen.values(nobody)).rowcount


@dataclass(frozen=True)
class Purged:
    """How much went because it was too old."""

    enquiries: int
    investors: int
    sessions: int
    messages: int

    @property
    def line(self) -> str:
        """A line for the log."""
        return (
            f"{self.enquiries} enquiries without person now, {self.investors} investors and"
            f" {self.sessions} sessions forgotten, {self.messages} sent messages"
        )


def purge(connection: Connection) -> Purged:
    """Forget what the periods say is too old, with one audit row if anything went."""
    old_days = period(connection, PeriodKind.KEEP_ENQUIRY).days
    idle_days = period(connection, PeriodKind.KEEP_INVESTOR).days
    row = enquiries.c
    closed = select(row.id).where(
        row.closed_at < func.now() - timedelta(days=old_days),
        row.contact_name.is_not(None) | row.investor_id.is_not(None),
    )
    emptied = depersonalise(connection, closed.scalar_subquery())
    over = investor_sessions.c.expires_at < func.now()
    sessions = connection.execute(delete(investor_sessions).where(over)).rowcount
    purged = Purged(
        emptied,
        _forget_idle(connection, idle_days),
        sessions,
        outbox.forget_done(connection, period(connection, PeriodKind.KEEP_MESSAGE).days),
    )
    codes = wechat_codes.c.claimed_at < func.now() - _CODES_KEPT
    connection.execute(delete(wechat_codes).where(codes))
    limits.forget_old(connection)
    if purged.enquiries or purged.investors:
        details = {"enquiries": purged.enquiries, "investors": purged.investors}
        record(connection, "system", Action.PERSONAL_DATA_PURGED, "investors", details)
    return purged


def _forget_idle(connection: Connection, days: int) -> int:
    """Investors who have no session, no enquiry and nothing new for so long."""
    row = investors.c
    recent = func.now() - timedelta(days=days)
    idle = and_(
        row.created_at < recent,
        ~exists().where(investor_sessions.c.investor_id == row.id),
        ~exists().where(enquiries.c.investor_id == row.id),
        ~exists().where(favourites.c.investor_id == row.id, favourites.c.added_at > recent),
        ~exists().where(searches.c.investor_id == row.id, searches.c.created_at > recent),
    )
    return connection.execute(delete(investors).where(idle)).rowcount


@dataclass(frozen=True)
class _Sealed:
    """A column that is sealed, and whether a digest stands beside it."""

    table: Table
    name: str
    purpose: Purpose
    digested: bool = False


_SEALED = (
    _Sealed(investors, "openid", Purpose.OPENID, digested=True),
    _Sealed(investors, "phone", Purpose.PHONE, digested=True),
    _Sealed(enquiries, "phone", Purpose.PHONE, digested=True),
    _Sealed(enquiries, "contact_name", Purpose.NAME),
    _Sealed(enquiry_messages, "body", Purpose.MESSAGE),
    _Sealed(users, "totp_secret", Purpose.TOTP),
    _Sealed(users, "totp_pending", Purpose.TOTP),
)


def rekey(connection: Connection, sealer: Sealer) -> int:
    """Seal everything with the key that seals now; how many values were sealed with another."""
    return sum(_rekeyed(connection, sealer, sealed) for sealed in _SEALED)


def _rekeyed(connection: Connection, sealer: Sealer, column: _Sealed) -> int:
    table, name, changed = column.table, column.name, 0
    asked = select(table.c.id, table.c[name]).where(table.c[name].is_not(None))
    for row_id, sealed in connection.execute(asked.with_for_update()).all():
        if sealer.is_current(sealed):
            continue
        text = sealer.open(column.purpose, sealed)
        values = {name: sealer.seal(column.purpose, text)}
        if column.digested:
            values[f"{name}_digest"] = sealer.digest(column.purpose, text)
        connection.execute(update(table).where(table.c.id == row_id).values(values))
        changed += 1
    return changed
