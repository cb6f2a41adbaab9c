"""Shapefile and GeoPackage, written by GDAL in this process: the data are our own."""

import warnings
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.exporting.model import GCJ02, Export, ExportRefused, Format
from gis.exporting.rows import SiteRow, as_text, field_names, machine_value
from gis.layers import Column, Kind

_TEXT_BYTES = 254
_LARGEST_BYTES = 2_000_000_000
"""A .shp or .dbf of more than 2 GB is read by few."""

_NUMERIC = {Kind.NUMBER, Kind.AREA}


def write_geopackage(export: Export, parts: Iterable[list[SiteRow]], folder: Path) -> Path:
    """One table named for the layer; columns and codes are named as in the API."""
    path = folder / "export.gpkg"
    names = {column.name: column.name for column in export.layer.writable}
    for number, part in enumerate(parts):
        _append(path, export, part, names, first=number == 0)
    return path


def write_shapefile(export: Export, parts: Iterable[list[SiteRow]], folder: Path) -> Path:
    """A zip of one shapefile whose field names the importer knows; :class:`ExportRefused`."""
    work = folder / "shapefile"
    work.mkdir()
    names = field_names(export.layer, export.encoding)
    shapefile = work / f"{export.layer.name}.shp"
    for number, part in enumerate(parts):
        _append(shapefile, export, part, names, first=number == 0)
    target = folder / "export.zip"
    with ZipFile(target, "w", ZIP_DEFLATED) as archive:
        for path in sorted(work.iterdir()):
            if path.stat().st_size > _LARGEST_BYTES:
                raise ExportRefused("too-large", "数据超过 2 GB，shapefile 放不下，请改用 gpkg")
            archive.write(path, path.name)
    return target


def _append(
    path: Path, export: Export, part: Sequence[SiteRow], names: Mapping[str, str], *, first: bool
) -> None:
    fields, masks = [], []
    for index, column in enumerate(export.layer.writable):
        values, mask = _field(export, column, [row.values[index] for row in part])
        fields.append(values)
        masks.append(mask)
    is_shapefile = export.format is Format.SHP
    # It brings pandas, which nothing else in a worker needs.
    from pyogrio import raw  # noqa: PLC0415

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "'crs' was not provided", UserWarning)
        raw.write(
            path,
            shapely.to_wkb(export.placed(part)),
            fields,
            list(names.values()),
            field_mask=masks,
            layer=export.layer.name,
            driver="ESRI Shapefile" if is_shapefile else "GPKG",
            geometry_type="MultiPolygon",
            # GCJ-02 has no code and must not be taken for anything else.
            crs=None if export.epsg == GCJ02 else f"EPSG:{export.epsg}",
            append=not first,
            **(_shapefile_options(export) if is_shapefile else {}),
        )


def _shapefile_options(export: Export) -> dict[str, Any]:
    # LDID 77 in the header of the table is what Chinese software knows as GBK; no .cpg is needed.
    return {"encoding": "LDID/77" if export.encoding == "gbk" else "UTF-8"}


Masked = tuple[NDArray[Any], NDArray[np.bool_]]


def _field(export: Export, column: Column, values: Sequence[object]) -> Masked:
    mask = np.array([value is None for value in values])
    shapefile = export.format is Format.SHP
    if column.kind is Kind.DATE:
        days = [value if isinstance(value, date) else None for value in values]
        return np.array(days, "datetime64[D]"), mask
    if column.kind is Kind.INTEGER:
        return np.array([0 if value is None else value for value in values], np.int64), mask
    if column.kind in _NUMERIC:  # a double keeps 15 digits, more than any of these has
        return np.array([np.nan if value is None else value for value in values], float), mask
    words = [as_text(column, value) if shapefile else machine_value(column, value)
             for value in values]  # fmt: skip
    if shapefile:
        _require_fitting(export, column, words)
    return np.array(words, object), np.array([word is None for word in words])


def _require_fitting(export: Export, column: Column, words: Sequence[str | None]) -> None:
    for word in words:
        try:
            size = len((word or "").encode(export.encoding))
        except UnicodeEncodeError as error:
            letter = (word or "")[error.start : error.start + 1]
            message = f"字段{column.title}中的“{letter}”不在 GBK 中，请改用 UTF-8 编码或 gpkg 格式"
            raise ExportRefused("not-in-gbk", message) from error
        if size > _TEXT_BYTES:
            message = (
                f"字段{column.title}的内容长 {size} 字节，shapefile 最多 {_TEXT_BYTES} 字节，"
                f"请改用 gpkg：{(word or '')[:20]}…"
            )
            raise ExportRefused("text-too-long", message)
