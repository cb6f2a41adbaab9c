"""One batch of a file as one batch of the stage table: values, geometry, findings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from gis.carriers.model import GEOMETRY, ROW
from gis.crs import FloatArray, GeometryArray
from gis.importing import values
from gis.importing.fields import MAX, MIN, Field, FieldMap
from gis.importing.findings import Finding, finding
from gis.importing.places import Places
from gis.importing.shapes import ShapeOptions, Shapes, prepare
from gis.importing.units import PER_M2
from gis.layers import Column, Kind

AREA_TOLERANCE = 0.001
"""Stated and computed area may differ by 0.1 %, or 1 m2 if that is more (报盘 practice)."""
AREA_TOLERANCE_M2 = 1.0

# What a stated area is multiplied with if it was in another unit than its field says.
_AREA_UNITS = (
    (10_000.0, "公顷"),
    (15.0, "公顷"),
    (2000 / 3, "亩"),
    (1 / 15, "亩"),
    (1e-4, "平方米"),
)


@dataclass(frozen=True)
class Taking:
    """How every batch of one table is taken."""

    fields: FieldMap
    constants: Mapping[str, str]
    shapes: ShapeOptions | None
    places: Places
    measured: tuple[str, ...]

    @property
    def columns(self) -> tuple[Column, ...]:
        """Columns that the stage table has."""
        return self.fields.columns

    @property
    def priced(self) -> tuple[Field, ...]:
        """Fields of unit prices, which ``gis.importing.totals`` multiplies in the stage table."""
        return tuple(one for one in self.fields.fields if one.unit in PER_M2)


@dataclass(frozen=True)
class Batch:
    """Rows ready for the stage table: COPY text by column name, geometries, findings."""

    table: pa.Table
    rows: NDArray[np.int32]
    geom: GeometryArray | None
    planar_m2: FloatArray | None
    findings: tuple[Finding, ...]


def take(batch: pa.RecordBatch, taking: Taking) -> Batch:
    """Convert and check one batch of the carrier."""
    rows = batch.column(ROW).to_numpy(zero_copy_only=False).astype(np.int32)
    found: list[Finding] = []
    columns: dict[str, pa.Array] = {"row_no": batch.column(ROW)}
    for column in taking.columns:
        columns[column.name] = _column(batch, column, taking, rows, found)
    priced = {one.column.name for one in taking.priced}
    for name, value in taking.constants.items():
        if name not in priced:
            columns[name] = _filled(columns.get(name), value, len(rows))
    shapes = _shapes(batch, rows, taking.shapes, found)
    if shapes is not None:
        _check_area(columns, shapes, rows, found)
        measured = _measured(shapes)
        columns |= {name: measured[name] for name in taking.measured}
    found += taking.places.complete(columns, shapes.geom if shapes else None, rows)
    found += _outside_shift(columns, taking, rows)
    return Batch(
        pa.table(columns),
        rows,
        shapes.geom if shapes else None,
        shapes.planar_m2 if shapes else None,
        tuple(found),
    )


def _outside_shift(
    columns: Mapping[str, pa.Array], taking: Taking, rows: NDArray[np.int32]
) -> list[Finding]:
    """Rows that stand where the parameters of the old datum do not hold."""
    shift = taking.shapes.shift if taking.shapes else None
    if shift is None:
        return []
    codes = columns["region_code"].to_pylist()
    message = f"转换参数 {shift.name} 只适用于 {shift.region_code}，此行不在其中"
    return [
        finding(int(row), "outside-shift", message)
        for row, code in zip(rows, codes, strict=True)
        if not (code or "").startswith(shift.region_code)
    ]


def _filled(array: pa.Array | None, value: str, length: int) -> pa.Array:
    if array is None:
        return pa.array([value] * length, pa.string())
    return pc.fill_null(array, value)


def _column(
    batch: pa.RecordBatch,
    column: Column,
    taking: Taking,
    rows: NDArray[np.int32],
    found: list[Finding],
) -> pa.Array:
    parts: dict[str, pa.Array] = {}
    for field in taking.fields.fields_of(column.name):
        names = taking.places.codes_by_name(column.name)
        converted = values.convert(field, batch.column(field.name), names)
        parts[field.unit] = converted.array
        found += _bad_values(field, converted.bad, rows)
    if column.kind is Kind.INTERVAL and (MIN in parts or MAX in parts):
        nothing = pa.nulls(len(rows), pa.string())
        joined = values.join_bounds(parts.get(MIN, nothing), parts.get(MAX, nothing))
        found += _bad_values(field, joined.bad, rows)
        return joined.array
    return next(iter(parts.values()))


def _bad_values(
    field: Field, bad: Sequence[values.BadValue], rows: NDArray[np.int32]
) -> list[Finding]:
    return [
        finding(
            int(rows[one.index]),
            "bad-value",
            f"{field.column.title}（字段 {field.name}）的值 {one.value!r} {one.reason}",
            field=field.name,
            value=one.value,
        )
        for one in bad
    ]


def _shapes(
    batch: pa.RecordBatch,
    rows: NDArray[np.int32],
    options: ShapeOptions | None,
    found: list[Finding],
) -> Shapes | None:
    if options is None:
        return None
    shapes = prepare(batch.column(GEOMETRY).to_numpy(zero_copy_only=False), rows, options)
    found += shapes.findings
    return shapes


def _measured(shapes: Shapes) -> dict[str, pa.Array]:
    geom, gcj02 = shapes.ewkb()
    return {
        "geom": geom,
        "geom_gcj02": gcj02,
        "area_planar_m2": pa.array(shapes.planar_m2),
        "area_ellipsoid_m2": pa.array(shapes.ellipsoid_m2),
    }


def _check_area(
    columns: dict[str, pa.Array],
    shapes: Shapes,
    rows: NDArray[np.int32],
    found: list[Finding],
) -> None:
    """Compare the stated with the computed area; mend a whole unit, with a warning."""
    if "area_legal_m2" not in columns:
        return
    stated = values.numbers(columns["area_legal_m2"])
    with np.errstate(invalid="ignore"):
        known = shapes.usable & (stated > 0)
        off = np.abs(stated - shapes.planar_m2) > np.maximum(
            AREA_TOLERANCE_M2, shapes.planar_m2 * AREA_TOLERANCE
        )
    mended = stated.copy()
    for index in np.flatnonzero(known & off):
        computed, row = shapes.planar_m2[index], int(rows[index])
        unit = _unit_of(stated[index], computed)
        if unit is not None:
            mended[index] = stated[index] * unit[0]
            message = (
                f"面积 {stated[index]:g} 像是以{unit[1]}为单位，已换算为 {mended[index]:.2f} 平方米"
            )
            found.append(finding(row, "area-unit", message, field="area_legal_m2"))
        else:
            share = abs(stated[index] - computed) / computed * 100
            message = (
                f"填报面积 {stated[index]:.2f} 与图形面积 {computed:.2f} 平方米相差 {share:.2f}%"
            )
            found.append(finding(row, "area-mismatch", message, field="area_legal_m2"))
    if not np.array_equal(mended, stated, equal_nan=True):
        as_text = [None if np.isnan(value) else f"{value:.2f}" for value in mended]
        columns["area_legal_m2"] = pa.array(as_text, pa.string())


def _unit_of(stated: float, computed: float) -> tuple[float, str] | None:
    for unit in _AREA_UNITS:
        if abs(stated * unit[0] / computed - 1) < 0.005:
            return unit
    return None
