"""What an export is: which sites, in which format and coordinates, and its file."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
import shapely

from gis.crs import CGCS2000, GeometryArray, geometries_to_gcj02, reproject
from gis.exporting.rows import SiteRow
from gis.layers import Layer
from gis.query import BadQuery, ItemsQuery


class Format(StrEnum):
    """Formats that a layer is written in; all of them can be imported again."""

    GPKG = "gpkg"
    SHP = "shp"
    GEOJSON = "geojson"
    XLSX = "xlsx"
    TXT = "txt"


class ExportRefused(ValueError):
    """The format cannot hold these sites exactly: a stable code and Chinese advice."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


GCJ02 = 0
"""Stands where an EPSG code is expected: GCJ-02 has none."""

_NAMED = {"gcj02": GCJ02, "cgcs2000": CGCS2000}
_ALLOWED = frozenset({GCJ02, CGCS2000, 4326, *range(4491, 4555)})
"""CGCS2000 in degrees and in every zone, and WGS 84, which is the same within a metre."""


def target_epsg(word: str) -> int:
    """The EPSG code of ``gcj02``, ``cgcs2000`` or ``4528``; :class:`BadQuery` for all others.

    Older systems are refused: they have no public parameters, and PROJ would shift by nothing.
    """
    found = _NAMED.get(word)
    if found is None and word.isascii() and word.isdecimal() and len(word) <= 5:
        found = int(word)
    if found is None or found not in _ALLOWED:
        raise BadQuery("crs", "应为 gcj02、cgcs2000 或 CGCS2000 的 EPSG 代码，例如 4528")
    return found


@dataclass(frozen=True)
class Export:
    """Sites of a layer by a query of staff; ``encoding`` (gbk, utf-8) is that of shapefiles."""

    layer: Layer
    query: ItemsQuery
    format: Format
    epsg: int = CGCS2000
    encoding: str = "gbk"

    @property
    def system(self) -> str:
        """The coordinate system, short enough for a file name."""
        return {GCJ02: "gcj02", CGCS2000: "cgcs2000"}.get(self.epsg, f"epsg{self.epsg}")

    def placed(self, part: Sequence[SiteRow]) -> GeometryArray:
        """Geometries of rows in the export's own system, east before north."""
        shapes: GeometryArray = np.asarray(shapely.from_wkb([row.wkb for row in part]), object)
        if self.epsg == GCJ02:
            return geometries_to_gcj02(shapes)
        return reproject(shapes, CGCS2000, self.epsg)


@dataclass(frozen=True)
class Written:
    """The file of an export, how a browser should name it, and how many sites it holds."""

    path: Path
    file_name: str
    count: int
