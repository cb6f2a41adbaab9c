"""GeoJSON with every digit, written a line a site."""

import json
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

import shapely

from gis.crs import CGCS2000
from gis.exporting.model import GCJ02, Export
from gis.exporting.rows import SiteRow, machine_value
from gis.layers import Column, Kind


def write_geojson(export: Export, parts: Iterable[list[SiteRow]], folder: Path) -> Path:
    """A FeatureCollection; a system other than CGCS2000 degrees is named, as GDAL reads it."""
    path = folder / "export.geojson"
    with path.open("w", encoding="utf-8") as file:
        file.write(_head(export))
        separator = "\n"
        for part in parts:
            for row, shape in zip(part, export.placed(part), strict=True):
                file.write(separator + _feature(export, row, shape))
                separator = ",\n"
        file.write("\n]}\n")
    return path


def _head(export: Export) -> str:
    members: dict[str, object] = {"type": "FeatureCollection", "name": export.layer.name}
    members["coordSys"] = {GCJ02: "GCJ-02", CGCS2000: "CGCS2000"}.get(
        export.epsg, f"EPSG:{export.epsg}"
    )
    if export.epsg not in (GCJ02, CGCS2000):
        name = f"urn:ogc:def:crs:EPSG::{export.epsg}"
        members["crs"] = {"type": "name", "properties": {"name": name}}
    return json.dumps(members, ensure_ascii=False)[:-1] + ', "features": ['


def _feature(export: Export, row: SiteRow, shape: shapely.Geometry) -> str:
    properties = {
        column.name: _value(column, value)
        for column, value in zip(export.layer.writable, row.values, strict=True)
    }
    feature = {"type": "Feature", "geometry": json.loads(shapely.to_geojson(shape))}
    return json.dumps(feature | {"properties": properties}, ensure_ascii=False)


def _value(column: Column, value: object) -> object:
    if isinstance(value, Decimal):
        number = float(value)
        return number if Decimal(repr(number)) == value else str(value)
    if column.kind in (Kind.BOOLEAN, Kind.INTEGER, Kind.TEXTS):
        return value
    return machine_value(column, value)
