"""The filter codec: every text is a condition or a BadQuery, and bounds are exact."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis import filters
from gis.filters import LONGEST_VALUE, MOST_VALUES, Side
from gis.layers import LAYERS, Kind, Layer, layer_named
from gis.query import Admits, AnyOf, BadQuery, Between, Condition, Is, OneOf, Under

PARCELS, PLANTS, PARKS = layer_named("parcels"), layer_named("plants"), layer_named("parks")

ANY_TEXT = st.text(st.characters(categories=None)) | st.text(
    st.sampled_from("0123456789.,-+eE_ \x00\ud800％true٣二〇年T:"), max_size=30
)


def asked_of(layer: Layer) -> st.SearchStrategy[tuple[Layer, dict[str, str]]]:
    names = st.sampled_from(sorted(filters.parameters(layer)))
    return st.tuples(st.just(layer), st.dictionaries(names, ANY_TEXT))


def outcome(layer: Layer, values: dict[str, str]) -> tuple[Condition, ...] | BadQuery:
    try:
        return filters.parse(layer, values)
    except BadQuery as error:
        return error


@given(st.sampled_from(LAYERS).flatmap(asked_of))
def test_any_text_is_a_condition_or_a_bad_query(asked: tuple[Layer, dict[str, str]]) -> None:
    layer, values = asked
    found = outcome(layer, values)
    if isinstance(found, BadQuery):
        assert found.parameter in values
        assert found.detail
    else:
        assert len(found) <= len(values)
        assert all(condition.column.queryable for condition in found)


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_every_queryable_column_has_a_parameter_and_every_parameter_a_public_column(
    layer: Layer,
) -> None:
    found = filters.parameters(layer)
    assert {p.column.name for p in found.values()} == {c.name for c in layer.queryables}
    assert all(p.column.public for p in found.values())
    assert all(p.title for p in found.values())


def test_areas_are_asked_for_in_square_metres_and_in_mu() -> None:
    found = filters.parameters(PARCELS)
    assert {"area_m2_min", "area_m2_max", "area_mu_min", "area_mu_max"} <= set(found)
    assert found["area_mu_min"].unit == "亩"
    assert found["area_m2_min"].unit == "m²"
    assert found["area_mu_min"].side is Side.LOW


def test_thirty_mu_are_exactly_twenty_thousand_square_metres() -> None:
    (asked,) = filters.parse(PARCELS, {"area_mu_min": "30"})
    assert asked == Between(PARCELS.column("area_m2"), Decimal(20_000), None)


@given(st.integers(0, 10**11))
def test_whole_multiples_of_three_mu_are_exact(third: int) -> None:
    (asked,) = filters.parse(PARCELS, {"area_mu_max": str(third * 3)})
    assert isinstance(asked, Between)
    assert asked.high == third * 2000


def test_two_bounds_of_one_column_are_one_condition() -> None:
    asked = filters.parse(PARCELS, {"tenure_years_max": "50", "tenure_years_min": "20"})
    assert asked == (Between(PARCELS.column("tenure_years"), Decimal(20), Decimal(50)),)


@pytest.mark.parametrize(
    ("low", "high"),
    [("area_m2_min", "area_m2_max"), ("area_mu_min", "area_mu_max")],
)
def test_crossed_bounds_name_the_parameter_that_was_given(low: str, high: str) -> None:
    with pytest.raises(BadQuery, match=low) as refused:
        filters.parse(PARCELS, {low: "2", high: "1"})
    assert refused.value.parameter == low


def test_equal_bounds_are_allowed() -> None:
    (asked,) = filters.parse(PARCELS, {"area_m2_min": "5", "area_m2_max": "5"})
    assert asked == Between(PARCELS.column("area_m2"), Decimal(5), Decimal(5))


def test_an_upper_day_of_an_instant_ends_at_midnight_in_china() -> None:
    (asked,) = filters.parse(
        PARCELS, {"verified_at_min": "2026-01-30", "verified_at_max": "2026-01-31"}
    )
    assert isinstance(asked, Between)
    assert asked.low == datetime(2026, 1, 29, 16, tzinfo=UTC)
    assert asked.high == datetime(2026, 1, 31, 15, 59, 59, 999_999, tzinfo=UTC)


def test_each_kind_of_column_has_its_own_condition() -> None:
    parcel, park = PARCELS.column, PARKS.column
    asked = {
        "code": "A,B",
        "status": "available,planned",
        "region_code": "3305",
        "plot_ratio": "1.5",
        "has_power": "true",
        "available_on_max": "2026-12-31",
    }
    assert set(filters.parse(PARCELS, asked)) == {
        OneOf(parcel("code"), ("A", "B")),
        OneOf(parcel("status"), ("available", "planned")),
        Under(parcel("region_code"), ("3305",)),
        Admits(parcel("plot_ratio"), Decimal("1.5")),
        Is(parcel("has_power"), True),
        Between(parcel("available_on"), None, date(2026, 12, 31)),
    }
    assert filters.parse(PARKS, {"leading_industries": "汽车, 物流"}) == (
        AnyOf(park("leading_industries"), ("汽车", "物流")),
    )


def test_every_kind_of_column_is_parsed_by_some_layer() -> None:
    asked = {column.kind for layer in LAYERS for column in layer.queryables}
    assert asked == set(Kind)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("area_m2_min", "1e3"),
        ("area_m2_min", "1_0"),
        ("area_m2_min", "٣"),
        ("area_m2_min", "NaN"),
        ("area_m2_min", "inf"),
        ("area_m2_min", " 1"),
        ("area_m2_min", "1" * 13),
        ("area_m2_min", "0.1234567"),
        ("area_m2_min", ""),
        ("plot_ratio", "1,5"),
        ("has_power", "True"),
        ("has_power", "1"),
        ("available_on_min", "2026-02-30"),
        ("available_on_min", "2026-2-3"),
        ("available_on_min", "20260203"),
        ("available_on_min", "1899-12-31"),
        ("available_on_min", "2201-01-01"),
        ("status", "sold,gone"),
        ("status", ""),
        ("region_code", "33%"),
        ("region_code", "湖州"),
        ("code", "A,,B"),
        ("code", "A\x00"),
        ("code", "\ud800"),
        ("code", "x" * (LONGEST_VALUE + 1)),
        ("code", ",".join("abc" * MOST_VALUES)),
    ],
)
def test_what_means_nothing_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(BadQuery) as refused:
        filters.parse(PARCELS, {name: value})
    assert refused.value.parameter == name


def test_a_refused_code_lists_the_codes_that_there_are() -> None:
    with pytest.raises(BadQuery) as refused:
        filters.parse(PLANTS, {"fire_class": "z"})
    assert "a（甲类）" in refused.value.detail


def test_as_many_values_as_allowed_are_taken() -> None:
    (asked,) = filters.parse(PARCELS, {"code": ",".join(map(str, range(MOST_VALUES)))})
    assert asked == OneOf(PARCELS.column("code"), tuple(map(str, range(MOST_VALUES))))
