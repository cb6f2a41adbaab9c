"""Statements of the hot reads: SQL text compiled once per shape of a question, then only filled.

SQLAlchemy takes longer to build and compile a page than PostgreSQL to answer it. So a question is
split into its shape and its values; the text of a shape is kept, and values are put in by position.
``gis.sql`` stays the only place that knows the SQL: a shape is compiled from a probe, a question of
the same shape with values that cannot be mistaken, and each bound value is recognised by equality.
"""

import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from sqlalchemy import ColumnElement, Select, func, select, union_all
from sqlalchemy.dialects.postgresql.psycopg2 import PGDialect_psycopg2
from sqlalchemy.sql import ClauseElement

from gis import sql, tiles
from gis.drawing import CELL_LEVEL
from gis.layers import Audience, Layer
from gis.query import Admits, AnyOf, BBox, Between, Bound, Condition, Is, ItemsQuery, OneOf, Under
from gis.tables import layer_state
from gis.zooms import Tile

Value = float | int | str | Decimal | date | list[str]

DIALECT = PGDialect_psycopg2(paramstyle="pyformat")  # type: ignore[no-untyped-call]
_MOST_SHAPES = 512
_PLACE = re.compile(r"%\(([^)]+)\)s|(%%)")
_names = itertools.count(1)


@dataclass(frozen=True)
class Statement:
    """SQL text of one shape.

    ``prepared`` is for PREPARE with ``$1`` for the first of its arguments, and ``execute`` runs
    that. ``direct`` is the same for psycopg2, with a ``%s`` wherever an argument is wanted.
    """

    name: str
    direct: str
    prepared: str
    execute: str
    order: tuple[int, ...]
    """Which of a question's values are the arguments."""
    places: tuple[int, ...]
    """Which of the arguments are wanted where in ``direct``."""
    pays: bool
    """Whether to prepare it for good: asked often, in few shapes, and any values want one plan."""

    def arguments(self, values: Sequence[Value]) -> tuple[Value, ...]:
        """The values that the statement wants, each once: a view's edges stand in it thrice."""
        return tuple([values[index] for index in self.order])

    def repeated(self, arguments: Sequence[object]) -> tuple[object, ...]:
        """The arguments as ``direct`` wants them."""
        return tuple([arguments[index] for index in self.places])


def page(layer: Layer, query: ItemsQuery) -> tuple[Statement, list[Value]]:
    """One page and the layer's state in one statement, thus in one snapshot.

    Rows are those of :func:`gis.sql.page`, but for the one of negative id:
    ``(-1 - version, changed_at)``.
    """
    shape, values = split(query)
    return _page(layer, shape), values


def view(layer: Layer, query: ItemsQuery) -> tuple[Statement, list[Value]] | None:
    """The rows of :func:`gis.sql.view` and the same one, which is right if they fit on a page.

    Sorting a hundred features costs PostgreSQL a third of the time to find them, and us nothing.
    None for questions that are more than a box.
    """
    if query.bbox is None or query.after_id is not None or not _is_plain(query):
        return None
    shape, values = split(query)
    return _view(layer, shape), values


def count(layer: Layer, query: ItemsQuery) -> tuple[Statement, list[Value]]:
    """``(version, matched)``: how many sites the query finds, and in which version of the layer."""
    shape, values = split(query)
    return _count(layer, shape), values


@lru_cache
def item(layer: Layer, audience: Audience) -> Statement:
    """``(site version, feature, layer version)`` of the site whose id is the only value."""
    found = sql.one(layer, audience, _MARKS.number)
    return _compiled(found.add_columns(_version(layer)), [_MARKS.number], pays=True)


def tile(layer: Layer, asked: Tile, query: ItemsQuery) -> tuple[Statement, list[Value]]:
    """``(tile, shapes, version, changed_at)``: a tile in full, with the layer's state.

    Raises :class:`UnboundValue` for the few tiles of the world's first zooms.
    """
    if asked.z < _LEAST_ZOOM:
        raise UnboundValue(f"zoom {asked.z}")
    probe, values = split(query)
    return _tile(layer, asked.z, probe), values + _tile_values(asked)


_LEAST_ZOOM = 4


def _tile_values(asked: Tile) -> list[Value]:
    """All numbers that the SQL of a tile makes of its place."""
    boxes = (asked.box, tiles.buffered(asked), tiles.reach(asked))
    units = tiles.extent(asked.z)
    # A tile smaller than a stored cell is never made of cells.
    cells = tiles.stored_range(asked.box) if asked.z <= CELL_LEVEL else ()
    edges = [edge for box in boxes for edge in astuple(box)]
    return [*edges, -units * asked.x, -units * asked.y, *cells]


@dataclass(frozen=True)
class _Marks:
    """Values that stand for any other: no constant of ours equals one."""

    box: BBox
    number: int
    text: str

    def text_of(self, value: str, values: list[Value]) -> str:
        values.append(value)
        return f"{self.text}{len(values)}"

    def bound_of(self, bound: Bound | None, values: list[Value]) -> Bound | None:
        if bound is None:
            return None
        values.append(bound)
        days = timedelta(days=len(values) + self.number % 1000)
        if isinstance(bound, datetime):
            return datetime(1800, 1, 1, tzinfo=bound.tzinfo) + days
        if isinstance(bound, date):
            return date(1800, 1, 1) + days
        return Decimal(self.number + len(values))


_MARKS = _Marks(BBox(101.0625, 21.0625, 102.125, 22.1875), 654_321_100, "probe")
_OTHER_MARKS = _Marks(BBox(103.0625, 23.0625, 105.125, 26.1875), 543_210_400, "other")


class UnboundValue(RuntimeError):
    """The SQL of a question holds a value made of the question's own in a way not known here."""


def split(query: ItemsQuery, marks: _Marks = _MARKS) -> tuple[ItemsQuery, list[Value]]:
    """The shape of a question, as its probe, and the question's values.

    What is not known here to be a plain value stays part of the shape: a new member of the query
    is right from its first day, only compiled more often. Splitting a probe gives the probe again.
    """
    values: list[Value] = []
    probe = replace(query, limit=marks.number - 1)
    values.append(query.limit + 1)
    if query.bbox is not None:
        box = query.bbox
        values += (box.west, box.south, box.east, box.north)
        probe = replace(probe, bbox=marks.box)
    if query.after_id is not None:
        values.append(query.after_id)
        probe = replace(probe, after_id=marks.number + 500)
    if query.words is not None:
        values.append(_escaped(query.words))
        # Words without capitals are looked for in another way, so they are another shape.
        words = f"{marks.text}words" if sql.is_cased(query.words) else f"{marks.number + 900}"
        probe = replace(probe, words=words)
    if query.conditions:
        conditions = tuple(_probe(condition, values, marks) for condition in query.conditions)
        probe = replace(probe, conditions=conditions)
    return probe, values


def _probe(condition: Condition, values: list[Value], marks: _Marks) -> Condition:
    """The condition with marks in place of its values, which join ``values``."""
    column = condition.column
    match condition:
        case OneOf(values=texts):
            return OneOf(column, tuple(marks.text_of(text, values) for text in texts))
        case Under(prefixes=texts):
            return Under(column, tuple(marks.text_of(_escaped(text), values) for text in texts))
        case AnyOf(values=texts):
            values.append(list(texts))
            return AnyOf(column, (f"{marks.text}{len(values)}",) * len(texts))
        case Between(low=low, high=high):
            return Between(column, marks.bound_of(low, values), marks.bound_of(high, values))
        case Admits(value=value):
            values.append(value)
            return Admits(column, Decimal(marks.number + len(values)))
        case Is():
            return condition


def _escaped(text: str) -> str:
    """Text that LIKE is to take by the letter, as SQLAlchemy's ``autoescape`` writes it."""
    return text.replace("/", "//").replace("%", "/%").replace("_", "/_")


@lru_cache(_MOST_SHAPES)
def _page(layer: Layer, probe: ItemsQuery) -> Statement:
    return _of_shape(lambda query: _with_state(layer, sql.page(layer, query)), probe)


@lru_cache(_MOST_SHAPES)
def _view(layer: Layer, probe: ItemsQuery) -> Statement:
    return _of_shape(lambda query: _with_state(layer, sql.view(layer, query)), probe, pays=True)


@lru_cache(_MOST_SHAPES)
def _count(layer: Layer, probe: ItemsQuery) -> Statement:
    def whole(query: ItemsQuery) -> ClauseElement:
        return select(_version(layer), sql.count(layer, query).scalar_subquery())

    return _of_shape(whole, probe)


@lru_cache(_MOST_SHAPES)
def _tile(layer: Layer, zoom: int, probe: ItemsQuery) -> Statement:
    made = []
    # Two places far from each other and from the diagonal, as two probes of one shape.
    for x, y, marks in ((3, 14, _MARKS), (5, 13, _OTHER_MARKS)):
        place = Tile(zoom, x << (zoom - _LEAST_ZOOM), y << (zoom - _LEAST_ZOOM))
        query = split(probe, marks)[0]
        values = split(query, marks)[1] + _tile_values(place)
        made.append(_compiled(_whole_tile(layer, place, query), values, pays=_is_plain(query)))
    return _agreed(*made)


def _whole_tile(layer: Layer, asked: Tile, query: ItemsQuery) -> ClauseElement:
    at = select(sql.changed_at()).where(layer_state.c.layer == layer.name).scalar_subquery()
    drawn = tiles.tile_sql(layer, asked, query, tiles.in_full(layer, asked.z)).subquery("drawn")
    return select(drawn, _version(layer), at)


def _with_state(layer: Layer, page: Select[int, str | None]) -> ClauseElement:
    rows = page.subquery("page")
    state = select(-1 - layer_state.c.version, sql.changed_at())
    return union_all(
        state.where(layer_state.c.layer == layer.name), select(rows.c.id, rows.c.feature)
    )


def _is_plain(query: ItemsQuery) -> bool:
    return not query.is_filtered and query.fields is None


def _of_shape(
    whole: Callable[[ItemsQuery], ClauseElement], probe: ItemsQuery, *, pays: bool = False
) -> Statement:
    """The statement that ``whole`` makes of every question of the probe's shape."""
    made = _compiled(whole(probe), split(probe)[1], pays=pays)
    # A value that the SQL derives from one of the question's would be taken for a constant: then
    # two probes of one shape differ in more than their marks.
    other = split(probe, _OTHER_MARKS)[0]
    return _agreed(made, _compiled(whole(other), split(other, _OTHER_MARKS)[1], pays=pays))


def _agreed(first: Statement, second: Statement) -> Statement:
    if (first.prepared, first.order) != (second.prepared, second.order):
        raise UnboundValue(first.prepared)
    return first


def _version(layer: Layer) -> ColumnElement[int]:
    version = select(layer_state.c.version).where(layer_state.c.layer == layer.name)
    return func.coalesce(version.scalar_subquery(), 0)


def _compiled(statement: ClauseElement, probes: Sequence[Value], *, pays: bool) -> Statement:
    compiled = statement.compile(dialect=DIALECT, compile_kwargs={"render_postcompile": True})
    bound = compiled.params
    if any(value in probes[:place] for place, value in enumerate(probes)):
        raise UnboundValue("two values of a probe are alike")
    order: list[int] = []
    places: list[int] = []

    def part(found: re.Match[str], place: str, percent: str) -> str:
        if found[2]:
            return percent
        value = bound[found[1]]
        if value not in probes:
            return _constant(value).replace("%", percent)
        index = probes.index(value)
        if index not in order:
            order.append(index)
        places.append(order.index(index))
        return place.format(places[-1] + 1)

    text = str(compiled)
    prepared = _PLACE.sub(lambda found: part(found, "${}", "%"), text)
    places.clear()
    direct = _PLACE.sub(lambda found: part(found, "%s", "%%"), text)
    name = f"k{next(_names)}"
    given = f" ({', '.join(['%s'] * len(order))})" if order else ""
    execute = f"EXECUTE {name}{given}"
    return Statement(name, direct, prepared, execute, tuple(order), tuple(places), pays)


def _constant(value: object) -> str:
    """A value of our own code as SQL text; no value of a caller comes here."""
    match value:
        case None:
            return "NULL"
        case bool() | int() | float():
            return str(value)
        case str():
            # Exact where standard_conforming_strings is on, which our sessions make sure of.
            return "'" + value.replace("'", "''") + "'"
    raise TypeError(f"cannot write {type(value).__name__} into a statement")
