"""界址点成果表 and attribute tables out of CSV, Excel and CASS files."""

import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.unit.carriers.build import put
from tests.unit.carriers.reading import codes, geometries, read, tables

CORNERS = (
    (3_415_300, 40_539_800),
    (3_415_300, 40_540_000),
    (3_415_150, 40_540_000),
    (3_415_150, 40_539_800),
)


def point_rows(prefix: str = "", shift: int = 0) -> list[str]:
    closed = [*CORNERS, CORNERS[0]]
    return [
        f"{prefix}J{i % 4 + 1},{x}.000,{y + shift}.000,150.00" for i, (x, y) in enumerate(closed)
    ]


def csv(folder: Path, *lines: str, encoding: str = "gb18030") -> Path:
    return put(folder, "界址点.csv", "\r\n".join(lines).encode(encoding))


def book(folder: Path, sheets: dict[str, list[list[Any]]]) -> Path:
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for title, rows in sheets.items():
        sheet = workbook.create_sheet(title)
        for row in rows:
            sheet.append(row)
    workbook.save(folder / "a.xlsx")
    return folder / "a.xlsx"


@pytest.mark.parametrize(
    "header",
    [
        "点号,X,Y,边长",
        "界址点号,X坐标(m),Y坐标(m),边长",
        "点号,纵坐标X,横坐标Y,边长",
        "序号,X（米）,Y（米）,S",
        "点 号,北坐标,东坐标,边长",
        "点名,x,y,边长(m)",
    ],
)
def test_header_is_found_under_its_names(header: str, tmp_path: Path) -> None:
    info, rows = read(csv(tmp_path, "界址点成果表", "", header, *point_rows()))
    [shape] = geometries(rows)
    assert shape is not None
    assert shape.area == 30_000
    assert shape.bounds == (40_539_800, 3_415_150, 40_540_000, 3_415_300)
    assert (info.crs.epsg, info.row_count) == (4528, 1)


@pytest.mark.parametrize(
    ("encoding", "how"),
    [("gb18030", "gb18030-trial"), ("utf-8", "utf-8-trial"), ("utf-8-sig", "bom")],
)
def test_csv_encodings(encoding: str, how: str, tmp_path: Path) -> None:
    path = csv(tmp_path, "企业名称,亩均税收", "某某机械厂,30.5", encoding=encoding)
    info, rows = read(path)
    assert info.encoding.how == how
    assert rows.column("企业名称").to_pylist() == ["某某机械厂"]


def test_parcels_by_a_code_column(tmp_path: Path) -> None:
    lines = ["地块编号,点号,X,Y,边长", *point_rows("DK1,"), *point_rows("DK2,", 1000)]
    info, rows = read(csv(tmp_path, *lines))
    assert rows.column("地块编号").to_pylist() == ["DK1", "DK2"]
    assert [shape.area for shape in geometries(rows) if shape] == [30_000, 30_000]
    assert codes(info) == {"crs-from-ranges"}


def test_code_written_once_counts_until_the_next(tmp_path: Path) -> None:
    lines = point_rows(",")
    lines[0] = "DK1" + lines[0]
    _, rows = read(csv(tmp_path, "宗地代码,点号,X,Y,边长", *lines))
    assert rows.column("地块编号").to_pylist() == ["DK1"]


def test_rings_of_a_parcel(tmp_path: Path) -> None:
    hole = [
        "H1,2,3415240,40539880",
        "H2,2,3415210,40539880",
        "H3,2,3415210,40539920",
        "H4,2,3415240,40539920",
    ]
    outer = [f"{label},1,{x},{y}" for label, x, y, _ in (line.split(",") for line in point_rows())]
    info, rows = read(csv(tmp_path, "点号,圈号,X,Y", *outer, *hole))
    assert geometries(rows)[0].area == 28_800
    assert "ring-not-closed" in codes(info)


def test_east_first_is_turned_and_told(tmp_path: Path) -> None:
    lines = [f"{label},{y},{x}" for label, x, y, _ in (line.split(",") for line in point_rows())]
    info, rows = read(csv(tmp_path, "点号,X,Y", *lines))
    assert "axes-swapped" in codes(info)
    assert geometries(rows)[0].bounds[0] == 40_539_800


def test_unreadable_coordinate_is_an_error_with_its_row(tmp_path: Path) -> None:
    lines = point_rows()
    lines[2] = lines[2].replace("3415150.000", "34l5150")
    info, _ = read(csv(tmp_path, "点号,X,Y,边长", *lines))
    [flaw] = [f for f in info.findings if f.code == "row-unreadable"]
    assert flaw.row == 4


def test_workbook_with_a_sheet_per_parcel_and_a_list(tmp_path: Path) -> None:
    def sheet(shift: int, code: str) -> list[list[Any]]:
        rows: list[list[Any]] = [
            ["界址点成果表"],
            ["宗地代码：" + code],
            ["点号", "坐标", None, "边长"],
            [None, "X(m)", "Y(m)", None],
        ]
        for i, (x, y) in enumerate([*CORNERS, CORNERS[0]]):
            rows += [[f"J{i % 4 + 1}", x, y + shift, None], [None, None, None, 150.5]]
        return rows

    enterprises: list[list[Any]] = [
        ["2025年企业用地情况表"],
        ["企业名称", "用地面积", "登记日期", "备注"],
        ["某公司", 12.5, datetime.date(2024, 3, 5), None],
        [None] * 4,
        ["乙公司", 13.0, datetime.datetime(2024, 3, 6, 8, 30), "是"],
    ]
    path = book(
        tmp_path,
        {
            "一": sheet(0, "330502001001GB00001"),
            "二": sheet(1000, "330502001001GB00002"),
            "企业": enterprises,
        },
    )
    assert set(tables(path)) == {"界址点成果表", "企业"}
    _, parcels = read(path, "界址点成果表")
    assert parcels.column("地块编号").to_pylist() == ["330502001001GB00001", "330502001001GB00002"]
    assert parcels.column("工作表").to_pylist() == ["一", "二"]
    assert all(shape is not None and shape.area == 30_000 for shape in geometries(parcels))
    info, rows = read(path, "企业")
    assert not info.has_geometry
    assert rows.column("用地面积").to_pylist() == ["12.5", "13"]
    assert rows.column("登记日期").to_pylist() == ["2024-03-05", "2024-03-06 08:30:00"]
    assert rows.column("__row").to_pylist() == [3, 5]


def test_coordinates_can_be_left_alone(tmp_path: Path) -> None:
    info, rows = read(csv(tmp_path, "点号,X,Y,边长", *point_rows()), prefer_coordinates=False)
    assert info.columns == ("点号", "X", "Y", "边长")
    assert rows.num_rows == 5


def test_cass_points_have_east_first(tmp_path: Path) -> None:
    path = put(
        tmp_path,
        "a.dat",
        "1,,40539800.000,3415300.000,5.1\n2,JZD,40540000,3415300,\n".encode("gbk"),
    )
    info, rows = read(path)
    assert codes(info) == {"crs-from-ranges"}
    assert rows.column("编码").to_pylist() == [None, "JZD"]
    first = geometries(rows)[0]
    assert first is not None
    assert (first.bounds[0], first.bounds[1]) == (40_539_800, 3_415_300)
