"""Prices that a file gives by the square metre or by 亩, as totals of their row."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gis.crs import FloatArray
from gis.importing.fields import Field
from gis.importing.findings import Finding, finding
from gis.importing.units import PER_M2
from gis.importing.values import numbers

Columns = dict[str, pa.Array]


def multiply(
    columns: Columns, field: Field, rows: NDArray[np.int32], planar_m2: FloatArray | None
) -> list[Finding]:
    """Put totals in place of a field's unit prices: the stated area counts, else that of the shape.

    A row without either is left empty. Each row is told of.
    """
    name, by = field.column.name, float(PER_M2[field.unit])
    price = numbers(columns[name])
    area_m2 = np.full(len(rows), np.nan) if planar_m2 is None else planar_m2
    if "area_legal_m2" in columns:
        stated = numbers(columns["area_legal_m2"])
        area_m2 = np.where(stated > 0, stated, area_m2)
    total = price * by * area_m2
    digits = field.column.scale
    found = [_told(field, int(rows[i]), price[i], total[i]) for i in np.flatnonzero(price >= 0)]
    texts = [f"{one:.{digits}f}" if one < _most(field) else None for one in total]
    columns[name] = pa.array(texts, pa.string())
    return found


def _most(field: Field) -> float:
    return float(10 ** (18 - field.column.scale))


def _told(field: Field, row: int, price: float, total: float) -> Finding:
    title = field.column.title
    if np.isnan(total):
        message = f"{title}（字段 {field.name}）是单价，此行没有面积，算不出总价，已留空"
        return finding(row, "price-without-area", message, field=field.name, value=f"{price:g}")
    if total >= _most(field):
        message = f"{title}（字段 {field.name}）单价 {price:g} 按面积折算后数值过大，请核对单位"
        return finding(row, "bad-value", message, field=field.name, value=f"{price:g}")
    message = f"{title}（字段 {field.name}）单价 {price:g} 按面积折算为总价 {total:.2f} 万元"
    return finding(row, "unit-price", message, field=field.name, value=f"{price:g}")
