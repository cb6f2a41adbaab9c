"""Values of a file as values of ours: each distinct value is read once, each bad one is named.

A column goes in as an Arrow array of whatever the file holds and comes out as an Arrow array of
the text that PostgreSQL's COPY takes; what cannot be read becomes null and a finding.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gis.crs import FloatArray
from gis.importing.fields import BY_NAME, MAX, MIN, Field, code_of
from gis.importing.units import factor, words
from gis.layers import Column, Kind
from gis.layers.model import HIERARCHY_PATTERN

_TRUE = {"是", "有", "y", "yes", "true", "t", "1", "√", "已", "通"}
_FALSE = {"否", "无", "n", "no", "false", "f", "0", "×", "未", "不通"}
_BLANK = {"", "/", "-", "--", "—", "无数据", "null", "none", "nan"}

_DATE_FORMS = (
    re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T].*)?"),
    re.compile(r"(\d{4})(\d{2})(\d{2})"),
    re.compile(r"(\d{4})[-/.年](\d{1,2})月?"),
)
_CLOCK = re.compile(
    r"[ T]((?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?)(?:\.\d+)?(Z|[+-]\d{2}:?\d{2})?$"
)
_EXCEL_EPOCH = date(1899, 12, 30)

_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
_RANGE = re.compile(r"(\d+(?:\.\d+)?)\s*(≤|<=|<|＜)\s*[^\d\s]*\s*(≤|<=|<|＜)\s*(\d+(?:\.\d+)?)")
_PLAIN_RANGE = re.compile(r"(\d+(?:\.\d+)?)\s*[-~～—至]\s*(\d+(?:\.\d+)?)")
_ONE_SIDED = re.compile(r"[^\d≥≤<>=＜＞]*(≥|>=|≤|<=|＞|>|＜|<|=)\s*(\d+(?:\.\d+)?)")
_WORDED = re.compile(r"(不小于|不低于|不大于|不高于|不超过)?\s*(\d+(?:\.\d+)?)\s*(以上|以下)?")


class Unreadable(ValueError):
    """A value that means nothing for its column; the text says in Chinese what is expected."""


@dataclass(frozen=True)
class BadValue:
    """A value that could not be read: its row in the batch (0-based), and why."""

    index: int
    value: str
    reason: str


@dataclass(frozen=True)
class Converted:
    """A column as COPY text, and the rows where it could not be read."""

    array: pa.Array
    bad: tuple[BadValue, ...]


def convert(field: Field, array: pa.Array, codes_by_name: Mapping[str, str]) -> Converted:
    """The field's values for its column; ``codes_by_name`` resolves a field given BY_NAME."""
    if isinstance(array.type, pa.BaseExtensionType):
        array = _flat(map(_property, array.storage.to_pylist()))
    elif pa.types.is_nested(array.type) or pa.types.is_binary(array.type):
        array = _flat(array.to_pylist())
    if field.unit == BY_NAME:
        return _distinct(array, lambda value: _named(value, codes_by_name))
    if field.column.kind is Kind.TEXT and field.column.pattern is None:
        return _texts(array)
    if field.column.kind in (Kind.NUMBER, Kind.AREA) and pa.types.is_floating(array.type):
        plain = _floats(field.column, factor(field.unit, field.column.unit), array)
        if plain is not None:
            return plain
    return _distinct(array, _reader(field))


def numbers(array: pa.Array) -> FloatArray:
    """The numbers that COPY texts stand for, NaN where there is none."""
    return np.asarray(pc.cast(array, pa.float64()).to_numpy(zero_copy_only=False))


def _flat(values: Iterable[object]) -> pa.Array:
    """JSON properties of several kinds as text: a list with its items apart, true as 1."""
    return pa.array([None if value is None else _word(value) for value in values], pa.string())


def _property(text: str | None) -> object:
    """What GDAL calls JSON: lists and quoted words as such, all else as it is written."""
    if text is None or not re.match(r'["\[{]|(true|false|null)$', text):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def _word(value: object) -> str:
    if isinstance(value, list):
        return "、".join(map(str, value))
    return str(int(value)) if isinstance(value, bool) else str(value)


def _floats(column: Column, by: Decimal, array: pa.Array) -> Converted | None:
    """Numbers of a numeric field all at once, or None if one of them is out of bounds."""
    scaled = array if by == 1 else pc.multiply(array, float(by))
    scaled = pc.if_else(pc.is_nan(scaled), pa.scalar(None, array.type), scaled)
    bounds = pc.min_max(scaled)
    low, high = bounds["min"].as_py(), bounds["max"].as_py()
    # Past 2^53 hundredths a double no longer holds every digit.
    if low is not None and (low < 0 or high >= 9e15 / 10**column.scale):
        return None
    return Converted(pc.cast(pc.round(scaled, _digits(column)), pa.string()), ())


def _digits(column: Column) -> int:
    """Decimals that are kept; PostgreSQL rounds to the column's own.

    An area may turn out to be in 公顷, and then its fifth decimal is a tenth of a square metre.
    """
    return column.scale + 4 if column.kind is Kind.AREA else column.scale


def _distinct(array: pa.Array, read: Callable[[object], str]) -> Converted:
    encoded = pc.dictionary_encode(array)
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    texts: list[str | None] = []
    reasons: dict[int, tuple[str, str]] = {}
    for position, value in enumerate(encoded.dictionary.to_pylist()):
        try:
            texts.append(None if _is_blank(value) else read(value) or None)
        except Unreadable as error:
            texts.append(None)
            reasons[position] = (str(value)[:60], str(error))
    result = pc.take(pa.array(texts, pa.string()), encoded.indices)
    return Converted(result, _bad(encoded.indices, reasons) if reasons else ())


def _bad(indices: pa.Array, reasons: Mapping[int, tuple[str, str]]) -> tuple[BadValue, ...]:
    hit = pc.is_in(indices, pa.array(list(reasons), indices.type))
    rows = pc.indices_nonzero(hit).to_pylist()
    return tuple(BadValue(row, *reasons[indices[row].as_py()]) for row in rows)


def _texts(array: pa.Array) -> Converted:
    text = pc.utf8_trim_whitespace(pc.cast(array, pa.string()))
    blank = pc.is_in(text, pa.array(["", "/", "-", "--"]))
    text = pc.if_else(blank, pa.scalar(None, pa.string()), text)
    # A DBF number in a text column would read 12.0.
    if pa.types.is_floating(array.type):
        text = pc.replace_substring_regex(text, r"\.0$", "")
    nul = pc.fill_null(pc.match_substring(text, "\x00"), False)
    if not pc.any(nul).as_py():
        return Converted(text, ())
    bad = tuple(BadValue(row, "", "含有空字符") for row in pc.indices_nonzero(nul).to_pylist())
    return Converted(pc.if_else(nul, pa.scalar(None, pa.string()), text), bad)


def _is_blank(value: object) -> bool:
    if value is None or (isinstance(value, float) and value != value):
        return True
    return isinstance(value, str) and value.strip().casefold() in _BLANK


def _reader(field: Field) -> Callable[[object], str]:
    column, unit = field.column, field.unit
    readers: dict[Kind, Callable[[object], str]] = {
        Kind.TEXT: lambda value: _patterned(column, value),
        Kind.TEXTS: _array,
        Kind.INTEGER: lambda value: _integer(column, unit, value),
        Kind.NUMBER: lambda value: _scaled(column, unit, value),
        Kind.AREA: lambda value: _scaled(column, unit, value),
        Kind.INTERVAL: _bound if unit in (MIN, MAX) else interval,
        Kind.BOOLEAN: _boolean,
        Kind.DATE: lambda value: day(value).isoformat(),
        Kind.INSTANT: instant,
        Kind.CODE: lambda value: _coded(column, value),
        Kind.HIERARCHY: _hierarchy,
    }
    read = readers[column.kind]
    if column.kind not in (Kind.DATE, Kind.INSTANT):
        return read
    return lambda value: "" if _is_null_date(value) else read(value)


def _patterned(column: Column, value: object) -> str:
    text = _plain(value)
    if column.pattern and not re.fullmatch(column.pattern, text):
        raise Unreadable(f"不是有效的{column.title}")
    return text


def _plain(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _array(value: object) -> str:
    parts = [p.strip() for p in re.split(r"[、,，;；]", _plain(value)) if p.strip()]
    quoted = ('"' + p.replace("\\", "\\\\").replace('"', '\\"') + '"' for p in parts)
    return "{" + ",".join(quoted) + "}"


def _decimal(value: object, suffixes: frozenset[str] = frozenset({"", "%"})) -> Decimal:
    text = _plain(value).replace(",", "").replace("，", "").replace("％", "%")
    match = _NUMBER.match(text)
    if not match:
        raise Unreadable("应为数字")
    if text[match.end() :].strip() not in suffixes:
        raise Unreadable("应为数字，或数字后的单位与字段的单位不同")
    number = Decimal(match.group())
    # Nothing of land has a quadrillion; beyond it arithmetic itself overflows.
    if number and number.adjusted() > 15:
        raise Unreadable("数值过大")
    return number


def _scaled(column: Column, unit: str, value: object) -> str:
    number = _decimal(value, words(unit, column.unit)) * factor(unit, column.unit)
    if number < 0:
        raise Unreadable("不能为负数")
    if number >= Decimal(10) ** (18 - column.scale):
        raise Unreadable("数值过大")
    return f"{number:.{_digits(column)}f}"


def _integer(column: Column, unit: str, value: object) -> str:
    number = _decimal(value, words(unit, column.unit)) * factor(unit, column.unit)
    if number != number.to_integral_value() or not 0 <= number <= 2_000_000_000:
        raise Unreadable("应为非负整数")
    return str(int(number))


def _boolean(value: object) -> str:
    if isinstance(value, bool):
        return "t" if value else "f"
    text = _plain(value).casefold()
    if text in _TRUE or text.startswith(("已", "是")):
        return "t"
    if text in _FALSE or text.startswith(("未", "否", "不")):
        return "f"
    raise Unreadable("应为是或否")


def _coded(column: Column, value: object) -> str:
    code = code_of(column, _plain(value))
    if code is None:
        raise Unreadable(f"应为：{'、'.join((column.choices or {}).values())}")
    return code


def _named(value: object, names: Mapping[str, str]) -> str:
    text = _plain(value)
    if text not in names:
        raise Unreadable("不是已知的名称，或有重名，请改用代码")
    return names[text]


def _hierarchy(value: object) -> str:
    code = _plain(value).split(".")[0]
    if not re.fullmatch(HIERARCHY_PATTERN, code):
        raise Unreadable("应为代码，例如 3305 或 100102")
    return code


def _is_null_date(value: object) -> bool:
    # Registers write "no date" as the first day their software knows.
    text = _plain(value)
    return text[:4] in ("1900", "1901", "1899", "0001", "0000") or text in ("0", "00000000")


def day(value: object) -> date:
    """The day that a cell means: a date, ``2024/3/5``, ``2024年3月``, ``20240305`` or Excel's."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = _plain(value)
    for form in _DATE_FORMS:
        match = form.fullmatch(text)
        if match:
            year, month, *rest = map(int, match.groups())
            try:
                return date(year, month, rest[0] if rest else 1)
            except ValueError:
                raise Unreadable("没有这一天") from None
    if re.fullmatch(r"[2-6]\d{4}", text):
        return _EXCEL_EPOCH + timedelta(days=int(text))
    raise Unreadable("应为日期，例如 2024-03-05")


def instant(value: object) -> str:
    """The time that a cell means, local unless it names a zone; or the beginning of its day."""
    if isinstance(value, datetime):
        return value.isoformat()
    clock = _CLOCK.search(_plain(value))
    if clock is None:
        return day(value).isoformat()
    return f"{day(value).isoformat()} {clock[1]}{clock[2] or ''}"


def interval(value: object) -> str:
    """A numrange literal of ``≥1.5``, ``1.2-2.0``, ``1.5≤R<2.5``, ``不大于60%`` or ``1.5``."""
    text = _plain(value).replace("%", "").replace("％", "").replace("，", ",").strip()
    if match := _RANGE.search(text):
        low, first, second, high = match.groups()
        return _range_literal(low, high, "[" if "=" in first or first == "≤" else "(",
                              "]" if "=" in second or second == "≤" else ")")  # fmt: skip
    if match := _PLAIN_RANGE.fullmatch(text):
        return _range_literal(match[1], match[2], "[", "]")
    if match := _ONE_SIDED.fullmatch(text):
        return _one_sided(*match.groups())
    if match := _WORDED.fullmatch(text):
        before, number, after = match.groups()
        if before in ("不小于", "不低于") or after == "以上":
            return f"[{number},)"
        if before or after:
            return f"(,{number}]"
        return f"[{number},{number}]"
    if match := re.fullmatch(r"\[(\d+(?:\.\d+)?),(\d+(?:\.\d+)?)\]", text):
        return _range_literal(match[1], match[2], "[", "]")
    raise Unreadable("应为数值或区间，例如 ≥1.5 或 1.2-2.0")


def _bound(value: object) -> str:
    return str(_decimal(value))


def join_bounds(low: pa.Array, high: pa.Array) -> Converted:
    """Range literals of two columns of bounds, both included; null where both are."""
    no_bound = pc.and_(pc.is_null(low), pc.is_null(high))
    crossed = pc.fill_null(
        pc.greater(pc.cast(low, pa.float64()), pc.cast(high, pa.float64())), False
    )
    joined = pc.binary_join_element_wise(
        "[", pc.fill_null(low, ""), ",", pc.fill_null(high, ""), "]", ""
    )
    bad = tuple(
        BadValue(row, f"{low[row]}-{high[row]}", "下限大于上限")
        for row in pc.indices_nonzero(crossed).to_pylist()
    )
    empty = pa.scalar(None, pa.string())
    return Converted(pc.if_else(pc.or_(no_bound, crossed), empty, joined), bad)


def _range_literal(low: str, high: str, opening: str, closing: str) -> str:
    if Decimal(low) > Decimal(high):
        raise Unreadable("区间下限大于上限")
    return f"{opening}{low},{high}{closing}"


def _one_sided(sign: str, number: str) -> str:
    match sign:
        case "≥" | ">=":
            return f"[{number},)"
        case ">" | "＞":
            return f"({number},)"
        case "≤" | "<=":
            return f"(,{number}]"
        case "<" | "＜":
            return f"(,{number})"
        case _:
            return f"[{number},{number}]"
