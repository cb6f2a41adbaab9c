"""Shapefiles as land bureaus send them: encodings, geometry types, parts of archives, odd cells."""

import datetime
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from gis.carriers.carrier import open_carrier
from gis.carriers.model import GEOMETRY, ROW, CarrierError
from tests.unit.carriers.build import NAMES, damaged, put, shapefile, squares, write_vector, zipped
from tests.unit.carriers.reading import codes, geometries, read, read_zip, tables


def names(rows: Any) -> list[str]:
    return list(rows.column("地块名称").to_pylist())


@pytest.mark.parametrize(
    ("written", "cpg", "ldid", "encoding", "how", "found"),
    [
        ("GBK", None, 0, "gb18030", "gb18030-trial", {"encoding-guessed"}),
        ("GBK", None, 0x4D, "gb18030", "ldid", set()),
        ("GBK", "GBK", 0, "gb18030", "cpg", set()),
        ("GBK", "936", 0, "gb18030", "cpg", set()),
        ("GBK", "ANSI 936", 0, "gb18030", "cpg", set()),
        ("GBK", "UTF-8", 0, "gb18030", "gb18030-trial", {"cpg-wrong"}),
        ("GBK", "UTF-8", 0x4D, "gb18030", "ldid", {"cpg-wrong"}),
        ("GBK", "ISO-8859-1", 0, "gb18030", "gb18030-trial", {"cpg-wrong"}),
        ("GBK", "ANSI 1252", 0x57, "gb18030", "gb18030-trial", {"cpg-wrong"}),
        ("GBK", "nonsense", 0, "gb18030", "gb18030-trial", {"cpg-wrong"}),
        ("UTF-8", None, 0, "utf-8", "utf-8-trial", {"encoding-guessed"}),
        ("UTF-8", "UTF-8", 0, "utf-8", "cpg", set()),
        ("UTF-8", "GBK", 0, "utf-8", "utf-8-trial", {"cpg-wrong"}),
        ("UTF-8", None, 0x4D, "utf-8", "utf-8-trial", {"encoding-guessed", "ldid-wrong"}),
    ],
)
def test_encoding_is_found_out(
    written: str,
    cpg: str | None,
    ldid: int,
    encoding: str,
    how: str,
    found: set[str],
    tmp_path: Path,
) -> None:
    files = shapefile(encoding=written, columns={"名称": NAMES})
    files["地块.dbf"] = damaged(files["地块.dbf"], 29, bytes([ldid]))
    if cpg:
        files["地块.cpg"] = cpg.encode()
    info, rows = read_zip(tmp_path, files)
    assert (info.encoding.encoding, info.encoding.how) == (encoding, how)
    assert info.columns == ("名称",)
    assert rows.column("名称").to_pylist() == list(NAMES)
    assert "东迁单元12号地块" in info.encoding.sample
    assert codes(info) == found


@pytest.mark.parametrize(("cpg", "found"), [(None, "ldid-wrong"), ("GBK", "cpg-wrong")])
def test_utf8_that_is_also_valid_gbk_is_utf8(cpg: str | None, found: str, tmp_path: Path) -> None:
    words = ["湖州", "南浔", "工业"]
    assert all(word.encode().decode("gbk") for word in words)
    files = shapefile(encoding="UTF-8", columns={"NAME": words})
    files["地块.dbf"] = damaged(files["地块.dbf"], 29, b"\x4d")
    if cpg:
        files["地块.cpg"] = cpg.encode()
    info, rows = read_zip(tmp_path, files)
    assert rows.column("NAME").to_pylist() == words
    assert found in codes(info)


def test_big5_is_read_when_declared(tmp_path: Path) -> None:
    files = shapefile(encoding="BIG5", columns={"NAME": ["臺北工業區", "桃園", "新竹"]})
    _, rows = read_zip(tmp_path, files, encoding="Big5")
    assert rows.column("NAME").to_pylist() == ["臺北工業區", "桃園", "新竹"]
    files["地块.cpg"] = b"950"
    _, rows = read_zip(tmp_path, files)
    assert rows.column("NAME").to_pylist() == ["臺北工業區", "桃園", "新竹"]


def test_false_declared_encoding_blocks_the_table(tmp_path: Path) -> None:
    path = put(tmp_path, "a.zip", zipped(shapefile()))
    assert codes(tables(path, encoding="utf-8")["地块"]) == {"encoding-wrong"}
    with pytest.raises(CarrierError, match="encoding-wrong"):
        read(path, encoding="utf-8")


def test_ascii_table_needs_no_guess(tmp_path: Path) -> None:
    info, _ = read_zip(tmp_path, shapefile(columns={"NAME": ["a", "b", "c"]}))
    assert codes(info) == set()
    assert info.encoding.sample == ()


def test_character_cut_by_the_field_width_is_told(tmp_path: Path) -> None:
    files = shapefile(columns={"NAME": ["x" * 79, "b", "c"]})
    place = files["地块.dbf"].index(b"x" * 79)
    files["地块.dbf"] = damaged(files["地块.dbf"], place, "湖".encode("gbk") * 39 + b"x\xba")
    info, rows = read_zip(tmp_path, files)
    assert codes(info) == {"text-cut", "encoding-guessed"}
    assert next(f for f in info.findings if f.code == "text-cut").row == 1
    assert rows.column("NAME").to_pylist() == ["湖" * 39 + "x", "b", "c"]


def test_every_kind_of_cell_comes_as_it_is(tmp_path: Path) -> None:
    columns = {
        "面积": [1.5, -2.25, 3.0],
        "宗数": np.array([1, -2, 2**40]),
        "日期": np.array(["2024-03-05", "1900-01-01", "2024-02-29"], dtype="datetime64[D]"),
        "备注": ['a"b,c', "", "　全角 "],
    }
    _, rows = read_zip(tmp_path, shapefile(columns=columns))
    assert rows.column("面积").to_pylist() == [1.5, -2.25, 3.0]
    assert rows.column("宗数").to_pylist() == [1, -2, 2**40]
    assert rows.column("日期").to_pylist() == [
        datetime.date(2024, 3, 5), datetime.date(1900, 1, 1), datetime.date(2024, 2, 29),
    ]  # fmt: skip
    assert rows.column("备注").to_pylist() == ['a"b,c', None, "　全角"]
    assert rows.column(ROW).to_pylist() == [1, 2, 3]


def test_unreadable_numbers_and_dates_are_null(tmp_path: Path) -> None:
    columns = {
        "SL": np.array([7, 8, 9], dtype=np.int32),
        "RQ": np.array(["2024-03-05"] * 3, dtype="datetime64[D]"),
    }
    files = shapefile(columns=columns)
    content = files["地块.dbf"].replace(b"20240305", b"20240230", 1)
    files["地块.dbf"] = content.replace(b"        7", b"*********", 1).replace(
        b"        8", b"      8.5", 1
    )
    _, rows = read_zip(tmp_path, files)
    assert rows.column("SL").to_pylist() == [None, 8.5, 9.0]
    assert rows.column("RQ").to_pylist()[0] is None


@pytest.mark.parametrize(
    ("kind", "shape", "flat"),
    [
        ("Point", shapely.Point(40_539_800, 3_415_000), "Point"),
        ("Point Z", shapely.Point(40_539_800, 3_415_000, 5), "Point"),
        ("MultiPoint", shapely.MultiPoint([(40_539_800, 3_415_000)]), "MultiPoint"),
        (
            "LineString",
            shapely.LineString([(40_539_800, 3_415_000), (40_539_900, 3_415_000)]),
            "LineString",
        ),
        (
            "Polygon Z",
            shapely.force_3d(shapely.box(40_539_800, 3_415_000, 40_539_900, 3_415_100), 4),
            "Polygon",
        ),
    ],
)
def test_geometry_types_come_flat(kind: str, shape: Any, flat: str, tmp_path: Path) -> None:
    files = shapefile(geometries=[shape], columns={"NAME": ["a"]}, geometry_type=kind)
    info, rows = read_zip(tmp_path, files)
    [read_shape] = geometries(rows)
    assert info.geometry_types == (flat,)
    assert read_shape is not None
    assert not read_shape.has_z
    assert read_shape.geom_type == flat
    assert read_shape.equals(shapely.force_2d(shape))


def test_polygon_m_comes_flat(tmp_path: Path) -> None:
    files = shapefile(geometries=squares(1), columns={"NAME": ["a"]})
    for suffix, places in ((".shp", (32, 108)), (".shx", (32,))):
        for place in places:
            files[f"地块{suffix}"] = damaged(files[f"地块{suffix}"], place, struct.pack("<i", 25))
    _, rows = read_zip(tmp_path, files)
    [read_shape] = geometries(rows)
    assert read_shape is not None
    assert shapely.get_coordinate_dimension(read_shape) == 2
    assert read_shape.area == 10_000


def test_row_without_geometry_is_null_and_told(tmp_path: Path) -> None:
    files = shapefile(geometries=[*squares(1), None, *squares(1)])
    info, rows = read_zip(tmp_path, files)
    assert [shape is None for shape in geometries(rows)] == [False, True, False]
    assert "geometry-missing" in codes(info)


def test_deleted_records_are_left_out_and_told(tmp_path: Path) -> None:
    files = shapefile()
    header, length = struct.unpack("<HH", files["地块.dbf"][8:12])
    files["地块.dbf"] = damaged(files["地块.dbf"], header + length, b"*")
    info, rows = read_zip(tmp_path, files)
    assert "deleted-records" in codes(info)
    assert info.row_count == 2
    assert names(rows) == [NAMES[0], NAMES[2]]
    assert rows.column(ROW).to_pylist() == [1, 3]


def test_missing_index_is_rebuilt(tmp_path: Path) -> None:
    files = shapefile()
    whole = read_zip(tmp_path, files)[1]
    del files["地块.shx"]
    info, rows = read_zip(tmp_path, files)
    assert "shx-rebuilt" in codes(info)
    assert rows.equals(whole)


def test_archive_of_several_in_folders_with_gbk_names(tmp_path: Path) -> None:
    files = {}
    for folder, stem in (("一期", "地块"), ("二期", "地块"), ("二期", "厂房")):
        for name, content in shapefile(stem).items():
            files[f"资料/{folder}/{name.upper() if folder == '一期' else name}"] = content
        files[f"资料/{folder}/{stem}.shp.xml"] = b"<metadata/>"
        files[f"资料/{folder}/{stem}.sbn"] = b"x"
    files["__MACOSX/资料/._地块.shp"] = b"x"
    files["资料/说明.txt"] = "说明".encode("gbk")
    path = put(tmp_path, "a.zip", zipped(files, gbk_names=True))
    with open_carrier(path) as carrier:
        found = {table.name: table for table in carrier.tables}
        assert {item.code for item in carrier.findings} == {"archive-ignored"}
    assert set(found) == {"地块", "地块_2", "厂房"}
    assert all(table.row_count == 3 for table in found.values())


def test_field_name_cut_in_a_character_is_mended(tmp_path: Path) -> None:
    files = shapefile(columns={"ABCDEFGHIJ": list(NAMES)}, encoding="UTF-8")
    cut = "地块名称".encode()[:10]
    files["地块.dbf"] = files["地块.dbf"].replace(b"ABCDEFGHIJ", cut, 1)
    info, _ = read_zip(tmp_path, files)
    assert (info.columns, info.encoding.encoding) == (("地块名",), "utf-8")


def test_plain_path_takes_its_sidecars(tmp_path: Path) -> None:
    write_vector(tmp_path / "a.shp", encoding="GBK")
    (tmp_path / "a.prj").rename(tmp_path / "a.PRJ")
    info, rows = read(tmp_path / "a.shp")
    assert info.crs.epsg == 4528
    assert names(rows) == list(NAMES)


def test_slip_names_are_told_and_harmless(tmp_path: Path) -> None:
    files = {f"../../x/{name}": content for name, content in shapefile().items()}
    with open_carrier(put(tmp_path, "a.zip", zipped(files))) as carrier:
        assert {found.code for found in carrier.findings} == {"archive-unsafe-name"}
        assert carrier.tables[0].row_count == 3
    assert {p.name for p in tmp_path.iterdir()} == {"a.zip"}


def test_same_column_twice_is_renamed(tmp_path: Path) -> None:
    files = shapefile(columns={"AAAA": ["a", "b", "c"], "BBBB": ["d", "e", "f"]})
    files["地块.dbf"] = files["地块.dbf"].replace(b"BBBB", b"AAAA", 1)
    info, rows = read_zip(tmp_path, files)
    assert info.columns == ("AAAA", "AAAA_2")
    assert "column-renamed" in codes(info)
    assert rows.column("AAAA_2").to_pylist() == ["d", "e", "f"]


def test_small_batches_hold_the_same_rows(tmp_path: Path) -> None:
    path = put(
        tmp_path, "a.zip", zipped(shapefile(geometries=squares(7), columns={"N": list("abcdefg")}))
    )
    with open_carrier(path) as carrier:
        batches = list(carrier.batches("地块", size=3))
    assert [batch.num_rows for batch in batches] == [3, 3, 1]
    assert [row for batch in batches for row in batch.column(ROW).to_pylist()] == list(range(1, 8))
    assert batches[0].schema.names == ["N", ROW, GEOMETRY]


@pytest.mark.parametrize("name", ["truncated", "count-mismatch"])
def test_control_gdal_alone_says_nothing(name: str, tmp_path: Path) -> None:
    """The naive reader returns nulls or fewer rows for what we refuse; so our check is needed."""
    pyogrio = pytest.importorskip("pyogrio")
    files = shapefile()
    if name == "truncated":
        files["地块.shp"] = files["地块.shp"][: len(files["地块.shp"]) // 2]
    else:
        files["地块.dbf"] = damaged(files["地块.dbf"], 4, struct.pack("<I", 1))
    for file, content in files.items():
        put(tmp_path, file, content)
    frame = pyogrio.raw.read(tmp_path / "地块.shp", encoding="GBK")
    assert len(frame[2]) < 3 or any(shape is None for shape in frame[2])
