"""GeoPackage, file geodatabase, GeoJSON and KML."""

import io
import json
import sqlite3
import zipfile
from pathlib import Path
from typing import Any

import pytest
import shapely

from gis.carriers.carrier import open_carrier
from tests.unit.carriers.build import (
    NAMES,
    geodatabase,
    one_file,
    put,
    squares,
    write_vector,
    zipped,
)
from tests.unit.carriers.reading import codes, geometries, read, read_zip, tables

DEGREES: dict[str, Any] = {"geometries": [shapely.box(120, 30, 120.1, 30.1)], "crs": "EPSG:4326"}


@pytest.mark.parametrize(("name", "driver"), [("a.gpkg", "GPKG"), ("a.geojson", "GeoJSON")])
@pytest.mark.parametrize("packed", [False, True])
def test_single_files(name: str, driver: str, packed: bool, tmp_path: Path) -> None:
    files = one_file(name, driver)
    path = put(tmp_path, "a.zip", zipped(files)) if packed else put(tmp_path, name, files[name])
    info, rows = read(path)
    assert (info.crs.epsg, info.crs.how, info.encoding.encoding) == (4528, "format", "utf-8")
    assert rows.column("地块名称").to_pylist() == list(NAMES)
    assert rows.column("__row").to_pylist() == [1, 2, 3]
    assert all(
        a is not None and a.equals(b) for a, b in zip(geometries(rows), squares(), strict=True)
    )


@pytest.mark.parametrize("folder", ["库.gdb/", "资料/库.gdb/", "", "库/"])
def test_geodatabase_with_or_without_its_folder(folder: str, tmp_path: Path) -> None:
    files = {folder + name: content for name, content in geodatabase().items()}
    info, rows = read_zip(tmp_path, files)
    assert info.crs.epsg == 4528
    assert rows.column("地块名称").to_pylist() == list(NAMES)


def test_geodatabase_folder_on_disk(tmp_path: Path) -> None:
    write_vector(tmp_path / "库.gdb", driver="OpenFileGDB")
    assert read(tmp_path / "库.gdb")[1].num_rows == 3


def test_gpkg_with_several_layers_and_a_plain_table(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    write_vector(path, driver="GPKG", layer="地块")
    write_vector(path, driver="GPKG", layer="厂房", append=True)
    connection = sqlite3.connect(path)
    connection.executescript("""
        CREATE TABLE 企业 (fid INTEGER PRIMARY KEY, 名称 TEXT, 税收 REAL);
        INSERT INTO 企业 VALUES (1, '某公司', 30.5);
        CREATE VIEW 视图 AS SELECT * FROM 企业;
        INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES
          ('企业', 'attributes', '企业'), ('视图', 'attributes', '视图');""")
    connection.commit()
    connection.close()
    assert set(tables(path)) == {"地块", "厂房", "企业"}
    info, rows = read(path, "企业")
    assert not info.has_geometry
    assert "gpkg-view-ignored" in codes(info)
    assert rows.column("名称").to_pylist() == ["某公司"]
    assert {p.name for p in tmp_path.iterdir()} == {"a.gpkg"}


def test_gpkg_of_xian80_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    write_vector(path, driver="GPKG", crs="EPSG:2364")
    assert "crs-refused" in codes(tables(path)["a"])


@pytest.mark.parametrize("code", [4490, 4528, 4549])
def test_old_crs_member_of_geojson_is_respected(code: int, tmp_path: Path) -> None:
    east = {4490: 120.0, 4528: 40_539_800.0, 4549: 539_800.0}[code]
    size = 0.1 if code == 4490 else 100
    shape = shapely.box(
        east, 30 if code == 4490 else 3_415_000, east + size, 30.1 if code == 4490 else 3_415_100
    )
    path = put(
        tmp_path,
        "a.geojson",
        geojson(shape, {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{code}"}}),
    )
    info, rows = read(path)
    assert info.crs.epsg == code
    assert codes(info) == set()
    assert geometries(rows)[0].equals(shape)


def geojson(shape: Any, crs: dict[str, Any] | None = None) -> bytes:
    feature = {
        "type": "Feature",
        "properties": {"名称": "甲"},
        "geometry": shapely.geometry.mapping(shape),
    }
    body = {"type": "FeatureCollection", "features": [feature], **({"crs": crs} if crs else {})}
    return json.dumps(body, ensure_ascii=False).encode()


def test_geojson_is_wgs84_unless_it_says_otherwise(tmp_path: Path) -> None:
    info, _ = read(put(tmp_path, "a.geojson", geojson(DEGREES["geometries"][0])))
    assert (info.crs.epsg, info.crs.how) == (4326, "format")


def test_geojson_of_projected_numbers_is_refused_with_candidates(tmp_path: Path) -> None:
    info, _ = read(put(tmp_path, "a.geojson", geojson(squares(1)[0])))
    assert codes(info) == {"crs-range-mismatch"}
    assert info.crs.candidates == (4528,)


def test_geojson_in_gbk_is_read(tmp_path: Path) -> None:
    content = geojson(DEGREES["geometries"][0]).decode().encode("gbk")
    info, rows = read(put(tmp_path, "a.geojson", content))
    assert info.encoding.encoding == "gb18030"
    assert rows.column("名称").to_pylist() == ["甲"]


def kml() -> bytes:
    return one_file("a.kml", "LIBKML", columns={"名称": ["甲"]}, **DEGREES)["a.kml"]


def kmz() -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr("doc.kml", kml())
        archive.writestr("images/icon.png", b"x")
    return sink.getvalue()


@pytest.mark.parametrize(("name", "build"), [("a.kml", kml), ("a.kmz", kmz)])
def test_kml_needs_a_declared_datum(name: str, build: Any, tmp_path: Path) -> None:
    path = put(tmp_path, name, build())
    assert codes(read(path)[0]) == {"kml-datum-needed"}
    wgs84, rows = read(path, coordinate_system="wgs84")
    assert (wgs84.crs.epsg, wgs84.crs.gcj02) == (4326, False)
    gcj02, same = read(path, coordinate_system="gcj02")
    assert (gcj02.crs.epsg, gcj02.crs.how, gcj02.crs.gcj02) == (None, "declared", True)
    assert codes(wgs84) == codes(gcj02) == set()
    assert geometries(rows)[0].equals(geometries(same)[0])
    assert rows.column("名称").to_pylist() == ["甲"]


def test_kml_in_gbk_is_read(tmp_path: Path) -> None:
    text = kml().decode().replace('encoding="UTF-8"', 'encoding="GBK"').replace("utf-8", "GBK")
    path = put(tmp_path, "a.kml", text.encode("gbk"))
    assert read(path, coordinate_system="wgs84")[1].column("名称").to_pylist() == ["甲"]


def test_z_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    write_vector(
        path, list(shapely.force_3d(squares(), 5)), driver="GPKG", geometry_type="Polygon Z"
    )
    shapes = geometries(read(path)[1])
    assert all(shape is not None and not shape.has_z for shape in shapes)


def test_mixed_archive_keeps_every_table(tmp_path: Path) -> None:
    files = {
        **one_file("a.gpkg", "GPKG"),
        **one_file("b.geojson", "GeoJSON"),
        "c.csv": b"a,b\nx,y\n",
    }
    with open_carrier(put(tmp_path, "a.zip", zipped(files))) as carrier:
        found = {table.name: table for table in carrier.tables}
    assert set(found) == {"t", "b", "c"}
