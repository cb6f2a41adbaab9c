"""Which CRS coordinates are in: .prj, declaration, header and number ranges; never a silent guess.

Only CGCS2000 (degrees and Gauss-Krüger zones) and WGS 84 degrees pass; Xi'an 80 and Beijing 54
only where the county has its own parameters, because PROJ would move them with a shift of zero;
local systems never.
"""

import re
from dataclasses import dataclass

from pyproj import CRS
from pyproj.exceptions import CRSError

from gis.carriers.model import CrsEvidence, Finding, Severity
from gis.crs import CGCS2000, zone3_epsg, zone6_epsg
from gis.datums import Datum, counterpart, same_zone

Bounds = tuple[float, float, float, float]
"""xmin, ymin, xmax, ymax as they stand in the file."""

WGS84 = 4326
GEOGRAPHIC = (CGCS2000, WGS84)
_ZONES3 = {zone3_epsg(z, prefixed=True): (z, 3, True) for z in range(25, 46)} | {
    zone3_epsg(z, prefixed=False): (z, 3, False) for z in range(25, 46)
}
_ZONES6 = {zone6_epsg(z, prefixed=True): (z, 6, True) for z in range(13, 24)} | {
    zone6_epsg(z, prefixed=False): (z, 6, False) for z in range(13, 24)
}
ZONES = _ZONES3 | _ZONES6
"""EPSG -> (zone number, band width in degrees, whether eastings carry the zone number)."""

ACCEPTED = frozenset(GEOGRAPHIC) | frozenset(ZONES)
_NORTH = (1_900_000.0, 6_000_000.0)
_XIAN80 = re.compile(r"xian|1980|西安|(?<!\d)80国家|D_Xian|IAG[ _]?75", re.I)
_BEIJING54 = re.compile(r"beijing|1954|北京|Krasovsky|Krassowsky|Pulkovo", re.I)


@dataclass(frozen=True)
class CrsHints:
    """Everything known about the coordinates of one table."""

    bounds: Bounds | None = None
    declared_epsg: int | None = None
    default_zone_epsg: int | None = None
    wkt: str | None = None
    epsg: int | None = None
    how: str = "prj"
    """What ``wkt`` or ``epsg`` come from: prj, header or format."""
    datums: tuple[str, ...] = ()
    """Old datums for which the county has parameters."""

    def accepts(self, epsg: int) -> bool:
        """Whether coordinates of this code can be taken."""
        old = counterpart(epsg)
        return epsg in ACCEPTED or (old is not None and old[0].value in self.datums)


@dataclass(frozen=True)
class CrsVerdict:
    """The evidence, the findings, and whether x and y must be exchanged to be east and north."""

    evidence: CrsEvidence
    findings: tuple[Finding, ...] = ()
    swap_axes: bool = False


def refused(reason: str, how: str, detail: str) -> CrsVerdict:
    """The verdict for a CRS that is known and not accepted."""
    return CrsVerdict(
        CrsEvidence(None, how, detail=detail), (Finding("crs-refused", Severity.ERROR, reason),)
    )


def refusal(name: str) -> str:
    """Chinese reason why the CRS of this name or WKT is refused."""
    datum = old_datum(name)
    if datum is None:
        label = re.sub(r"\s+", " ", name)[:80]
        return (
            f"坐标系“{label}”不是 2000 国家大地坐标系（CGCS2000），可能是地方独立坐标系；"
            "请由测绘部门转换为 CGCS2000 后再上传。"
        )
    return (
        f"坐标系是{datum.label}，与 CGCS2000 相差几十至上百米，且没有公开的转换参数；"
        "请由测绘部门用本地参数转换为 CGCS2000 后再上传，"
        "或请管理员登记本县的转换参数（kandi datum add）。"
    )


def old_datum(name: str) -> Datum | None:
    """The old datum that a name or a WKT speaks of, or None."""
    if _XIAN80.search(name):
        return Datum.XIAN80
    return Datum.BEIJING54 if _BEIJING54.search(name) else None


def epsg_of(wkt: str, datums: tuple[str, ...] = ()) -> int | None:
    """Accepted EPSG code of a .prj text, by name or by parameters; None if it is none of ours.

    ``datums`` are the old ones that are accepted too.
    """
    # from_user_input would also take file names and PROJ pipelines out of a hostile .prj.
    crs = CRS.from_epsg(int(wkt[5:])) if re.fullmatch(r"EPSG:\d{4,6}", wkt) else CRS.from_wkt(wkt)
    crs = crs.sub_crs_list[0] if crs.is_compound else crs
    named = old_datum(crs.to_wkt())
    if named is not None and named.value not in datums:
        return None
    code = crs.to_epsg(min_confidence=20)
    if code is None:
        return None
    old = counterpart(int(code))
    if (old[0] if old else None) is not named or (old is None and int(code) not in ACCEPTED):
        return None
    return int(code) if _same_parameters(crs, CRS.from_epsg(code)) else None


def _same_parameters(crs: CRS, known: CRS) -> bool:
    """A confidence of 20 forgives shifted origins, as local systems have them; this does not."""
    if crs.is_geographic or known.is_geographic:
        return bool(crs.is_geographic and known.is_geographic)

    def parameters(one: CRS) -> dict[str, float]:
        operation = one.coordinate_operation
        return (
            {item.name.lower(): float(item.value) for item in operation.params} if operation else {}
        )

    mine, theirs = parameters(crs), parameters(known)
    return all(abs(mine.get(name, 0.0) - value) < 1e-9 * max(1.0, abs(value))
               for name, value in theirs.items())  # fmt: skip


def detect(hints: CrsHints) -> CrsVerdict:
    """Decide on all hints: declared, then .prj or header, then ranges, then the county default."""
    stated: int | None = None
    how, detail = "none", ""
    if hints.declared_epsg is not None:
        stated, how, detail = (
            hints.declared_epsg,
            "declared",
            f"人工指定 EPSG:{hints.declared_epsg}",
        )
        if not hints.accepts(stated):
            return refused(refusal(_name(stated)), how, detail)
    elif hints.epsg is not None:
        stated, how, detail = hints.epsg, hints.how, f"文件写明 EPSG:{hints.epsg}"
        if not hints.accepts(stated):
            return refused(refusal(_name(stated)), how, f"{detail} {_name(stated)}")
    elif hints.wkt and hints.wkt.strip():
        try:
            stated = epsg_of(hints.wkt, hints.datums)
        except CRSError:
            return _ranges(hints, "坐标系说明 .prj 无法识别", prj_broken=True)
        how, detail = hints.how, _title(hints.wkt)
        if stated is None:
            return refused(refusal(detail), how, detail)
    if stated is None:
        return _ranges(hints, "没有坐标系说明")
    return _checked(hints.bounds, CrsEvidence(stated, how, (stated,), detail))


def _name(epsg: int) -> str:
    try:
        return str(CRS.from_epsg(epsg).name)
    except CRSError:
        return f"EPSG:{epsg}"


def _title(wkt: str) -> str:
    if re.fullmatch(r"EPSG:\d{4,6}", wkt):
        return f"{wkt} {_name(int(wkt[5:]))}"
    found = re.search(r'"([^"]+)"', wkt)
    return found.group(1) if found else wkt.strip()[:80]


def fits(epsg: int, bounds: Bounds) -> bool:
    """Whether east-north bounds can be coordinates of this CRS inside China."""
    xmin, ymin, xmax, ymax = bounds
    epsg = same_zone(epsg)
    if epsg in GEOGRAPHIC:
        return 70 <= xmin <= xmax <= 140 and 0 <= ymin <= ymax <= 56
    zone, width, prefixed = ZONES[epsg]
    half = 360_000 if width == 6 else 250_000
    centre = 500_000 + (zone * 1_000_000 if prefixed else 0)
    east = centre - half <= xmin <= xmax <= centre + half
    return east and _NORTH[0] <= ymin <= ymax <= _NORTH[1]


def _exchanged(bounds: Bounds) -> Bounds:
    return bounds[1], bounds[0], bounds[3], bounds[2]


def _swap_finding(bounds: Bounds) -> Finding:
    message = "坐标是北在前、东在后（测量顺序 X=北、Y=东），已对调为东在前，请在预览图上核对位置。"
    return Finding("axes-swapped", Severity.WARNING, message, place=(bounds[0], bounds[1]))


def _checked(bounds: Bounds | None, evidence: CrsEvidence) -> CrsVerdict:
    epsg = evidence.epsg
    if bounds is None or epsg is None or fits(epsg, bounds):
        return CrsVerdict(evidence)
    if fits(epsg, _exchanged(bounds)):
        return CrsVerdict(evidence, (_swap_finding(bounds),), swap_axes=True)
    candidates, _ = by_ranges(bounds)
    message = (
        f"坐标数值与所写坐标系 EPSG:{epsg} 不符（例如 x={bounds[0]:.3f}，y={bounds[1]:.3f}），"
        "请核对坐标系、带号以及是否误用了其他坐标系。"
    )
    found = Finding("crs-range-mismatch", Severity.ERROR, message, place=(bounds[0], bounds[1]))
    return CrsVerdict(
        CrsEvidence(None, evidence.how, candidates, evidence.detail), (found,), swap_axes=False
    )


def by_ranges(bounds: Bounds) -> tuple[tuple[int, ...], bool]:
    """CRS whose range holds the bounds, best first, and whether x and y must be exchanged."""
    for swap, box in ((False, bounds), (True, _exchanged(bounds))):
        prefixed = tuple(epsg for epsg, zone in ZONES.items() if zone[2] and fits(epsg, box))
        if prefixed:
            return prefixed, swap
        if fits(CGCS2000, box):
            return GEOGRAPHIC, swap
        plain = tuple(epsg for epsg, zone in ZONES.items() if not zone[2] and fits(epsg, box))
        if plain:
            return plain, swap
    return (), False


def _ranges(hints: CrsHints, why: str, *, prj_broken: bool = False) -> CrsVerdict:
    findings: list[Finding] = []
    if prj_broken:
        message = f"{why}，已改按坐标数值判断。"
        findings.append(Finding("prj-unreadable", Severity.WARNING, message))
    if hints.bounds is None:
        return CrsVerdict(CrsEvidence(None, "none", detail=f"{why}，也没有坐标"), tuple(findings))
    candidates, swap = by_ranges(hints.bounds)
    if swap:
        findings.append(_swap_finding(hints.bounds))
    x, y = hints.bounds[:2]
    place = (x, y)
    if not candidates:
        message = (
            f"{why}，坐标数值（x={x:.3f}，y={y:.3f}）也不在 CGCS2000 的任何范围内，"
            "可能是地方独立坐标系或坐标有误，请转换为 CGCS2000 后再上传。"
        )
        findings.append(Finding("crs-unknown", Severity.ERROR, message, place=place))
        return CrsVerdict(CrsEvidence(None, "none", (), why), tuple(findings))
    default = hints.default_zone_epsg
    if len(candidates) == 1 or candidates == GEOGRAPHIC:
        epsg, how = candidates[0], "ranges"
        message = (
            f"{why}，按坐标数值判断为 CGCS2000（EPSG:{epsg}）；"
            "数值不能区分西安80、北京54 或火星坐标，"
            "请确认后再导入。"
        )
        findings.append(Finding("crs-from-ranges", Severity.WARNING, message, place=place))
    elif default in candidates:
        epsg, how = default, "default"
        message = f"{why}，坐标不带带号，按本县默认 EPSG:{default} 处理，请确认中央经线。"
        findings.append(Finding("crs-default-zone", Severity.WARNING, message, place=place))
    else:
        message = f"{why}，坐标不带带号，无法判断中央经线；请指定坐标系（例如本县所在的 3 度带）。"
        findings.append(Finding("crs-ambiguous", Severity.ERROR, message, place=place))
        return CrsVerdict(CrsEvidence(None, "ranges", candidates, why), tuple(findings), swap)
    return CrsVerdict(CrsEvidence(epsg, how, candidates, why), tuple(findings), swap)
