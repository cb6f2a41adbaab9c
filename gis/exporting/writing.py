"""Writing an export: one file in a directory of the caller's."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection

from gis.crs import CGCS2000
from gis.exporting.geojson import write_geojson
from gis.exporting.model import Export, Format, Written
from gis.exporting.rows import SiteRow, rows
from gis.exporting.survey_text import SURVEY_CODE, write_survey_text
from gis.exporting.vector import write_geopackage, write_shapefile
from gis.exporting.workbook import write_workbook
from gis.importing.fields import spellings
from gis.query import BadQuery

Writer = Callable[[Export, Iterable[list[SiteRow]], Path], Path]

_WRITERS: Mapping[Format, Writer] = {
    Format.GPKG: write_geopackage,
    Format.SHP: write_shapefile,
    Format.GEOJSON: write_geojson,
    Format.XLSX: write_workbook,
    Format.TXT: write_survey_text,
}


@dataclass
class _Counted:
    """Batches of rows, counted as they pass; one batch without rows where there are none."""

    parts: Iterator[list[SiteRow]]
    count: int = field(default=0, init=False)

    def __iter__(self) -> Iterator[list[SiteRow]]:
        for part in self.parts:
            self.count += len(part)
            yield part
        if not self.count:
            yield []


def write(connection: Connection, export: Export, folder: Path) -> Written:
    """Write the export into the directory; ``ExportRefused`` where its format cannot hold it."""
    if export.format is Format.TXT and export.epsg != CGCS2000:
        raise BadQuery("crs", "报盘坐标文件总是各地块所在的 CGCS2000 三度带，不能另选坐标系")
    if export.format is Format.TXT and SURVEY_CODE not in spellings(export.layer, "code"):
        raise BadQuery("format", f"报盘坐标文件只用于地块，{export.layer.title}请用其他格式")
    counted = _Counted(rows(connection, export.layer, export.query))
    path = _WRITERS[export.format](export, counted, folder)
    name = f"{export.layer.name}_{export.system}{path.suffix}"
    return Written(path, name, counted.count)
