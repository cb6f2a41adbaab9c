"""What is asked of a layer, as values: no SQL and no HTTP."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from gis.crs import Crs
from gis.layers import Audience, Column

Bound = Decimal | int | date | datetime


MOST_PAGE_BYTES = 4_000_000
"""Text of a page unless an installation says otherwise: about 180,000 corners."""


class BadQuery(ValueError):
    """A parameter that means nothing here: which one, and in Chinese what to write instead."""

    def __init__(self, parameter: str, detail: str) -> None:
        super().__init__(f"{parameter}: {detail}")
        self.parameter = parameter
        self.detail = detail


@dataclass(frozen=True)
class BBox:
    """A box in degrees of the query's own coordinate system."""

    west: float
    south: float
    east: float
    north: float

    def __post_init__(self) -> None:
        if not all(map(math.isfinite, (self.west, self.south, self.east, self.north))):
            raise BadQuery("bbox", "四个数都必须是有限的数")
        if not (-180 <= self.west <= 180 and -180 <= self.east <= 180):
            raise BadQuery("bbox", "经度必须在 -180 到 180 之间")
        if not (-90 <= self.south <= 90 and -90 <= self.north <= 90):
            raise BadQuery("bbox", "纬度必须在 -90 到 90 之间")
        if self.west >= self.east or self.south >= self.north:
            raise BadQuery("bbox", "顺序应为 西,南,东,北，且西小于东、南小于北")


@dataclass(frozen=True)
class OneOf:
    """The column has one of these values."""

    column: Column
    values: Sequence[str]


@dataclass(frozen=True)
class Under:
    """The hierarchical code is one of these or below one of them."""

    column: Column
    prefixes: Sequence[str]


@dataclass(frozen=True)
class Between:
    """The column lies between two bounds, both included; None leaves a side open."""

    column: Column
    low: Bound | None
    high: Bound | None


@dataclass(frozen=True)
class Admits:
    """The interval of the column contains this value."""

    column: Column
    value: Decimal


@dataclass(frozen=True)
class Is:
    """The column is true, or false."""

    column: Column
    value: bool


@dataclass(frozen=True)
class AnyOf:
    """The list of the column shares a value with these."""

    column: Column
    values: Sequence[str]


Condition = OneOf | Under | Between | Admits | Is | AnyOf


@dataclass(frozen=True)
class ItemsQuery:
    """A page of a layer: which sites, how many, after which one, and what of each."""

    crs: Crs
    bbox: BBox | None = None
    conditions: tuple[Condition, ...] = ()
    words: str | None = None
    limit: int = 100
    after_id: int | None = None
    fields: tuple[str, ...] | None = None
    zoom: int | None = None
    """Zoom at which the shapes will be drawn, so that they may be simplified to one pixel."""
    most_bytes: int = MOST_PAGE_BYTES
    """Text after which the page ends, though it holds fewer than ``limit``; one site always."""

    @property
    def is_filtered(self) -> bool:
        """Whether it demands more of a site than to stand in the box."""
        return bool(self.conditions) or self.words is not None

    @property
    def audience(self) -> Audience:
        """Exact coordinates are for staff only, so the coordinate system names the reader."""
        return Audience.PUBLIC if self.crs is Crs.GCJ02 else Audience.STAFF
