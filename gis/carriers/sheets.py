"""Spreadsheets: 界址点成果表 become parcels, CASS lists points, everything else plain rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

import pyarrow as pa
import shapely

from gis.carriers.boundary import Point, split_rings
from gis.carriers.boundary_check import check_rings, geometry
from gis.carriers.columns import unique_names
from gis.carriers.crs_detect import CrsHints, CrsVerdict, detect
from gis.carriers.grids import Grid, Line, grids
from gis.carriers.model import (
    CrsEvidence,
    EncodingEvidence,
    Finding,
    Located,
    ReadOptions,
    Severity,
    Source,
    TableInfo,
)
from gis.carriers.point_table import Layout, PointRow, layout_of, point_rows
from gis.carriers.rows import Row, batches

POINTS_TABLE = "界址点成果表"
_COLUMNS = ("地块编号", "界址点数", "工作表")
_DAT_COLUMNS = ("点号", "编码", "高程")
_HEAD_ROWS = 40
_SAMPLE = 8


@dataclass(frozen=True)
class _Sheet:
    """One sheet: its first lines looked at, all its lines still to come."""

    grid: Grid
    layout: Layout | None
    header: Line | None


def describe(source: Source, options: ReadOptions) -> list[Located]:
    """A table of parcels from all coordinate sheets together, and one table per other sheet."""
    if source.kind == "dat":
        return [_describe_dat(source, options)]
    tables: list[Located] = []
    sheets = list(_sheets(source, options))
    if any(sheet.layout for sheet in sheets):
        tables.append(_describe_parcels(source, options, sheets))
    for sheet in sheets:
        if sheet.layout is None and sheet.header is not None:
            tables.append(_describe_plain(source, sheet))
    return tables


def read(located: Located, options: ReadOptions, size: int) -> Iterator[pa.RecordBatch]:
    """Rows of one table as described, every value as text."""
    columns, swap = located.info.columns, located.swap_axes
    if located.source.kind == "dat":
        rows: Iterator[Row] = _dat_rows(located.source, options, swap=swap)
    elif located.layer == POINTS_TABLE:
        rows = _parcel_rows(located.source, options, swap=swap)
    else:
        sheet = next(s for s in _sheets(located.source, options) if s.grid.name == located.layer)
        rows = ((line.cells, line.number, None) for line in _body(sheet))
    yield from batches(columns, rows, size, geometry=located.info.has_geometry)


def _sheets(source: Source, options: ReadOptions) -> Iterator[_Sheet]:
    for grid in grids(source, options):
        head = grid.head(_HEAD_ROWS)
        layout = layout_of(head) if options.prefer_coordinates else None
        yield _Sheet(grid, layout, None if layout else _header(head))


def _header(head: list[Line]) -> Line | None:
    """First line that names columns: at least two cells, none a number, after any title."""
    for line in head:
        filled = [cell for cell in line.cells if cell]
        if len(filled) > 1 and not any(_is_number(cell) for cell in filled):
            return line
    return head[0] if head else None


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).lstrip("+-").isdecimal()


def _body(sheet: _Sheet) -> Iterator[Line]:
    if sheet.header is None:
        return
    for line in sheet.grid.lines():
        if line.number > sheet.header.number and any(line.cells):
            yield line


def _describe_plain(source: Source, sheet: _Sheet) -> Located:
    header = list(sheet.header.cells) if sheet.header else []
    while header and not header[-1]:
        header.pop()
    names, findings = unique_names(header)
    count, odd = 0, None
    words: dict[str, None] = {}
    for line in _body(sheet):
        count += 1
        if any(line.cells[len(names) :]) and odd is None:
            odd = line.number
        if len(words) < _SAMPLE:
            words.update(dict.fromkeys(cell for cell in line.cells if cell and not cell.isascii()))
    if odd is not None:
        message = f"第 {odd} 行的内容比表头多，多出的列没有名称，未读取。"
        findings.append(Finding("row-too-long", Severity.WARNING, message, row=odd))
    evidence = sheet.grid.encoding
    sample = tuple(words)[:_SAMPLE]
    info = TableInfo(
        sheet.grid.name,
        names,
        count,
        (),
        CrsEvidence(None, "none"),
        EncodingEvidence(evidence.encoding, evidence.how, sample),
        tuple(findings),
    )
    return Located(info, source, sheet.grid.name)


def _parcels(
    sheets: list[_Sheet],
) -> tuple[dict[tuple[str, str], list[PointRow]], list[Finding]]:
    """Points of all coordinate sheets by (sheet, parcel)."""
    parcels: dict[tuple[str, str], list[PointRow]] = {}
    findings: list[Finding] = []
    for sheet in sheets:
        if sheet.layout:
            for row in point_rows(sheet.grid, sheet.layout, findings):
                parcels.setdefault((sheet.grid.name, row.parcel), []).append(row)
    return parcels, findings


def _bounds(points: list[Point]) -> tuple[float, float, float, float] | None:
    if not points:
        return None
    east, north = [point.east for point in points], [point.north for point in points]
    return min(east), min(north), max(east), max(north)


def _verdict(points: list[Point], options: ReadOptions) -> CrsVerdict:
    hints = CrsHints(
        _bounds(points),
        options.crs_epsg,
        options.default_zone_epsg,
        datums=options.datums,
    )
    return detect(hints)


def _describe_parcels(source: Source, options: ReadOptions, sheets: list[_Sheet]) -> Located:
    parcels, findings = _parcels(sheets)
    verdict = _verdict([row.point for rows in parcels.values() for row in rows], options)
    findings += verdict.findings
    for (_, code), rows in parcels.items():
        rings, mended = split_rings(code, [(row.mark, row.point) for row in rows])
        findings += mended
        findings += check_rings(code, rings, swap=verdict.swap_axes)[0]
    evidence = next(sheet.grid.encoding for sheet in sheets if sheet.layout)
    sample = tuple(dict.fromkeys(chain.from_iterable(parcels)))[:_SAMPLE]
    info = TableInfo(
        POINTS_TABLE if len(sheets) > 1 else source.name,
        _COLUMNS,
        len(parcels),
        ("Polygon",),
        verdict.evidence,
        EncodingEvidence(evidence.encoding, evidence.how, sample),
        tuple(findings),
    )
    return Located(info, source, POINTS_TABLE, verdict.swap_axes)


def _parcel_rows(source: Source, options: ReadOptions, *, swap: bool) -> Iterator[Row]:
    parcels, _ = _parcels(list(_sheets(source, options)))
    for (sheet, code), rows in parcels.items():
        rings, _ = split_rings(code, [(row.mark, row.point) for row in rows])
        values = (code, str(len(rows)), sheet)
        yield values, rows[0].point.line, geometry(rings, "面", swap=swap)


def _dat_points(
    source: Source, options: ReadOptions, findings: list[Finding]
) -> list[tuple[Line, Point]]:
    """CASS lines 点号,编码,东,北,高程: east comes first, other than in every other table."""
    points = []
    for line in next(grids(source, options)).lines():
        cells = line.cells
        try:
            point = Point(cells[0], float(cells[3]), float(cells[2]), line.number)
        except (ValueError, IndexError):
            if any(cells):
                message = f"第 {line.number} 行看不懂，应为“点号,编码,东Y,北X,高程”。"
                findings.append(Finding("row-unreadable", Severity.ERROR, message, row=line.number))
            continue
        points.append((line, point))
    return points


def _describe_dat(source: Source, options: ReadOptions) -> Located:
    findings: list[Finding] = []
    points = _dat_points(source, options, findings)
    verdict = _verdict([point for _, point in points], options)
    encoding = next(grids(source, options)).encoding
    info = TableInfo(source.name, _DAT_COLUMNS, len(points), ("Point",), verdict.evidence,
                     encoding, (*findings, *verdict.findings))  # fmt: skip
    return Located(info, source, swap_axes=verdict.swap_axes)


def _dat_rows(source: Source, options: ReadOptions, *, swap: bool) -> Iterator[Row]:
    for line, point in _dat_points(source, options, []):
        height = line.cells[4] if len(line.cells) > 4 else ""
        x, y = (point.north, point.east) if swap else (point.east, point.north)
        yield (line.cells[0], line.cells[1], height), line.number, shapely.Point(x, y)
