"""Places that people draw: polygons, points and routes, as text and as geometry."""

import math
import re
from collections.abc import Mapping

import numpy as np
import shapely

from gis import crs
from gis.crs import Crs
from gis.siting.criteria import BadCriteria, Drawing, Place

SHAPES: tuple[Drawing, ...] = ("polygon", "point", "route")
NAMES = (*SHAPES, "within_m")
MOST_POINTS = 1000
FURTHEST_M = 500_000.0

_LEAST = {"polygon": 3, "point": 1, "route": 2}
_PAIR = re.compile(r"(-?[0-9]{1,3}(?:\.[0-9]{1,12})?),(-?[0-9]{1,3}(?:\.[0-9]{1,12})?)")
_METRES = re.compile(r"[0-9]{1,6}(\.[0-9]{1,3})?")


def parse(values: Mapping[str, str], prefix: str) -> Place | None:
    """The place that parameters say, or None; :class:`BadCriteria` names what is wrong."""
    given = [shape for shape in SHAPES if shape in values]
    if len(given) > 1:
        raise BadCriteria(f"{prefix}{given[1]}", f"与 {given[0]} 只能用一个")
    if not given:
        if "within_m" in values:
            raise BadCriteria(f"{prefix}within_m", "需要与 point 或 route 一起使用")
        return None
    shape, name = given[0], f"{prefix}{given[0]}"
    points = _points(name, values[shape])
    if shape == "polygon" and len(points) > 1 and points[0] == points[-1]:
        points = points[:-1]
    if len(points) < _LEAST[shape] or (shape == "point" and len(points) > 1):
        raise BadCriteria(name, f"点数不对：{shape} 至少 {_LEAST[shape]} 个点，point 恰好 1 个")
    within = _within(f"{prefix}within_m", shape, values.get("within_m"))
    if shape == "polygon":
        _require_simple(name, points)
    return Place(shape, points, within)


def flat(place: Place | None) -> dict[str, str]:
    """The parameters that say the place."""
    if place is None:
        return {}
    found: dict[str, str] = {place.drawing: ";".join(f"{x!r},{y!r}" for x, y in place.points)}
    return found | ({"within_m": _plain(place.within_m)} if place.within_m else {})


def text_of(name: str, content: object) -> str:
    """A JSON array of positions (or one GeoJSON ring around them) as text."""
    if isinstance(content, list) and len(content) > MOST_POINTS + 1:
        raise BadCriteria(name, f"最多 {MOST_POINTS} 个点，收到 {len(content)} 个")
    pairs = [content] if name.endswith("point") else content
    if isinstance(pairs, list) and all(_is_pair(one) for one in pairs):
        return ";".join(f"{_plain(x)},{_plain(y)}" for x, y in pairs)
    raise BadCriteria(name, "应为坐标数组：[[经度,纬度],…]，point 为 [经度,纬度]")


def geometry(place: Place, asked: Crs) -> shapely.Geometry:
    """The place in CGCS2000 degrees."""
    points = np.array(place.points)
    moved = crs.from_gcj02(points) if asked is Crs.GCJ02 else points
    if place.drawing == "polygon":
        return shapely.Polygon(moved)
    return shapely.Point(moved[0]) if place.drawing == "point" else shapely.LineString(moved)


def box(shape: shapely.Geometry, within_m: float) -> tuple[float, float, float, float]:
    """A box of degrees that holds all within metres of the shape, a little too large."""
    west, south, east, north = map(float, shapely.bounds(shape))
    upward = within_m / 110_500
    top = min(max(abs(south), abs(north)) + upward, 89.0)
    sideways = within_m / (111_000 * math.cos(math.radians(top)))
    return west - sideways, south - upward, east + sideways, north + upward


def _is_pair(content: object) -> bool:
    return (
        isinstance(content, list)
        and len(content) == 2
        and all(isinstance(one, int | float) and not isinstance(one, bool) for one in content)
    )


def _plain(number: float) -> str:
    return f"{number:.12f}".rstrip("0").rstrip(".") if isinstance(number, float) else str(number)


def _points(name: str, text: str) -> tuple[tuple[float, float], ...]:
    parts = text.split(";", MOST_POINTS + 1)
    if len(parts) > MOST_POINTS + 1:
        raise BadCriteria(name, f"最多 {MOST_POINTS} 个点")
    found = [_PAIR.fullmatch(part) for part in parts]
    points = tuple((float(pair[1]), float(pair[2])) for pair in found if pair)
    if len(points) != len(parts) or not all(abs(x) <= 180 and abs(y) <= 85 for x, y in points):
        raise BadCriteria(name, "应为 经度,纬度;经度,纬度…，单位度")
    return points


def _within(name: str, shape: str, text: str | None) -> float:
    if shape == "polygon":
        if text is not None:
            raise BadCriteria(name, "只能与 point 或 route 一起使用")
        return 0.0
    if text is None or not _METRES.fullmatch(text) or not 0 < float(text) <= FURTHEST_M:
        raise BadCriteria(name, f"{shape} 需要距离（米），大于 0、不超过 {FURTHEST_M:.0f}")
    return float(text)


def _require_simple(name: str, points: tuple[tuple[float, float], ...]) -> None:
    polygon = shapely.Polygon(points)
    if not polygon.is_valid or polygon.area == 0:
        reason = shapely.is_valid_reason(polygon)
        where = reason.partition("[")[2].rstrip("]")
        raise BadCriteria(name, f"边界自相交或没有面积{f'（{where}）' if where else ''}，请重画")
