"""Record batches of rows that a parser holds in memory: every column text, blank cells null."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import pyarrow as pa
import shapely

from gis.carriers import wkb
from gis.carriers.model import GEOMETRY, ROW

Row = tuple[Sequence[str], int, shapely.Geometry | None]
"""Values (may be fewer than the columns), row number in the source, geometry."""


def batches(
    columns: tuple[str, ...], rows: Iterable[Row], size: int, *, geometry: bool
) -> Iterator[pa.RecordBatch]:
    """Batches of at most ``size`` rows with one schema."""
    remaining = iter(rows)
    names = [*columns, ROW, *([GEOMETRY] if geometry else [])]
    while part := list(islice(remaining, size)):
        arrays = [
            pa.array([_cell(values, index) for values, _, _ in part], pa.string())
            for index in range(len(columns))
        ]
        arrays.append(pa.array([row for _, row, _ in part], pa.int32()))
        if geometry:
            arrays.append(wkb.from_geometries([shape for _, _, shape in part]))
        yield pa.RecordBatch.from_arrays(arrays, names=names)


def _cell(values: Sequence[str], index: int) -> str | None:
    return (values[index] or None) if index < len(values) else None
