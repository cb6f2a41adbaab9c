"""Entry of the reader child: ``python -m gis.carriers.reader_process``.

The request is one JSON line on stdin. ``describe`` answers with one JSON document on stdout,
``read`` with an Arrow IPC stream; a failure is one JSON line on stderr and exit status 1.

The fence goes up before any module that parses is imported: leaving the network namespace needs a
single-threaded process, and numpy, GDAL and pyarrow start threads.
"""

import importlib
import json
import sys
from collections import Counter
from dataclasses import asdict, replace
from importlib.abc import MetaPathFinder
from pathlib import Path
from typing import Any

from gis.carriers.limits import DRIVERS, fence
from gis.carriers.model import (
    CarrierError,
    CrsEvidence,
    Description,
    EncodingEvidence,
    Finding,
    Limits,
    Located,
    ReadOptions,
    Severity,
    Source,
    TableInfo,
)

READERS = {
    "shapefile": "gis.carriers.shapefile",
    "gpkg": "gis.carriers.ogr",
    "gdb": "gis.carriers.ogr",
    "geojson": "gis.carriers.ogr",
    "kml": "gis.carriers.ogr",
    "dxf": "gis.carriers.dxf",
    "txt": "gis.carriers.baopan_table",
    "xlsx": "gis.carriers.sheets",
    "csv": "gis.carriers.sheets",
    "dat": "gis.carriers.sheets",
}
_GDAL_KINDS = frozenset({"shapefile", "gpkg", "gdb", "geojson", "kml"})
EXIT_FAILED = 1
SAME_FINDINGS = 200


class WithoutDataFrames(MetaPathFinder):
    """Hides pandas: pyogrio and pyarrow import it only to offer frames, doubling the start-up."""

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> None:
        """Refuse the two packages, leave every other to the next finder."""
        if fullname in ("pandas", "geopandas"):
            raise ModuleNotFoundError(fullname, name=fullname)


def main() -> int:
    """Answer one request; the exit status is 0, or 1 after a CarrierError on stderr."""
    request = json.loads(sys.stdin.buffer.readline())
    limits = Limits(**request["limits"])
    fence(limits.memory_bytes, limits.cpu_s, limits.max_unpacked_bytes)
    sys.meta_path.insert(0, WithoutDataFrames())
    options = ReadOptions(**request["options"])
    try:
        if request["do"] == "describe":
            _describe(request, options, limits)
        else:
            _read(_located(request["table"]), options, int(request["size"]))
    except CarrierError as error:
        return _fail(error)
    except MemoryError as error:
        message = "文件解开后占用内存过大，请分批上传或改用 shapefile、GeoPackage。"
        return _fail(CarrierError("reader-memory", message, repr(error)))
    except BrokenPipeError:
        return EXIT_FAILED
    except Exception as error:
        # Readers of foreign formats raise anything; the caller sees one kind of failure.
        message = "文件无法读取，可能已损坏或不是所写的格式，请从原软件重新导出。"
        return _fail(CarrierError("unreadable", message, f"{type(error).__name__}: {error}"[:2000]))
    return 0


def _fail(error: CarrierError) -> int:
    fields = {"code": error.code, "message": error.message, "detail": error.detail}
    print(json.dumps(fields, ensure_ascii=False), file=sys.stderr, flush=True)
    return EXIT_FAILED


def _reader(kind: str) -> Any:
    if kind in _GDAL_KINDS:
        extra = set(importlib.import_module("pyogrio").list_drivers()) - set(DRIVERS) - {"MEM"}
        if extra:
            raise CarrierError("reader-unfenced", "读取程序配置有误，请联系管理员。", str(extra))
    return importlib.import_module(READERS[kind])


def _describe(request: dict[str, Any], options: ReadOptions, limits: Limits) -> None:
    staging = importlib.import_module("gis.carriers.staging")
    sources, findings = staging.stage(
        Path(request["upload"]), request["name"], Path(request["work"]), limits
    )
    tables: list[Located] = []
    for source in sources:
        try:
            tables += _reader(source.kind).describe(source, options)
        except CarrierError as error:
            # A text beside the data is mostly a note, and then no reason to refuse the data.
            if error.code != "txt-unknown" or len(sources) == 1:
                raise
            message = f"“{source.name}.txt”不是报盘坐标文件，未读取。"
            findings.append(Finding("archive-ignored", Severity.NOTE, message))
    if not tables:
        raise CarrierError("no-table", "文件里没有可读取的数据表。")
    if len(tables) > limits.max_tables:
        raise CarrierError("too-many-tables", f"数据表超过 {limits.max_tables} 个，请分批上传。")
    short = tuple(
        replace(t, info=replace(t.info, findings=_capped(t.info.findings))) for t in tables
    )
    answer = Description(short, _capped(tuple(findings)))
    print(json.dumps(asdict(answer), ensure_ascii=False))


def _capped(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The first findings of each code, then one that counts the rest: a person reads no more."""
    counts: Counter[str] = Counter()
    kept: list[Finding] = []
    for found in findings:
        counts[found.code] += 1
        if counts[found.code] <= SAME_FINDINGS:
            kept.append(found)
    severities = {found.code: found.severity for found in kept}
    for code, count in counts.items():
        if count > SAME_FINDINGS:
            message = f"还有 {count - SAME_FINDINGS} 处同类问题未逐一列出。"
            kept.append(Finding(code, severities[code], message))
    return tuple(kept)


def _read(located: Located, options: ReadOptions, size: int) -> None:
    pa = importlib.import_module("pyarrow")
    batches = iter(_reader(located.source.kind).read(located, options, size))
    first = next(batches, None)
    if first is None:
        first = pa.RecordBatch.from_arrays([], schema=pa.schema([]))
    with pa.ipc.new_stream(sys.stdout.buffer, first.schema) as stream:
        stream.write_batch(first)
        for batch in batches:
            stream.write_batch(batch)


def _located(fields: dict[str, Any]) -> Located:
    """A table as the parent got it from ``describe``; plain code, as pydantic starts slowly."""
    info = fields["info"]
    findings = tuple(Finding(**{**item, "severity": Severity(item["severity"])})
                     for item in info["findings"])  # fmt: skip
    table = TableInfo(
        info["name"],
        tuple(info["columns"]),
        info["row_count"],
        tuple(info["geometry_types"]),
        CrsEvidence(**info["crs"]),
        EncodingEvidence(**info["encoding"]),
        findings,
    )
    rest = {**fields, "fractional": tuple(fields["fractional"])}
    return Located(**{**rest, "info": table, "source": Source(**fields["source"])})


if __name__ == "__main__":
    sys.exit(main())
