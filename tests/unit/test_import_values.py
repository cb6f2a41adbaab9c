"""Values of files: what registers really write, read exactly or named as unreadable."""

from datetime import date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.importing import values
from gis.importing.fields import BY_NAME, MAX, MIN, Field
from gis.importing.units import UnknownUnit, factor
from gis.importing.values import Converted
from gis.layers import LAYERS, Kind, layer_named

PARCELS, PLANTS, PARKS = layer_named("parcels"), layer_named("plants"), layer_named("parks")
COLUMNS = {f"{layer.name}.{c.name}": c for layer in LAYERS for c in layer.columns}


def converted(column: str, *cells: object, unit: str = "") -> Converted:
    names = {"南浔区": "330503"}
    return values.convert(Field("X", COLUMNS[column], unit), pa.array(cells), names)


def one(column: str, cell: object, unit: str = "") -> object:
    found = converted(column, cell, unit=unit)
    assert not found.bad
    return found.array.to_pylist()[0]


def refused(column: str, cell: object, unit: str = "") -> str:
    found = converted(column, cell, unit=unit)
    assert found.array.to_pylist() == [None]
    (bad,) = found.bad
    return bad.reason


@pytest.mark.parametrize(
    ("written", "literal"),
    [
        ("1.5", "[1.5,1.5]"),
        ("≥1.5", "[1.5,)"),
        (">= 1.5", "[1.5,)"),
        (">1.5", "(1.5,)"),
        ("＞1.5", "(1.5,)"),
        ("≤60%", "(,60]"),
        ("＜60％", "(,60)"),
        ("<=60", "(,60]"),
        ("=2", "[2,2]"),
        ("R≥1.2", "[1.2,)"),
        ("1.2-2.0", "[1.2,2.0]"),
        ("1.2～2.0", "[1.2,2.0]"),
        ("1.2至2.0", "[1.2,2.0]"),
        ("1.5≤R<2.5", "[1.5,2.5)"),
        ("1.5＜容积率≤2.5", "(1.5,2.5]"),
        ("不小于1.5", "[1.5,)"),
        ("不低于 1.5", "[1.5,)"),
        ("不大于60%", "(,60]"),
        ("不超过 60", "(,60]"),
        ("1.5以上", "[1.5,)"),
        ("24以下", "(,24]"),
        ("[1.2,2.0]", "[1.2,2.0]"),
        (1.5, "[1.5,1.5]"),
        (2.0, "[2,2]"),
    ],
)
def test_planning_indices_are_intervals_with_their_signs(written: object, literal: str) -> None:
    assert one("parcels.plot_ratio", written) == literal


@pytest.mark.parametrize("written", ["按规划", "2.0-1.0", "≥", "1.5≤R≤1.0", "-1", "1,5"])
def test_what_is_no_interval_is_named(written: str) -> None:
    assert refused("parcels.plot_ratio", written)


def test_two_fields_of_bounds_make_one_interval() -> None:
    low = converted("parcels.plot_ratio", "1.2", None, "1.5", None, unit=MIN).array
    high = converted("parcels.plot_ratio", "2%", "3", None, None, unit=MAX).array
    joined = values.join_bounds(low, high).array.to_pylist()
    assert joined == ["[1.2,2]", "[,3]", "[1.5,]", None]


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2024-03-05", "2024-03-05"),
        ("2024/3/5", "2024-03-05"),
        ("2024.3.5", "2024-03-05"),
        ("20240305", "2024-03-05"),
        (20240305, "2024-03-05"),
        ("2024年3月5日", "2024-03-05"),
        ("2024年3月", "2024-03-01"),
        ("2024-03", "2024-03-01"),
        ("2024-03-05 10:20:30", "2024-03-05"),
        ("2024-03-05T10:20", "2024-03-05"),
        ("45356", "2024-03-05"),
        (date(2024, 3, 5), "2024-03-05"),
        (datetime(2024, 3, 5, 23, 59), "2024-03-05"),
    ],
)
def test_days_are_read_as_registers_write_them(written: object, day: str) -> None:
    assert one("parcels.available_on", written) == day


@pytest.mark.parametrize("written", ["1900-01-01", "1900/1/1", "0000-00-00", "0", 0, "00000000"])
def test_the_first_day_that_software_knows_is_no_day(written: object) -> None:
    assert one("parcels.available_on", written) is None


@pytest.mark.parametrize("written", ["2026-02-30", "2024-13-01", "春节后", "2024", "3月5日"])
def test_what_is_no_day_is_named(written: str) -> None:
    assert refused("parcels.available_on", written)


@pytest.mark.parametrize(
    ("written", "at"),
    [
        ("2024-03-05", "2024-03-05"),
        ("2024/3/5 8:05", "2024-03-05 8:05"),
        ("2024-03-05T10:20:30", "2024-03-05 10:20:30"),
        (datetime(2024, 3, 5, 10, 20), "2024-03-05T10:20:00"),
    ],
)
def test_instants_keep_their_time_of_day(written: object, at: str) -> None:
    assert one("parcels.verified_at", written) == at


@pytest.mark.parametrize(
    ("written", "answer"),
    [(w, "t") for w in ("是", "有", "Y", "yes", "True", 1, 1.0, "√", "已通", True)]
    + [(w, "f") for w in ("否", "无", "N", "0", "×", "未通", "不通", "不具备", False)],
)
def test_yes_and_no_have_many_spellings(written: object, answer: str) -> None:
    assert one("parcels.has_power", written) == answer


def test_neither_yes_nor_no_is_named() -> None:
    assert refused("parcels.has_power", "在建") == "应为是或否"


@pytest.mark.parametrize("written", ["", " ", "/", "-", "--", "—", "NULL", "None", "无数据", None])
def test_a_blank_is_nothing_and_no_error(written: str | None) -> None:
    found = converted("parcels.tenure_years", written)
    assert (found.array.to_pylist(), found.bad) == ([None], ())


@pytest.mark.parametrize(
    ("column", "written", "unit", "stored"),
    [
        ("parcels.area_legal_m2", 43.2, "mu", "28800.00"),
        ("parcels.area_legal_m2", "30亩", "mu", "20000.00"),
        ("parcels.area_legal_m2", 2.88, "ha", "28800.00"),
        ("parcels.area_legal_m2", "0.0288", "km2", "28800.00"),
        ("parcels.area_legal_m2", "28,800.00", "", "28800.00"),
        ("parcels.price_start_wan", 16_800_000, "yuan", "1680.0000"),
        ("parcels.price_start_wan", "0.168", "yi", "1680.0000"),
        ("parcels.investment_wan_per_mu", 6000, "wan_ha", "400.00"),
        ("parcels.power_kva", 1.25, "mva", "1250.00"),
        ("parcels.water_t_per_day", 0.5, "wan_t_per_day", "5000.00"),
        ("plants.lift_load_t", 3000, "kg", "3.00"),
        ("plants.floor_load_t_per_m2", 1000, "kg_m2", "1.00"),
        ("plants.floor_load_t_per_m2", "9.80665", "kn_m2", "1.00"),
        ("plants.rent_yuan_per_m2_month", 1.2, "yuan_m2_day", "36.50"),
        ("plants.rent_yuan_per_m2_month", 240, "yuan_m2_year", "20.00"),
        ("plants.price_yuan_per_m2", 0.35, "wan_m2_price", "3500.00"),
        ("plants.lease_months_min", 3, "year", "36"),
        ("parks.tax_yi", 12_500, "wan", "1.25"),
    ],
)
def test_units_are_converted_by_published_factors(
    column: str, written: object, unit: str, stored: str
) -> None:
    """The factors of domain brief B5."""
    assert Decimal(str(one(column, written, unit))) == Decimal(stored)


@given(st.integers(1, 10**9))
def test_multiples_of_three_mu_are_whole_square_metres(third: int) -> None:
    stored = one("parcels.area_legal_m2", third * 3, "mu")
    assert Decimal(str(stored)) == third * 2000


def test_a_unit_that_leads_nowhere_is_an_error() -> None:
    with pytest.raises(UnknownUnit):
        factor("mu", "万元")
    assert factor("", None) == Decimal(1)


@pytest.mark.parametrize(
    ("column", "written"),
    [
        ("parcels.area_legal_m2", "-5"),
        ("parcels.area_legal_m2", "很大"),
        ("parcels.area_legal_m2", "1e17"),
        ("parcels.tenure_years", "49.5"),
        ("parcels.tenure_years", "3000000000"),
        ("parcels.lot_code", "3305030010020000012"),
        ("parcels.status", "不知道"),
        ("parcels.region_code", "南浔"),
    ],
)
def test_what_the_column_cannot_hold_is_named(column: str, written: str) -> None:
    assert refused(column, written)


@pytest.mark.parametrize(
    ("column", "written", "stored"),
    [
        ("parcels.tenure_years", "50年", "50"),
        ("parcels.tenure_years", 50.0, "50"),
        ("parcels.status", "可供", "available"),
        ("parcels.status", "已出让", "sold"),
        ("parcels.status", "sold", "sold"),
        ("parcels.declared_idle_class", "批而未供", "pewg"),
        ("parcels.region_code", 330503.0, "330503"),
        ("parcels.land_use_code", "M2", "M2"),
        ("parcels.name", 12.0, "12"),
        ("parcels.name", "  南浔 12 号 ", "南浔 12 号"),
        ("parcels.lot_code", " 330503001002GB00012 ", "330503001002GB00012"),
        ("parks.leading_industries", '汽车、"轻"物流；a\\b', '{"汽车","\\"轻\\"物流","a\\\\b"}'),
    ],
)
def test_values_are_stored_as_the_registry_has_them(
    column: str, written: object, stored: str
) -> None:
    assert one(column, written) == stored


def test_a_region_given_by_name_becomes_its_code() -> None:
    assert one("parcels.region_code", "南浔区", BY_NAME) == "330503"
    assert "代码" in refused("parcels.region_code", "无名区", BY_NAME)


def test_each_bad_row_is_named_with_its_own_value() -> None:
    found = converted("parcels.tenure_years", "50", "x", None, "x", "y")
    assert found.array.to_pylist() == ["50", None, None, None, None]
    assert [(bad.index, bad.value) for bad in found.bad] == [(1, "x"), (3, "x"), (4, "y")]


def test_a_text_with_nul_is_named_because_postgresql_cannot_hold_it() -> None:
    found = converted("parcels.name", "好", "坏\x00")
    assert found.array.to_pylist() == ["好", None]
    assert [bad.index for bad in found.bad] == [1]


@given(st.sampled_from(sorted(COLUMNS)), st.text(max_size=40) | st.floats() | st.integers(0, 2**62))
def test_any_cell_is_read_or_named(column: str, cell: object) -> None:
    found = converted(column, cell)
    assert len(found.array) == 1
    if found.bad:
        assert found.array.to_pylist() == [None]


def test_every_kind_of_column_is_read() -> None:
    assert {column.kind for column in COLUMNS.values()} == set(Kind)


def test_an_exponent_beyond_all_numbers_is_named() -> None:
    assert refused("parcels.area_legal_m2", "1e9999999")


def test_crossed_bounds_of_two_fields_are_not_lost_in_silence() -> None:
    low = converted("parcels.plot_ratio", "3", unit=MIN).array
    high = converted("parcels.plot_ratio", "1", unit=MAX).array
    joined = values.join_bounds(low, high)
    assert joined.array.to_pylist() == [None]
    assert [(bad.index, bad.value) for bad in joined.bad] == [(0, "3-1")]


def test_a_property_of_several_kinds_is_read_value_by_value() -> None:
    written = ["多少", "6300", "0", "true", None, "[1, 2]", '"甲"', "[未填"]
    cells = pa.ExtensionArray.from_storage(pa.json_(), pa.array(written, pa.string()))
    found = values.convert(Field("X", COLUMNS["parcels.power_kva"], ""), cells, {})
    assert found.array.to_pylist() == [None, "6300.00", "0.00", "1.00", *[None] * 4]
    assert [(bad.index, bad.value) for bad in found.bad] == [
        (0, "多少"),
        (5, "1、2"),
        (6, "甲"),
        (7, "[未填"),
    ]
    found = values.convert(Field("X", COLUMNS["parcels.address"], ""), cells, {})
    assert found.array.to_pylist() == ["多少", "6300", "0", "1", None, "1、2", "甲", "[未填"]
