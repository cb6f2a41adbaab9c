"""Reading enquiries: what their investor sees, and what staff see of their regions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, or_, select, true

from server.accounts.principals import Principal, Role
from server.accounts.tables import users
from server.people.enquiries import UnknownEnquiry
from server.people.enquiry_states import READERS, State
from server.people.tables import enquiries, enquiry_messages
from server.people.texts import Verdict
from server.sealing import Purpose, Sealer

Found = Row[*tuple[Any, ...]]
"""A row of ``enquiries`` with ``officer_name`` and ``overdue``."""

ESCALATED_TO = (None, Role.REVIEWER, Role.LEADER)
"""Who looks after an enquiry that nobody answered, by how often it was escalated."""


@dataclass(frozen=True, repr=False)
class Said:
    """One message; ``name`` is that of the member of staff who wrote it."""

    at: datetime
    side: str
    name: str | None
    text: str | None
    verdict: Verdict


@dataclass(frozen=True)
class Wish:
    """Which enquiries staff want to see."""

    state: State | None = None
    overdue: bool | None = None
    mine: bool = False
    limit: int = 50
    before_id: int | None = None
    region: str = ""


def of_investor(connection: Connection, investor_id: int) -> Sequence[Found]:
    """All enquiries of an investor, the newest first."""
    row = enquiries.c
    return connection.execute(
        _rows().where(row.investor_id == investor_id).order_by(row.id.desc())
    ).all()


def one_of_investor(connection: Connection, investor_id: int, number: int) -> Found:
    """One enquiry of an investor; :class:`UnknownEnquiry`."""
    return _one(connection, number, enquiries.c.investor_id == investor_id)


def one_for_staff(connection: Connection, who: Principal, number: int) -> Found:
    """One enquiry in a region of the asker; :class:`UnknownEnquiry` outside of them, too."""
    return _one(connection, number, _readable(who))


def _one(connection: Connection, number: int, allowed: ColumnElement[bool]) -> Found:
    found = connection.execute(_rows().where(enquiries.c.id == number, allowed)).one_or_none()
    if found is None:
        raise UnknownEnquiry(number)
    return found


def for_staff(connection: Connection, who: Principal, wish: Wish) -> tuple[Sequence[Found], int]:
    """A page of the enquiries in the asker's regions, the newest first, and how many there are."""
    chosen = and_(_readable(who), _chosen(who, wish))
    total = select(func.count()).select_from(enquiries).where(chosen)
    page = _rows().where(chosen).order_by(enquiries.c.id.desc()).limit(wish.limit + 1)
    if wish.before_id is not None:
        page = page.where(enquiries.c.id < wish.before_id)
    return connection.execute(page).all(), connection.execute(total).scalar_one()


def _rows() -> Select[*tuple[Any, ...]]:
    columns = [column for column in enquiries.c if column.name != "phone_digest"]
    officer = users.c.name.label("officer_name")
    return select(*columns, officer, is_overdue().label("overdue")).select_from(
        enquiries.join(users, users.c.id == enquiries.c.officer_id, isouter=True)
    )


def is_overdue() -> ColumnElement[bool]:
    """The first answer should have been given by now, and was not."""
    row = enquiries.c
    return and_(
        row.first_responded_at.is_(None),
        row.closed_at.is_(None),
        row.first_response_due_at < func.now(),
    )


def _readable(who: Principal) -> ColumnElement[bool]:
    row = enquiries.c
    prefixes = who.prefixes(*READERS)
    within = [func.coalesce(row.region_code, "").startswith(prefix) for prefix in prefixes]
    # Whoever it was given to may read it, whatever became of their regions.
    return or_(row.officer_id == who.user_id, *within)


def _chosen(who: Principal, wish: Wish) -> ColumnElement[bool]:
    clauses = []
    if wish.state is not None:
        clauses.append(enquiries.c.state == wish.state.value)
    if wish.overdue is not None:
        clauses.append(is_overdue() if wish.overdue else ~is_overdue())
    if wish.mine:
        clauses.append(enquiries.c.officer_id == who.user_id)
    if wish.region:
        clauses.append(enquiries.c.region_code.startswith(wish.region, autoescape=True))
    return and_(true(), *clauses)


def said(connection: Connection, sealer: Sealer, numbers: Sequence[int]) -> dict[int, list[Said]]:
    """What was said in each enquiry, in order; a risky or erased message has no text."""
    row = enquiry_messages.c
    asked = (
        select(row.enquiry_id, row.at, row.side, users.c.name, row.body, row.verdict)
        .select_from(enquiry_messages.join(users, users.c.id == row.user_id, isouter=True))
        .where(row.enquiry_id.in_(numbers))
        .order_by(row.id)
    )
    found: dict[int, list[Said]] = {number: [] for number in numbers}
    for one in connection.execute(asked):
        verdict = Verdict(one.verdict)
        hidden = one.body is None or verdict is Verdict.RISKY
        text = None if hidden else sealer.open(Purpose.MESSAGE, one.body)
        found[one.enquiry_id].append(Said(one.at, one.side, one.name, text, verdict))
    return found
