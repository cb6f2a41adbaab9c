"""Shapefiles: geometry by GDAL (which sees only .shp and .shx), attributes by our own reader."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyogrio.raw import open_arrow

from gis.carriers import wkb
from gis.carriers.crs_detect import CrsHints, detect
from gis.carriers.dbf import DELETED, Dbf, column, column_types, open_dbf
from gis.carriers.dbf_scan import scan
from gis.carriers.model import (
    GEOMETRY,
    ROW,
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
from gis.carriers.shp_files import ShpReport, inspect


def dbf_path(source: Source) -> Path:
    """Where the attributes are staged: under another stem, so that GDAL does not open them."""
    shp = Path(source.path)
    return shp.with_name(f"{shp.stem}_attributes.dbf")


def describe(source: Source, options: ReadOptions) -> list[Located]:
    """The one table of a shapefile, its three files reconciled and its encoding proved."""
    shp = Path(source.path)
    if not shp.exists():
        message = (
            f"“{source.name}”只有属性表 .dbf，缺少图形文件 .shp，"
            "请把同名的 .shp/.shx/.dbf 一起打包。"
        )
        return [_broken(source, Finding("shp-missing", Severity.ERROR, message))]
    report = inspect(shp, shp.with_suffix(".shx"))
    if not dbf_path(source).exists():
        message = f"“{source.name}”缺少属性表 .dbf，请把同名的 .shp/.shx/.dbf 一起打包。"
        report.error("dbf-missing", message)
        return [_broken(source, *report.findings)]
    dbf = open_dbf(dbf_path(source))
    _reconcile(report, dbf)
    if report.broken:
        return [_broken(source, *report.findings)]
    found = scan(dbf, source.cpg, options.encoding)
    verdict = detect(
        CrsHints(
            report.bounds,
            options.crs_epsg,
            options.default_zone_epsg,
            source.prj,
            datums=options.datums,
        )
    )
    if report.null_count:
        message = f"{report.null_count} 行没有图形。"
        report.findings.append(Finding("geometry-missing", Severity.WARNING, message))
    info = TableInfo(
        source.name,
        found.names,
        dbf.record_count - len(found.deleted),
        report.geometry_types,
        verdict.evidence,
        found.evidence,
        (*report.findings, *found.findings, *verdict.findings),
    )
    fractional = tuple(sorted(found.wide))
    return [Located(info, source, "", verdict.swap_axes, fractional, report.null_count)]


def _broken(source: Source, *findings: Finding) -> Located:
    nothing = CrsEvidence(None, "none")
    info = TableInfo(source.name, (), 0, (), nothing, EncodingEvidence(None, "none"), findings)
    return Located(info, source)


def _reconcile(report: ShpReport, dbf: Dbf) -> None:
    held = max(0, dbf.file_size - dbf.header_length) // dbf.record_length
    spare = dbf.file_size - dbf.header_length - dbf.record_count * dbf.record_length
    if spare < 0:
        message = (
            f"属性表 .dbf 不完整：文件头写 {dbf.record_count} 条，实际只有 {held} 条，"
            "请重新复制或重新导出。"
        )
        report.error("truncated", message)
    elif spare > 1 and spare >= dbf.record_length:
        message = (
            f"属性表 .dbf 文件头写 {dbf.record_count} 条，文件里却有 {held} 条，"
            "请从原软件重新导出。"
        )
        report.error("count-mismatch", message)
    elif not report.broken and report.record_count != dbf.record_count:
        message = (
            f"图形 {report.record_count} 个、属性 {dbf.record_count} 条，数目不符，"
            "三个文件不是同一次导出，请重新导出。"
        )
        report.error("count-mismatch", message)


def read(located: Located, options: ReadOptions, size: int) -> Iterator[pa.RecordBatch]:
    """Batches of the table; deleted records are left out, row numbers stay those of the file."""
    dbf = open_dbf(dbf_path(located.source))
    types = column_types(dbf, frozenset(located.fractional))
    schema = pa.schema([
        *(pa.field(name, kind) for name, kind in zip(located.info.columns, types, strict=True)),
        pa.field(ROW, pa.int32()),
        pa.field(GEOMETRY, pa.binary()),
    ])  # fmt: skip
    encoding = located.info.encoding.encoding or "ascii"
    first = nulls = 0
    with open_arrow(located.source.path, batch_size=size, use_pyarrow=True) as (_, shapes):
        for shape in shapes:
            geometry = wkb.flat(shape.column("wkb_geometry"), swap_axes=located.swap_axes)
            yield _batch(dbf, encoding, schema, first, geometry)
            first += len(geometry)
            nulls += geometry.null_count
    if nulls != located.null_count:
        message = f"有 {abs(nulls - located.null_count)} 个图形读不出来，文件已损坏，请重新导出。"
        raise CarrierError("record-damaged", message)
    if first != dbf.record_count:
        raise CarrierError(
            "count-mismatch", f"读出 {first} 个图形，应为 {dbf.record_count} 个，请重新导出。"
        )


def _batch(
    dbf: Dbf, encoding: str, schema: pa.Schema, first: int, geometry: pa.Array
) -> pa.RecordBatch:
    block = dbf.block(first, len(geometry))
    columns = [
        column(item, block, encoding, schema.field(index).type)
        for index, item in enumerate(dbf.fields)
    ]
    rows = pa.array(np.arange(first + 1, first + len(geometry) + 1, dtype=np.int32))
    batch = pa.RecordBatch.from_arrays([*columns, rows, geometry], schema=schema)
    kept = block[:, 0] != DELETED
    return batch if bool(kept.all()) else batch.filter(pa.array(kept))
