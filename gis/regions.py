"""Administrative regions: codes and names from province to township, with outlines where known."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, false, func, or_, select

from gis.tables import regions

_COUNTY_DIGITS = 6
_PARENT_DIGITS = (2, 4, 6)


@dataclass(frozen=True)
class Place:
    """A region with the names of those that it lies in, the largest first."""

    code: str
    name: str
    level: str
    within: tuple[str, ...]


@dataclass(frozen=True)
class PlaceQuery:
    """Which places to name: by words or the beginning of a code, in regions; at most so many."""

    words: str
    prefixes: Sequence[str]
    limit: int


def places(connection: Connection, query: PlaceQuery) -> list[Place]:
    """Regions that bear these words, the larger first; without words those to begin with.

    To begin with: the regions themselves, what is drawn in them, and the townships of a county.
    """
    c = regions.c
    wanted = _said(query.words) if query.words else _at_hand(query.prefixes)
    inside = or_(*(c.code.startswith(prefix, autoescape=True) for prefix in query.prefixes))
    found = _columns().where(wanted, inside).order_by(func.length(c.code), c.code)
    return _placed(connection, connection.execute(found.limit(query.limit)).mappings().all())


def named_places(connection: Connection, codes: Collection[str]) -> list[Place]:
    """The regions of these codes."""
    found = _columns().where(regions.c.code.in_(codes)).order_by(regions.c.code)
    return _placed(connection, connection.execute(found).mappings().all())


def names(connection: Connection, codes: Collection[str]) -> dict[str, str]:
    """The names of the regions of these codes that there are, by code."""
    found = select(regions.c.code, regions.c.name).where(regions.c.code.in_(codes))
    return {row.code: row.name for row in connection.execute(found)}


def _columns() -> Select[tuple[str, str, str]]:
    return select(regions.c.code, regions.c.name, regions.c.level)


def _said(words: str) -> ColumnElement[bool]:
    c = regions.c
    return or_(c.name.contains(words, autoescape=True), c.code.startswith(words, autoescape=True))


def _at_hand(prefixes: Sequence[str]) -> ColumnElement[bool]:
    c = regions.c
    counties = [one for one in prefixes if len(one) >= _COUNTY_DIGITS]
    towns = c.parent_code.in_(counties) if counties else false()
    return or_(c.geom_gcj02.is_not(None), c.code.in_(prefixes), towns)


def _placed(connection: Connection, rows: Sequence[RowMapping]) -> list[Place]:
    above = {
        r["code"][:digits] for r in rows for digits in _PARENT_DIGITS if len(r["code"]) > digits
    }
    known = names(connection, above)
    return [
        Place(
            r["code"],
            r["name"],
            r["level"],
            tuple(
                known[r["code"][:d]]
                for d in _PARENT_DIGITS
                if r["code"][:d] in known and len(r["code"]) > d
            ),
        )
        for r in rows
    ]


def outlines(connection: Connection, level: str, under: str, decimals: int) -> list[str]:
    """Regions of a level below a code that have an outline, as GeoJSON text in GCJ-02."""
    properties = func.json_build_object(
        "code", regions.c.code, "name", regions.c.name, "level", regions.c.level
    )
    feature = func.concat(
        '{"type":"Feature","id":',
        func.to_json(regions.c.code),
        ',"geometry":',
        func.ST_AsGeoJSON(regions.c.geom_gcj02, decimals),
        ',"properties":',
        properties,
        "}",
    )
    statement = (
        select(feature)
        .where(
            regions.c.level == level,
            regions.c.code.startswith(under, autoescape=True),
            regions.c.geom_gcj02.is_not(None),
        )
        .order_by(regions.c.code)
    )
    return list(connection.execute(statement).scalars())
