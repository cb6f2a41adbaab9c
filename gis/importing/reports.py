"""What an import found, for people: counts by code, and each row with its reason."""

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from gis.carriers.model import Severity
from gis.importing.findings import Finding
from gis.importing.runs import Run
from gis.tables import import_findings


@dataclass(frozen=True)
class CodeCount:
    """How often one code was found."""

    code: str
    severity: Severity
    count: int


def summary(connection: Connection, run_id: int) -> list[CodeCount]:
    """How often each code was found, errors first."""
    rows = connection.execute(
        select(import_findings.c.code, import_findings.c.severity, func.count().label("found"))
        .where(import_findings.c.run_id == run_id)
        .group_by(import_findings.c.code, import_findings.c.severity)
        .order_by(import_findings.c.severity, import_findings.c.code)
    )
    return [CodeCount(row.code, Severity(row.severity), row.found) for row in rows]


def findings(
    connection: Connection,
    run_id: int,
    *,
    limit: int,
    offset: int = 0,
    severity: Severity | None = None,
    code: str | None = None,
) -> list[Finding]:
    """Findings in the order of rows."""
    table = import_findings.c
    statement = (
        select(import_findings)
        .where(table.run_id == run_id)
        .order_by(table.row_no, table.code, table.field)
        .limit(limit)
        .offset(offset)
    )
    if severity is not None:
        statement = statement.where(table.severity == severity.value)
    if code is not None:
        statement = statement.where(table.code == code)
    return [
        Finding(
            row.row_no,
            row.code,
            Severity(row.severity),
            row.message,
            row.field,
            row.value,
            None if row.longitude is None else (row.longitude, row.latitude),
        )
        for row in connection.execute(statement)
    ]


def in_words(run: Run, counts: list[CodeCount], found: list[Finding]) -> str:
    """The report of a run as plain text: what was read, what would happen, what is wrong."""
    seen, crs = run.evidence, run.evidence["crs"]
    system = "GCJ-02" if crs["gcj02"] else f"EPSG:{crs['epsg']}"
    if "shift" in seen:
        system += f"，按转换参数 {seen['shift']['name']} 转为 CGCS2000"
    lines = [
        f"文件 {run.file_name}，图层 {seen['table']}，{run.counts['rows']} 行",
        f"坐标系 {system}（{crs['how']}），编码 {seen['encoding']['encoding']}"
        f"（{seen['encoding']['how']}）",
        "字段 " + "，".join(f"{field}→{column}" for field, column in seen["mapped"].items()),
    ]
    if seen["unmapped"]:
        lines.append("未用字段 " + "、".join(seen["unmapped"]))
    lines += [f"[{one['severity']}] {one['code']} {one['message']}" for one in seen["remarks"]]
    lines.append(
        f"新增 {run.counts['new']}，更新 {run.counts['changed']}，"
        f"未变 {run.counts['unchanged']}，拒绝 {run.counts['rejected']}"
    )
    lines += [f"[{one.severity}] {one.code} × {one.count}" for one in counts]
    lines += [f"第 {one.row} 行 [{one.severity}] {one.code} {one.message}" for one in found]
    return "\n".join(lines)
