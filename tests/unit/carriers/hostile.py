"""The corpus of broken and hostile uploads: name -> (file name, bytes, expected code)."""

import io
import sqlite3
import stat
import struct
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl

from tests.unit.carriers.build import (
    Files,
    damaged,
    geodatabase,
    one_file,
    prj,
    shapefile,
    zipped,
)

Upload = tuple[str, bytes]
CASES: dict[str, tuple[Callable[[], Upload], str]] = {}
"""Every case: how to build the upload, and the code of the error or of an error finding."""

VRT = b'<OGRVRTDataSource><OGRVRTLayer name="passwd"><SrcDataSource>CSV:/etc/passwd</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'  # noqa: E501


def case(code: str) -> Callable[[Callable[[], Upload]], Callable[[], Upload]]:
    def keep(build: Callable[[], Upload]) -> Callable[[], Upload]:
        CASES[build.__name__.replace("_", "-")] = (build, code)
        return build

    return keep


def add(name: str, code: str, upload: Callable[[], Upload]) -> None:
    CASES[name] = (upload, code)


def packed(name: str, code: str, change: Callable[[Files], object]) -> None:
    """A zipped shapefile after one change to its files."""

    def build() -> Upload:
        files = shapefile()
        change(files)
        return "地块.zip", zipped(files)

    add(name, code, build)


def edit(suffix: str, place: int, value: bytes) -> Callable[[Files], object]:
    def change(files: Files) -> None:
        files[f"地块{suffix}"] = damaged(files[f"地块{suffix}"], place, value)

    return change


def cut(suffix: str, share: float) -> Callable[[Files], object]:
    def change(files: Files) -> None:
        content = files[f"地块{suffix}"]
        files[f"地块{suffix}"] = content[: int(len(content) * share)]

    return change


def put(name: str, content: bytes) -> Callable[[Files], object]:
    return lambda files: files.update({name: content})


def drop(suffix: str) -> Callable[[Files], object]:
    return lambda files: files.pop(f"地块{suffix}")


# Shapefiles that are not whole.
packed("shp-half", "truncated", cut(".shp", 0.5))
packed("shp-header-only", "truncated", cut(".shp", 0.1))
packed("shp-one-byte-short", "truncated", lambda f: f.update({"地块.shp": f["地块.shp"][:-1]}))
packed("shp-empty", "truncated", put("地块.shp", b""))
packed("shp-is-a-vrt", "truncated", put("地块.shp", VRT))
packed("shp-is-text", "truncated", put("地块.shp", b"hello " * 100))
packed("shx-half", "truncated", cut(".shx", 0.9))
packed("shx-empty", "truncated", put("地块.shx", b""))
packed("shx-count-halved", "count-mismatch", edit(".shx", 24, struct.pack(">i", 54)))
packed("dbf-half", "truncated", cut(".dbf", 0.6))
packed("dbf-count-halved", "count-mismatch", edit(".dbf", 4, struct.pack("<I", 1)))
packed("dbf-count-zero", "count-mismatch", edit(".dbf", 4, struct.pack("<I", 0)))
packed("dbf-count-huge", "truncated", edit(".dbf", 4, struct.pack("<I", 0xFFFFFFFF)))
packed("dbf-record-length-zero", "dbf-damaged", edit(".dbf", 10, b"\0\0"))
packed("dbf-record-length-short", "dbf-damaged", edit(".dbf", 10, b"\2\0"))
packed("dbf-header-length-huge", "dbf-damaged", edit(".dbf", 8, b"\xff\xff"))
packed("dbf-empty", "dbf-damaged", put("地块.dbf", b""))
packed("dbf-missing", "dbf-missing", drop(".dbf"))
packed("shp-missing", "shp-missing", drop(".shp"))
packed("shx-offset-outside", "truncated", edit(".shx", 100, struct.pack(">i", 0x7FFFFFFF)))
packed("shx-offset-negative", "truncated", edit(".shx", 100, struct.pack(">i", -100)))
packed("shx-length-wrong", "record-damaged", edit(".shx", 104, struct.pack(">i", 60)))
packed("shp-record-type-strange", "record-damaged", edit(".shp", 108, struct.pack("<i", 99)))
packed("shp-type-multipatch", "record-damaged", edit(".shp", 32, struct.pack("<i", 31)))
packed("shp-bounds-nan", "record-damaged", edit(".shp", 112, struct.pack("<d", float("nan"))))
packed("shp-points-count-huge", "record-damaged", edit(".shp", 148, struct.pack("<i", 0x7FFFFFF0)))
packed("shp-parts-count-negative", "record-damaged", edit(".shp", 144, struct.pack("<i", -5)))
packed("shx-of-other-export", "count-mismatch", lambda f: f.update({"地块.shx": fewer()["地块.shx"]}))
packed("dbf-of-other-export", "count-mismatch", lambda f: f.update({"地块.dbf": fewer()["地块.dbf"]}))
packed("text-in-no-encoding", "encoding-unknown", lambda f: text_bytes(f, b"\xff\xff\xfe\x81\xff "))


def fewer() -> Files:
    return shapefile(geometries=__import__("shapely").box([0, 5], [0, 5], [1, 6], [1, 6]))


def text_bytes(files: Files, content: bytes) -> None:
    files["地块.dbf"] = damaged(files["地块.dbf"], 66, content)


# Coordinate systems that must not pass.
packed("crs-xian80", "crs-refused", put("地块.prj", prj(2364)))
packed("crs-beijing54", "crs-refused", put("地块.prj", prj(2416)))
packed("crs-web-mercator", "crs-refused", put("地块.prj", prj(3857)))
packed("crs-korea", "crs-refused", put("地块.prj", prj(5186)))
packed("crs-local-origin", "crs-refused",
       put("地块.prj", prj(4549).replace(b"500000.0", b"512345.0")))  # fmt: skip
packed("crs-wrong-zone", "crs-range-mismatch", put("地块.prj", prj(4527)))
packed("crs-degrees-claimed", "crs-range-mismatch", put("地块.prj", prj(4490)))


# Archives.
@case("archive-damaged")
def zip_is_text() -> Upload:
    return "a.zip", b"this is no archive" * 20


@case("archive-damaged")
def zip_cut() -> Upload:
    content = zipped(shapefile())
    return "a.zip", content[: len(content) // 2]


@case("archive-damaged")
def zip_wrong_crc() -> Upload:
    content = zipped(shapefile())
    place = content.index(b"PK\x01\x02")
    return "a.zip", damaged(content, place + 16, b"\0\0\0\0")


@case("archive-damaged")
def zip_data_garbled() -> Upload:
    return "a.zip", damaged(zipped(shapefile()), 60, b"\xff" * 20)


@case("file-empty")
def zip_of_no_bytes() -> Upload:
    return "a.zip", b""


@case("no-table")
def zip_without_members() -> Upload:
    return "a.zip", zipped({})


@case("no-table")
def zip_of_pictures() -> Upload:
    return "a.zip", zipped({"a.jpg": b"x", "b.docx": b"y"})


@case("no-table")
def zip_of_macos_leftovers() -> Upload:
    return "a.zip", zipped({"__MACOSX/._a.shp": b"x", ".DS_Store": b"y"})


@case("vrt-refused")
def zip_of_vrt() -> Upload:
    return "a.zip", zipped({"a.vrt": VRT})


@case("vrt-refused")
def zip_of_shapefile_and_vrt() -> Upload:
    return "a.zip", zipped({**shapefile(), "深/A.VRT": VRT})


@case("vrt-refused")
def plain_vrt() -> Upload:
    return "a.vrt", VRT


@case("gpkg-damaged")
def vrt_as_gpkg() -> Upload:
    return "a.gpkg", VRT


@case("geojson-damaged")
def vrt_as_geojson() -> Upload:
    return "a.geojson", VRT


@case("kml-damaged")
def vrt_as_kml() -> Upload:
    return "a.kml", VRT


@case("archive-nested")
def zip_in_zip() -> Upload:
    return "a.zip", zipped({"b.zip": zipped(shapefile())})


@case("archive-nested")
def rar_in_zip() -> Upload:
    return "a.zip", zipped({"b.RAR": b"Rar!"})


@case("archive-kind")
def plain_rar() -> Upload:
    return "a.rar", b"Rar!\x1a\x07\0"


@case("archive-symlink")
def zip_with_symlink() -> Upload:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        link = zipfile.ZipInfo("t.shp")
        link.create_system = 3
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    return "a.zip", sink.getvalue()


@case("archive-encrypted")
def zip_encrypted() -> Upload:
    content = zipped(shapefile())
    place = content.index(b"PK\x01\x02")
    return "a.zip", damaged(content, place + 8, b"\x01\x08")


@case("archive-method")
def zip_of_lzma() -> Upload:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.shp", b"x" * 100)
    return "a.zip", sink.getvalue()


@case("archive-ratio")
def zip_bomb_of_zeros() -> Upload:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("t.shp", "w") as member:
            for _ in range(100):
                member.write(bytes(1 << 20))
    return "a.zip", sink.getvalue()


@case("archive-too-big")
def zip_declares_exabytes() -> Upload:
    content = zipped({"t.shp": b"x" * 100})
    place = content.index(b"PK\x01\x02")
    return "a.zip", damaged(content, place + 24, b"\xfe\xff\xff\xff")


@case("archive-damaged")
def zip_declares_less_than_it_holds() -> Upload:
    content = zipped({"t.shp": bytes(5000), "t.dbf": b"x"})
    place = content.index(b"PK\x01\x02")
    return "a.zip", damaged(content, place + 24, struct.pack("<I", 10))


@case("archive-overlap")
def zip_of_overlapping_members() -> Upload:
    content = zipped({"a.shp": b"x" * 3000, "b.shp": b"y" * 3000})
    second = content.index(b"PK\x01\x02", content.index(b"PK\x01\x02") + 1)
    return "a.zip", damaged(content, second + 42, struct.pack("<I", 0))


@case("archive-too-many")
def zip_of_many_members() -> Upload:
    return "a.zip", zipped({f"{i}.shp": b"" for i in range(3100)})


@case("archive-too-many")
def zip_of_huge_directory() -> Upload:
    content = zipped({"a.shp": b""})
    place = content.rindex(b"PK\x05\x06")
    return "a.zip", damaged(content, place + 10, b"\xff\xff" + struct.pack("<I", 0x7FFFFFFF))


@case("archive-duplicate")
def zip_with_two_of_one_name() -> Upload:
    files = shapefile()
    return "a.zip", zipped({**files, "地块.SHP": files["地块.shp"]})


@case("no-table")
def zip_slip_of_nothing() -> Upload:
    return "a.zip", zipped({"../../../etc/cron.d/x": b"* * * * * root id"})


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
    return "a.geojson", b'{"type":"FeatureCollection","features":' + b"[" * 30_000 + b"]" * 30_000 + b"}"


@case("xml-entity")
def kml_of_billion_laughs() -> Upload:
    return "a.kml", b'<?xml version="1.0"?><!DOCTYPE k [<!ENTITY a "aaaa">]><kml>&a;</kml>'


@case("xml-entity")
def kml_reading_passwd() -> Upload:
    return "a.kml", b'<!DOCTYPE k [<!ENTITY a SYSTEM "file:///etc/passwd">]><kml>&a;</kml>'


@case("kml-datum-needed")
def kml_without_datum() -> Upload:
    shapely = __import__("shapely")
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


def uploads() -> Iterator[tuple[str, Callable[[], Upload], str]]:
    """All cases as parameters."""
    for name, (build, code) in CASES.items():
        yield name, build, code
