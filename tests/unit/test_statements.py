"""Statements kept by shape say what a fresh compilation of the same question says."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects.postgresql.psycopg2 import PGDialect_psycopg2
from sqlalchemy.sql import ClauseElement
from werkzeug.datastructures import MultiDict

from gis import sql, statements
from gis.layers import layer_named
from gis.query import ItemsQuery
from gis.statements import Statement, Value
from gis.zooms import Tile
from mini_program_api import map_params, params

PARCELS, PARKS = layer_named("parcels"), layer_named("parks")
_NUMBERS = st.decimals(0, 9999, places=2).map(str)
_WORDS = st.text("南浔ab%_/\\'\" 1", min_size=1, max_size=8).filter(lambda text: bool(text.strip()))
_PARAMETERS = st.fixed_dictionaries(
    {},
    optional={
        "bbox": st.sampled_from(["120,30,121,31", "119.5,30.25,119.75,30.5"]),
        "limit": st.integers(1, 1000).map(str),
        "cursor": st.integers(0, 10**9).map(params.cursor_of),
        "zoom": st.integers(0, 22).map(str),
        "q": _WORDS,
        "fields": st.sampled_from(["name", "name,area_mu", "status_text,version"]),
        "status": st.sampled_from(["available", "sold,planned"]),
        "region_code": st.sampled_from(["33", "3305,3306"]),
        "code": st.sampled_from(["a", "a,b'c", "%s"]),
        "plot_ratio": _NUMBERS,
        "area_mu_min": _NUMBERS,
        "area_m2_max": _NUMBERS,
        "is_cleared": st.sampled_from(["true", "false"]),
        "available_on_min": st.dates().map(str).filter(lambda day: "1900" < day < "2200"),
        "verified_at_max": st.sampled_from(["2026-01-31", "2025-12-01"]),
    },
)


def _written(value: object) -> str:
    try:
        return statements._constant(value)
    except TypeError:
        return repr(value)


def _fresh_text(statement: ClauseElement) -> str:
    dialect = PGDialect_psycopg2(paramstyle="pyformat")  # type: ignore[no-untyped-call]
    compiled = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    return re.sub(
        r"%\(([^)]+)\)s|%%",
        lambda found: "%" if found[0] == "%%" else _written(compiled.params[found[1]]),
        str(compiled),
    )


def _filled(statement: Statement, values: list[Value]) -> str:
    arguments = iter(statement.repeated(statement.arguments(values)))
    return re.sub(
        "%s|%%",
        lambda found: "%" if found[0] == "%%" else _written(next(arguments)),
        statement.direct,
    )


@given(asked=_PARAMETERS)
def test_a_kept_statement_is_the_fresh_one(asked: dict[str, str]) -> None:
    query = params.items_query(PARCELS, MultiDict(asked), 1000)
    fresh = _fresh_text(statements._with_state(PARCELS, sql.page(PARCELS, query)))
    assert _filled(*statements.page(PARCELS, query)) == fresh


def test_lists_are_values_too() -> None:
    query = params.items_query(PARKS, MultiDict({"leading_industries": "a,b"}), 1000)
    statement, values = statements.page(PARKS, query)
    assert statement.arguments(values) == (["a", "b"], 101)


def test_questions_of_one_shape_share_a_statement() -> None:
    asked = [{"bbox": f"12{n},30,122,31", "limit": str(n + 1)} for n in range(2)]
    first, second = (params.items_query(PARCELS, MultiDict(each), 1000) for each in asked)
    assert statements.page(PARCELS, first)[0] is statements.page(PARCELS, second)[0]
    view = statements.view(PARCELS, first)
    assert view is not None
    assert view[0].pays


def test_a_value_made_of_another_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = sql.page

    def shifted(layer: object, query: ItemsQuery) -> object:
        assert query.bbox is not None
        table = sql.source(PARCELS, query.audience)
        return honest(PARCELS, query).where(table.c.area_m2 > query.bbox.west * 2)

    monkeypatch.setattr(sql, "page", shifted)
    statements._page.cache_clear()
    query = params.items_query(PARCELS, MultiDict({"bbox": "120,30,121,31"}), 1000)
    with pytest.raises(statements.UnboundValue):
        statements.page(PARCELS, query)
    statements._page.cache_clear()


@given(
    zoom=st.integers(5, 16),
    place=st.tuples(st.floats(0, 0.999), st.floats(0, 0.999)),
    asked=st.fixed_dictionaries({}, optional={"status": st.just("sold,planned"), "q": _WORDS}),
)
def test_a_kept_tile_is_the_fresh_one(
    zoom: int, place: tuple[float, float], asked: dict[str, str]
) -> None:
    tile = Tile(zoom, int(place[0] * 2**zoom), int(place[1] * 2**zoom))
    query, _ = map_params.tile_query(PARCELS, MultiDict(asked))
    fresh = _fresh_text(statements._whole_tile(PARCELS, tile, query))
    assert _filled(*statements.tile(PARCELS, tile, query)) == fresh
