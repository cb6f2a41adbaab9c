"""Real data nobody here shaped: industrial land of Hangzhou, a cadastre of Seoul."""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from gis.carriers.model import CarrierError
from gis.crs import reproject
from tests.unit.carriers.build import put, shapefile, zipped
from tests.unit.carriers.reading import codes, geometries, read, tables

_DATA = Path(
    os.environ.get("KANDI_SHARED_DATA", Path(__file__).resolve().parents[4] / "shared" / "data")
)


def data(name: str) -> Path:
    path = _DATA / name
    if not path.exists():
        pytest.skip(f"real data {path} is not here; set KANDI_SHARED_DATA")
    return path


@pytest.fixture(scope="module")
def industrial() -> list[Any]:
    body = json.loads(data("hangzhou-osm/hangzhou-landuse.geojson").read_text())
    return [
        f
        for f in body["features"]
        if f["properties"]["fclass"] == "industrial"
        and f["properties"].get("name")
        and shapely.geometry.shape(f["geometry"]).geom_type == "Polygon"
    ]


def test_industrial_land_of_hangzhou_as_bureaus_send_it(
    industrial: list[Any], tmp_path: Path
) -> None:
    degrees = np.asarray([shapely.geometry.shape(f["geometry"]) for f in industrial], dtype=object)
    metres = reproject(degrees, 4490, 4528)
    names = [str(f["properties"]["name"]) for f in industrial]
    assert len(names) > 300
    files = shapefile(
        "工业用地", geometries=list(metres), columns={"名称": names, "序号": np.arange(len(names))}
    )
    path = put(
        tmp_path, "杭州.zip", zipped({f"杭州/{k}": v for k, v in files.items()}, gbk_names=True)
    )
    info, rows = read(path)
    assert (info.name, info.crs.epsg, info.encoding.encoding) == ("工业用地", 4528, "gb18030")
    assert codes(info) == {"encoding-guessed"}
    assert rows.column("名称").to_pylist() == names
    read_back = np.asarray(geometries(rows), dtype=object)
    exact = shapely.equals_exact(shapely.normalize(read_back), shapely.normalize(metres))
    assert bool(exact.all())
    centres = shapely.get_coordinates(shapely.centroid(reproject(read_back, 4528, 4490)))
    assert abs(centres - shapely.get_coordinates(shapely.centroid(degrees))).max() < 1e-8
    del files["工业用地.prj"]
    assert read(put(tmp_path, "无坐标系.zip", zipped(files)))[0].crs.epsg == 4528


def test_county_boundaries_are_read(tmp_path: Path) -> None:
    info, rows = read(data("cn-admin-prefectures/huzhou_tianditu.geojson"))
    assert info.crs.epsg == 4326
    assert rows.num_rows == info.row_count > 3


def test_cadastre_of_seoul_is_read_but_its_crs_refused() -> None:
    path = data("seoul-gangnam-parcels/Parcels.shp")
    info, rows = read(path)
    assert (info.row_count, info.encoding.encoding, info.encoding.how) == (235, "utf-8", "cpg")
    assert codes(info) == {"crs-refused"}
    assert info.crs.epsg is None
    assert rows.num_rows == 235
    assert any("\uac00" <= char <= "\ud7a3" for word in info.encoding.sample for char in word)


def test_half_of_the_cadastre_is_refused(tmp_path: Path) -> None:
    folder = data("seoul-gangnam-parcels")
    files = {p.name: p.read_bytes() for p in folder.glob("Parcels.*")}
    files["Parcels.shp"] = files["Parcels.shp"][: len(files["Parcels.shp"]) // 2]
    path = put(tmp_path, "a.zip", zipped(files))
    assert "truncated" in codes(tables(path)["Parcels"])
    with pytest.raises(CarrierError, match="truncated"):
        read(path)


def test_column_definitions_workbook_is_attributes(tmp_path: Path) -> None:
    found = tables(data("seoul-gangnam-parcels/column-definitions.xlsx"))
    assert found
    assert all(not table.has_geometry for table in found.values())
