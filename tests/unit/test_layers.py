"""The layer registry: three layers whose columns keep their own rules."""

import re
from dataclasses import replace

import pytest

from gis.layers import LAYERS, Audience, Column, Kind, Layer, UnknownLayer, layer_named
from gis.layers.model import HIERARCHY_PATTERN
from gis.layers.parcels import LOT_CODE_PATTERN, SUPERVISION_NO_PATTERN, UNIT_CODE_PATTERN


def test_a_park_is_loaded_before_what_stands_in_it() -> None:
    assert [layer.name for layer in LAYERS] == ["parks", "parcels", "plants"]


def test_a_layer_is_found_by_its_name_only() -> None:
    assert layer_named("parcels").title == "地块"
    with pytest.raises(UnknownLayer):
        layer_named("Parcels")


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_everything_that_can_be_asked_for_is_public(layer: Layer) -> None:
    assert all(column.public for column in layer.queryables)
    assert all(column.public for column in layer.published)
    assert all(column.public for column in layer.summary(Audience.PUBLIC))


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_every_column_has_a_chinese_title_of_its_own(layer: Layer) -> None:
    titles = [column.title for column in layer.columns]
    assert len(set(titles)) == len(titles)
    assert all(re.search(r"[\u4e00-\u9fff]", title) for title in titles)


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_names_say_their_unit(layer: Layer) -> None:
    for column in layer.columns:
        assert (column.kind is Kind.AREA) == (column.unit == "m²"), column.name
        if column.unit == "万元":
            assert column.name.endswith("_wan")
        if column.kind in (Kind.DATE, Kind.INSTANT):
            assert column.name.endswith(("_on", "_at"))


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_a_site_needs_a_code_a_name_and_a_status(layer: Layer) -> None:
    assert [column.name for column in layer.columns if column.required] == [
        "code",
        "name",
        "status",
    ]
    assert layer.hidden_status <= set(layer.column("status").choices or {})


def test_the_registry_hides_who_holds_the_land_and_how_it_is_used() -> None:
    hidden = {c.name for c in layer_named("parcels").columns if not c.public}
    assert {"holder_name", "contract_price_wan", "declared_idle_class", "remark"} <= hidden


def test_computed_columns_are_never_written() -> None:
    names = {column.name for column in layer_named("parcels").writable}
    assert "area_legal_m2" in names
    assert not names & {"area_m2", "area_planar_m2", "area_ellipsoid_m2"}


def test_staff_sees_every_column() -> None:
    for layer in LAYERS:
        assert layer.readable(Audience.STAFF) == layer.columns


def test_an_area_column_must_name_square_metres() -> None:
    with pytest.raises(ValueError, match="_m2"):
        Column("area", Kind.AREA, "面积")


def test_a_code_column_needs_choices_and_no_other_has_them() -> None:
    with pytest.raises(ValueError, match="choices"):
        Column("status", Kind.CODE, "状态")
    with pytest.raises(ValueError, match="choices"):
        Column("name", Kind.TEXT, "名称", choices={"a": "甲"})


def test_a_layer_names_each_column_once() -> None:
    layer = LAYERS[0]
    with pytest.raises(ValueError, match="twice"):
        replace(layer, columns=(*layer.columns, layer.columns[0]))


def test_an_area_in_mu_has_the_name_of_its_column() -> None:
    assert layer_named("plants").column("vacant_m2").mu_name == "vacant_mu"


@pytest.mark.parametrize(
    ("pattern", "good", "bad"),
    [
        (UNIT_CODE_PATTERN, "330503001002GB00012W00000000", "330503001002GB00012"),
        (UNIT_CODE_PATTERN, "330503001002GB00012F00010001", "330503001002GI00012F00010001"),
        (LOT_CODE_PATTERN, "330503001002GB00012", "3305030010020000012"),
        (LOT_CODE_PATTERN, "330503001002JC00012", "330503001002XB00012"),
        (SUPERVISION_NO_PATTERN, "3305032024B00123", "3305032024000123"),
        (SUPERVISION_NO_PATTERN, "3305032024B00123-2", "3305032024B00123-"),
    ],
)
def test_official_numbers_have_the_form_of_a_standard(pattern: str, good: str, bad: str) -> None:
    """GB/T 37346-2019 and the market supervision system: domain brief B1."""
    assert re.search(pattern, good)
    assert not re.search(pattern, bad)


@pytest.mark.parametrize("code", ["33", "330503001", "100102", "M2", "A35", "0601"])
def test_region_and_land_use_codes_are_hierarchies(code: str) -> None:
    assert re.fullmatch(HIERARCHY_PATTERN, code)
