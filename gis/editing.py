"""Editing: one site changed by a person, in one transaction with its revision and publication.

The geometry, the code and what is computed from them stay with the importer.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import pyarrow as pa
from sqlalchemy import Connection, text

from gis.features import UnknownFeature
from gis.freshness import chosen
from gis.importing import values
from gis.importing.fields import Field
from gis.layers import Column, Kind, Layer
from gis.publish import publish
from gis.query import BadQuery
from gis.revisions import Revising, Row, keep, row_json
from gis.tables import sql_type

_IMPORTED = frozenset({"code", "parent_codes", "verified_at"})
"""Columns that no edit sets: identity and descent come with the outline, verifying stands alone."""
_LONGEST_TEXT = 2000
_REFERENCES = {"region_code": "regions", "park_code": "parks"}


class StaleVersion(RuntimeError):
    """The site is not any more what the editor saw; ``current`` is what it is now."""

    def __init__(self, site_id: int, current: Row) -> None:
        super().__init__(str(site_id))
        self.current = current


class NothingChanged(ValueError):
    """An edit that leaves everything as it is."""


@dataclass(frozen=True)
class Edit:
    """What somebody wants to change of version ``version``: columns with values as JSON has them.

    ``verified``: somebody looked, and the site is as it says.
    """

    site_id: int
    version: int
    changes: Mapping[str, object]
    verified: bool
    by: Revising


def editable(layer: Layer) -> tuple[Column, ...]:
    """Columns that people may change one by one."""
    return tuple(column for column in layer.writable if column.name not in _IMPORTED)


def current(connection: Connection, layer: Layer, site_id: int) -> Row:
    """The site's row as it is; ``UnknownFeature`` if there is none, or it is a retired parent."""
    statement = text(
        f"SELECT {row_json(layer)} AS row FROM {layer.name} t"
        f" WHERE t.id = :id AND t.retired_at IS NULL"
    )
    row: Row | None = connection.execute(statement, {"id": site_id}).scalar()
    if row is None:
        raise UnknownFeature(layer.name, site_id)
    return row


def parse(
    connection: Connection, layer: Layer, changes: Mapping[str, object]
) -> dict[str, str | None]:
    """Each change as PostgreSQL reads it; ``BadQuery`` names the first column that cannot be."""
    known = {column.name: column for column in editable(layer)}
    found: dict[str, str | None] = {}
    for name, value in changes.items():
        if name not in known:
            raise BadQuery(f"changes.{name[:40]}", f"图层{layer.title}没有可修改的字段 {name[:40]}")
        found[name] = _literal(known[name], value)
        _require_known(connection, name, found[name])
    return found


def _literal(column: Column, value: object) -> str | None:
    if value is None:
        if column.required:
            raise BadQuery(f"changes.{column.name}", f"{column.title}不能为空")
        return None
    if column.kind is Kind.INTERVAL and isinstance(value, dict):
        return _interval(column, value)
    if isinstance(value, list) is not (column.kind is Kind.TEXTS) or isinstance(value, dict):
        raise BadQuery(f"changes.{column.name}", "取值类型不对")
    if isinstance(value, list) and not all(isinstance(one, str) for one in value):
        raise BadQuery(f"changes.{column.name}", "应为文字的列表")
    _require_text(column, value if isinstance(value, list) else [value])
    given = value if isinstance(value, list | bool | str) else str(value)
    if column.kind is not Kind.TEXT and any(c.isdecimal() > c.isascii() for c in str(given)):
        raise BadQuery(f"changes.{column.name}", "请使用 0 到 9 的数字")
    converted = values.convert(Field(column.name, column), pa.array([given]), {})
    if converted.bad:
        raise BadQuery(f"changes.{column.name}", converted.bad[0].reason)
    text: str | None = converted.array[0].as_py()
    if text is None and column.required:
        raise BadQuery(f"changes.{column.name}", f"{column.title}不能为空")
    if text is not None and column.pattern and not re.search(column.pattern, text):
        raise BadQuery(f"changes.{column.name}", "格式不对")
    return text


def _require_text(column: Column, parts: list[Any]) -> None:
    for part in map(str, parts):
        bad = any(not (c.isprintable() or c == "\n") for c in part)
        if bad or len(part) > _LONGEST_TEXT:
            raise BadQuery(f"changes.{column.name}", f"应为至多 {_LONGEST_TEXT} 个可见的字")


def _interval(column: Column, value: Mapping[str, object]) -> str:
    """A numrange literal of the object that reads give: min, min_inclusive, max, max_inclusive."""
    try:
        low, high = (_bound(value.get(name)) for name in ("min", "max"))
        if set(value) - {"min", "max", "min_inclusive", "max_inclusive"}:
            raise InvalidOperation
    except InvalidOperation:
        raise BadQuery(f"changes.{column.name}", "应为含 min、max 的区间") from None
    if low is not None and high is not None and low > high:
        raise BadQuery(f"changes.{column.name}", "下限大于上限")
    opening = "(" if value.get("min_inclusive") is False else "["
    closing = ")" if value.get("max_inclusive") is False else "]"
    low_text, high_text = ("" if one is None else f"{one:f}" for one in (low, high))
    return f"{opening}{low_text},{high_text}{closing}"


def _bound(value: object) -> Decimal | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidOperation
    found = Decimal(str(value))
    if not 0 <= found < 10**9:
        raise InvalidOperation
    return found


def _require_known(connection: Connection, column: str, code: str | None) -> None:
    table = _REFERENCES.get(column)
    if table is None or code is None:
        return
    found = connection.execute(
        text(f"SELECT 1 FROM {table} WHERE code = :code"),
        {"code": code},
    )
    if found.first() is None:
        raise BadQuery(f"changes.{column}", f"没有代码 {code}")


def apply(
    connection: Connection, layer: Layer, edit: Edit, decimals: int
) -> tuple[Row, dict[str, list[object]]]:
    """Write the edit and publish the site; its row afterwards, and before and after by column.

    Raises :class:`StaleVersion` unless the site still is what the editor saw, however many edit it
    at once: one statement looks at the version and raises it.
    """
    before = current(connection, layer, edit.site_id)
    if before["version"] != edit.version:
        raise StaleVersion(edit.site_id, before)
    written = parse(connection, layer, edit.changes)
    keep(connection, layer, edit.site_id, edit.version, edit.by)
    if not _updated(connection, layer, edit, written):
        raise StaleVersion(edit.site_id, current(connection, layer, edit.site_id))
    after = current(connection, layer, edit.site_id)
    differing = {
        name: [before[name], after[name]] for name in written if before[name] != after[name]
    }
    if not differing and not edit.verified:
        raise NothingChanged
    publish(connection, layer, decimals, chosen([edit.site_id]))
    return after, differing


def _updated(
    connection: Connection, layer: Layer, edit: Edit, written: Mapping[str, str | None]
) -> bool:
    types = {name: sql_type(layer.column(name)) for name in written}
    assigned = [f"{name} = CAST(:{name} AS {types[name]})" for name in written]
    if edit.verified:
        assigned += ["verified_at = now()", "stale_since = NULL"]
    statement = text(
        f"UPDATE {layer.name} SET {', '.join([*assigned, 'version = version + 1'])},"
        f" updated_at = now() WHERE id = :_id AND version = :_version"
    )
    values = {**written, "_id": edit.site_id, "_version": edit.version}
    return connection.execute(statement, values).rowcount == 1
