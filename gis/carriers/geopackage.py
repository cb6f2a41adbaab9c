"""What a GeoPackage may contain before GDAL opens it: plain tables, no foreign triggers or code."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

from gis.carriers.model import CarrierError, Finding, Severity

_OWN_TRIGGER = re.compile(
    r"^(rtree_|gpkg_|trigger_(insert|delete)_feature_count_|fgti_|fgtu_)", re.I
)
_MAGIC = b"SQLite format 3\0"


def check_geopackage(path: Path) -> tuple[frozenset[str], list[Finding]]:
    """Names of the real tables registered as layers; raises for damaged or risky containers."""
    with path.open("rb") as file:
        head = file.read(100)
    if not head.startswith(_MAGIC) or len(head) < 100:
        raise CarrierError("gpkg-damaged", "不是有效的 GeoPackage 文件，请从原软件重新导出。")
    page = int.from_bytes(head[16:18], "big")
    pages = int.from_bytes(head[28:32], "big")
    if pages * (65536 if page == 1 else page) > path.stat().st_size:
        raise CarrierError("truncated", "GeoPackage 文件不完整，请重新复制或重新导出。")
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as connection:
            connection.execute("PRAGMA trusted_schema = OFF")
            return _layers(connection)
    except sqlite3.Error as error:
        message = "GeoPackage 文件已损坏，请从原软件重新导出。"
        raise CarrierError("gpkg-damaged", message, str(error)) from error


def _layers(connection: sqlite3.Connection) -> tuple[frozenset[str], list[Finding]]:
    objects = connection.execute(
        "SELECT type, name, coalesce(sql, '') FROM sqlite_master"
    ).fetchall()
    tables: set[str] = set()
    views: set[str] = set()
    for kind, name, sql in objects:
        if kind == "trigger" and not _OWN_TRIGGER.match(name):
            message = f"GeoPackage 含有自定义触发器“{name}”，为安全起见不读取；请只导出数据表。"
            raise CarrierError("gpkg-trigger", message)
        if kind == "view":
            views.add(name)
        elif kind == "table" and re.match(r"CREATE\s+VIRTUAL", sql, re.I):
            if not re.search(r"USING\s+[\"']?rtree", sql, re.I):
                message = f"GeoPackage 含有虚拟表“{name}”，为安全起见不读取。"
                raise CarrierError("gpkg-virtual-table", message)
        elif kind == "table":
            tables.add(name)
    contents = connection.execute(
        "SELECT table_name FROM gpkg_contents WHERE data_type IN ('features', 'attributes')"
    )
    registered = {str(row[0]) for row in contents}
    findings = []
    for name in sorted(registered & views):
        message = f"图层“{name}”是视图而不是数据表，未读取；如需要请导出为数据表。"
        findings.append(Finding("gpkg-view-ignored", Severity.WARNING, message))
    return frozenset(registered & tables), findings
