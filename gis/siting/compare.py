"""A shortlist side by side: figures with the best and worst marked, and its order by TOPSIS.

TOPSIS depends on what is compared: one more candidate may turn the order of the others. So it
orders two to four chosen sites and is never the score that is shown.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row

from gis.features import UnknownFeature
from gis.layers import Layer
from gis.siting import sql
from gis.siting.answer import Site, site_of
from gis.siting.binds import Binds
from gis.siting.explain import Teller
from gis.siting.question import Question

FEWEST, MOST = 2, 4


@dataclass(frozen=True)
class Line:
    """One wanted figure of every site; ``best`` and ``worst`` are indices, empty if all equal."""

    term: str
    title: str
    unit: str
    figures: tuple[float | None, ...]
    values: tuple[float, ...]
    best: tuple[int, ...]
    worst: tuple[int, ...]


@dataclass(frozen=True)
class Comparison:
    """Sites in the order asked for, the lines of the table, and TOPSIS closeness (0 to 1)."""

    sites: tuple[Site, ...]
    lines: tuple[Line, ...]
    closeness: tuple[float, ...]
    order: tuple[int, ...]


def compare(
    connection: Connection, question: Question, chosen: Sequence[tuple[Layer, int]]
) -> Comparison:
    """Compare sites whether or not they fit; :class:`UnknownFeature` for one nobody may see."""
    sites = tuple(_one(connection, question, layer, site_id) for layer, site_id in chosen)
    matrix = [[c.value for c in site.explanation.contributions] for site in sites]
    weights = [one.weight for one in question.wants]
    closeness = topsis(matrix, weights)
    order = sorted(range(len(sites)), key=lambda index: (-round(closeness[index], 6), index))
    lines = tuple(_line(sites, number) for number in range(len(question.wants)))
    return Comparison(sites, lines, tuple(round(one, 4) for one in closeness), tuple(order))


def _one(connection: Connection, question: Question, layer: Layer, site_id: int) -> Site:
    statement = sql.one(question, layer, site_id, Binds())
    row: Row[Any] | None = connection.exec_driver_sql(
        statement.text, statement.values
    ).one_or_none()
    if row is None:
        raise UnknownFeature(layer.name, site_id)
    return site_of(question, row, Teller(question, layer))


def _line(sites: Sequence[Site], number: int) -> Line:
    column = [site.explanation.contributions[number] for site in sites]
    term = column[0].wanted.want.term
    values = tuple(one.value for one in column)
    same = max(values) - min(values) < 1e-9
    return Line(
        term.name,
        term.column.title,
        term.unit,
        tuple(one.figure for one in column),
        tuple(round(value, 4) for value in values),
        () if same else tuple(i for i, value in enumerate(values) if value == max(values)),
        () if same else tuple(i for i, value in enumerate(values) if value == min(values)),
    )


def topsis(matrix: Sequence[Sequence[float]], weights: Sequence[float]) -> list[float]:
    """Closeness to the ideal, D- / (D+ + D-), of rows of values that are all benefits.

    Columns are divided by their Euclidean norm and weighted (Hwang and Yoon 1981); 0.5 where all
    rows are equal.
    """
    total = sum(weights)
    norms = [math.sqrt(sum(row[c] ** 2 for row in matrix)) or 1.0 for c in range(len(weights))]
    scaled = [
        [w / total * value / norm for w, value, norm in zip(weights, row, norms, strict=True)]
        for row in matrix
    ]
    columns = list(zip(*scaled, strict=True))
    ideal, worst = [max(column) for column in columns], [min(column) for column in columns]
    closeness = []
    for row in scaled:
        above, below = math.dist(row, ideal), math.dist(row, worst)
        closeness.append(below / (above + below) if above + below > 0 else 0.5)
    return closeness
