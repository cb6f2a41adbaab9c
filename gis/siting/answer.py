"""Asks the database a siting question and says what came of it, with reasons."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row

from gis import regions
from gis.layers import Layer, layer_named
from gis.query import Under
from gis.siting import prepared, sql
from gis.siting.combine import Combination, combinations
from gis.siting.explain import Explanation, Known, Nearest, Teller
from gis.siting.near_miss import Miss, Removal, missed, removals
from gis.siting.question import Question


@dataclass(frozen=True)
class Site:
    """One site of an answer: its GeoJSON parts as text, unparsed, and why it stands where it does.

    ``rank`` counts from 1. ``miss`` is set only for a near miss.
    """

    layer: Layer
    id: int
    rank: int
    geometry: str
    properties: str
    explanation: Explanation
    miss: Miss | None = None


@dataclass(frozen=True)
class Answer:
    """What a question finds: ranked sites, near misses apart, and if nothing fits, why."""

    matched: int
    near_missed: int
    sites: tuple[Site, ...]
    misses: tuple[Site, ...]
    removals: tuple[Removal, ...] = ()
    combinations: tuple[Combination, ...] = ()


def ask(connection: Connection, question: Question) -> Answer:
    """The answer; one statement, and two more only where nothing fits."""
    rows = prepared.rows(connection, sql.rank(question))
    tellers = {one.name: Teller(question, one) for one in question.criteria.asked}
    fitting = [row for row in rows if row.broken == 0]
    missing = [row for row in rows if row.broken == 1]
    return Answer(
        fitting[0].found if fitting else 0,
        missing[0].found if missing else 0,
        tuple(site_of(question, row, tellers[row.layer]) for row in fitting),
        tuple(site_of(question, row, tellers[row.layer]) for row in missing),
        () if fitting else _why(connection, question),
        () if fitting else combinations(connection, question),
    )


def _why(connection: Connection, question: Question) -> tuple[Removal, ...]:
    found: list[Removal] = []
    for layer in question.criteria.asked:
        row = prepared.rows(connection, sql.removed(question, layer))[0]
        found += removals(layer, question.conditions(layer), row)
    return tuple(found)


def named(connection: Connection, question: Question) -> Question:
    """The question with the names of the regions that it asks for."""
    codes = {
        code
        for conditions in question.criteria.conditions.values()
        for one in conditions
        if isinstance(one, Under) and one.column.name == "region_code"
        for code in one.prefixes
    }
    return replace(question, places=regions.names(connection, codes)) if codes else question


def _nearest(kinds: Sequence[str], row: Row[Any]) -> dict[str, Nearest]:
    found = zip(kinds, row.near_ids, row.names, row.near_m, strict=True)
    return {
        kind: Nearest(kind, facility_id, name, metres)
        for kind, facility_id, name, metres in found
        if facility_id is not None
    }


def site_of(question: Question, row: Row[Any], teller: Teller) -> Site:
    """A row of :func:`gis.siting.sql.rank` as a site with its reasons."""
    layer = layer_named(row.layer)
    known = Known(
        tuple(row.figures),
        _nearest(question.distances(layer), row),
        tuple(row.breaches),
        row.site_m2,
    )
    bounds = question.bounds(layer)
    miss = missed(bounds, row.bounds) if row.broken else None
    said = teller.explain(known)
    return Site(layer, row.id, row.place, row.geometry, row.properties, said, miss)
