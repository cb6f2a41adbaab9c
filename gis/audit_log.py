"""The log of changes as it is read: by subject, actor, action and time, the newest first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, select, true

from gis.tables import audit


@dataclass(frozen=True)
class AuditQuery:
    """Which rows; None asks for any. ``before`` is the ``seq`` where the last page ended."""

    subject: str | None = None
    actor: str | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None


@dataclass(frozen=True)
class Entry:
    """One change."""

    seq: int
    at: datetime
    actor: str
    action: str
    subject: str
    details: Mapping[str, Any]
    hash: str


def _matches(query: AuditQuery) -> ColumnElement[bool]:
    row = audit.c
    clauses: list[ColumnElement[bool]] = []
    for column, value in (
        (row.subject, query.subject),
        (row.actor, query.actor),
        (row.action, query.action),
    ):
        if value is not None:
            clauses.append(column == value)
    if query.since is not None:
        clauses.append(row.at >= query.since)
    if query.until is not None:
        clauses.append(row.at < query.until)
    return and_(true(), *clauses)


def page(connection: Connection, query: AuditQuery, limit: int) -> list[Entry]:
    """Rows of the query after those that were shown."""
    row = audit.c
    statement = select(audit).where(_matches(query)).order_by(row.seq.desc()).limit(limit)
    if query.before is not None:
        statement = statement.where(row.seq < query.before)
    return [
        Entry(one.seq, one.at, one.actor, one.action, one.subject, one.details, one.hash)
        for one in connection.execute(statement)
    ]


def count(connection: Connection, query: AuditQuery) -> int:
    """How many rows the query finds on all pages."""
    counted = select(func.count()).select_from(audit).where(_matches(query))
    return int(connection.execute(counted).scalar_one())
