"""What a layer is: its columns, how they read in JSON and which of them can be asked for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

HIERARCHY_PATTERN = r"[A-Z]{0,2}[0-9]{1,12}"
"""Codes whose prefixes are their parents: 330503001 (regions), 100102 and M2 (land use)."""


class Kind(StrEnum):
    """How a column is stored, asked for and written."""

    TEXT = "text"
    TEXTS = "texts"
    INTEGER = "integer"
    NUMBER = "number"
    AREA = "area"
    INTERVAL = "interval"
    BOOLEAN = "boolean"
    DATE = "date"
    INSTANT = "instant"
    CODE = "code"
    HIERARCHY = "hierarchy"


class Shape(StrEnum):
    """What the sites of a layer look like on the map, as PostGIS calls it."""

    MULTIPOLYGON = "MULTIPOLYGON"
    POINT = "POINT"


class Audience(StrEnum):
    """Who reads: the public gets GCJ-02 and public columns, staff CGCS2000 and every column."""

    PUBLIC = "public"
    STAFF = "staff"


@dataclass(frozen=True)
class Column:
    """One attribute of a layer.

    ``kind`` NUMBER and AREA are exact decimals with ``scale`` digits; AREA is in m2 and its name
    ends in ``_m2``; INTERVAL is a PostgreSQL numrange, so each bound says whether it belongs;
    ``searched`` columns are looked through by free words;
    HIERARCHY is a code whose prefixes are its parents (regions, land use); ``widened`` adds the
    prefixes that say the same as those asked for. ``computed`` columns are ours: derived from the
    row, never taken from a file or a person.
    """

    name: str
    kind: Kind
    title: str
    unit: str | None = None
    scale: int = 2
    choices: Mapping[str, str] | None = field(default=None, hash=False)
    public: bool = True
    summary: bool = False
    queryable: bool = False
    searched: bool = False
    required: bool = False
    computed: bool = False
    pattern: str | None = None
    widened: Callable[[tuple[str, ...]], tuple[str, ...]] | None = None

    def __post_init__(self) -> None:
        if self.kind is Kind.AREA and not self.name.endswith("_m2"):
            raise ValueError(f"area column {self.name} must end in _m2")
        if (self.kind is Kind.CODE) != (self.choices is not None):
            raise ValueError(f"{self.name}: a code column needs choices, and only that")

    @property
    def mu_name(self) -> str:
        """Name of the same area in 亩, which is derived and never stored."""
        return self.name.removesuffix("_m2") + "_mu"


@dataclass(frozen=True)
class Layer:
    """A published layer: one table of sites, its columns and the zooms it is drawn at."""

    name: str
    title: str
    columns: tuple[Column, ...]
    zooms: tuple[int, int]
    shape_zoom: int = 12
    """First zoom at which maps draw shapes; below it sites are counted by cell."""
    hidden_status: frozenset[str] = frozenset({"undisclosed"})
    """Statuses that the public never sees."""
    shape: Shape = Shape.MULTIPOLYGON
    exclusive: bool = False
    """Whether no two sites may share ground: true of parcels, not of the floors of a building."""
    description: str = ""
    _by_name: dict[str, Column] = field(init=False, repr=False, compare=False, hash=False)

    def __post_init__(self) -> None:
        by_name = {column.name: column for column in self.columns}
        if len(by_name) != len(self.columns):
            raise ValueError(f"layer {self.name} names a column twice")
        object.__setattr__(self, "_by_name", by_name)

    def __hash__(self) -> int:
        return hash(self.name)

    def column(self, name: str) -> Column:
        """The column of that name; KeyError if there is none."""
        return self._by_name[name]

    @property
    def label_zoom(self) -> int:
        """First zoom at which maps draw labels."""
        return self.shape_zoom + 1

    @cached_property
    def writable(self) -> tuple[Column, ...]:
        """Columns that files and people fill in."""
        return tuple(column for column in self.columns if not column.computed)

    @cached_property
    def measured(self) -> tuple[str, ...]:
        """Columns that come from the geometry of a file: both systems, and areas where it has any.

        ``area_m2`` is not among them: the database derives it.
        """
        areas = ("area_planar_m2", "area_ellipsoid_m2")
        return ("geom", "geom_gcj02", *(name for name in areas if name in self._by_name))

    @cached_property
    def published(self) -> tuple[Column, ...]:
        """Columns that the publication holds beside its ready JSON."""
        return tuple(c for c in self.columns if c.queryable or c.searched)

    @cached_property
    def queryables(self) -> tuple[Column, ...]:
        """Columns that can be filtered on; all of them are public."""
        return tuple(column for column in self.columns if column.queryable)

    def readable(self, audience: Audience) -> tuple[Column, ...]:
        """Columns that an audience may see."""
        return tuple(c for c in self.columns if c.public or audience is Audience.STAFF)

    def summary(self, audience: Audience) -> tuple[Column, ...]:
        """Columns that stand in a list unless others are asked for."""
        return tuple(c for c in self.readable(audience) if c.summary)
