"""The 报盘 text in all its variants; what we write reads back identical."""

from pathlib import Path

import pytest
import shapely

from gis.carriers.baopan import parse_baopan
from tests.unit.carriers.build import put
from tests.unit.carriers.reading import codes, geometries, read

HEADER = """[属性描述]
格式版本号=1.01版本
数据产生单位=某县勘测规划院
数据产生日期=2026-05-20
坐标系=2000国家大地坐标系
几度分带=3
投影类型=高斯克吕格
计量单位=米
带号=40
精度=0.001
转换参数=0,0,0,0,0,0,0
[地块坐标]
"""
OUTER = """J1,1,3415300.000,40539800.000
J2,1,3415300.000,40540000.000
J3,1,3415150.000,40540000.000
J4,1,3415150.000,40539800.000
J1,1,3415300.000,40539800.000
"""
INNER = """J5,2,3415240.000,40539880.000
J6,2,3415210.000,40539880.000
J7,2,3415210.000,40539920.000
J8,2,3415240.000,40539920.000
J5,2,3415240.000,40539880.000
"""
BESIDE = INNER.replace("405398", "405408").replace("405399", "405409")
HEAD = "10,2.8800,DK-2026-012,南浔开发区东迁单元12号地块,面,,工业用地,100102,@\n"
WHOLE = HEADER + HEAD + OUTER + INNER


def upload(folder: Path, text: str, encoding: str = "gb18030") -> Path:
    return put(folder, "报盘.txt", text.replace("\n", "\r\n").encode(encoding))


def found(folder: Path, text: str) -> set[str]:
    return codes(read(upload(folder, text))[0])


@pytest.mark.parametrize(
    ("encoding", "how"),
    [
        ("gb18030", "gb18030-trial"),
        ("utf-8", "utf-8-trial"),
        ("utf-8-sig", "bom"),
        ("utf-16", "bom"),
    ],
)
def test_published_sample(encoding: str, how: str, tmp_path: Path) -> None:
    info, rows = read(upload(tmp_path, WHOLE, encoding))
    [shape] = geometries(rows)
    assert shape is not None
    assert info.encoding.how == how
    assert (info.crs.epsg, info.crs.how) == (4528, "header")
    assert info.findings == ()
    assert shape.area == 28_800
    assert shape.bounds == (40_539_800, 3_415_150, 40_540_000, 3_415_300)
    assert rows.column("地块名称").to_pylist() == ["南浔开发区东迁单元12号地块"]
    assert rows.column("地类编码").to_pylist() == ["100102"]
    assert rows.column("__row").to_pylist() == [13]


def test_second_ring_beside_is_a_part_not_a_hole(tmp_path: Path) -> None:
    text = HEADER + HEAD.replace("2.8800", "3.1200") + OUTER + BESIDE
    info, rows = read(upload(tmp_path, text))
    [shape] = geometries(rows)
    assert shape is not None
    assert shape.geom_type == "MultiPolygon"
    assert shape.area == 31_200
    assert codes(info) == {"ring-number-differs"}


def test_control_ring_number_would_make_a_hole_of_the_part() -> None:
    """The naive rule (ring 2 is a hole) gives an invalid polygon of the wrong area here."""
    rings = parse_baopan(HEADER + HEAD + OUTER + BESIDE).parcels[0].rings
    shell, hole = ([(p.east, p.north) for p in ring.points] for ring in rings)
    naive = shapely.Polygon(shell, [hole])
    assert not naive.is_valid


def test_island_in_a_hole_is_a_part(tmp_path: Path) -> None:
    island = """J9,3,3415230.000,40539890.000
J10,3,3415220.000,40539890.000
J11,3,3415220.000,40539900.000
J12,3,3415230.000,40539900.000
J9,3,3415230.000,40539890.000
"""
    _, rows = read(upload(tmp_path, HEADER + HEAD + OUTER + INNER + island))
    [shape] = geometries(rows)
    assert shape is not None
    assert shape.area == 28_800 + 100
    assert shape.is_valid


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("10,2.8800", "11,2.8800", {"point-count-mismatch"}),
        ("2.8800", "2.9800", {"area-mismatch"}),
        ("2.8800", "28800", {"area-unit"}),
        ("2.8800", "43.2", {"area-unit"}),
        ("2.8800", "2.8801", set()),
        ("2.8800", "", set()),
        ("带号=40", "带号=39", {"zone-mismatch"}),
        ("带号=40", "带号=120", set()),
        ("2000国家大地坐标系", "1980西安坐标系", {"crs-refused"}),
        ("2000国家大地坐标系", "80国家大地坐标系", {"crs-refused"}),
        ("2000国家大地坐标系", "1954年北京坐标系", {"crs-refused"}),
        ("2000国家大地坐标系", "杭州独立坐标系", {"crs-refused"}),
        ("坐标系=2000国家大地坐标系\n", "", {"crs-from-ranges"}),
        (
            "J4,1,3415150.000,40539800.000\n",
            "J4,1,3415150.000,4053980O.000\n",
            {"baopan-line-unreadable", "point-count-mismatch", "area-mismatch", "rings-overlap"},
        ),
        ("[属性描述]", "【属性描述】", set()),
        ("[地块坐标]", "【地块坐标】", set()),
        (",@", ",＠", set()),
        (",@", "，@", set()),
        (",", "，", set()),
        ("\n", "\n\n", set()),
        ("\n", "  \n", set()),
        ("J", "", set()),
        ("J", "J0", set()),
        (",1,34", ",34", {"ring-number-differs"}),
        (",1,34", ",,34", set()),
        ("10,2.8800", "十,2.8800", {"baopan-line-unreadable"}),
        (
            "J2,1,3415300.000,40540000.000\n",
            "J2,1,3415300.000,40540000.000\n" * 2,
            {"points-duplicate", "point-count-mismatch"},
        ),
        ("J5,2,3415240.000,40539880.000\nJ6", "J6", {"ring-not-closed", "point-count-mismatch"}),
    ],
)
def test_variants_and_flaws(old: str, new: str, expected: set[str], tmp_path: Path) -> None:
    assert old in WHOLE
    assert found(tmp_path, WHOLE.replace(old, new)) - {"ring-number-differs"} == expected - {
        "ring-number-differs"
    }


def test_unclosed_ring_is_closed_and_told(tmp_path: Path) -> None:
    text = WHOLE.replace("J5,2,3415240.000,40539880.000\n", "J5,2,3415240.000,40539880.000\n", 1)
    text = text.removesuffix("J5,2,3415240.000,40539880.000\n").replace("10,2.88", "9,2.88")
    info, rows = read(upload(tmp_path, text))
    assert codes(info) == {"ring-not-closed"}
    assert geometries(rows)[0].area == 28_800


def test_swapped_axes_are_turned_and_told(tmp_path: Path) -> None:
    lines = []
    for line in (OUTER + INNER).splitlines():
        label, ring, x, y = line.split(",")
        lines.append(f"{label},{ring},{y},{x}")
    info, rows = read(upload(tmp_path, HEADER + HEAD + "\n".join(lines)))
    assert codes(info) == {"axes-swapped"}
    assert geometries(rows)[0].bounds == (40_539_800, 3_415_150, 40_540_000, 3_415_300)


def test_unprefixed_coordinates_take_the_zone_of_the_header(tmp_path: Path) -> None:
    info, _ = read(upload(tmp_path, WHOLE.replace(",405", ",5")))
    assert info.crs.epsg == 4549


def test_self_intersection_names_the_points(tmp_path: Path) -> None:
    text = HEADER + HEAD + OUTER.replace("J3", "JX").replace("J4", "J3").replace("JX", "J4")
    lines = text.splitlines()
    lines[-3], lines[-2] = lines[-2], lines[-3]
    info, _ = read(upload(tmp_path, "\n".join([*lines[:-4], *lines[-4:]])))
    [flaw] = [f for f in info.findings if f.code == "self-intersection"]
    assert flaw.place is not None
    assert "J" in flaw.message
    assert flaw.row is not None


def test_crossing_rings_are_an_error(tmp_path: Path) -> None:
    across = INNER.replace("3415240.000", "3415400.000")
    assert "rings-overlap" in found(tmp_path, HEADER + HEAD + OUTER + across)


def test_extra_fields_take_their_announced_names(tmp_path: Path) -> None:
    names = (
        "【界址点数,地块面积,地块编号,地块名称,图形,图幅号,用途,地类编码,图斑类型,改造前等别,@】\n"
    )
    text = HEADER + names + HEAD.replace(",@", ",T1,8,备,@") + OUTER + INNER
    info, rows = read(upload(tmp_path, text))
    assert info.columns[8:] == ("图斑类型", "改造前等别", "备用3")
    assert [rows.column(name).to_pylist() for name in info.columns[8:]] == [["T1"], ["8"], ["备"]]


def test_full_width_comma_stays_in_a_name(tmp_path: Path) -> None:
    _, rows = read(upload(tmp_path, WHOLE.replace("南浔开发区", "南浔，开发区")))
    assert rows.column("地块名称").to_pylist() == ["南浔，开发区东迁单元12号地块"]


def test_thousands_of_the_same_flaw_are_counted_not_listed(tmp_path: Path) -> None:
    info, _ = read(upload(tmp_path, WHOLE + "坏行\n" * 3000))
    assert codes(info) == {"baopan-line-unreadable"}
    assert len(info.findings) == 201
    assert "2800" in info.findings[-1].message
    assert {found.table for found in info.findings} == {info.name}


def test_several_parcels_keep_apart(tmp_path: Path) -> None:
    second = HEAD.replace("012", "013").replace("10,2.88", "5,0.12") + BESIDE.replace(",2,", ",1,")
    info, rows = read(upload(tmp_path, WHOLE + second))
    assert rows.column("地块编号").to_pylist() == ["DK-2026-012", "DK-2026-013"]
    assert codes(info) == set()
