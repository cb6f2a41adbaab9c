"""Values as a person reads them: codes by their terms, areas in 亩 too, regions by name."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from gis.layers import Column, Kind

NOTHING = "（空）"
OUTLINE = "图形"


def in_words(column: Column, value: Any, names: Mapping[str, str]) -> str:
    """A stored value, as JSON holds it; ``names`` are those of regions and parks by code."""
    if value is None:
        return NOTHING
    match column.kind:
        case Kind.CODE:
            return (column.choices or {}).get(str(value), str(value))
        case Kind.BOOLEAN:
            return "是" if value else "否"
        case Kind.AREA:
            mu = (Decimal(str(value)) * 3 / 2000).quantize(Decimal("0.01"))
            return f"{_plain(value)} m²（{_plain(mu)} 亩）"
        case Kind.TEXTS:
            return "、".join(map(str, value))
        case Kind.INTERVAL:
            return f"{_interval(str(value))}{column.unit or ''}"
        case Kind.INSTANT:
            return str(value).replace("T", " ")[:16]
        case Kind.HIERARCHY | Kind.TEXT if str(value) in names:
            return f"{names[str(value)]}（{value}）"
    text = _plain(value) if isinstance(value, int | float | Decimal) else str(value)
    return f"{text} {column.unit}" if column.unit else text


def _plain(value: object) -> str:
    """A number without trailing zeros."""
    text = f"{Decimal(str(value)):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _interval(value: str) -> str:
    """A numrange as planners write it: ≥1.5, ≤60, 1.2–2."""
    low, _, high = value[1:-1].partition(",")
    if not low and not high:
        return "不限"
    if not high:
        return f"{'≥' if value[0] == '[' else '＞'}{_plain(low)}"
    if not low:
        return f"{'≤' if value[-1] == ']' else '＜'}{_plain(high)}"
    if low == high:
        return _plain(low)
    more, less = "" if value[0] == "[" else "＞", "" if value[-1] == "]" else "＜"
    return f"{more}{_plain(low)}–{less}{_plain(high)}"
