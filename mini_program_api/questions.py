"""The hot reads as values: what is asked, what answers depend on, and how their bytes are made.

A question is parsed with the same functions as Flask's view of that path and answered with the same
ones; whoever holds it needs neither Flask nor SQLAlchemy to answer it.
"""

import re
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol
from urllib.parse import parse_qsl

from sqlalchemy import Connection
from werkzeug.datastructures import MultiDict

from gis import features, statements, tiles
from gis.changes import LayerState, Scope
from gis.crs import Crs
from gis.features import Page
from gis.layers import LAYERS, Audience, Layer, UnknownLayer, layer_named
from gis.query import BadQuery, ItemsQuery
from gis.statements import Statement, UnboundValue
from gis.tiles import TileBody
from gis.zooms import EXTENT, WORLD_M, Tile, degrees
from mini_program_api import answers, map_params, params
from mini_program_api.answers import Headers


class Database(Protocol):
    """Where questions are answered from."""

    def rows(self, statement: Statement, arguments: Sequence[object]) -> list[tuple[Any, ...]]:
        """The rows of one statement, texts as bytes."""

    def snapshot(self) -> AbstractContextManager[Connection]:
        """A read-only transaction of SQLAlchemy for what takes more than one statement."""


Arguments = tuple[statements.Value, ...]

Facts = Page | TileBody | str
"""What an answer needs beside the data's bytes: of a page, of a tile, or the tag of a site."""

_PATH = re.compile(r"/api/v1/([a-z]{1,40})(?:/(0|[1-9][0-9]{0,17}))?")
_TILE_PATH = re.compile(r"/tiles/([a-z]{1,40})/([0-9]{1,2})/([0-9]{1,7})/([0-9]{1,7})\.mvt")
_MOST_TRIES = 3
_GEOJSON = ("Content-Type", answers.GEOJSON)


class Unsettled(Exception):
    """The data changed at every try to read it in one state, or there is nothing to answer with."""


@dataclass(frozen=True)
class Fresh:
    """What the database said in one snapshot: the layer's state, facts, and the data's bytes."""

    state: LayerState
    facts: Facts
    rest: bytes


class Question(Protocol):
    """One hot read."""

    @property
    def key(self) -> str:
        """Equal for equal questions, however they were spelled."""

    @property
    def layer(self) -> Layer:
        """The layer it asks."""

    @property
    def scope(self) -> Scope:
        """What of the layer its answer depends on."""

    def read(self, database: Database) -> Fresh:
        """Ask the database; :class:`Unsettled` leaves the answer to others."""

    def tag(self, state: LayerState, facts: Facts | None) -> str | None:
        """The strong tag of the answer in that state; None if it takes facts that are not given."""

    def head(self, state: LayerState, facts: Facts) -> bytes:
        """The body's bytes before ``rest``."""

    def headers(self, tag: str, state: LayerState, facts: Facts | None) -> Headers:
        """Headers of the answer; without facts, of one that says nothing has changed."""


@dataclass(frozen=True)
class Collection:
    """A page of sites."""

    layer: Layer
    query: ItemsQuery
    path: str
    arguments: Mapping[str, str]
    key: str
    scope: Scope

    def read(self, database: Database) -> Fresh:
        """One statement; more where the answer does not fit on a page.

        Page and count are of one snapshot if they saw one version, for every change makes another.
        """
        return self._view(database) or self._pages(database)

    @cached_property
    def _asked(self) -> tuple[Statement, Arguments] | None:
        asked = statements.view(self.layer, self.query)
        return asked and (asked[0], asked[0].arguments(asked[1]))

    def _view(self, database: Database) -> Fresh | None:
        if self._asked is None:
            return None
        state, found = self._rows(database, *self._asked)
        if len(found) > self.query.limit:
            return None
        found.sort()
        texts = [feature for _, feature in found]
        # A little more than what they weigh; whether they fit by a hair is told by the page.
        if None in texts or sum(map(len, texts)) > self.query.most_bytes:
            return None
        return Fresh(state, Page(b"", len(texts), len(texts), None), b",".join(texts) + b"]}")

    def _pages(self, database: Database) -> Fresh:
        for _ in range(_MOST_TRIES):
            state, found = self._page(database)
            shown = features.shown_of(found, self.query)
            more = len(shown) < len(found)
            if more or self.query.after_id is not None:
                statement, values = statements.count(self.layer, self.query)
                version, matched = database.rows(statement, statement.arguments(values))[0]
                if version != state.version:
                    continue
            else:
                matched = len(shown)
            page = Page(b"", len(shown), matched, shown[-1][0] if more else None)
            return Fresh(state, page, b",".join([feature for _, feature in shown]) + b"]}")
        raise Unsettled

    def _page(self, database: Database) -> tuple[LayerState, list[tuple[int, bytes]]]:
        statement, values = statements.page(self.layer, self.query)
        return self._rows(database, statement, statement.arguments(values))

    @staticmethod
    def _rows(
        database: Database, statement: Statement, arguments: Arguments
    ) -> tuple[LayerState, list[tuple[int, bytes]]]:
        found = database.rows(statement, arguments)
        # SQL promises no order between the parts of a union; none but this has a negative id.
        place = next((place for place, row in enumerate(found) if row[0] < 0), None)
        if place is None:
            return LayerState(0, None), found
        negative, at = found.pop(place)
        return LayerState(-1 - negative, at.decode()), found

    @property
    def box_only(self) -> bool:
        """Whether it asks for whole sites by place alone, as a snapshot can tell them."""
        return self.query == ItemsQuery(
            self.query.crs,
            self.query.bbox,
            limit=self.query.limit,
            after_id=self.query.after_id,
            most_bytes=self.query.most_bytes,
        )

    def tag(self, state: LayerState, _facts: Facts | None) -> str:
        """The tag follows from the state alone."""
        return answers.collection_tag(self.path, state, self.arguments)

    def head(self, state: LayerState, facts: Facts) -> bytes:
        """Counts, versions and links."""
        assert isinstance(facts, Page)
        return answers.collection_head(facts, self.query.crs, state, self.path, self.arguments)

    def headers(self, tag: str, _state: LayerState, _facts: Facts | None) -> Headers:
        """Headers of the answer."""
        return [*answers.headers(tag, self.query.crs), _GEOJSON]


@dataclass(frozen=True)
class Item:
    """One site in full."""

    layer: Layer
    site_id: int
    path: str
    key: str
    scope: Scope

    def read(self, database: Database) -> Fresh:
        """One statement; a site that is not there is left to those who can say so."""
        statement = statements.item(self.layer, Audience.PUBLIC)
        found = database.rows(statement, statement.arguments([self.site_id]))
        if not found:
            raise Unsettled
        _, feature, layer_version = found[0]
        body = answers.single(feature, Crs.GCJ02)
        return Fresh(LayerState(layer_version, None), answers.item_tag(body), body)

    def tag(self, _state: LayerState, facts: Facts | None) -> str | None:
        """The tag is of the body's own bytes: a change of other sites does not alter it."""
        return facts if isinstance(facts, str) else None

    def head(self, _state: LayerState, _facts: Facts) -> bytes:
        """Nothing: a site's answer says nothing of its layer."""
        return b""

    def headers(self, tag: str, _state: LayerState, _facts: Facts | None) -> Headers:
        """Headers of the answer."""
        return [*answers.headers(tag, Crs.GCJ02), _GEOJSON]


@dataclass(frozen=True)
class MapTile:
    """One vector tile; ``named`` is the data version that its address names."""

    layer: Layer
    tile: Tile
    query: ItemsQuery
    path: str
    arguments: Mapping[str, str]
    named: str | None
    key: str
    scope: Scope

    def read(self, database: Database) -> Fresh:
        """One statement; as many as it takes to make the tile smaller if it is too large."""
        return self._whole(database) or self._reduced(database)

    @cached_property
    def _asked(self) -> tuple[Statement, Arguments] | None:
        try:
            statement, values = statements.tile(self.layer, self.tile, self.query)
        except UnboundValue:
            return None
        return statement, statement.arguments(values)

    def _whole(self, database: Database) -> Fresh | None:
        if self._asked is None:
            return None
        row = database.rows(*self._asked)[0]
        content, shapes, version, at = row
        if not tiles.fits(content, shapes):
            return None
        state = LayerState(version, at and at.decode())
        return Fresh(state, TileBody(b"", None), bytes(content))

    def _reduced(self, database: Database) -> Fresh:
        with database.snapshot() as connection:
            state = features.state(connection, self.layer)
            made = tiles.tile(connection, self.layer, self.tile, self.query)
        return Fresh(state, TileBody(b"", made.truncated), made.content)

    def tag(self, state: LayerState, _facts: Facts | None) -> str:
        """The tag follows from the state alone."""
        return answers.tile_tag(self.path, state, self.arguments)

    def head(self, _state: LayerState, _facts: Facts) -> bytes:
        """Nothing: a tile says nothing of its layer."""
        return b""

    def headers(self, tag: str, state: LayerState, facts: Facts | None) -> Headers:
        """Headers of the answer; an address that names the version may be kept for a year."""
        truncated = facts.truncated if isinstance(facts, TileBody) else None
        return answers.tile_headers(tag, state, self.named, self.query.crs, truncated)


def parse(path: str, query_string: str, page_limit: int, page_bytes: int) -> Question | None:
    """The hot read that a GET of this address asks; None for all else, the bad ones included."""
    found = _PATH.fullmatch(path) or _TILE_PATH.fullmatch(path)
    if found is None:
        return None
    try:
        layer = layer_named(found[1])
        # As werkzeug parses them.
        pairs = parse_qsl(query_string, keep_blank_values=True, errors="strict")
        arguments: MultiDict[str, str] = MultiDict(pairs)
        if found.re is _TILE_PATH:
            if layer not in LAYERS:
                return None
            return _tile(layer, Tile(*map(int, found.groups()[1:])), path, arguments)
        if found[2] is not None:
            return _item(layer, int(found[2]), path, arguments)
        query = params.items_query(layer, arguments, page_limit, page_bytes)
        return _collection(layer, query, path, arguments)
    except (BadQuery, UnknownLayer, UnicodeError, ValueError):
        return None


def _collection(
    layer: Layer, query: ItemsQuery, path: str, arguments: MultiDict[str, str]
) -> Question | None:
    if query.audience is not Audience.PUBLIC:
        return None
    box = query.bbox
    scope = Scope((box.west, box.south, box.east, box.north) if box else None)
    ordered = answers.canonical(arguments)
    return Collection(layer, query, path, ordered, _key(path, ordered), scope)


def _key(path: str, arguments: Mapping[str, str]) -> str:
    return "\x1f".join([path, *(part for pair in arguments.items() for part in pair)])


def _item(layer: Layer, site_id: int, path: str, arguments: MultiDict[str, str]) -> Question | None:
    if params.crs(params.once(arguments, ("crs",))) is not Crs.GCJ02:
        return None
    return Item(layer, site_id, path, path, Scope(site_id=site_id))


def _tile(layer: Layer, asked: Tile, path: str, arguments: MultiDict[str, str]) -> Question | None:
    query, named = map_params.tile_query(layer, arguments)
    if query.audience is not Audience.PUBLIC or asked.z > tiles.MOST_TILE_ZOOM:
        return None
    ordered = answers.canonical(arguments)
    ordered.pop("v", None)
    # Twice the buffer: shapes are simplified and rounded by less than that.
    around = asked.box.grown(WORLD_M / 2**asked.z / EXTENT * tiles.BUFFER * 2)
    box = (*degrees(around.west, around.south), *degrees(around.east, around.north))
    key = _key(path, ordered)
    return MapTile(layer, asked, query, path, ordered, named, key, Scope(box))
