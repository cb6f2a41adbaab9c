"""Query strings of the API: what a caller may ask, parsed into gis queries or refused."""

import base64
import binascii
import difflib
import re
from collections.abc import Iterable, Mapping
from typing import TypeVar

from werkzeug.datastructures import MultiDict

from gis import filters, sql
from gis.crs import Crs
from gis.layers import Layer
from gis.layers.codes import REGION_LEVEL
from gis.query import MOST_PAGE_BYTES, BadQuery, BBox, ItemsQuery
from gis.zooms import MOST_ZOOM

DEFAULT_LIMIT = 100

_FLOAT = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,15})?")
_INTEGER = re.compile(r"[0-9]{1,9}")

PAGE_PARAMETERS = ("bbox", "crs", "limit", "cursor", "fields", "q", "zoom")

_Part = TypeVar("_Part")


def once(arguments: MultiDict[str, str], known: Iterable[str]) -> dict[str, str]:
    """The arguments, each known and given once; BadQuery names the first that is not."""
    known = list(known)
    for name, values in named(arguments).lists():
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"，是否指 {near[0]}" if near else ""
            raise BadQuery(name, f"没有这个参数{hint}")
        if len(values) > 1:
            raise BadQuery(name, "只能出现一次，多个值请用逗号分隔")
    return dict(arguments.items())


def named(parts: MultiDict[str, _Part]) -> MultiDict[str, _Part]:
    """The parts of a form, each of which has a name; BadQuery where one has none."""
    # Werkzeug keeps a part without a name under None, whatever its types say.
    if None in parts:
        raise BadQuery("form", "表单的每一项都要有名称")
    return parts


def crs(values: Mapping[str, str]) -> Crs:
    """The coordinate system asked for; GCJ-02 unless said."""
    value = values.get("crs", Crs.GCJ02.value)
    try:
        return Crs(value)
    except ValueError:
        raise BadQuery("crs", "应为 gcj02 或 cgcs2000") from None


def bbox(value: str) -> BBox:
    """``west,south,east,north`` in degrees, in plain decimals."""
    parts = value.split(",")
    if len(parts) != 4 or not all(_FLOAT.fullmatch(part) for part in parts):
        raise BadQuery("bbox", "应为四个数：西,南,东,北，例如 120.0,30.7,120.3,31.0")
    return BBox(*map(float, parts))


def coordinate(name: str, value: str, most: float) -> float:
    """One coordinate in degrees, in plain decimals, not beyond ``most`` either way."""
    if not _FLOAT.fullmatch(value) or abs(float(value)) > most:
        raise BadQuery(name, f"应为 -{most:g} 到 {most:g} 的度数，例如 30.87")
    return float(value)


def limit(value: str, most: int) -> int:
    """How many features a page may hold: 1 to ``most``."""
    if not _INTEGER.fullmatch(value) or not 1 <= int(value) <= most:
        raise BadQuery("limit", f"应为 1 到 {most} 的整数")
    return int(value)


def zoom(value: str) -> int:
    """A zoom of web maps: 0 to 22, whole."""
    if not _INTEGER.fullmatch(value) or int(value) > MOST_ZOOM:
        raise BadQuery("zoom", f"应为 0 到 {MOST_ZOOM} 的整数")
    return int(value)


def cursor_of(after_id: int) -> str:
    """The opaque text that says where the next page begins."""
    return base64.urlsafe_b64encode(str(after_id).encode()).decode().rstrip("=")


def cursor(value: str) -> int:
    """The id that a cursor of ours holds."""
    try:
        text = base64.b64decode(value + "=" * (-len(value) % 4), altchars=b"-_", validate=True)
        if re.fullmatch(rb"[0-9]{1,18}", text) and cursor_of(int(text)) == value:
            return int(text)
    except (binascii.Error, ValueError):
        pass
    raise BadQuery("cursor", "无效，请使用上一页 next 链接里的值")


def fields(layer: Layer, value: str, query_crs: Crs) -> tuple[str, ...]:
    """Names of properties, each of which the reader may see."""
    audience = ItemsQuery(query_crs).audience
    known = sql.output_names(layer, audience)
    names = tuple(dict.fromkeys(value.split(",")))
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"，是否指 {near[0]}" if near else ""
            raise BadQuery("fields", f"图层 {layer.name} 没有字段 {name[:40]}{hint}")
    return names


def items_query(
    layer: Layer,
    arguments: MultiDict[str, str],
    most: int,
    most_bytes: int = MOST_PAGE_BYTES,
) -> ItemsQuery:
    """The query that the arguments of a collection ask: a page of at most so many sites and so
    much text."""
    filter_names = filters.parameters(layer)
    values = once(arguments, [*PAGE_PARAMETERS, *filter_names])
    asked_crs = crs(values)
    chosen = {name: value for name, value in values.items() if name in filter_names}
    return ItemsQuery(
        crs=asked_crs,
        bbox=bbox(values["bbox"]) if "bbox" in values else None,
        conditions=filters.parse(layer, chosen),
        words=filters.clean_text("q", values["q"]) if "q" in values else None,
        limit=limit(values["limit"], most) if "limit" in values else min(DEFAULT_LIMIT, most),
        after_id=cursor(values["cursor"]) if "cursor" in values else None,
        fields=fields(layer, values["fields"], asked_crs) if "fields" in values else None,
        zoom=zoom(values["zoom"]) if "zoom" in values else None,
        most_bytes=most_bytes,
    )


def region_level(values: Mapping[str, str]) -> str:
    """The level of regions asked for; counties unless said."""
    value = values.get("level", "county")
    if value not in REGION_LEVEL:
        offered = "、".join(f"{key}（{label}）" for key, label in REGION_LEVEL.items())
        raise BadQuery("level", f"应为：{offered}")
    return value


def region_prefix(values: Mapping[str, str]) -> str:
    """The code that regions asked for lie under; all unless said."""
    value = values.get("under", "")
    if not re.fullmatch(r"([0-9]{2}([0-9]{2}([0-9]{2}([0-9]{3})?)?)?)?", value):
        raise BadQuery("under", "应为行政区划代码，例如 3305")
    return value
