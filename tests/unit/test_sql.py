"""The SQL of the reads: values are bound, columns stay as they are, the public reads its own."""

import re

import pytest
from sqlalchemy import Select
from sqlalchemy.dialects import postgresql

from gis import filters, sql
from gis.crs import Crs
from gis.filters import Parameter
from gis.layers import LAYERS, Audience, Kind, Layer, layer_named
from gis.query import BBox, ItemsQuery

PARCELS = layer_named("parcels")
HOSTILE = "x'; DROP TABLE parcels; --"

SAMPLES = {
    Kind.TEXT: HOSTILE,
    Kind.TEXTS: HOSTILE,
    Kind.HIERARCHY: "330599",
    Kind.INTEGER: "987654",
    Kind.NUMBER: "987654.25",
    Kind.AREA: "987654.25",
    Kind.INTERVAL: "987.25",
    Kind.DATE: "2031-07-09",
    Kind.INSTANT: "2031-07-09",
}


def sample(parameter: Parameter) -> str:
    match parameter.column.kind:
        case Kind.CODE:
            return next(iter(parameter.column.choices or {}))
        case Kind.BOOLEAN:
            return "true"
        case kind:
            return SAMPLES[kind]


def compiled(statement: Select[*tuple[object, ...]]) -> tuple[str, list[object]]:
    made = statement.compile(dialect=postgresql.dialect())  # type: ignore[no-untyped-call]
    return str(made), list(made.params.values())


EVERY_PARAMETER = [
    pytest.param(layer, parameter, id=f"{layer.name}-{parameter.name}")
    for layer in LAYERS
    for parameter in filters.parameters(layer).values()
]


@pytest.mark.parametrize(("layer", "parameter"), EVERY_PARAMETER)
@pytest.mark.parametrize("crs", list(Crs))
def test_the_value_of_a_filter_is_bound(layer: Layer, parameter: Parameter, crs: Crs) -> None:
    conditions = filters.parse(layer, {parameter.name: sample(parameter)})
    text, values = compiled(sql.count(layer, ItemsQuery(crs, conditions=conditions)))
    table = sql.looked_in(layer, ItemsQuery(crs).audience).name
    assert f"{table}.{parameter.column.name}" in text
    if parameter.column.kind is Kind.BOOLEAN:
        assert text.endswith("IS true")
    else:
        assert values, "nothing is bound"
        for part in ("DROP", "987", "2031", "3305", f"'{sample(parameter)}'"):
            assert part not in text


def test_words_and_their_wildcards_are_bound_and_escaped() -> None:
    text, values = compiled(sql.count(PARCELS, ItemsQuery(Crs.GCJ02, words="100%_'")))
    assert "100" not in text
    assert "100/%/_'" in values
    assert text.count("ESCAPE '/'") == 3
    for searched in ("code", "name", "address"):
        assert f"parcels_queryables.{searched}" in text


@pytest.mark.parametrize(
    ("words", "like"), [("南浔3号", " LIKE"), ("DK-3", " ILIKE"), ("é", "ILIKE")]
)
def test_only_words_with_capitals_are_folded(words: str, like: str) -> None:
    text, _ = compiled(sql.count(PARCELS, ItemsQuery(Crs.GCJ02, words=words)))
    assert text.count(like) == 3


def test_prefixes_of_a_hierarchy_are_ranges_of_text_that_an_index_can_serve() -> None:
    conditions = filters.parse(PARCELS, {"region_code": "3305,3306"})
    text, values = compiled(sql.count(PARCELS, ItemsQuery(Crs.GCJ02, conditions=conditions)))
    assert text.count("parcels_queryables.region_code LIKE") == 2
    assert {"3305", "3306"} <= set(values)


@pytest.mark.parametrize(("crs", "srid"), [(Crs.GCJ02, 0), (Crs.CGCS2000, 4490)])
def test_the_box_is_transformed_and_never_the_indexed_column(crs: Crs, srid: int) -> None:
    query = ItemsQuery(crs, bbox=BBox(120.125, 30.25, 120.5, 30.75))
    text, values = compiled(sql.count(PARCELS, query))
    table = sql.source(PARCELS, query.audience).name
    assert re.search(rf"ST_Intersects\({table}\.geom, \(SELECT ST_MakeEnvelope\(%\(", text)
    assert "ST_Transform" not in text
    assert values[-5:] == [120.125, 30.25, 120.5, 30.75, srid]


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_what_the_public_reads_touches_no_table_of_staff(layer: Layer) -> None:
    query = ItemsQuery(Crs.GCJ02, fields=("name",), bbox=BBox(1, 2, 3, 4), words="x", after_id=7)
    statements = (
        sql.page(layer, query),
        sql.count(layer, query),
        sql.one(layer, Audience.PUBLIC, 7),
        sql.extent(layer),
    )
    for statement in statements:
        text, _ = compiled(statement)
        assert f"FROM {layer.name}_public" in text
        assert not re.search(rf"\b{layer.name}\b[^_]", text)


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_the_publication_reads_no_column_of_staff(layer: Layer) -> None:
    text, _ = compiled(sql.publication(layer, 6))
    kept = [column.name for column in layer.columns if not column.public]
    assert kept, "the layer hides nothing, so this sees nothing"
    for name in kept:
        assert not re.search(rf"\b{name}\b", text)


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_the_publication_leaves_out_hidden_and_retired_sites(layer: Layer) -> None:
    text, values = compiled(sql.publication(layer, 6))
    assert f"{layer.name}.retired_at IS NULL" in text
    assert ["undisclosed"] in values


def test_a_page_asks_for_one_row_more_than_it_shows() -> None:
    text, values = compiled(sql.page(PARCELS, ItemsQuery(Crs.GCJ02, limit=25, after_id=100_007)))
    assert "ORDER BY parcels_public.id" in text
    assert 26 in values
    assert 100_007 in values


def test_chosen_fields_are_bound() -> None:
    text, values = compiled(sql.page(PARCELS, ItemsQuery(Crs.GCJ02, fields=("name", "area_mu"))))
    assert ["name", "area_mu"] in values
    assert "area_mu" not in text


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_outputs_of_the_public_are_its_columns_with_texts_and_mu(layer: Layer) -> None:
    public = sql.output_names(layer, Audience.PUBLIC)
    assert {"status", "status_text", "area_m2", "area_mu", "version", "updated_at"} <= public
    hidden = sql.output_names(layer, Audience.STAFF) - public
    assert hidden
    assert hidden <= {
        name
        for column in layer.columns
        if not column.public
        for name in (column.name, f"{column.name}_text", column.mu_name)
    } | {"pending_verification"}
