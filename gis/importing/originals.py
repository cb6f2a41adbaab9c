"""Rows of a run as they stand in its file: read again from it, so nothing is ever lost."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow.compute as pc
import shapely

from gis.carriers.carrier import open_carrier
from gis.carriers.model import GEOMETRY, ROW
from gis.importing.runs import Run


class UnknownRow(LookupError):
    """The file has no row of that number."""


@dataclass(frozen=True)
class Original:
    """One row of a file: its fields by the file's own names, geometry in the file's own system."""

    row: int
    table: str
    fields: Mapping[str, object]
    wkt: str | None


def original(run: Run, path: Path, row: int) -> Original:
    """The row of that number; reads the file up to it. :class:`UnknownRow` if there is none.

    Raises ``CarrierError`` if the file cannot be read.
    """
    name = run.evidence.get("table")
    with open_carrier(path, run.options.reading(), name=run.file_name) as carrier:
        table = name if name is not None else carrier.tables[0].name
        for batch in carrier.batches(table):
            at = pc.index(batch.column(ROW), row).as_py()
            if at < 0:
                continue
            values = batch.slice(at, 1).to_pylist()[0]
            shape = values.pop(GEOMETRY, None)
            del values[ROW]
            wkt = None if shape is None else shapely.to_wkt(shapely.from_wkb(shape), 4, trim=True)
            return Original(row, table, values, wkt)
    raise UnknownRow(run.id, row)
