"""Reading a carrier to the end, for tests."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import shapely

from gis.carriers.carrier import open_carrier
from gis.carriers.model import GEOMETRY, ReadOptions, TableInfo
from tests.unit.carriers.build import put, zipped


def tables(path: Path, **options: Any) -> dict[str, TableInfo]:
    """Tables of an upload by name."""
    with open_carrier(path, ReadOptions(**options)) as carrier:
        return {table.name: table for table in carrier.tables}


def read(path: Path, table: str | None = None, **options: Any) -> tuple[TableInfo, pa.Table]:
    """One table (the first, unless named) and all its rows."""
    with open_carrier(path, ReadOptions(**options)) as carrier:
        info = next(t for t in carrier.tables if table in (None, t.name))
        return info, pa.Table.from_batches(carrier.batches(info.name))


def read_zip(folder: Path, files: dict[str, bytes], **options: Any) -> tuple[TableInfo, pa.Table]:
    """The first table of a zip of files."""
    return read(put(folder, "上传.zip", zipped(files)), **options)


def geometries(rows: pa.Table) -> list[Any]:
    """The geometry column as shapely geometries."""
    return list(shapely.from_wkb(rows.column(GEOMETRY).to_pylist()))


def codes(info: TableInfo) -> set[str]:
    """Codes of all findings of a table."""
    return {found.code for found in info.findings}
