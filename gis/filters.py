"""The filter codec: from the parameters of a query string to conditions on the queryables.

One codec for features, tiles, the map and share links, so a filter means the same everywhere.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from gis.layers import Column, Kind, Layer
from gis.layers.model import HIERARCHY_PATTERN
from gis.query import Admits, AnyOf, BadQuery, Between, Bound, Condition, Is, OneOf, Under

LOCAL_TIME = ZoneInfo("Asia/Shanghai")
"""A date without a time is a day in China."""

LONGEST_VALUE = 200
MOST_VALUES = 50

_NUMBER = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,6})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Side(StrEnum):
    """Which part of a condition a parameter gives."""

    WHOLE = "whole"
    LOW = "min"
    HIGH = "max"


@dataclass(frozen=True)
class Parameter:
    """One filter parameter: ``area_mu_min`` is the lower bound of ``area_m2``, given in 亩."""

    name: str
    column: Column
    side: Side
    in_mu: bool = False

    @property
    def title(self) -> str:
        """What the parameter asks for, in Chinese."""
        side = {Side.WHOLE: "", Side.LOW: "不小于", Side.HIGH: "不大于"}[self.side]
        return f"{self.column.title}{side}"

    @property
    def unit(self) -> str | None:
        """Unit of the value, if it has one."""
        return "亩" if self.in_mu else self.column.unit


_RANGED = {Kind.INTEGER, Kind.NUMBER, Kind.AREA, Kind.DATE, Kind.INSTANT}


@lru_cache
def parameters(layer: Layer) -> Mapping[str, Parameter]:
    """Every filter parameter of a layer by its name."""
    found: list[Parameter] = []
    for column in layer.queryables:
        if column.kind not in _RANGED:
            found.append(Parameter(column.name, column, Side.WHOLE))
            continue
        for side in (Side.LOW, Side.HIGH):
            if column.kind is Kind.AREA:
                found.append(Parameter(f"{column.mu_name}_{side}", column, side, in_mu=True))
            found.append(Parameter(f"{column.name}_{side}", column, side))
    return {parameter.name: parameter for parameter in found}


def parse(layer: Layer, values: Mapping[str, str]) -> tuple[Condition, ...]:
    """The conditions that parameters of a layer say; :class:`BadQuery` names the first bad one.

    ``values`` holds filter parameters only, each once.
    """
    known = parameters(layer)
    whole: list[Condition] = []
    bounds: dict[tuple[str, bool], dict[Side, Bound]] = {}
    for name, value in values.items():
        parameter = known[name]
        if parameter.side is Side.WHOLE:
            whole.append(_whole(parameter, value))
        else:
            key = (parameter.column.name, parameter.in_mu)
            bounds.setdefault(key, {})[parameter.side] = _bound(parameter, value)
    return (*whole, *(_between(layer, key, sides) for key, sides in bounds.items()))


def _between(layer: Layer, key: tuple[str, bool], sides: Mapping[Side, Bound]) -> Between:
    column = layer.column(key[0])
    low, high = sides.get(Side.LOW), sides.get(Side.HIGH)
    if low is not None and high is not None and low > high:  # type: ignore[operator]
        raise BadQuery(_bound_name(column, Side.LOW, in_mu=key[1]), "下限大于上限，请对调两个数")
    return Between(column, low, high)


def _bound_name(column: Column, side: Side, *, in_mu: bool) -> str:
    return f"{column.mu_name if in_mu else column.name}_{side}"


def _whole(parameter: Parameter, value: str) -> Condition:
    column = parameter.column
    makers: dict[Kind, Callable[[], Condition]] = {
        Kind.TEXT: lambda: OneOf(column, _list(parameter, value)),
        Kind.CODE: lambda: OneOf(column, _codes(parameter, value)),
        Kind.HIERARCHY: lambda: Under(column, _prefixes(parameter, value)),
        Kind.TEXTS: lambda: AnyOf(column, _list(parameter, value)),
        Kind.INTERVAL: lambda: Admits(column, number(parameter.name, value)),
        Kind.BOOLEAN: lambda: Is(column, _boolean(parameter, value)),
    }
    return makers[column.kind]()


def clean_text(name: str, value: str) -> str:
    """The value without outer blanks; refuses what no stored text can hold."""
    value = value.strip()
    if not value or len(value) > LONGEST_VALUE:
        raise BadQuery(name, f"应为 1 到 {LONGEST_VALUE} 个字")
    # PostgreSQL holds no NUL, UTF-8 no lone surrogate.
    if any(ord(character) < 32 or 0xD800 <= ord(character) <= 0xDFFF for character in value):
        raise BadQuery(name, "含有无法识别的字符，请删去")
    return value


def number(name: str, value: str) -> Decimal:
    """An exact decimal of at most 12 digits and 6 decimals, in ASCII digits."""
    if not _NUMBER.fullmatch(value):
        raise BadQuery(name, "应为数字，例如 30 或 1.5")
    return Decimal(value)


def _list(parameter: Parameter, value: str) -> tuple[str, ...]:
    values = tuple(clean_text(parameter.name, part) for part in value.split(","))
    if len(values) > MOST_VALUES:
        raise BadQuery(parameter.name, f"最多 {MOST_VALUES} 个值")
    return values


def _codes(parameter: Parameter, value: str) -> tuple[str, ...]:
    codes = _list(parameter, value)
    choices = parameter.column.choices or {}
    for code in codes:
        if code not in choices:
            offered = "、".join(f"{key}（{label}）" for key, label in choices.items())
            raise BadQuery(parameter.name, f"没有 {code} 这个值，可选：{offered}")
    return codes


def _prefixes(parameter: Parameter, value: str) -> tuple[str, ...]:
    prefixes = _list(parameter, value)
    if not all(re.fullmatch(HIERARCHY_PATTERN, prefix) for prefix in prefixes):
        raise BadQuery(parameter.name, "应为代码，例如 3305 或 100102")
    widened = parameter.column.widened
    return widened(prefixes) if widened else prefixes


def _boolean(parameter: Parameter, value: str) -> bool:
    if value not in ("true", "false"):
        raise BadQuery(parameter.name, "应为 true 或 false")
    return value == "true"


def _bound(parameter: Parameter, value: str) -> Bound:
    match parameter.column.kind:
        case Kind.DATE:
            return _date(parameter.name, value)
        case Kind.INSTANT:
            start = datetime.combine(_date(parameter.name, value), time(), LOCAL_TIME)
            # An upper bound includes its day.
            return (
                start if parameter.side is Side.LOW else start + timedelta(days=1, microseconds=-1)
            )
        case _:
            exact = number(parameter.name, value)
            # In this order 30 亩 are exactly 20000 m2.
            return exact * 2000 / 3 if parameter.in_mu else exact


def _date(name: str, value: str) -> date:
    if not _DATE.fullmatch(value):
        raise BadQuery(name, "应为日期，例如 2026-01-31")
    try:
        found = date.fromisoformat(value)
    except ValueError:
        raise BadQuery(name, f"没有 {value} 这一天") from None
    if not 1900 <= found.year <= 2200:
        raise BadQuery(name, "年份应在 1900 到 2200 之间")
    return found
