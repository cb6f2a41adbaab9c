"""Rows of an export: the truth of a layer with every column that people fill in."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Select, func, select
from sqlalchemy.dialects.postgresql import Range

from gis import sql
from gis.crs import Crs
from gis.filters import LOCAL_TIME
from gis.importing.fields import spellings
from gis.layers import Column, Kind, Layer
from gis.query import ItemsQuery
from gis.tables import SITES

BATCH_ROWS = 2_000


@dataclass(frozen=True)
class SiteRow:
    """One site: its values in the order of the layer's writable columns, and WKB in CGCS2000."""

    values: Sequence[object]
    wkb: bytes


def statement(layer: Layer, query: ItemsQuery) -> Select[*tuple[Any, ...]]:
    """The sites that the query finds and that are not retired, by code."""
    site = SITES[layer.name]
    columns = [site.c[column.name] for column in layer.writable]
    return (
        select(func.ST_AsBinary(site.c.geom).label("wkb"), *columns)
        .where(sql.matches(layer, site, query), site.c.retired_at.is_(None))
        .order_by(site.c.code)
    )


def rows(connection: Connection, layer: Layer, query: ItemsQuery) -> Iterator[list[SiteRow]]:
    """Batches of the rows, read through a cursor: memory does not grow with the layer."""
    if query.crs is not Crs.CGCS2000:
        raise ValueError("an export reads the truth, whose coordinates are CGCS2000")
    found = connection.execute(statement(layer, query).execution_options(yield_per=BATCH_ROWS))
    for part in found.partitions():
        yield [SiteRow(tuple(row[1:]), bytes(row[0])) for row in part]


def as_text(column: Column, value: object) -> str | None:
    """A value as a person writes it, and as the importer reads it back to the same value."""
    if value is None:
        return None
    match column.kind:
        case Kind.CODE:
            return (column.choices or {}).get(str(value), str(value))
        case Kind.BOOLEAN:
            return "是" if value else "否"
        case Kind.TEXTS if isinstance(value, list):
            return "、".join(value)
        case Kind.INTERVAL if isinstance(value, Range):
            return interval(value)
        case Kind.INSTANT if isinstance(value, datetime):
            local = value.astimezone(LOCAL_TIME).replace(tzinfo=None)
            return local.isoformat(" ")
        case Kind.NUMBER | Kind.AREA if isinstance(value, Decimal):
            return plain_number(value)
        case _:
            return str(value)


def machine_value(column: Column, value: object) -> str | None:
    """A value for software: codes and truth values as the API has them."""
    if value is None or column.kind is Kind.CODE:
        return None if value is None else str(value)
    if column.kind is Kind.BOOLEAN:
        return "true" if value else "false"
    return as_text(column, value)


def plain_number(value: Decimal) -> str:
    """The decimal without needless zeros and without an exponent."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def interval(value: Range[Decimal]) -> str | None:
    """``≥1.5``, ``1.2-2``, ``1.5≤R<2.5``, ``2``; None where it has no bound at all."""
    low = None if value.lower is None else plain_number(value.lower)
    high = None if value.upper is None else plain_number(value.upper)
    opens, closes = value.bounds[0] == "[", value.bounds[1] == "]"
    if low is None and high is None:
        return None
    if low is None:
        return f"{'≤' if closes else '<'}{high}"
    if high is None:
        return f"{'≥' if opens else '>'}{low}"
    if opens and closes:
        return low if low == high else f"{low}-{high}"
    return f"{low}{'≤' if opens else '<'}R{'≤' if closes else '<'}{high}"


def field_names(layer: Layer, encoding: str) -> Mapping[str, str]:
    """Names of at most 10 bytes for a shapefile, by column: what the importer knows them by."""
    return {
        column.name: next(name for name in spellings(layer, column.name) if _fits(name, encoding))
        for column in layer.writable
    }


def _fits(name: str, encoding: str) -> bool:
    return len(name.encode(encoding)) <= 10
