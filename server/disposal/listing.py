"""Reading cases: lists by keyset, one, the board, the timeline. Queries only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Date,
    FromClause,
    Numeric,
    RowMapping,
    Select,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.types import TypeEngine

from gis.tables import SITES, regions
from server.accounts.tables import users
from server.disposal.case import UnknownCase
from server.disposal.codes import IdleClass, State
from server.disposal.scan_tables import classification_rules
from server.disposal.tables import (
    disposal_actions,
    disposal_cases,
    disposal_documents,
    disposal_evidence,
    disposal_progress,
)

_NEVER = date(9999, 12, 31)


class Sort(StrEnum):
    """In what order cases are listed."""

    NEWEST = "newest"
    DEADLINE = "deadline"
    AREA = "area"


@dataclass(frozen=True)
class CasesQuery:
    """What a list of cases is asked for; ``prefixes`` are the regions that the asker may read."""

    prefixes: tuple[str, ...]
    today: date
    region: str | None = None
    classes: tuple[IdleClass, ...] = ()
    states: tuple[State, ...] = ()
    is_overdue: bool | None = None
    officer: int | None = None
    site_id: int | None = None
    words: str | None = None
    sort: Sort = Sort.NEWEST
    limit: int = 50
    after: tuple[str, int] | None = None


@dataclass(frozen=True)
class Page:
    """Rows of one page, the place of the next, and how many there are on all."""

    rows: Sequence[RowMapping]
    next: tuple[str, int] | None
    total: int


def page(connection: Connection, query: CasesQuery) -> Page:
    """Cases that the query finds, with their parcels and people."""
    key, typed = _SORTS[query.sort]
    descending = query.sort is not Sort.DEADLINE
    statement = _rows().add_columns(cast(key, typed).label("sort_key")).where(_matches(query))
    if query.after is not None:
        value, last_id = query.after
        here = tuple_(key, _cases.c.id)
        there = tuple_(cast(literal(value), typed), literal(last_id))
        statement = statement.where(here < there if descending else here > there)
    order = (key.desc(), _cases.c.id.desc()) if descending else (key, _cases.c.id)
    found = connection.execute(statement.order_by(*order).limit(query.limit + 1)).mappings().all()
    counted = select(func.count()).select_from(_searched(query)).where(_matches(query))
    total: int = connection.execute(counted).scalar_one()
    following = None
    if len(found) > query.limit:
        last = found[query.limit - 1]
        following = (str(last["sort_key"]), int(last["id"]))
    return Page(found[: query.limit], following, total)


def one(connection: Connection, case_id: int) -> RowMapping:
    """One case with its parcel and people; :class:`UnknownCase`."""
    found = connection.execute(_rows().where(_cases.c.id == case_id)).mappings().first()
    if found is None:
        raise UnknownCase(case_id)
    return found


def board(connection: Connection, query: CasesQuery) -> Sequence[RowMapping]:
    """How many cases and what area stand in each state, and how many of them are overdue."""
    statement = (
        select(
            _cases.c.state,
            func.count().label("cases"),
            func.sum(_cases.c.area_in_class_m2).label("area_m2"),
            func.sum(_cases.c.disposed_area_m2).label("disposed_m2"),
            func.count().filter(_is_overdue(query.today)).label("overdue"),
        )
        .select_from(_searched(query))
        .where(_matches(query))
        .group_by(_cases.c.state)
    )
    return connection.execute(statement).mappings().all()


def timeline(connection: Connection, case_id: int) -> Sequence[RowMapping]:
    """What was done to a case, the first first."""
    table = disposal_actions
    statement = (
        select(table, users.c.name.label("actor_name"))
        .outerjoin(users, users.c.id == table.c.user_id)
        .where(table.c.case_id == case_id)
        .order_by(table.c.case_version)
    )
    return connection.execute(statement).mappings().all()


def evidence(connection: Connection, case_id: int) -> Sequence[RowMapping]:
    """Photos and papers of a case with their positions, the first first."""
    table = disposal_evidence
    columns = [c for c in table.c if c.name not in ("position", "exif_position")]
    places = [
        func.ST_X(table.c.position).label("longitude"),
        func.ST_Y(table.c.position).label("latitude"),
        func.ST_X(table.c.exif_position).label("exif_longitude"),
        func.ST_Y(table.c.exif_position).label("exif_latitude"),
    ]
    statement = select(*columns, *places).where(table.c.case_id == case_id).order_by(table.c.id)
    return connection.execute(statement).mappings().all()


def documents(connection: Connection, case_id: int) -> Sequence[RowMapping]:
    """Documents that were made of a case, without their files, the first first."""
    table = disposal_documents
    columns = [c for c in table.c if c.name != "body"]
    statement = select(*columns).where(table.c.case_id == case_id).order_by(table.c.id)
    return connection.execute(statement).mappings().all()


def progress(connection: Connection, case_id: int) -> Sequence[RowMapping]:
    """What was disposed of in a case and when."""
    table = disposal_progress
    statement = select(table).where(table.c.case_id == case_id).order_by(table.c.id)
    return connection.execute(statement).mappings().all()


_cases, _parcels = disposal_cases, SITES["parcels"]
_of_parcel = _parcels.c.id == _cases.c.site_id

_SORTS: dict[Sort, tuple[ColumnElement[Any], TypeEngine[Any]]] = {
    Sort.NEWEST: (_cases.c.discovered_on, Date()),
    Sort.DEADLINE: (
        case((_cases.c.deadline_on.is_(None), literal(_NEVER)), else_=_cases.c.deadline_on),
        Date(),
    ),
    Sort.AREA: (_cases.c.area_in_class_m2, Numeric()),
}


def _rows() -> Select[tuple[object, ...]]:
    centre = func.ST_PointOnSurface(_parcels.c.geom_gcj02)
    return (
        select(
            *_cases.c,
            _parcels.c.code.label("parcel_code"),
            _parcels.c.name.label("parcel_name"),
            _parcels.c.holder_name,
            _parcels.c.area_m2.label("parcel_area_m2"),
            func.ST_X(centre).label("longitude"),
            func.ST_Y(centre).label("latitude"),
            regions.c.name.label("region_name"),
            users.c.name.label("officer_name"),
            classification_rules.c.title.label("rule_title"),
            classification_rules.c.source.label("rule_source"),
            classification_rules.c.article.label("rule_article"),
        )
        .select_from(_cases)
        .join(_parcels, _of_parcel)
        .join(regions, regions.c.code == _cases.c.region_code)
        .outerjoin(users, users.c.id == _cases.c.officer)
        .outerjoin(classification_rules, classification_rules.c.id == _cases.c.rule_id)
    )


def _searched(query: CasesQuery) -> FromClause:
    """The parcels cost as much as the cases: they are joined only where words are looked for."""
    return _cases if query.words is None else _cases.join(_parcels, _of_parcel)


def _is_open() -> ColumnElement[bool]:
    return _cases.c.state.not_in([state.value for state in State if not state.is_open])


def _is_overdue(today: date) -> ColumnElement[bool]:
    return and_(_is_open(), _cases.c.deadline_on < today)


def _matches(query: CasesQuery) -> ColumnElement[bool]:
    under = _cases.c.region_code.startswith
    clauses = [or_(*(under(prefix, autoescape=True) for prefix in query.prefixes))]
    if query.region:
        clauses.append(under(query.region, autoescape=True))
    if query.classes:
        clauses.append(_cases.c["class"].in_([one.value for one in query.classes]))
    if query.states:
        clauses.append(_cases.c.state.in_([one.value for one in query.states]))
    if query.is_overdue is not None:
        overdue = func.coalesce(_is_overdue(query.today), False)
        clauses.append(overdue if query.is_overdue else ~overdue)
    if query.officer is not None:
        clauses.append(_cases.c.officer == query.officer)
    if query.site_id is not None:
        clauses.append(_cases.c.site_id == query.site_id)
    if query.words is not None:
        searched = (_cases.c.case_no, _parcels.c.code, _parcels.c.name, _parcels.c.holder_name)
        clauses.append(or_(*(c.icontains(query.words, autoescape=True) for c in searched)))
    return and_(true(), *clauses)
