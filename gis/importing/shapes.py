"""Geometries of a file as ours: checked, repaired only if allowed, measured, in both systems."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray

from gis import area, crs
from gis.crs import CGCS2000, FloatArray, GeometryArray
from gis.datums import Shift
from gis.importing.findings import Finding, finding
from gis.layers import Shape
from gis.tables import GCJ02_SRID

CHINA = (73.0, 3.0, 136.0, 54.0)
"""Box around the land and sea of China, in degrees."""

SLIVER_WIDTH_M = 1.0
_DEGREE_M = 111_320.0

# 1e-10 degrees are 0.01 mm: below any survey, and the same on every machine and PROJ version.
_GRID_DECIMALS = 10


@dataclass(frozen=True)
class Shapes:
    """Geometries of one batch in both systems, of the layer's shape; null where not ``usable``."""

    geom: GeometryArray
    geom_gcj02: GeometryArray
    planar_m2: FloatArray
    ellipsoid_m2: FloatArray
    usable: NDArray[np.bool_]
    findings: tuple[Finding, ...]

    def ewkb(self) -> tuple[pa.Array, pa.Array]:
        """Both geometries as hexadecimal EWKB."""
        return _hex(self.geom, CGCS2000), _hex(self.geom_gcj02, GCJ02_SRID)


# Two hexadecimal digits of every byte, as the 16-bit number that holds them in memory.
_DIGITS = np.array([int.from_bytes(b"%02X" % byte, "little") for byte in range(256)], np.uint16)


def _hex(geometries: GeometryArray, srid: int) -> pa.Array:
    """Hexadecimal EWKB; five times as fast as shapely's own, which makes a string at a time."""
    marked = shapely.set_srid(geometries, srid) if srid else geometries
    binary = pa.array(shapely.to_wkb(marked, include_srid=bool(srid)), pa.large_binary())
    _, offsets, content = binary.buffers()
    ends = np.frombuffer(offsets, np.int64)[: len(binary) + 1] * 2
    digits = _DIGITS[np.frombuffer(content, np.uint8)] if content else np.empty(0, np.uint16)
    text = pa.LargeStringArray.from_buffers(len(binary), pa.py_buffer(ends), pa.py_buffer(digits))
    return pc.if_else(binary.is_null(), pa.scalar(None, pa.large_string()), text)


@dataclass(frozen=True)
class ShapeOptions:
    """How geometries are taken: source system, and whether invalid ones may be mended.

    ``shift`` moves an old datum to CGCS2000; ``epsg`` is then the code of the old system.
    """

    epsg: int
    gcj02: bool = False
    repair: bool = False
    shift: Shift | None = None
    shape: Shape = Shape.MULTIPOLYGON


def prepare(wkb: GeometryArray, rows: NDArray[np.int32], options: ShapeOptions) -> Shapes:
    """Check and convert WKB in the source system; ``rows`` are the numbers for findings.

    Rings keep the order of their vertices (and so their point numbers); outer rings run
    counter-clockwise, as GeoJSON has it.
    """
    found: list[Finding] = []
    source, usable = _shaped(wkb, rows, options.shape, found)
    if options.shift is not None:
        source = options.shift.moved_geometries(source, options.epsg)
        options = replace(options, epsg=options.shift.target(options.epsg), shift=None)
    degrees = _in_degrees(source, options)
    usable &= _inside_china(degrees, rows, found)
    degrees[~usable] = None
    usable &= _valid(degrees, rows, repair=options.repair, found=found)
    degrees[~usable] = None
    geom = _AS_STORED[options.shape](degrees)
    planar = _planar_m2(source, geom, options)
    found += _remarks(geom, planar, rows)
    return Shapes(
        geom,
        crs.geometries_to_gcj02(geom),
        np.round(planar, 2),
        np.round(area.ellipsoid_m2(geom), 2),
        usable,
        tuple(found),
    )


# GEOS type numbers that a layer takes, and what they are called to people.
_TAKEN = {
    Shape.MULTIPOLYGON: ((3, 6), "面（Polygon）"),
    Shape.POINT: ((0, 4), "点（Point）"),
}


def _shaped(
    wkb: GeometryArray, rows: NDArray[np.int32], shape: Shape, found: list[Finding]
) -> tuple[GeometryArray, NDArray[np.bool_]]:
    source = np.asarray(shapely.from_wkb(wkb, on_invalid="ignore"), dtype=object)
    missing = shapely.is_missing(source) | shapely.is_empty(source)
    kinds = shapely.get_type_id(source)
    numbers, wanted = _TAKEN[shape]
    # Several points in one geometry are several facilities; one alone is what it looks like.
    taken = np.isin(kinds, numbers) & ((kinds != 4) | (shapely.get_num_geometries(source) == 1))
    for row in rows[missing]:
        found.append(finding(int(row), "geometry-missing", "没有图形，请补画或删除此行"))
    for row, kind in zip(rows[~taken & ~missing], kinds[~taken & ~missing], strict=True):
        name = shapely.GeometryType(kind).name
        message = f"图形类型是 {name}，需要{wanted}"
        found.append(finding(int(row), "geometry-type", message))
    usable = taken & ~missing
    source[~usable] = None
    return source, usable


def _in_degrees(source: GeometryArray, options: ShapeOptions) -> GeometryArray:
    if options.gcj02:
        return crs.geometries_from_gcj02(source)
    convert = crs.transformer(options.epsg, CGCS2000)

    def move(points: FloatArray) -> FloatArray:
        moved = np.column_stack(convert.transform(points[:, 0], points[:, 1]))
        return np.round(moved, _GRID_DECIMALS)

    return np.asarray(shapely.transform(source, move), dtype=object)


def _planar_m2(source: GeometryArray, geom: GeometryArray, options: ShapeOptions) -> FloatArray:
    """Planar areas; straight from the source where that is in the zone the law measures in."""
    west, _, east, _ = shapely.bounds(geom).T
    zones = np.unique(crs.zone3_of((west + east) / 2))
    if options.repair or len(zones) != 1 or options.epsg not in crs.zone3_codes(int(zones[0])):
        return area.planar_m2(geom)
    return np.where(shapely.is_missing(geom), 0.0, shapely.area(source))


def _inside_china(
    degrees: GeometryArray, rows: NDArray[np.int32], found: list[Finding]
) -> NDArray[np.bool_]:
    west, south, east, north = shapely.bounds(degrees).T
    with np.errstate(invalid="ignore"):
        inside = (west >= CHINA[0]) & (south >= CHINA[1]) & (east <= CHINA[2]) & (north <= CHINA[3])
    for row in rows[~inside & ~shapely.is_missing(degrees)]:
        message = "图形不在中国范围内，请检查坐标系、带号和 X/Y 顺序"
        found.append(finding(int(row), "outside-china", message))
    return np.asarray(inside, dtype=np.bool_)


def _valid(
    degrees: GeometryArray, rows: NDArray[np.int32], *, repair: bool, found: list[Finding]
) -> NDArray[np.bool_]:
    """Whether each geometry is valid, or was mended in place because that is allowed."""
    valid = shapely.is_valid(degrees) | shapely.is_missing(degrees)
    for index in np.flatnonzero(~valid):
        broken, row = degrees[index], int(rows[index])
        mended = _polygonal(shapely.make_valid(broken, method="structure", keep_collapsed=False))
        place, reason = _reason(broken)
        if mended is None or not repair:
            change = _area_change(broken, mended)
            message = f"{reason}；{change}"
            found.append(finding(row, "geometry-invalid", message, place=place))
            continue
        message = f"{reason}，已自动修复，{_area_change(broken, mended)}"
        found.append(finding(row, "geometry-repaired", message, place=place))
        degrees[index] = mended
        valid[index] = True
    return np.asarray(valid, dtype=np.bool_)


_REASONS = {
    "Self-intersection": "边界自相交",
    "Ring Self-intersection": "同一个环自相交",
    "Hole lies outside shell": "内环在外环之外",
    "Holes are nested": "内环相互嵌套",
    "Interior is disconnected": "内部不连通",
    "Nested shells": "部件相互嵌套",
    "Duplicate Rings": "环重复",
    "Too few points in geometry component": "点数不足",
    "Invalid Coordinate": "坐标无效",
    "Ring is not closed": "环未闭合",
}


def _reason(geometry: shapely.Geometry) -> tuple[tuple[float, float] | None, str]:
    text = str(shapely.is_valid_reason(geometry))
    name, _, point = text.partition("[")
    numbers = point.rstrip("]").split()
    place = (float(numbers[0]), float(numbers[1])) if len(numbers) >= 2 else None
    return place, _REASONS.get(name.strip(), name.strip())


def _area_change(before: shapely.Geometry, after: shapely.Geometry | None) -> str:
    if after is None:
        return "无法自动修复，请在制图软件中改正"
    pair = np.array([before, after], dtype=object)
    areas = area.planar_m2(pair)
    return f"修复会使面积由 {areas[0]:.2f} 变为 {areas[1]:.2f} 平方米"


def _polygonal(geometry: shapely.Geometry) -> shapely.Geometry | None:
    parts = [
        part
        for part in shapely.get_parts(geometry)
        if isinstance(part, shapely.Polygon) and not part.is_empty
    ]
    return shapely.MultiPolygon(parts) if parts else None


def _as_multi(geometries: GeometryArray) -> GeometryArray:
    result = np.array(geometries, dtype=object)
    single = np.flatnonzero(shapely.get_type_id(result) == 3)
    # One call for all: the n-th polygon becomes the n-th multipolygon.
    result[single] = shapely.multipolygons(result[single], indices=np.arange(len(single)))
    return result


def _as_points(geometries: GeometryArray) -> GeometryArray:
    result = np.array(geometries, dtype=object)
    wrapped = np.flatnonzero(shapely.get_type_id(result) == 4)
    result[wrapped] = shapely.get_geometry(result[wrapped], 0)
    return result


_AS_STORED: dict[Shape, Callable[[GeometryArray], GeometryArray]] = {
    Shape.MULTIPOLYGON: lambda degrees: _as_multi(shapely.orient_polygons(degrees)),
    Shape.POINT: _as_points,
}


def _remarks(geom: GeometryArray, planar: FloatArray, rows: NDArray[np.int32]) -> list[Finding]:
    found: list[Finding] = []
    parts = shapely.get_num_geometries(geom)
    for index in np.flatnonzero(parts > 1):
        message = f"由 {parts[index]} 个部件组成"
        found.append(finding(int(rows[index]), "multipart", message))
    perimeter_m = shapely.length(geom) * _DEGREE_M
    with np.errstate(invalid="ignore", divide="ignore"):
        thin = (planar > 0) & (planar / perimeter_m * 2 < SLIVER_WIDTH_M)
    for index in np.flatnonzero(thin):
        message = f"狭长碎面：面积 {planar[index]:.2f} 平方米，平均宽度不足 {SLIVER_WIDTH_M:g} 米"
        found.append(finding(int(rows[index]), "sliver", message, place=_centre(geom[index])))
    return found


def _centre(geometry: shapely.Geometry) -> tuple[float, float]:
    point = shapely.point_on_surface(geometry)
    return point.x, point.y


def overlaps(
    geom: GeometryArray, planar: FloatArray, tolerance_m2: float
) -> list[tuple[int, int, float]]:
    """Pairs of rows whose interiors share more than a tolerance: ``(first, second, m2)``."""
    present = np.flatnonzero(~shapely.is_missing(geom))
    tree = shapely.STRtree(geom[present])
    left, right = tree.query(geom[present])
    once = left < right
    left, right = present[left[once]], present[right[once]]
    # Neighbours share an edge: most pairs touch, few overlap, and relate is the cheap question.
    meets = _in_threads(geom, left, right)
    left, right = left[meets], right[meets]
    shared = shapely.area(shapely.intersection(geom[left], geom[right]))
    with np.errstate(invalid="ignore", divide="ignore"):
        scale = planar[left] / shapely.area(geom[left])
    shared_m2 = shared * scale
    return [
        (int(a), int(b), float(m2))
        for a, b, m2 in zip(left, right, shared_m2, strict=True)
        if m2 > tolerance_m2
    ]


def _in_threads(
    geom: GeometryArray, left: NDArray[np.intp], right: NDArray[np.intp]
) -> NDArray[np.bool_]:
    # GEOS runs without the interpreter's lock, so two threads use two cores.
    halves = np.array_split(np.arange(len(left)), 2)
    with ThreadPoolExecutor(2) as pool:
        answers = pool.map(
            lambda part: shapely.relate_pattern(geom[left[part]], geom[right[part]], "T********"),
            halves,
        )
        return np.concatenate(list(answers)).astype(bool)
