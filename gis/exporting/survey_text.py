"""报盘 coordinate texts: the boundary points of parcels in their own 3-degree zone."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
import shapely

from gis.carriers.baopan import Parcel, write_baopan
from gis.carriers.boundary import Point, Ring
from gis.crs import CGCS2000, reproject, zone3, zone3_epsg
from gis.exporting.model import Export, ExportRefused
from gis.exporting.rows import SiteRow
from gis.filters import LOCAL_TIME

SURVEY_CODE = "地块编号"
"""What the format calls the code: a layer whose code has that name can be written."""

_M2_PER_HA = 10_000


def write_survey_text(export: Export, parts: Iterable[list[SiteRow]], folder: Path) -> Path:
    """One text in GBK; a zip of one text a zone where the sites stand in several."""
    zones: dict[int, list[Parcel]] = {}
    for part in parts:
        for row, shape in zip(part, export.placed(part), strict=True):
            west, _, east, _ = shape.bounds
            zone = zone3((west + east) / 2)
            zones.setdefault(zone, []).append(_parcel(export, row, shape, zone))
    texts = {zone: _text(zone, parcels) for zone, parcels in sorted(zones.items())}
    if not texts:
        raise ExportRefused("no-sites", "没有符合条件的地块，不能生成报盘坐标文件")
    if len(texts) == 1:
        path = folder / "export.txt"
        path.write_bytes(next(iter(texts.values())))
        return path
    path = folder / "export.zip"
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for zone, content in texts.items():
            archive.writestr(f"{export.layer.name}_{zone}.txt", content)
    return path


def _text(zone: int, parcels: list[Parcel]) -> bytes:
    header = (
        ("格式版本号", "1.01版本"),
        ("数据产生单位", "看地 Kandi"),
        ("数据产生日期", datetime.now(LOCAL_TIME).date().isoformat()),
        ("坐标系", "2000国家大地坐标系"),
        ("几度分带", "3"),
        ("投影类型", "高斯克吕格"),
        ("计量单位", "米"),
        ("带号", str(zone)),
        ("精度", "0.001"),
        ("转换参数", "0,0,0,0,0,0,0"),
    )
    # GB 18030 is GBK with every other letter besides.
    return write_baopan(tuple(parcels), header).encode("gb18030")


def _parcel(export: Export, row: SiteRow, shape: shapely.Geometry, zone: int) -> Parcel:
    values: Mapping[str, object] = dict(
        zip((column.name for column in export.layer.writable), row.values, strict=True)
    )
    code = str(values["code"])
    if _plain(code) != code:
        raise ExportRefused("code-with-separator", f"编号 {code} 含有报盘格式的分隔符，不能写出")
    plane = reproject(np.array([shape], object), CGCS2000, zone3_epsg(zone, prefixed=True))[0]
    legal = values.get("area_legal_m2")
    area_m2 = legal if isinstance(legal, Decimal) else Decimal(repr(shapely.area(plane)))
    return Parcel(
        code,
        _plain(str(values["name"] or "")),
        _rings(plane),
        round(float(area_m2) / _M2_PER_HA, 6),
        use=_plain(str(values.get("land_use_name") or "")),
        land_class=_plain(str(values.get("land_use_code") or "")),
    )


def _plain(text: str) -> str:
    """The text without what the format separates its fields by."""
    one_line = re.sub(r"[\s\x1c-\x1e\x85\u2028\u2029\ufeff]+", " ", text).strip()
    kept = one_line.replace(",", "，").replace("@", "＠").removesuffix("＠")
    return re.sub(r"^[\[【#]", "", kept).strip()


def _rings(plane: shapely.Geometry) -> tuple[Ring, ...]:
    """Rings to the millimetre; points are numbered through, as surveyors do."""
    rings: list[Ring] = []
    number = 1
    for polygon in shapely.get_parts(plane):
        for ring in (polygon.exterior, *polygon.interiors):
            points = []
            for east, north in np.round(shapely.get_coordinates(ring), 3)[:-1]:
                points.append(Point(f"J{number}", float(north), float(east)))
                number += 1
            rings.append(Ring(tuple(points), str(len(rings) + 1)))
    return tuple(rings)
