"""Enquiries that nobody answered in time are brought before reviewers, then before leaders."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from gis.audit import Action, record
from server.outbox import Kind, post
from server.people.enquiries import subject
from server.people.enquiry_lists import ESCALATED_TO
from server.people.periods import PeriodKind, period
from server.people.tables import enquiries

_MOST = 200
_BLINK = timedelta(seconds=1)


def escalate(connection: Connection) -> int:
    """Escalate what is due, each once a level, with its audit row; how many."""
    row = enquiries.c
    due = (
        select(row.id, row.escalation, row.region_code, row.escalate_at)
        .where(row.escalate_at <= func.now())
        .order_by(row.escalate_at)
        .limit(_MOST)
        .with_for_update(skip_locked=True)
    )
    found = connection.execute(due).all()
    for one in found:
        _one(connection, one)
    return len(found)


def _one(connection: Connection, enquiry: Row[*tuple[Any, ...]]) -> None:
    level = enquiry.escalation + 1
    again = None
    if level + 1 < len(ESCALATED_TO):
        more = period(connection, PeriodKind.ESCALATION, enquiry.region_code)
        # The end of a day belongs to that day, not to the next one.
        again = more.end_of(enquiry.escalate_at - _BLINK)
    raised = update(enquiries).where(enquiries.c.id == enquiry.id)
    connection.execute(raised.values(escalation=level, escalate_at=again, updated_at=func.now()))
    to = ESCALATED_TO[level]
    payload = {"enquiry_id": enquiry.id, "level": level}
    dedupe = f"enquiry-escalated:{enquiry.id}:{level}"
    post(connection, Kind.ENQUIRY_ESCALATED, payload, dedupe)
    details = {"level": level, "to": to.value if to else None}
    record(connection, "system", Action.ENQUIRY_ESCALATED, subject(enquiry.id), details)
