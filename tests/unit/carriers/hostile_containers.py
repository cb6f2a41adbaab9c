"""Single files that are damaged, disguised or made to exhaust their reader."""

import io
import sqlite3
import tempfile
import zipfile
from pathlib import Path

import openpyxl
import shapely

from tests.unit.carriers.build import (
    damaged,
    geodatabase,
    one_file,
    zipped,
)
from tests.unit.carriers.hostile import Upload, add, case


# Containers.
@case("truncated")
def gpkg_cut() -> Upload:
    content = one_file("a.gpkg", "GPKG")["a.gpkg"]
    return "a.gpkg", content[: len(content) // 2]


@case("gpkg-damaged")
def gpkg_garbled() -> Upload:
    content = one_file("a.gpkg", "GPKG")["a.gpkg"]
    return "a.gpkg", damaged(content, 100, b"\xff" * 3000)


@case("gpkg-damaged")
def sqlite_that_is_no_gpkg() -> Upload:
    return "a.gpkg", changed_gpkg(b"", "CREATE TABLE x (y)")


@case("gpkg-trigger")
def gpkg_with_trigger() -> Upload:
    sql = "CREATE TRIGGER evil AFTER INSERT ON gpkg_contents BEGIN SELECT load_extension('x'); END"
    return "a.gpkg", changed_gpkg(one_file("a.gpkg", "GPKG")["a.gpkg"], sql)


@case("gpkg-virtual-table")
def gpkg_with_virtual_table() -> Upload:
    sql = "CREATE VIRTUAL TABLE evil USING fts5(x)"
    return "a.gpkg", changed_gpkg(one_file("a.gpkg", "GPKG")["a.gpkg"], sql)


@case("no-table")
def gpkg_of_a_view_only() -> Upload:
    sql = """ALTER TABLE t RENAME TO hidden;
        CREATE VIEW t AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
        SELECT i AS fid, x'00' AS geom FROM n;
        UPDATE gpkg_contents SET table_name = 't';"""
    return "a.gpkg", changed_gpkg(one_file("a.gpkg", "GPKG")["a.gpkg"], sql)


def changed_gpkg(content: bytes, sql: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.gpkg"
        path.write_bytes(content)
        connection = sqlite3.connect(path)
        for name in ("ST_IsEmpty", "ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):
            connection.create_function(name, 1, lambda _: 0)
        connection.executescript("PRAGMA foreign_keys = OFF; PRAGMA legacy_alter_table = ON;" + sql)
        connection.commit()
        connection.close()
        return path.read_bytes()


@case("unreadable")
def gdb_garbled() -> Upload:
    files = geodatabase()
    files["a00000001.gdbtable"] = b"\xff" * 500
    return "a.zip", zipped({f"x.gdb/{name}": content for name, content in files.items()})


@case("truncated")
def geojson_cut() -> Upload:
    content = one_file("a.geojson", "GeoJSON")["a.geojson"]
    return "a.geojson", content[: len(content) // 2]


@case("geojson-damaged")
def geojson_of_other_json() -> Upload:
    return "a.json", b'{"name": "x", "version": 1}'


@case("unreadable")
def geojson_with_broken_middle() -> Upload:
    content = one_file("a.geojson", "GeoJSON")["a.geojson"]
    return "a.geojson", content.replace(b'"geometry": {', b'"geometry": [[', 1)


@case("unreadable")
def geojson_of_deep_nesting() -> Upload:
    return (
        "a.geojson",
        b'{"type":"FeatureCollection","features":' + b"[" * 30_000 + b"]" * 30_000 + b"}",
    )


@case("xml-entity")
def kml_of_billion_laughs() -> Upload:
    return "a.kml", b'<?xml version="1.0"?><!DOCTYPE k [<!ENTITY a "aaaa">]><kml>&a;</kml>'


@case("xml-entity")
def kml_reading_passwd() -> Upload:
    return "a.kml", b'<!DOCTYPE k [<!ENTITY a SYSTEM "file:///etc/passwd">]><kml>&a;</kml>'


@case("kml-datum-needed")
def kml_without_datum() -> Upload:
    options = {"geometries": [shapely.box(120, 30, 120.1, 30.1)], "crs": "EPSG:4326"}
    return "a.kml", one_file("a.kml", "LIBKML", **options)["a.kml"]


@case("archive-damaged")
def xlsx_that_is_text() -> Upload:
    return "a.xlsx", b"name,area\n1,2\n"


@case("xlsx-damaged")
def xlsx_that_is_another_zip() -> Upload:
    return "a.xlsx", zipped({"a.txt": b"x"})


@case("archive-ratio")
def xlsx_bomb() -> Upload:
    book = openpyxl.Workbook()
    sink = io.BytesIO()
    book.save(sink)
    with zipfile.ZipFile(sink, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings2.xml", bytes(100 << 20))
    return "a.xlsx", sink.getvalue()


def workbook_with_cell(row: int, column: int) -> Upload:
    book = openpyxl.Workbook()
    book.active.append(["企业名称", "面积"])
    book.active.append(["某公司", 1])
    book.active.cell(row, column, "x")
    sink = io.BytesIO()
    book.save(sink)
    return "a.xlsx", sink.getvalue()


add("xlsx-cell-in-the-last-corner", "sheet-too-big", lambda: workbook_with_cell(1_048_576, 16_384))
add("xlsx-cell-in-the-last-row", "sheet-too-big", lambda: workbook_with_cell(1_048_576, 1))
add("xlsx-cell-in-the-last-column", "sheet-too-big", lambda: workbook_with_cell(3, 16_384))


@case("xls-unsupported")
def old_excel() -> Upload:
    return "a.xls", b"\xd0\xcf\x11\xe0"


@case("dwg-unsupported")
def drawing_dwg() -> Upload:
    return "a.dwg", b"AC1015"


@case("mdb-unsupported")
def access_database() -> Upload:
    return "a.mdb", b"\0\1\0\0Standard Jet DB"


@case("dxf-damaged")
def dxf_that_is_dwg() -> Upload:
    return "a.dxf", b"AC1015\0\0\0\0" * 10


@case("dxf-damaged")
def dxf_that_is_text() -> Upload:
    return "a.dxf", "这不是图".encode() * 50


@case("txt-unknown")
def txt_of_prose() -> Upload:
    return "a.txt", "关于地块的说明\n请查收".encode("gbk")


@case("baopan-no-parcels")
def txt_without_parcels() -> Upload:
    return "a.txt", "[属性描述]\n带号=40\n[地块坐标]\n".encode("gbk")


@case("encoding-unknown")
def txt_of_noise() -> Upload:
    return "a.txt", bytes(range(128, 256)) * 20


@case("encoding-wrong")
def txt_with_false_mark() -> Upload:
    return "a.txt", b"\xef\xbb\xbf" + "[地块坐标]".encode("gbk")


@case("csv-damaged")
def csv_that_is_binary() -> Upload:
    return "a.csv", b"a,b\n\0\0\0"


@case("no-table")
def file_of_unknown_kind() -> Upload:
    return "a.exe", b"MZ"
