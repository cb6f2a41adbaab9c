"""The question of a site selector, as values: what must hold and what is wanted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from gis.crs import Crs
from gis.layers import Column, Kind, Layer
from gis.query import Condition
from gis.siting.terms import NUMERIC, SITED, STORED
from gis.siting.values import ValueFunction


class BadCriteria(ValueError):
    """A question that means nothing here: which field, and in Chinese what to write instead."""

    def __init__(self, field_name: str, detail: str) -> None:
        super().__init__(f"{field_name}: {detail}")
        self.field = field_name
        self.detail = detail


Drawing = Literal["polygon", "point", "route"]


@dataclass(frozen=True)
class Place:
    """Where the site must be: inside a polygon, or within metres of a point or a route.

    ``points`` are degrees of the question's own coordinate system, east first; a polygon is one
    ring, not closed. What counts is the point inside the site that distances are measured from.
    """

    drawing: Drawing
    points: tuple[tuple[float, float], ...]
    within_m: float = 0.0


@dataclass(frozen=True)
class Term:
    """A figure that can be wanted: a column, read in its own unit or in 亩."""

    name: str
    column: Column
    in_mu: bool = False

    @property
    def unit(self) -> str:
        """Unit of the figure; empty where it has none."""
        return "亩" if self.in_mu else self.column.unit or ""


@dataclass(frozen=True)
class Want:
    """What is wanted, by how much weight; without a function the profile's own is taken."""

    term: Term
    function: ValueFunction | None
    weight: float | None


@dataclass(frozen=True)
class Criteria:
    """A whole question. ``filters`` are the filter parameters of lists, by name, as text."""

    layers: tuple[Layer, ...] = SITED
    filters: Mapping[str, str] = field(default_factory=dict, hash=False)
    conditions: Mapping[str, tuple[Condition, ...]] = field(default_factory=dict, hash=False)
    """What the filters say of each layer that knows all of them."""
    place: Place | None = None
    industries: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()
    wants: tuple[Want, ...] = ()
    profile: str = "standard"
    profile_version: int | None = None
    limit: int = 10
    crs: Crs = Crs.GCJ02

    @property
    def asked(self) -> tuple[Layer, ...]:
        """Layers that know every column the question asks for."""
        return tuple(layer for layer in self.layers if layer.name in self.conditions)

    @property
    def region(self) -> str:
        """Code of the region that the question is about; empty: of several or everywhere."""
        code = self.filters.get("region_code", "")
        return "" if "," in code else code


@cache
def terms(layer: Layer) -> Mapping[str, Term]:
    """Every figure of a layer that can be wanted, by the name it has in a question."""
    found: dict[str, Term] = {}
    for column in STORED[layer.name].queryables:
        if column.kind in NUMERIC or column.kind is Kind.BOOLEAN:
            found[column.name] = Term(column.name, column)
        if column.kind is Kind.AREA:
            found[column.mu_name] = Term(column.mu_name, column, in_mu=True)
    return found
