"""Rows of the law as JSON, in words."""

from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection, select

from gis.tables import regions
from server.disposal import documents, law
from server.disposal.actions import Step
from server.disposal.figures import Json, region_names
from server.disposal.law import Book, Row
from server.disposal.law_names import STEP_TERMS, Number

FROM_REGION = "由行政区名称生成，尚未登记"


def rows(
    connection: Connection, book: Book, found: Sequence[Row], under: str, day: date
) -> list[Json]:
    """Rows that hold in a region, around it or below it; ``applies`` marks those that decide."""
    near = [one for one in found if _near(one.paper.region_code, under)]
    ids = law.deciding(found, day, under)
    names = region_names(connection, {one.paper.region_code for one in near})
    return [_row(book, one, names, found) | {"applies": one.id in ids} for one in near]


def _near(code: str, under: str) -> bool:
    return code.startswith(under) or under.startswith(code)


def _row(book: Book, one: Row, names: dict[str, str], found: Sequence[Row]) -> Json:
    paper = one.paper
    return {
        "id": one.id,
        book.key: one.key,
        "title": _title(book, one, names),
        "region_code": paper.region_code,
        "region_name": names.get(paper.region_code, paper.region_code),
        "effective_from": paper.effective_from.isoformat(),
        "version": one.version,
        "series": law.version_of(other for other in found if other.key == one.key),
        **{name: _plain(value) for name, value in one.values.items()},
        "source": paper.source,
        "article": paper.article,
    }


def _title(book: Book, one: Row, names: dict[str, str]) -> str:
    if book is law.DEADLINES:
        return STEP_TERMS[Step(one.key)]
    return Number(one.key).term if book is law.NUMBERS else names.get(one.key, one.key)


def _plain(value: object) -> object:
    if not isinstance(value, Decimal):
        return value
    return int(value) if value == value.to_integral_value() else float(value)


def unnamed_offices(
    connection: Connection, found: Sequence[Row], named: Collection[str], under: str, day: date
) -> list[Json]:
    """What documents of drawn counties carry that have given no name by a day."""
    c = regions.c
    drawn = select(c.code, c.name).where(
        c.level == "county", c.geom_gcj02.is_not(None), c.code.startswith(under, autoescape=True)
    )
    places = connection.execute(drawn.order_by(c.code)).all()
    return [
        _unnamed(connection, code, name, day)
        | {"series": law.version_of(one for one in found if one.key == code)}
        for code, name in places
        if code not in named
    ]


def _unnamed(connection: Connection, code: str, name: str, day: date) -> Json:
    office = documents.office_of(connection, code, day)
    return {
        "id": None,
        "region_code": code,
        "title": name,
        "region_name": name,
        "effective_from": None,
        "version": None,
        "name": office.name,
        "short_name": office.short_name,
        "government": office.government,
        "address": None,
        "phone": None,
        "source": FROM_REGION,
        "article": None,
        "applies": True,
    }
