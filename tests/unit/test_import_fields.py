"""Fields of files: the alias dictionary knows real registers, and a person has the last word."""

import csv
from importlib.resources import files

import pytest

from gis.importing.fields import (
    BY_NAME,
    MAX,
    MIN,
    BadMapping,
    aliases,
    code_of,
    suggest,
    value_aliases,
)
from gis.importing.units import factor
from gis.layers import LAYERS, Kind, Layer, layer_named

PARCELS, PLANTS, PARKS = layer_named("parcels"), layer_named("plants"), layer_named("parks")


def rows(name: str) -> list[dict[str, str]]:
    text = (files("gis") / "data" / name).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


def mapped(layer: Layer, *names: str, **profile: str | None) -> dict[str, tuple[str, str]]:
    found = suggest(layer, names, profile)
    return {field.name: (field.column.name, field.unit) for field in found.fields}


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_every_alias_leads_to_a_column_in_a_unit_that_it_knows(layer: Layer) -> None:
    writable = {column.name: column for column in layer.writable}
    own = [row for row in rows("field_aliases.csv") if row["layer"] == layer.name]
    assert own
    for row in own:
        column = writable[row["column"]]
        if row["unit"] in (MIN, MAX):
            assert column.kind is Kind.INTERVAL, row
        elif row["unit"] == BY_NAME:
            assert column.name in ("region_code", "park_code"), row
        else:
            assert factor(row["unit"], column.unit) > 0, row


def test_every_alias_of_all_layers_leads_to_a_column_of_each() -> None:
    shared = {row["column"] for row in rows("field_aliases.csv") if row["layer"] == "*"}
    for layer in LAYERS:
        assert shared <= {column.name for column in layer.writable}


def test_an_alias_means_one_thing_in_one_layer() -> None:
    seen = [(row["layer"], row["alias"].casefold()) for row in rows("field_aliases.csv")]
    assert len(seen) == len(set(seen))


def test_every_word_of_a_code_leads_to_a_code_that_some_layer_has() -> None:
    known = {(c.name, code) for layer in LAYERS for c in layer.columns for code in c.choices or {}}
    for row in rows("value_aliases.csv"):
        assert (row["column"], row["code"]) in known, row


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_titles_of_choices_mean_their_codes(layer: Layer) -> None:
    for column in layer.columns:
        for code, title in (column.choices or {}).items():
            assert code_of(column, title) == code
            assert set(value_aliases(column).values()) <= set(column.choices or {})


def test_codes_mean_themselves() -> None:
    for column in {column for layer in LAYERS for column in layer.columns}:
        for code in column.choices or {}:
            assert code_of(column, code) == code


def test_the_field_names_of_a_real_register_are_known() -> None:
    """无锡高新, domain brief B1: at most ten characters, as DBF has them."""
    found = mapped(PARCELS, "DKH", "XMMC", "TDZL", "PZWH", "PZSJ", "YDKGSJ", "GHRJL", "HTBH")
    assert {name: column for name, (column, _) in found.items()} == {
        "DKH": "code",
        "XMMC": "name",
        "TDZL": "address",
        "PZWH": "approval_no",
        "PZSJ": "approved_on",
        "YDKGSJ": "start_due_on",
        "GHRJL": "plot_ratio",
        "HTBH": "contract_no",
    }


def test_case_blanks_and_full_width_do_not_matter() -> None:
    assert mapped(PARCELS, " dkbh ", "ＴＤＺＬ") == {
        " dkbh ": ("code", ""),
        "ＴＤＺＬ": ("address", ""),
    }


def test_the_area_in_the_unit_of_the_column_wins_over_the_one_in_mu() -> None:
    found = suggest(PARCELS, ["TDMJ_M", "TDMJ"])
    assert [(f.name, f.unit) for f in found.fields] == [("TDMJ", "")]
    assert found.unmapped == ("TDMJ_M",)
    assert mapped(PARCELS, "TDMJ_M") == {"TDMJ_M": ("area_legal_m2", "mu")}


def test_two_bounds_of_an_interval_are_both_taken() -> None:
    found = suggest(PARCELS, ["RJL_X", "RJL_S"])
    assert [(f.name, f.unit) for f in found.fields_of("plot_ratio")] == [
        ("RJL_X", MIN),
        ("RJL_S", MAX),
    ]
    assert [column.name for column in found.columns] == ["plot_ratio"]


def test_a_whole_interval_wins_over_its_bounds() -> None:
    found = suggest(PARCELS, ["RJL_X", "RJL", "RJL_S"])
    assert [field.name for field in found.fields] == ["RJL"]
    assert found.unmapped == ("RJL_X", "RJL_S")


def test_a_person_has_the_last_word() -> None:
    found = suggest(PARCELS, ["DKBH", "XM", "TDMJ"], {"XM": "code", "TDMJ": "area_legal_m2:mu"})
    by_name = {f.name: (f.column.name, f.unit) for f in found.fields}
    assert by_name == {"XM": ("code", ""), "TDMJ": ("area_legal_m2", "mu")}
    assert found.unmapped == ("DKBH",)


def test_a_field_can_be_left_out() -> None:
    found = suggest(PARCELS, ["DKBH", "BZ"], {"BZ": None})
    assert [field.name for field in found.fields] == ["DKBH"]
    assert found.unmapped == ()


@pytest.mark.parametrize("target", ["nothing", "area_m2", "area_planar_m2:mu", "geom"])
def test_nobody_maps_a_field_to_what_is_computed_or_not_there(target: str) -> None:
    with pytest.raises(BadMapping):
        suggest(PARCELS, ["TDMJ"], {"TDMJ": target})


def test_the_same_word_means_what_its_layer_says() -> None:
    assert aliases(PARCELS)["dkbh"] == ("code", "")
    assert "dkbh" not in aliases(PARKS)
    assert aliases(PLANTS)["ssyqdm"][0] == "park_code"


def test_what_nobody_knows_is_listed() -> None:
    found = suggest(PARCELS, ["DKBH", "FOO", "BAR"])
    assert found.unmapped == ("FOO", "BAR")
