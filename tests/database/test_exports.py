"""What is exported comes back unchanged, in every format and whatever the attributes are."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, insert, select
from sqlalchemy.dialects.postgresql import Range

from gis.carriers.baopan import parse_baopan
from gis.crs import CGCS2000, Crs
from gis.exporting.model import Export, ExportRefused, Format, target_epsg
from gis.exporting.rows import as_text, field_names
from gis.exporting.writing import write
from gis.importing import reports
from gis.importing.differences import differences
from gis.importing.fields import aliases
from gis.importing.options import ImportOptions
from gis.layers import LAYERS, Column, Kind, Layer, layer_named
from gis.query import BadQuery, ItemsQuery
from gis.tables import SITES
from server.config import Settings
from server.db import job_engine
from server.imports import Importing
from tests.databases import Maker

EVERYTHING = ItemsQuery(Crs.CGCS2000)


def _again(engine: Engine, export: Export, folder: Path, **options: Any) -> dict[str, int]:
    """Export and import again; what the import would do."""
    with engine.begin() as connection:
        written = write(connection, export, folder)
    path = written.path.rename(folder / f"again{written.path.suffix}")
    work = Importing(engine, 6, "tests")
    run = work.stage(
        work.receive(export.layer, path, ImportOptions(**options)), path, lambda *_: None
    )
    with engine.connect() as connection:
        # Shown by pytest where a test fails.
        print(differences(connection, run, 10), reports.findings(connection, run.id, limit=10))
    return dict(run.counts)


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
@pytest.mark.parametrize("form", [Format.GPKG, Format.SHP, Format.GEOJSON, Format.XLSX])
def test_demo_city_round_trip(
    demo_engine: Engine, layer: Layer, form: Format, tmp_path: Path
) -> None:
    counts = _again(demo_engine, Export(layer, EVERYTHING, form), tmp_path)
    assert counts["unchanged"] == counts["rows"] > 0


@pytest.mark.parametrize("word", ["4528", "4549", "4499", "4326"])
def test_demo_city_round_trip_in_other_systems(
    demo_engine: Engine, word: str, tmp_path: Path
) -> None:
    export = Export(layer_named("parks"), EVERYTHING, Format.SHP, target_epsg(word), "utf-8")
    counts = _again(demo_engine, export, tmp_path)
    assert counts["unchanged"] == counts["rows"] > 0


def test_survey_text_round_trip(demo_engine: Engine, tmp_path: Path) -> None:
    export = Export(layer_named("parcels"), EVERYTHING, Format.TXT)
    counts = _again(demo_engine, export, tmp_path)
    assert counts["unchanged"] == counts["rows"] > 0
    text = (tmp_path / "again.txt").read_bytes().decode("gb18030")
    parsed = parse_baopan(text)
    assert parsed.attribute("带号") == "40"
    assert all(parcel.rings for parcel in parsed.parcels)


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
def test_names_of_fields_are_known_and_fit(layer: Layer, encoding: str) -> None:
    names = field_names(layer, encoding)
    assert len(set(names.values())) == len(layer.writable)
    for column, name in names.items():
        assert len(name.encode(encoding)) <= 10
        assert aliases(layer)[name.casefold()] == (column, "")


@pytest.mark.parametrize("word", ["4610", "2364", "4214", "21420", "3857", "x", "", "４５２８"])
def test_systems_without_parameters_are_refused(word: str) -> None:
    with pytest.raises(BadQuery):
        target_epsg(word)


# Letters that Chinese files hold; a GeoJSON of Greek alone would be taken for misread bytes.
GBK = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5) | st.sampled_from(
    "ABCxyz0189.()-+*=@#'\"\\/&<>，。：；（）《》、Ⅰ①㎡℃"
)
WORDS = st.text(GBK, min_size=1, max_size=40).filter(lambda text: text not in ("/", "-", "--"))


def _numbers(scale: int) -> st.SearchStrategy[Decimal]:
    return st.decimals(0, 10**9, allow_nan=False, places=scale)


@st.composite
def _intervals(draw: st.DrawFn) -> Range[Decimal]:
    low, high = sorted([draw(_numbers(2)), draw(_numbers(2))])
    kind = draw(st.sampled_from(["[]", "(]", "[)", "()", "≥", ">", "≤", "<"]))
    if kind in ("≥", ">"):
        return Range(low, None, bounds="[)" if kind == "≥" else "()")
    if kind in ("≤", "<"):
        return Range(None, high, bounds="(]" if kind == "≤" else "()")
    if low == high:
        return Range(low, low, bounds="[]")
    return Range(low, high, bounds=kind)  # type: ignore[arg-type]


def _values(column: Column) -> st.SearchStrategy[Any]:
    kinds: dict[Kind, st.SearchStrategy[Any]] = {
        Kind.TEXT: WORDS,
        Kind.TEXTS: st.lists(st.text("园区工业一二三ABC", min_size=1, max_size=5), min_size=1),
        Kind.INTEGER: st.integers(0, 2_000_000_000),
        Kind.NUMBER: _numbers(column.scale),
        Kind.AREA: _numbers(2),
        Kind.INTERVAL: _intervals(),
        Kind.BOOLEAN: st.booleans(),
        Kind.DATE: st.dates(date(1902, 1, 1), date(2100, 1, 1)),
        Kind.INSTANT: st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1)).map(
            lambda at: at.replace(microsecond=0, tzinfo=UTC)
        ),
        Kind.CODE: st.sampled_from(sorted(column.choices or {})),
        Kind.HIERARCHY: st.just("330503"),
    }
    return kinds[column.kind]


LAYER = layer_named("parcels")
FREE = [
    column
    for column in LAYER.writable
    if column.name not in ("code", "park_code", "parent_codes", "region_code", "area_legal_m2")
    and column.pattern is None
]


@st.composite
def _sites(draw: st.DrawFn) -> list[dict[str, Any]]:
    rows = []
    for number in range(draw(st.integers(1, 3))):
        row: dict[str, Any] = {"code": f"H-{number}", "region_code": None}
        for column in FREE:
            value = draw(_values(column) if column.required else st.none() | _values(column))
            row[column.name] = value
        rows.append(row)
    return rows


@pytest.fixture(scope="module")
def scratch(maker: Maker, migrated_template: str) -> Any:
    with maker.copied(migrated_template) as url:
        yield job_engine(Settings(database_url=url))


@given(rows=_sites(), form=st.sampled_from([Format.GPKG, Format.SHP, Format.GEOJSON, Format.XLSX]))
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_attributes_come_back(
    scratch: Engine, tmp_path_factory: pytest.TempPathFactory, rows: Any, form: Format
) -> None:
    site = SITES["parcels"]
    with scratch.begin() as connection:
        connection.execute(site.delete())
        for number, row in enumerate(rows):
            west = 120.1 + number * 0.01
            east = f"{west + 0.001:.4f}"
            box = f"MULTIPOLYGON((({west:.4f} 30.8,{east} 30.8,{west:.4f} 30.801,{west:.4f} 30.8)))"
            shapes = {
                "geom": func.ST_GeomFromText(box, CGCS2000),
                "geom_gcj02": func.ST_GeomFromText(box, 0),
                "area_planar_m2": 1,
                "area_ellipsoid_m2": 1,
            }
            connection.execute(insert(site).values(**row, **shapes))
    counts = _again(scratch, Export(LAYER, EVERYTHING, form), tmp_path_factory.mktemp("export"))
    with scratch.connect() as connection:
        assert connection.execute(select(func.count()).select_from(site)).scalar() == len(rows)
    assert (counts["unchanged"], counts["rejected"]) == (len(rows), 0), counts


def test_what_a_shapefile_cannot_hold_is_refused(demo_engine: Engine, tmp_path: Path) -> None:
    export = Export(layer_named("parks"), EVERYTHING, Format.SHP)
    for word, code in (("长" * 200, "text-too-long"), ("𠮷野😀", "not-in-gbk")):
        with demo_engine.begin() as connection:
            connection.execute(SITES["parks"].update().values(remark=word))
            folder = tmp_path / code
            folder.mkdir()
            with pytest.raises(ExportRefused) as refused:
                write(connection, export, folder)
        assert refused.value.code == code


def test_values_as_people_write_them() -> None:
    ratio = LAYER.column("plot_ratio")
    known = {
        Range(Decimal("1.50"), None, bounds="[)"): "≥1.5",
        Range(None, Decimal(60), bounds="(]"): "≤60",
        Range(Decimal("1.2"), Decimal(2), bounds="[]"): "1.2-2",
        Range(Decimal("1.5"), Decimal("2.5"), bounds="[)"): "1.5≤R<2.5",
        Range(Decimal(2), Decimal(2), bounds="[]"): "2",
    }
    assert {value: as_text(ratio, value) for value in known} == known
    assert as_text(LAYER.column("has_road"), value=False) == "否"
