"""The words of the carriers: findings, evidence, tables, options, limits and the one error."""

from dataclasses import dataclass, field
from enum import StrEnum

ROW = "__row"
"""Column of every batch: 1-based row number in the source, int32."""

GEOMETRY = "__geometry"
"""Column of every batch with geometry: 2D WKB, x east and y north, in the source CRS."""


class Severity(StrEnum):
    """How much a finding matters: an error keeps its row (or file) out, a warning lets it in."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True)
class Finding:
    """One thing found while reading; ``place`` is x, y in the source CRS."""

    code: str
    severity: Severity
    message: str
    table: str | None = None
    row: int | None = None
    place: tuple[float, float] | None = None


class CarrierError(Exception):
    """A file (or a table of it) that cannot be read; the only exception of this package.

    ``message`` is Chinese and says what to do; ``detail`` is for the log.
    """

    def __init__(self, code: str, message: str, detail: str = "") -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.detail = detail


@dataclass(frozen=True)
class EncodingEvidence:
    """Which text encoding is used, how it is known, and a few decoded values to look at.

    ``how``: cpg, ldid, bom, utf-8-trial, gb18030-trial, declared (by the user) or format.
    """

    encoding: str | None
    how: str
    sample: tuple[str, ...] = ()


@dataclass(frozen=True)
class CrsEvidence:
    """Which CRS the coordinates are in and how it is known; ``epsg`` None: not known.

    ``how``: prj, declared, default (of the county), ranges, header, format or none.
    ``gcj02``: degrees with the Chinese map offset, which have no EPSG code.
    """

    epsg: int | None
    how: str
    candidates: tuple[int, ...] = ()
    detail: str = ""
    gcj02: bool = False


@dataclass(frozen=True)
class TableInfo:
    """One table of a carrier as found, before any row is handed out."""

    name: str
    columns: tuple[str, ...]
    row_count: int
    geometry_types: tuple[str, ...]
    crs: CrsEvidence
    encoding: EncodingEvidence
    findings: tuple[Finding, ...] = ()

    @property
    def has_geometry(self) -> bool:
        """Whether batches carry the geometry column."""
        return bool(self.geometry_types)


@dataclass(frozen=True)
class ReadOptions:
    """What the person declares about a file; everything left None is found out or asked for.

    ``coordinate_system``: wgs84 or gcj02, for KML. ``default_zone_epsg``: zone of the county, used
    for eastings without zone prefix. ``table``: the only table wanted.
    ``prefer_coordinates`` False: spreadsheets are attribute tables even if they hold X and Y.
    ``datums``: old ones for which the county has parameters.
    """

    encoding: str | None = None
    crs_epsg: int | None = None
    coordinate_system: str | None = None
    table: str | None = None
    default_zone_epsg: int | None = None
    prefer_coordinates: bool = True
    datums: tuple[str, ...] = ()


@dataclass(frozen=True)
class Limits:
    """What one upload may cost."""

    max_entries: int = 3_000
    max_upload_bytes: int = 2 << 30
    max_unpacked_bytes: int = 3 << 30
    max_ratio: int = 250
    ratio_free_bytes: int = 64 << 20
    max_parsed_bytes: int = 256 << 20
    """Files that a parser holds in memory whole: TXT, DXF, KML, GeoJSON, sheets of a workbook."""
    max_tables: int = 500
    memory_bytes: int = 4 << 30
    cpu_s: int = 300
    wait_s: float = 120.0
    """Longest silence of the child process before it is killed."""


@dataclass(frozen=True)
class Source:
    """One data set staged in the private directory, under names that we chose."""

    kind: str
    path: str
    name: str
    prj: str | None = None
    cpg: str | None = None


@dataclass(frozen=True)
class Located:
    """A table, the source it stands in, and how to read it out again."""

    info: TableInfo
    source: Source
    layer: str = ""
    swap_axes: bool = False
    fractional: tuple[int, ...] = ()
    """DBF fields declared as whole numbers that hold fractions."""
    null_count: int = 0
    """Shapefile records without geometry; one more null while reading means a damaged record."""


@dataclass(frozen=True)
class Description:
    """Answer of the child process to ``describe``."""

    tables: tuple[Located, ...]
    findings: tuple[Finding, ...] = field(default=())


BLOCKING = frozenset(
    {
        "truncated",
        "count-mismatch",
        "record-damaged",
        "dbf-missing",
        "shp-missing",
        "encoding-unknown",
        "encoding-wrong",
    }
)
"""Findings after which no row of the table is handed out, so that half a file is never imported."""


def blocking(table: TableInfo) -> Finding | None:
    """First finding that forbids reading the table, if any."""
    return next((found for found in table.findings if found.code in BLOCKING), None)
