"""界址点成果表: where its header stands, and its boundary points with parcel and ring."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from gis.carriers.boundary import Point
from gis.carriers.grids import Grid, Line
from gis.carriers.model import Finding, Severity

_UNIT = r"(?:[\(（]?(?:m|米|°|度)?[\)）]?)"
_NORTH = re.compile(
    rf"^(?:坐标)?(?:X(?:坐标|值)?|纵坐标(?:X)?|北坐标(?:X)?|北|纬度|X（北）|X\(北\)){_UNIT}$", re.I
)
_EAST = re.compile(
    rf"^(?:坐标)?(?:Y(?:坐标|值)?|横坐标(?:Y)?|东坐标(?:Y)?|东|经度|Y（东）|Y\(东\)){_UNIT}$", re.I
)
_LABEL = re.compile(r"^(?:界址)?(?:点号|点名|点编号|点位|序号|界址点)$")
_PARCEL = re.compile(r"^(?:地块|宗地|图斑)(?:编号|编码|代码|号|名称)$")
_RING = re.compile(r"^(?:地块)?(?:圈号|环号)$")
_TITLE = re.compile(r"(?:地块|宗地|图斑)(?:编号|编码|代码|号|名称)\s*[:：]\s*([^\s:：]+)")
_POINT_NUMBER = re.compile(r"^[A-Za-z]*\d+$")


@dataclass(frozen=True)
class Layout:
    """Columns (from 0) of a coordinate sheet; ``row`` is the last row of its header."""

    row: int
    label: int
    north: int
    east: int
    parcel: int | None
    ring: int | None


@dataclass(frozen=True)
class PointRow:
    """One boundary point with the parcel and ring it belongs to."""

    parcel: str
    mark: str
    point: Point


def layout_of(head: list[Line]) -> Layout | None:
    """Layout of a sheet that names 点号, X and Y in one header row or in two; else None."""
    for index, line in enumerate(head):
        found = _layout(line.number, line.cells)
        if found:
            return found
        if index + 1 < len(head):
            below = head[index + 1]
            width = max(len(line.cells), len(below.cells))
            upper = (*line.cells, *[""] * (width - len(line.cells)))
            lower = (*below.cells, *[""] * (width - len(below.cells)))
            merged = tuple(low or up for up, low in zip(upper, lower, strict=True))
            found = _layout(below.number, merged)
            if found:
                return found
    return None


def _layout(row: int, cells: tuple[str, ...]) -> Layout | None:
    names = [re.sub(r"\s", "", cell) for cell in cells]

    def place(pattern: re.Pattern[str]) -> int | None:
        return next((i for i, name in enumerate(names) if pattern.match(name)), None)

    label, north, east = place(_LABEL), place(_NORTH), place(_EAST)
    if label is None or north is None or east is None:
        return None
    return Layout(row, label, north, east, place(_PARCEL), place(_RING))


def _cell(line: Line, column: int | None) -> str:
    return line.cells[column] if column is not None and column < len(line.cells) else ""


def title_of(line: Line) -> str | None:
    """Parcel code in a line such as “宗地代码：330502…” or a label cell followed by its value."""
    cells = [cell for cell in line.cells if cell]
    found = _TITLE.search(" ".join(cells))
    if found:
        return found.group(1)
    for name, value in pairwise(cells):
        if _PARCEL.match(name.rstrip(":： ")) and not _PARCEL.match(value):
            return value
    return None


def point_rows(grid: Grid, layout: Layout, findings: list[Finding]) -> Iterator[PointRow]:
    """Points of a sheet in order; unreadable rows that carry a point number become findings."""
    parcel = grid.name
    for line in grid.lines():
        north, east = _number(_cell(line, layout.north)), _number(_cell(line, layout.east))
        label = _cell(line, layout.label)
        if line.number <= layout.row or north is None or east is None:
            if layout.parcel is None:
                parcel = title_of(line) or parcel
            bad = line.number > layout.row and _POINT_NUMBER.match(label)
            if bad and (_cell(line, layout.north) or _cell(line, layout.east)):
                message = f"工作表“{grid.name}”第 {line.number} 行界址点 {label} 的坐标不是数字。"
                findings.append(Finding("row-unreadable", Severity.ERROR, message, row=line.number))
            continue
        parcel = _cell(line, layout.parcel) or parcel
        yield PointRow(parcel, _cell(line, layout.ring), Point(label, north, east, line.number))


def _number(text: str) -> float | None:
    plain = text.replace(",", "")
    return float(plain) if re.fullmatch(r"-?\d+(\.\d*)?", plain, re.ASCII) else None
