"""Query strings of the API: everything is parsed or refused by name."""

from collections.abc import Callable
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from gis import filters
from gis.crs import Crs
from gis.layers import LAYERS, Layer, layer_named
from gis.query import BadQuery, BBox, ItemsQuery
from mini_program_api import params

Parsed = TypeVar("Parsed")

PARCELS = layer_named("parcels")
ANY_TEXT = st.text(st.characters(categories=None)) | st.text(
    st.sampled_from("0123456789.,-+e_ \x00\ud800"), max_size=30
)


def outcome(parse: Callable[[], Parsed]) -> Parsed | BadQuery:
    try:
        return parse()
    except BadQuery as error:
        return error


def arguments(layer: Layer) -> st.SearchStrategy[tuple[Layer, list[tuple[str, str]]]]:
    known = sorted({*params.PAGE_PARAMETERS, *filters.parameters(layer)})
    pair = st.tuples(st.sampled_from(known) | st.text(max_size=8), ANY_TEXT)
    return st.tuples(st.just(layer), st.lists(pair, max_size=4))


@given(st.sampled_from(LAYERS).flatmap(arguments))
def test_any_query_string_is_a_query_or_a_bad_query(
    asked: tuple[Layer, list[tuple[str, str]]],
) -> None:
    layer, pairs = asked
    found = outcome(lambda: params.items_query(layer, MultiDict(pairs), 1000))
    if isinstance(found, BadQuery):
        assert found.parameter in dict(pairs)
        assert found.detail
    else:
        assert 1 <= found.limit <= 1000


def test_nothing_asked_is_the_first_page_in_gcj02() -> None:
    assert params.items_query(PARCELS, MultiDict(), 1000) == ItemsQuery(Crs.GCJ02)
    assert params.items_query(PARCELS, MultiDict(), 20).limit == 20


@given(
    st.tuples(st.floats(-180, 180), st.floats(-90, 90), st.floats(-180, 180), st.floats(-90, 90))
)
def test_a_box_is_taken_exactly_when_its_corners_are_in_order(
    corners: tuple[float, float, float, float],
) -> None:
    west, south, east, north = (round(corner, 6) + 0.0 for corner in corners)
    text = ",".join(f"{corner:.6f}" for corner in (west, south, east, north))
    if west < east and south < north:
        assert params.bbox(text) == BBox(west, south, east, north)
    else:
        with pytest.raises(BadQuery):
            params.bbox(text)


@pytest.mark.parametrize(
    "value",
    [
        "", "1,2,3", "1,2,3,4,5", "nan,0,1,1", "0,0,inf,1", "-inf,0,1,1", "1,1,0,0", "0,0,0,1",
        "0,1,1,1", "181,0,182,1", "0,-91,1,1", "0,0,1,91", "0,0,1e1,1", "0, 0,1,1", "0,0,1,１",
        "0,0,1,.5", "+0,0,1,1", "1_0,0,20,1", "0x1,0,2,2",
    ],
)  # fmt: skip
def test_what_is_no_box_is_refused(value: str) -> None:
    with pytest.raises(BadQuery) as refused:
        params.bbox(value)
    assert refused.value.parameter == "bbox"


@pytest.mark.parametrize("corner", [float("nan"), float("inf"), float("-inf")])
def test_a_box_of_no_numbers_cannot_be_made(corner: float) -> None:
    with pytest.raises(BadQuery):
        BBox(0, 0, 1, corner)


@pytest.mark.parametrize(
    "value", ["0", "-1", "1001", "1e3", "1_0", "٣", "", " 1", "1.0", "+5", "9" * 30]
)
def test_what_is_no_limit_is_refused(value: str) -> None:
    with pytest.raises(BadQuery, match="limit"):
        params.limit(value, 1000)


@given(st.integers(0, 10**18 - 1))
def test_a_cursor_of_ours_reads_back(after_id: int) -> None:
    assert params.cursor(params.cursor_of(after_id)) == after_id


@given(ANY_TEXT)
def test_only_a_cursor_of_ours_is_taken(value: str) -> None:
    found = outcome(lambda: params.cursor(value))
    if isinstance(found, BadQuery):
        assert found.parameter == "cursor"
    else:
        assert params.cursor_of(found) == value


@pytest.mark.parametrize("value", ["MDA", "LTE", "MQ=", "MQ==", "é", "-1", "1"])
def test_other_spellings_of_a_cursor_are_refused(value: str) -> None:
    with pytest.raises(BadQuery, match="cursor"):
        params.cursor(value)


def test_a_misspelt_parameter_is_told_the_near_one() -> None:
    with pytest.raises(BadQuery, match="area_mu_min") as refused:
        params.items_query(PARCELS, MultiDict({"area_mu_mim": "3"}), 1000)
    assert refused.value.parameter == "area_mu_mim"


def test_a_parameter_given_twice_is_refused() -> None:
    with pytest.raises(BadQuery, match="只能出现一次"):
        params.items_query(PARCELS, MultiDict([("limit", "3"), ("limit", "4")]), 1000)


def test_fields_of_staff_are_unknown_to_the_public() -> None:
    assert params.fields(PARCELS, "holder_name,name", Crs.CGCS2000) == ("holder_name", "name")
    with pytest.raises(BadQuery, match="holder_name"):
        params.fields(PARCELS, "holder_name", Crs.GCJ02)


def test_fields_may_name_derived_outputs_and_each_counts_once() -> None:
    asked = params.fields(PARCELS, "area_mu,status_text,version,area_mu", Crs.GCJ02)
    assert asked == ("area_mu", "status_text", "version")


@pytest.mark.parametrize("value", ["3", "333", "3333333", "33050200", "三", "330502001002", "33%"])
def test_a_region_prefix_of_half_a_level_is_refused(value: str) -> None:
    with pytest.raises(BadQuery, match="under"):
        params.region_prefix({"under": value})


@pytest.mark.parametrize("value", ["", "33", "3305", "330502", "330502001"])
def test_region_prefixes_of_every_level_are_taken(value: str) -> None:
    assert params.region_prefix({"under": value}) == value
