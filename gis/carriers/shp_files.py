"""What the raw bytes of .shp and .shx promise and hold, reconciled before GDAL sees them.

GDAL answers a truncated .shp with null geometries and a halved count with fewer rows, both without
a word; here each disagreement becomes a finding that blocks the table.
"""

import struct
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gis.carriers.model import Finding, Severity

_TYPES = {0: (), 1: ("Point",), 3: ("LineString",), 5: ("Polygon",), 8: ("MultiPoint",)}
HEADER = 100


@dataclass
class ShpReport:
    """Counts, types and bounds (xmin, ymin, xmax, ymax) of a .shp and its .shx."""

    record_count: int = 0
    null_count: int = 0
    geometry_types: tuple[str, ...] = ()
    bounds: tuple[float, float, float, float] | None = None
    findings: list[Finding] = field(default_factory=list)

    @property
    def broken(self) -> bool:
        """Whether an error was found."""
        return any(found.severity is Severity.ERROR for found in self.findings)

    def error(self, code: str, message: str, row: int | None = None) -> None:
        """Add an error finding."""
        self.findings.append(Finding(code, Severity.ERROR, message, row=row))


def is_shp(path: Path) -> bool:
    """Whether a file starts with the magic number of .shp and .shx."""
    with path.open("rb") as file:
        return file.read(4) == b"\x00\x00\x27\x0a"


def inspect(shp: Path, shx: Path) -> ShpReport:
    """Reconcile a .shp with its .shx, rebuilding the .shx beside it where it is missing."""
    report = ShpReport()
    size = shp.stat().st_size
    if size < HEADER or not is_shp(shp):
        report.error("truncated", "图形文件 .shp 不完整或不是 shapefile，请从原软件重新导出。")
        return report
    head = np.fromfile(shp, np.uint8, HEADER)
    stated = int(head[24:28].view(">i4")[0]) * 2
    kind = int(head[32:36].view("<i4")[0])
    if kind % 10 not in _TYPES or kind > 28:
        message = f"图形类型 {kind} 不支持（只支持点、线、面、多点），请转换为面后重新导出。"
        report.error("record-damaged", message)
        return report
    report.geometry_types = _TYPES[kind % 10]
    if stated > size:
        message = (
            f"图形文件 .shp 不完整：文件头写 {stated} 字节，实际只有 {size} 字节，"
            "请重新复制或重新导出。"
        )
        report.error("truncated", message)
        return report
    if size > stated:
        message = f"图形文件 .shp 末尾多出 {size - stated} 字节，未读取。"
        report.findings.append(Finding("shp-trailing-bytes", Severity.WARNING, message))
    if not shx.exists():
        shx.write_bytes(_rebuilt_index(shp, stated))
        message = "缺少索引文件 .shx，已按 .shp 重建；建议下次把 .shp/.shx/.dbf 一起打包。"
        report.findings.append(Finding("shx-rebuilt", Severity.NOTE, message))
    offsets, lengths = _index(shx, report)
    if offsets.size and not report.broken:
        _check_records(shp, stated, kind, offsets, lengths, report)
    return report


def _index(shx: Path, report: ShpReport) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    size = shx.stat().st_size
    empty = np.empty(0, np.int64)
    if size < HEADER or not is_shp(shx):
        report.error("truncated", "索引文件 .shx 不完整，请重新导出，或删去 .shx 后重新打包。")
        return empty, empty
    stated = int(np.fromfile(shx, ">i4", 1, offset=24)[0]) * 2
    if stated > size or (stated - HEADER) % 8:
        message = f"索引文件 .shx 不完整：文件头写 {stated} 字节，实际 {size} 字节，请重新导出。"
        report.error("truncated", message)
        return empty, empty
    if size - stated >= 8:
        report.error("count-mismatch", "索引文件 .shx 的文件头少记了图形数，请从原软件重新导出。")
        return empty, empty
    words = np.fromfile(shx, ">i4", (stated - HEADER) // 4, offset=HEADER).astype(np.int64)
    report.record_count = words.size // 2
    return words[0::2] * 2, words[1::2] * 2


def _rebuilt_index(shp: Path, stated: int) -> bytes:
    """Contents of a .shx for a .shp, walking its records; stops at the first impossible one."""
    entries = bytearray()
    with shp.open("rb") as file:
        head = bytearray(file.read(HEADER))
        position = HEADER
        while position + 8 <= stated:
            file.seek(position)
            _, words = struct.unpack(">ii", file.read(8))
            if words < 2 or position + 8 + words * 2 > stated:
                break
            entries += struct.pack(">ii", position // 2, words)
            position += 8 + words * 2
    head[24:28] = struct.pack(">i", (HEADER + len(entries)) // 2)
    return bytes(head + entries)


def _check_records(
    shp: Path,
    stated: int,
    kind: int,
    offsets: NDArray[np.int64],
    lengths: NDArray[np.int64],
    report: ShpReport,
) -> None:
    ends = offsets + 8 + lengths
    outside = np.flatnonzero((offsets < HEADER) | (lengths < 4) | (ends > stated))
    if outside.size:
        row = int(outside[0]) + 1
        message = f"从第 {row} 个图形起，.shx 索引指向 .shp 文件之外，文件不完整，请重新导出。"
        report.error("truncated", message, row)
        return
    if int(ends.max()) < stated - 8 and int((lengths + 8).sum()) + HEADER < stated:
        held = HEADER + int((lengths + 8).sum())
        message = (
            f".shp 中有 .shx 未登记的图形（登记 {held} 字节，共 {stated} 字节），"
            ".shx 与 .shp 不是同一次导出。"
        )
        report.error("count-mismatch", message)
        return
    content = np.memmap(shp, np.uint8, "r")
    starts = offsets + 8
    types = _words(content, starts, 4).view("<i4").ravel()
    strange = np.flatnonzero((types != 0) & (types != kind))
    stored = _words(content, offsets + 4, 4).view(">i4").ravel().astype(np.int64) * 2
    strange = np.union1d(strange, np.flatnonzero(stored != lengths))
    if strange.size:
        row = int(strange[0]) + 1
        report.error("record-damaged", f"第 {row} 个图形的记录已损坏，请从原软件重新导出。", row)
        return
    filled = types != 0
    starts, lengths = starts[filled], lengths[filled]
    rows = np.flatnonzero(filled)
    short, empty = _impossible(content, kind, starts, lengths)
    if short.size:
        row = int(rows[short[0]]) + 1
        report.error("record-damaged", f"第 {row} 个图形的点数与记录长度不符，已损坏。", row)
        return
    report.null_count = int((~filled).sum() + empty.sum())
    starts, rows = starts[~empty], rows[~empty]
    if starts.size == 0:
        return
    point = kind % 10 == 1
    boxes = _words(content, starts + 4, 16 if point else 32).view("<f8")
    broken = ~np.isfinite(boxes).all(axis=1)
    if bool(broken.any()):
        row = int(rows[broken][0]) + 1
        report.error("record-damaged", f"第 {row} 个图形的坐标不是有效数字。", row)
        return
    xmin, ymin = boxes[:, :2].min(axis=0)
    xmax, ymax = boxes[:, -2:].max(axis=0)
    report.bounds = (float(xmin), float(ymin), float(xmax), float(ymax))


def _impossible(
    content: NDArray[np.uint8], kind: int, starts: NDArray[np.int64], lengths: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Records whose counts of parts and points do not fit their length, and which have no point.

    GDAL answers such a record with a null geometry and no error.
    """
    base = {1: 20, 8: 40}.get(kind % 10, 44)
    short = lengths < base
    if kind % 10 == 1 or bool(short.any()):
        return np.flatnonzero(short), np.zeros(len(starts), np.bool_)
    has_parts = kind % 10 != 8
    counts = _words(content, starts + 36, 8 if has_parts else 4).view("<i4").astype(np.int64)
    parts = counts[:, 0] if has_parts else np.zeros(len(starts), np.int64)
    points = counts[:, -1]
    height = 16 + 8 * points if 10 < kind < 20 else 0
    need = base + 4 * parts + 16 * points + height
    wrong = (parts < 0) | (points < 0) | (need > lengths)
    return np.flatnonzero(wrong), (points == 0) & ~wrong


def _words(content: NDArray[np.uint8], starts: NDArray[np.int64], count: int) -> NDArray[np.uint8]:
    """``count`` bytes from each start; in slices, as the index array is 8 times as large."""
    taken = np.empty((len(starts), count), np.uint8)
    for first in range(0, len(starts), 100_000):
        part = starts[first : first + 100_000, None] + np.arange(count)
        taken[first : first + len(part)] = content[part]
    return taken
