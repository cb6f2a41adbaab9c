"""The 报盘 coordinate text (国土 TXT): text to parcels and back, in every variant seen in use.

X is north and Y is east. Ring numbers are kept but decide nothing: some exporters number holes
2, 3 … and others number further outer parts so; see ``rings`` for containment.
"""

import math
import re
from dataclasses import dataclass, field

from gis.carriers.boundary import Point, Ring, split_rings
from gis.carriers.model import Finding, Severity

_SECTION = re.compile(r"^[\[【]\s*(项目信息|属性描述|地块坐标)\s*[\]】]$")
_NAMES = re.compile(r"^【(.+?),?[@＠]?】$")
_LABEL = re.compile(r"^[A-Za-z]*\d*$")
_TOKEN = re.compile(r"[,@\r\n\v\f\x1c-\x1e\x85\u2028\u2029]|＠$|^[\s\ufeff]|\s$|^[\[【#].*[\]】]$")
FIELDS = (
    "界址点数",
    "地块面积(公顷)",
    "地块编号",
    "地块名称",
    "记录图形属性",
    "图幅号",
    "地块用途",
    "地类编码",
)


@dataclass(frozen=True)
class Parcel:
    """One parcel as written; ``area`` in the unit of the file (normally hectares), or None."""

    code: str
    name: str
    rings: tuple[Ring, ...]
    area: float | None = None
    shape: str = "面"
    sheet: str = ""
    use: str = ""
    land_class: str = ""
    extra: tuple[str, ...] = ()
    stated_points: int | None = field(default=None, compare=False)
    written_points: int = field(default=0, compare=False)
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class BaopanFile:
    """A whole text: the key-value sections, names of extra fields, parcels and what was found."""

    project: tuple[tuple[str, str], ...]
    header: tuple[tuple[str, str], ...]
    extra_names: tuple[str, ...]
    parcels: tuple[Parcel, ...]
    findings: tuple[Finding, ...]

    def attribute(self, key: str) -> str:
        """Value of a key of [属性描述], or the empty string."""
        return next((value for name, value in self.header if name == key), "")


@dataclass
class _State:
    section: str = ""
    project: list[tuple[str, str]] = field(default_factory=list)
    header: list[tuple[str, str]] = field(default_factory=list)
    extra_names: tuple[str, ...] = ()
    heads: list[tuple[int, list[str]]] = field(default_factory=list)
    points: list[list[tuple[str, Point]]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def find(self, code: str, severity: Severity, message: str, row: int) -> None:
        self.findings.append(Finding(code, severity, message, row=row))


def is_baopan(text: str) -> bool:
    """Whether a text has the parts of the format."""
    return bool(re.search(r"[\[【]\s*地块坐标\s*[\]】]", text)) or bool(
        re.search(r"^[^\r\n]*,[^\r\n]*[@＠]\s*$", text, re.M)
    )


def parse_baopan(text: str) -> BaopanFile:
    """Parcels of a text; lines that make no sense become findings, nothing raises."""
    state = _State()
    for number, raw in enumerate(re.split(r"\r\n|\r|\n", text.removeprefix("\ufeff")), 1):
        line = raw.strip()
        if line:
            _line(state, number, line)
    parcels = [
        _parcel(state, line, fields, points)
        for (line, fields), points in zip(state.heads, state.points, strict=True)
    ]
    return BaopanFile(
        tuple(state.project), tuple(state.header), state.extra_names, tuple(parcels),
        tuple(state.findings),
    )  # fmt: skip


def _line(state: _State, number: int, line: str) -> None:
    section = _SECTION.match(line)
    if section:
        state.section = section.group(1)
        return
    if state.section in ("项目信息", "属性描述") and "@" not in line and "＠" not in line:
        key, _, value = line.replace("＝", "=").partition("=")
        target = state.project if state.section == "项目信息" else state.header
        target.append((key.strip(), value.strip()))
        return
    names = _NAMES.match(line.replace("，", ","))
    if names:
        state.extra_names = tuple(part.strip() for part in names.group(1).split(",")[len(FIELDS) :])
    elif line.endswith(("@", "＠")):
        state.heads.append((number, _head_fields(line[:-1])))
        state.points.append([])
    else:
        _point_line(state, number, line)


def _head_fields(line: str) -> list[str]:
    """Fields before the @; a full-width comma separates only where ASCII commas are too few."""
    fields = line.split(",")
    if len(fields) < len(FIELDS):
        fields = line.replace("，", ",").split(",")
    if fields and not fields[-1].strip():
        fields.pop()
    return [part.strip() for part in fields]


def _point_line(state: _State, number: int, line: str) -> None:
    parts = [part.strip() for part in re.split(r"[,，;\t]|\s+(?=[-\d])", line)]
    while len(parts) > 3 and not parts[-1]:
        parts.pop()
    try:
        label, mark, north, east = ("", "", parts[0], parts[1]) if len(parts) == 2 else (
            (parts[0], "", *parts[1:]) if len(parts) == 3 else (parts[0], parts[1], *parts[2:4])
        )  # fmt: skip
        point = Point(label, _number(north), _number(east), number)
    except (ValueError, IndexError):
        message = f"第 {number} 行看不懂：“{line[:60]}”，应为“点号,圈号,X(北),Y(东)”。"
        state.find("baopan-line-unreadable", Severity.ERROR, message, number)
        return
    if not state.points:
        message = f"第 {number} 行是界址点，但前面没有以 @ 结尾的地块行。"
        state.find("baopan-line-unreadable", Severity.ERROR, message, number)
        return
    state.points[-1].append((mark, point))


def _number(text: str) -> float:
    """A plain decimal; float() alone would also take nan, 1_0 and digits of other scripts."""
    if not re.fullmatch(r"[+-]?\d+(\.\d*)?([eE][+-]?\d{1,3})?", text, re.ASCII):
        raise ValueError(text)
    value = float(text)
    if math.isinf(value):
        raise ValueError(text)
    return value


def _parcel(state: _State, line: int, fields: list[str], points: list[tuple[str, Point]]) -> Parcel:
    count, area, code, name, shape, sheet, use, land_class = (fields + [""] * 8)[:8]
    stated = int(count) if re.fullmatch(r"\d{1,9}", count, re.ASCII) else None
    if stated is None and count:
        message = f"第 {line} 行的界址点数“{count[:20]}”不是整数。"
        state.find("baopan-line-unreadable", Severity.ERROR, message, line)
    try:
        size = _number(area) if area else None
    except ValueError:
        size = None
        message = f"第 {line} 行的地块面积“{area[:20]}”不是数字。"
        state.find("baopan-line-unreadable", Severity.ERROR, message, line)
    if stated is not None and stated != len(points):
        message = f"地块“{code or name}”写明 {stated} 个界址点，实际 {len(points)} 行。"
        state.find("point-count-mismatch", Severity.WARNING, message, line)
    rings, found = split_rings(code or name, points, area=shape in ("面", ""))
    state.findings += found
    if not rings:
        message = f"地块“{code or name}”没有界址点坐标。"
        state.find("geometry-missing", Severity.ERROR, message, line)
    return Parcel(code, name, rings, size, shape or "面", sheet, use, land_class,
                  tuple(fields[8:]), stated, len(points), line)  # fmt: skip


def write_baopan(
    parcels: tuple[Parcel, ...],
    header: tuple[tuple[str, str], ...],
    extra_names: tuple[str, ...] = (),
) -> str:
    """Text of parcels, each ring closed; reading it back gives equal parcels.

    Raises ValueError where a value holds a separator and could not be read back.
    """
    lines = [
        "[属性描述]",
        *(f"{_safe(key)}={value.strip()}" for key, value in header),
        "[地块坐标]",
    ]
    if extra_names:
        lines.append(f"【{','.join([*FIELDS, *map(_safe, extra_names)])},@】")
    for parcel in parcels:
        body = []
        for ring in parcel.rings:
            closing = ring.points[:1] if parcel.shape == "面" else ()
            for point in (*ring.points, *closing):
                values = (_safe(point.number), _safe(ring.mark), _exact(point.north, 3))
                body.append(",".join((*values, _exact(point.east, 3))))
        area = "" if parcel.area is None else _exact(parcel.area, 4)
        words = (
            parcel.code,
            parcel.name,
            parcel.shape,
            parcel.sheet,
            parcel.use,
            parcel.land_class,
        )
        head = [str(len(body)), area, *map(_safe, (*words, *parcel.extra))]
        lines += [",".join([*head, "@"]), *body]
    return "\r\n".join([*lines, ""])


def _safe(text: str) -> str:
    if _TOKEN.search(text):
        raise ValueError(f"{text!r} holds a separator of the format")
    return text


def _exact(value: float, digits: int) -> str:
    """Fixed digits where they say it all, else the shortest text that reads back the same."""
    text = f"{value:.{digits}f}"
    return text if float(text) == value else repr(value)
