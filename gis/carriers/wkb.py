"""Geometry columns: always 2D WKB, east before north, null where a row has none."""

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray


def _type_codes(column: pa.Array) -> NDArray[np.uint32]:
    """WKB type words of the non-null rows; valid for little-endian WKB, which GDAL writes."""
    offsets = np.frombuffer(column.buffers()[1], np.int32)[
        column.offset : column.offset + len(column) + 1
    ]
    starts = offsets[:-1][np.diff(offsets) >= 5]
    content = np.frombuffer(column.buffers()[2], np.uint8)
    codes = content[starts[:, None] + np.arange(1, 5)]
    return np.ascontiguousarray(codes).view("<u4").ravel()


def flat(column: pa.Array, *, swap_axes: bool = False) -> pa.Array:
    """The column as plain 2D WKB; ``swap_axes`` exchanges x and y (north came first)."""
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    if column.type != pa.binary():
        column = column.cast(pa.binary())
    if len(column) == 0 or column.null_count == len(column):
        return column
    codes = _type_codes(column)
    plain = (
        bool(((codes >= 1) & (codes <= 7)).all()) and len(codes) == len(column) - column.null_count
    )
    if plain and not swap_axes:
        return column
    geometries = shapely.force_2d(shapely.from_wkb(column.to_numpy(zero_copy_only=False)))
    if swap_axes:
        geometries = shapely.transform(geometries, lambda points: points[:, ::-1])
    geometries = np.where(shapely.is_empty(geometries), None, geometries)
    return from_geometries(geometries)


def from_geometries(geometries: object) -> pa.Array:
    """A WKB column of shapely geometries or None."""
    return pa.array(shapely.to_wkb(np.asarray(geometries, dtype=object), output_dimension=2),
                    type=pa.binary())  # fmt: skip
