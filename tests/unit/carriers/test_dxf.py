"""Drawings: closed outlines by layer, arcs, hatches with holes, labels, Chinese code pages."""

from pathlib import Path

import pytest
from ezdxf.document import Drawing
from ezdxf.filemanagement import new

from tests.unit.carriers.reading import codes, geometries, read, tables

EAST, NORTH = 40_539_800.0, 3_415_000.0


def box(size: float = 100.0, shift: float = 0.0) -> list[tuple[float, float]]:
    x, y = EAST + shift, NORTH + shift
    return [(x, y), (x + size, y), (x + size, y + size), (x, y + size)]


def drawing(version: str = "R2000") -> Drawing:
    document = new(version)
    if version == "R2000":
        document.encoding = "gbk"
        document.header["$DWGCODEPAGE"] = "ANSI_936"
    return document


def saved(document: Drawing, folder: Path) -> Path:
    document.saveas(folder / "图.dxf")
    return folder / "图.dxf"


@pytest.mark.parametrize(("version", "encoding"), [("R2000", "gb18030"), ("R2010", "utf-8")])
def test_layers_are_tables_with_labels(version: str, encoding: str, tmp_path: Path) -> None:
    document = drawing(version)
    space = document.modelspace()
    space.add_lwpolyline(box(), close=True, dxfattribs={"layer": "宗地"})
    space.add_polyline2d(box(50, 300), close=True, dxfattribs={"layer": "宗地"})
    space.add_lwpolyline(box()[:3], dxfattribs={"layer": "宗地"})
    space.add_lwpolyline([*box(), box()[0]], dxfattribs={"layer": "首尾相同"})
    space.add_text("东迁12号").set_placement((EAST + 50, NORTH + 50))
    space.add_mtext("工业用地\\P二类").set_location((EAST + 50, NORTH + 20))
    path = saved(document, tmp_path)
    assert set(tables(path)) == {"宗地", "首尾相同"}
    info, rows = read(path, "宗地")
    assert (info.encoding.encoding, info.crs.epsg) == (encoding, 4528)
    assert "dxf-open-polyline" in codes(info)
    assert rows.column("TEXT").to_pylist() == ["东迁12号 工业用地 二类", None]
    assert [shape.area for shape in geometries(rows) if shape] == [10_000, 2_500]


def test_false_code_page_is_seen_through(tmp_path: Path) -> None:
    document = drawing()
    document.modelspace().add_lwpolyline(box(), close=True, dxfattribs={"layer": "宗地"})
    path = saved(document, tmp_path)
    path.write_bytes(path.read_bytes().replace(b"ANSI_936", b"ANSI_1252"))
    assert set(tables(path)) == {"宗地"}


def test_arc_segments_become_short_chords(tmp_path: Path) -> None:
    document = drawing()
    points = [(EAST, NORTH, 1.0), (EAST + 100, NORTH, 1.0)]
    document.modelspace().add_lwpolyline(
        points, format="xyb", close=True, dxfattribs={"layer": "圆"}
    )
    _, rows = read(saved(document, tmp_path))
    [circle] = geometries(rows)
    assert circle is not None
    assert circle.area == pytest.approx(3.141592653589793 * 50**2, rel=2e-4)


def test_hatch_keeps_its_hole(tmp_path: Path) -> None:
    document = drawing()
    hatch = document.modelspace().add_hatch(dxfattribs={"layer": "填充"})
    hatch.paths.add_polyline_path(box(), is_closed=True)
    hatch.paths.add_polyline_path(box(20, 30), is_closed=True, flags=16)
    _, rows = read(saved(document, tmp_path))
    assert geometries(rows)[0].area == 10_000 - 400
