"""GeoPackage, file geodatabase, GeoJSON and KML through GDAL's Arrow stream."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyogrio
from pyogrio.raw import open_arrow

from gis.carriers import wkb
from gis.carriers.columns import unique_names
from gis.carriers.crs_detect import CrsHints, CrsVerdict, detect
from gis.carriers.geojson_text import check_geojson
from gis.carriers.geopackage import check_geopackage
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
from gis.carriers.xml_text import check_xml

_DEGREES = ("kml", "geojson")
_SAMPLE = 8


def describe(source: Source, options: ReadOptions) -> list[Located]:
    """One table per layer; raises CarrierError where the container itself is unsafe or broken."""
    path = Path(source.path)
    evidence = EncodingEvidence("utf-8", "format")
    findings: list[Finding] = []
    layers: frozenset[str] | None = None
    if source.kind == "gpkg":
        layers, findings = check_geopackage(path)
    elif source.kind == "geojson":
        evidence = check_geojson(path, options.encoding)
    elif source.kind == "kml":
        evidence = check_xml(path)
    found = [str(name) for name, _ in pyogrio.list_layers(path)]
    if source.kind == "geojson":
        return [_table(source, layer, source.name, options, evidence, findings) for layer in found]
    wanted = [name for name in found if layers is None or name in layers]
    return [_table(source, name, name, options, evidence, findings) for name in wanted]


def _table(
    source: Source,
    layer: str,
    name: str,
    options: ReadOptions,
    encoding: EncodingEvidence,
    findings: list[Finding],
) -> Located:
    info: dict[str, Any] = pyogrio.read_info(
        source.path, layer=layer, force_feature_count=True, force_total_bounds=True
    )
    names, renamed = unique_names([str(field) for field in info["fields"]])
    stated_type = info["geometry_type"]
    verdict = CrsVerdict(CrsEvidence(None, "none"))
    if stated_type is not None:
        verdict = _crs(source, info, options)
    table = TableInfo(
        name,
        names,
        int(info["features"]),
        (str(stated_type),) if stated_type is not None else (),
        verdict.evidence,
        encoding if encoding.sample else _with_sample(source, layer, names, encoding),
        (*findings, *renamed, *verdict.findings),
    )
    return Located(table, source, layer, verdict.swap_axes)


def _with_sample(
    source: Source, layer: str, names: tuple[str, ...], encoding: EncodingEvidence
) -> EncodingEvidence:
    words = [name for name in names if not name.isascii()]
    with open_arrow(
        source.path, layer=layer, batch_size=20, read_geometry=False, use_pyarrow=True
    ) as (_, batches):
        first = next(iter(batches), None)
        for column in first.columns if first else ():
            if pa.types.is_string(column.type):
                words += [word for word in column.to_pylist() if word and not word.isascii()]
    return EncodingEvidence(encoding.encoding, encoding.how, tuple(dict.fromkeys(words))[:_SAMPLE])


def _crs(source: Source, info: dict[str, Any], options: ReadOptions) -> CrsVerdict:
    bounds = None
    if info["total_bounds"] is not None and np.isfinite(info["total_bounds"]).all():
        xmin, ymin, xmax, ymax = (float(value) for value in info["total_bounds"])
        bounds = (xmin, ymin, xmax, ymax)
    if source.kind in _DEGREES and options.coordinate_system == "gcj02":
        detail = "声明为 GCJ-02（火星坐标），坐标原样给出，导入时须反算"
        return CrsVerdict(CrsEvidence(None, "declared", (), detail, gcj02=True))
    if source.kind == "kml" and options.coordinate_system is None and options.crs_epsg is None:
        message = (
            "KML 可能是 WGS84 也可能是 GCJ-02（奥维等软件常见），两者相差约 500 米；"
            "请指明坐标系（wgs84 或 gcj02）后再读取。"
        )
        found = Finding("kml-datum-needed", Severity.ERROR, message)
        return CrsVerdict(CrsEvidence(None, "none", (4326,), "KML 未声明坐标系"), (found,))
    declared = options.crs_epsg
    if source.kind == "kml" and declared is None:
        declared = 4326
    crs = info["crs"]
    return detect(
        CrsHints(
            bounds,
            declared,
            options.default_zone_epsg,
            str(crs) if crs else None,
            how="format",
            datums=options.datums,
        )
    )


def read(located: Located, options: ReadOptions, size: int) -> Iterator[pa.RecordBatch]:
    """Batches of one layer, rows numbered in the order of the file."""
    geometry = located.info.has_geometry
    rows = 0
    # GDAL would otherwise write -wal and -shm files beside a GeoPackage.
    extra = {"IMMUTABLE": "YES"} if located.source.kind == "gpkg" else {}
    with open_arrow(
        located.source.path,
        layer=located.layer,
        read_geometry=geometry,
        batch_size=size,
        use_pyarrow=True,
        **extra,
    ) as (meta, batches):
        shape = (meta["geometry_name"] or "wkb_geometry") if geometry else None
        for batch in batches:
            yield _renamed(batch, shape, located, rows)
            rows += batch.num_rows
    if rows != located.info.row_count:
        message = f"读出 {rows} 行，应为 {located.info.row_count} 行，文件可能不完整，请重新导出。"
        raise CarrierError("count-mismatch", message)


def _renamed(
    batch: pa.RecordBatch, shape: str | None, located: Located, first: int
) -> pa.RecordBatch:
    columns = [_plain(item) for name, item in zip(batch.schema.names, batch.columns, strict=True)
               if name != shape]  # fmt: skip
    columns.append(pa.array(np.arange(first + 1, first + batch.num_rows + 1, dtype=np.int32)))
    names = [*located.info.columns, ROW]
    if shape is not None:
        columns.append(wkb.flat(batch.column(shape), swap_axes=located.swap_axes))
        names.append(GEOMETRY)
    return pa.RecordBatch.from_arrays(columns, names=names)


def _plain(column: pa.Array) -> pa.Array:
    """Coded values as their text: dictionaries may differ from batch to batch."""
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
