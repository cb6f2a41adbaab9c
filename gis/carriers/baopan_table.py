"""报盘 TXT as a carrier: evidence of its CRS, checks of its parcels, and rows with geometry."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from gis.carriers.baopan import FIELDS, BaopanFile, Parcel, is_baopan, parse_baopan
from gis.carriers.boundary_check import check_rings, geometry
from gis.carriers.columns import unique_names
from gis.carriers.crs_detect import (
    GEOGRAPHIC,
    CrsHints,
    CrsVerdict,
    detect,
    old_datum,
    refusal,
    refused,
)
from gis.carriers.model import (
    CarrierError,
    CrsEvidence,
    EncodingEvidence,
    Finding,
    Located,
    ReadOptions,
    Severity,
    Source,
    TableInfo,
)
from gis.carriers.rows import batches
from gis.carriers.text_encoding import decode_text
from gis.crs import CGCS2000, zone3_epsg, zone6_epsg
from gis.datums import of_datum, same_zone

_SAMPLE = 8
_HECTARE_M2 = 10_000.0
_UNITS = ((1.0, "公顷"), (10_000.0, "平方米"), (15.0, "亩"))
_KINDS = {"面": "Polygon", "线": "LineString", "点": "MultiPoint"}


def _load(source: Source, options: ReadOptions) -> tuple[BaopanFile, EncodingEvidence]:
    text, evidence = decode_text(Path(source.path).read_bytes(), options.encoding)
    if not is_baopan(text):
        message = (
            "TXT 不是报盘坐标格式：没有 [地块坐标]，也没有以 @ 结尾的地块行。坐标表请另存为 CSV。"
        )
        raise CarrierError("txt-unknown", message)
    return parse_baopan(text), evidence


def describe(source: Source, options: ReadOptions) -> list[Located]:
    """One table of all parcels in the text."""
    file, evidence = _load(source, options)
    if not file.parcels:
        raise CarrierError("baopan-no-parcels", "报盘文件里没有地块（没有以 @ 结尾的地块行）。")
    verdict = _crs(file, options)
    names, renamed = unique_names(_names(file))
    findings = [*file.findings, *renamed, *verdict.findings]
    for parcel in file.parcels:
        findings += _check(parcel, swap=verdict.swap_axes, epsg=verdict.evidence.epsg)
    shapes = {_KINDS.get(parcel.shape, "Polygon") for parcel in file.parcels}
    words = (word for parcel in file.parcels for word in (parcel.name, parcel.use, parcel.code))
    sample = tuple(dict.fromkeys(word for word in words if not word.isascii()))[:_SAMPLE]
    info = TableInfo(
        source.name,
        names,
        len(file.parcels),
        tuple(sorted(shapes)),
        verdict.evidence,
        EncodingEvidence(evidence.encoding, evidence.how, sample),
        tuple(findings),
    )
    return [Located(info, source, swap_axes=verdict.swap_axes)]


def read(located: Located, options: ReadOptions, size: int) -> Iterator[pa.RecordBatch]:
    """One row per parcel; the row number is the line of the parcel in the text."""
    file, _ = _load(located.source, options)
    rows = []
    for parcel in file.parcels:
        words = (parcel.shape, parcel.sheet, parcel.use, parcel.land_class, *parcel.extra)
        counts = (_text(parcel.stated_points), _text(parcel.area))
        values = (*counts, parcel.code, parcel.name, *words)
        shape = geometry(parcel.rings, parcel.shape, swap=located.swap_axes)
        rows.append((values, parcel.line, shape))
    yield from batches(located.info.columns, rows, size, geometry=True)


def _text(value: float | None) -> str:
    return "" if value is None else repr(value)


def _names(file: BaopanFile) -> list[str]:
    most = max((len(parcel.extra) for parcel in file.parcels), default=0)
    extra = list(file.extra_names[:most])
    return [*FIELDS, *extra, *(f"备用{n}" for n in range(len(extra) + 1, most + 1))]


def _crs(file: BaopanFile, options: ReadOptions) -> CrsVerdict:
    points = [point for parcel in file.parcels for ring in parcel.rings for point in ring.points]
    bounds = None
    if points:
        east, north = [p.east for p in points], [p.north for p in points]
        bounds = (min(east), min(north), max(east), max(north))
    hints = CrsHints(
        bounds,
        options.crs_epsg,
        options.default_zone_epsg,
        how="header",
        datums=options.datums,
    )
    system = file.attribute("坐标系")
    if options.crs_epsg is not None or not system:
        return detect(hints)
    datum = old_datum(system)
    known = datum is not None and datum.value in options.datums
    if not known and not re.search(r"2000|CGCS|WGS\s*-?84", system, re.I):
        return refused(refusal(system), "header", system)
    if not points or bounds is None:
        return CrsVerdict(CrsEvidence(None, "header", (), system))
    return _zoned(file, system, hints, bounds)


def _zoned(
    file: BaopanFile, system: str, hints: CrsHints, bounds: tuple[float, float, float, float]
) -> CrsVerdict:
    largest = max(abs(value) for value in bounds)
    if largest < 200:
        return detect(replace(hints, epsg=of_datum(CGCS2000, old_datum(system))))
    digits = re.search(r"\d+", file.attribute("带号"))
    band = 6 if "6" in file.attribute("几度分带") else 3
    if digits is None:
        return detect(hints)
    zone = int(digits.group())
    if zone > 60:  # the central meridian was written instead of the zone
        zone = zone // 3 if band == 3 else (zone + 3) // 6
    prefixed = largest >= 10_000_000
    if prefixed and int(largest // 1_000_000) != zone:
        written = int(largest // 1_000_000)
        message = f"坐标带号 {written} 与文件头的带号 {zone} 不一致，请核对后更正其中一个。"
        evidence = CrsEvidence(None, "header", (), f"{system}，带号 {zone}，坐标带号 {written}")
        return CrsVerdict(evidence, (Finding("zone-mismatch", Severity.ERROR, message),))
    try:
        epsg = (zone3_epsg if band == 3 else zone6_epsg)(zone, prefixed=prefixed)
    except ValueError:
        message = f"文件头的带号 {zone} 不是有效的 {band} 度带带号。"
        found = Finding("zone-mismatch", Severity.ERROR, message)
        return CrsVerdict(CrsEvidence(None, "header", (), system), (found,))
    return detect(replace(hints, epsg=of_datum(epsg, old_datum(system))))


def _check(parcel: Parcel, *, swap: bool, epsg: int | None) -> list[Finding]:
    if parcel.shape not in ("面", ""):
        return []
    label = parcel.code or parcel.name
    findings, built = check_rings(label, parcel.rings, swap=swap)
    if built and parcel.area is not None and epsg is not None and same_zone(epsg) not in GEOGRAPHIC:
        findings += _check_area(parcel, label, float(built.geometry.area))
    return findings


def _check_area(parcel: Parcel, label: str, measured_m2: float) -> list[Finding]:
    """The stated area against the planar one, also read as square metres or mu."""
    stated = parcel.area or 0.0
    for divisor, unit in _UNITS:
        stated_m2 = stated / divisor * _HECTARE_M2
        if abs(stated_m2 - measured_m2) <= max(1.0, measured_m2 * 0.001):
            if divisor == 1.0:
                return []
            message = f"地块“{label}”的面积 {stated} 应以公顷为单位，看来写成了{unit}。"
            return [Finding("area-unit", Severity.WARNING, message, row=parcel.line)]
    message = (
        f"地块“{label}”写明 {stated} 公顷，按坐标计算为 {measured_m2 / _HECTARE_M2:.4f} 公顷，"
        "超出容差（1 平方米或千分之一），请核对。"
    )
    return [Finding("area-mismatch", Severity.WARNING, message, row=parcel.line)]
