"""The report of a run as files to send around: an Excel workbook, and GeoJSON for a map."""

from collections.abc import Iterator
from pathlib import Path

from openpyxl import Workbook
from sqlalchemy import Connection

from gis.exporting.workbook import add_sheet
from gis.importing import reports
from gis.importing.differences import Difference
from gis.importing.differences import differences as differences_of
from gis.importing.listing import Listed
from gis.importing.runs import Run
from gis.importing.states import PREVIEWABLE, TITLES

MOST_FINDINGS = 100_000
MOST_CHANGED_ROWS = 20_000
_PAGE_ROWS = 1_000

SEVERITY_TITLES = {"error": "错误", "warning": "警告", "note": "提示"}


def workbook(connection: Connection, listed: Listed, run: Run, path: Path) -> None:
    """Write the workbook: 概况, 问题 (row by row), 变更 (field by field)."""
    book = Workbook(write_only=True)
    add_sheet(book, "概况", ("项目", "内容"), _overview(connection, listed, run))
    found = reports.findings(connection, run.id, limit=MOST_FINDINGS)
    problems = (
        (f.row, SEVERITY_TITLES[f.severity.value], f.code, f.message, f.field, f.value,
         *(f.place or (None, None)))
        for f in found
    )  # fmt: skip
    headers = ("行号", "级别", "代码", "说明", "字段", "原值", "经度", "纬度")
    add_sheet(book, "问题", headers, problems)
    titles = {column.name: column.title for column in run.layer.columns} | {"geom": "图形"}
    changes = (
        (d.row, d.code, titles[d.column], d.before, d.after) for d in _changes(connection, run)
    )
    add_sheet(book, "变更", ("行号", "编号", "字段", "原来", "导入后"), changes)
    book.save(path)


def _changes(connection: Connection, run: Run) -> Iterator[Difference]:
    if run.state not in PREVIEWABLE:
        return
    after, seen = 0, 0
    while seen < MOST_CHANGED_ROWS:
        found = differences_of(connection, run, _PAGE_ROWS, after)
        yield from found
        if not found:
            return
        seen, after = seen + _PAGE_ROWS, found[-1].row


def _overview(
    connection: Connection, listed: Listed, run: Run
) -> Iterator[tuple[str, str | int | None]]:
    yield "批次", run.id
    yield "图层", run.layer.title
    yield "文件", run.file_name
    yield "文件校验 SHA-256", listed.file_sha256
    yield "状态", TITLES[listed.state]
    if listed.problem:
        yield "原因", str(listed.problem.get("message"))
    for name, title in _TIMES.items():
        moment = listed.times[name]
        yield title, moment.isoformat(" ", "seconds") if moment else None
    if seen := listed.evidence:
        system = "GCJ-02" if seen["crs"]["gcj02"] else f"EPSG:{seen['crs']['epsg']}"
        yield "坐标系", f"{system}（{seen['crs']['how']}）"
        yield "编码", f"{seen['encoding']['encoding']}（{seen['encoding']['how']}）"
        yield "字段对应", "，".join(f"{a}→{b}" for a, b in seen["mapped"].items())
        yield "未用字段", "、".join(seen["unmapped"])
    for name, title in _COUNTS.items():
        yield title, listed.counts.get(name)
    for one in reports.summary(connection, run.id):
        yield f"{SEVERITY_TITLES[one.severity.value]} {one.code}", one.count


_TIMES = {
    "created_at": "上传",
    "staged_at": "检查",
    "applied_at": "应用",
    "rolled_back_at": "撤回",
}
_COUNTS = {
    "rows": "总行数",
    "new": "新增",
    "changed": "更新",
    "unchanged": "未变",
    "rejected": "拒绝",
}
