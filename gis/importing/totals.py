"""Prices that a file gives by the square metre or by 亩, as totals of their row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, text

from gis.importing.batches import Taking
from gis.importing.fields import Field
from gis.importing.findings import Finding, finding
from gis.importing.runs import Run
from gis.importing.staging import table_name
from gis.importing.units import PER_M2


@dataclass(frozen=True)
class Totals:
    """What is told of each price, and by row the version of the site whose area was taken."""

    findings: tuple[Finding, ...]
    versions: Mapping[int, int]


def multiply(connection: Connection, run: Run, taking: Taking, columns: Sequence[str]) -> Totals:
    """Put totals in place of unit prices in the stage table; ``columns`` are those it has.

    The area is the one that the row states, else that of its outline, else that of the site that
    it updates. A row without any is left empty, or gets the constant of the import.
    """
    found: list[Finding] = []
    versions: dict[int, int] = {}
    for field in taking.priced:
        name = field.column.name
        bound = {"by": PER_M2[field.unit], "scale": field.column.scale, "most": _most(field)}
        for row in connection.execute(
            text(_statement(run, name, columns)), bound | {"regions": list(run.regions)}
        ):
            found.append(_told(field, row))
            if row.stored and row.area_m2 is not None:
                versions[row.row_no] = row.version
        if name in taking.constants:
            # A constant is a total already: it fills what has none.
            connection.execute(
                text(f"UPDATE {table_name(run.id)} SET {name} = :total WHERE {name} IS NULL"),
                {"total": taking.constants[name]},
            )
    return Totals(tuple(found), versions)


def _statement(run: Run, name: str, columns: Sequence[str]) -> str:
    given = [f"nullif(s.{one}, 0)" for one in ("area_legal_m2", "area_planar_m2") if one in columns]
    own = f"coalesce({', '.join((*given, 'NULL::numeric'))})"
    # What a site measures is told to those alone who may change it.
    mine = (
        "EXISTS (SELECT FROM unnest(CAST(:regions AS text[])) mine"
        " WHERE starts_with(coalesce(t.region_code, ''), mine))"
    )
    measured = "area_m2" in {column.name for column in run.layer.columns}
    stored = f"CASE WHEN {mine} THEN nullif(t.area_m2, 0) END" if measured else "NULL"
    total = "round(one.price * :by * one.area_m2, :scale)"
    return (
        f"UPDATE {table_name(run.id)} s SET {name} = CASE WHEN {total} < :most THEN {total} END"
        f" FROM (SELECT s.row_no, s.{name} AS price, {own} IS NULL AS stored, t.version,"
        f" coalesce({own}, {stored}) AS area_m2"
        f" FROM {table_name(run.id)} s LEFT JOIN {run.layer.name} t ON t.code = s.code"
        f" WHERE s.{name} IS NOT NULL) one WHERE s.row_no = one.row_no"
        f" RETURNING s.row_no, one.price, one.area_m2, one.stored, one.version,"
        f" s.{name} AS total"
    )


def _most(field: Field) -> int:
    return int(10 ** (18 - field.column.scale))


def _told(field: Field, row: Row[Any]) -> Finding:
    price = f"{row.price:f}".rstrip("0").rstrip(".")
    said = f"{field.column.title}（字段 {field.name}）"
    code = "unit-price"
    if row.area_m2 is None:
        code, message = "price-without-area", f"{said}是单价，此行没有面积，算不出总价，已留空"
    elif row.total is None:
        code, message = "bad-value", f"{said}单价 {price} 按面积折算后数值过大，请核对单位"
    elif row.stored:
        message = (
            f"{said}单价 {price}，此行没有面积，按库中已有的面积 {row.area_m2:.2f} 平方米"
            f"折算为总价 {row.total:.2f} 万元"
        )
    else:
        message = f"{said}单价 {price} 按面积折算为总价 {row.total:.2f} 万元"
    return finding(row.row_no, code, message, field=field.name, value=price)
