"""The criteria codec: two spellings of one question, and refusals that name the field."""

import contextlib
import json
import math
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.siting import codec
from gis.siting.criteria import BadCriteria, Criteria

NUMBERS = st.integers(1, 10**6) | st.floats(0.01, 1e6).map(lambda x: round(x, 3))
SPAN = st.tuples(st.integers(1, 500), st.integers(1, 500)).map(lambda p: [p[0], p[0] + p[1]])
WANTS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "area_mu": st.builds(
            lambda s, w: {"around": s, "weight": w}, SPAN, NUMBERS.map(lambda n: n % 1000)
        ),
        "power_kva": st.builds(lambda s: {"rising": s}, SPAN),
        "price_start_wan": st.builds(lambda s: {"falling": s}, SPAN),
        "near_motorway_exit_m": st.builds(lambda n: {"decay": n}, st.integers(1, 9000)),
        "near_port_m": st.just({}),
        "is_cleared": st.just({"holds": True, "weight": 2}),
        "industry": st.just({"fit": ["新能源汽车", "动力电池"]}),
        "water_t_per_day": st.just({"steps": [[50, 0.5], [200, 1]]}),
    },
)
MUSTS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "area_mu_min": st.integers(1, 50),
        "area_mu_max": NUMBERS.map(lambda n: 51 + n % 1000),
        "status": st.just(["available", "planned"]),
        "region_code": st.sampled_from(["3305", "330503"]),
        "is_cleared": st.booleans(),
        "near_motorway_exit_m_max": st.integers(100, 90_000),
        "available_on_max": st.just("2027-06-30"),
        "avoid": st.just(["flood_risk"]),
        "industry": st.just(["动力电池"]),
        "polygon": st.just([[120.0, 30.7], [120.3, 30.7], [120.2, 31.0]]),
    },
)
BODIES = st.fixed_dictionaries(
    {"must": MUSTS, "want": WANTS},
    optional={
        "limit": st.integers(1, 100),
        "layers": st.just(["parcels"]),
        "profile": st.just("standard@1"),
    },
)


@given(BODIES)
def test_both_spellings_say_the_same(body: dict[str, Any]) -> None:
    criteria = codec.from_json(body)
    assert codec.from_query(dict(parse_qsl(codec.to_query(criteria), True))) == criteria
    again = codec.from_json(json.loads(json.dumps(codec.to_json(criteria))))
    assert again == criteria
    assert again.filters == criteria.filters
    assert again.conditions == criteria.conditions


def test_nothing_asked_is_the_standard_question() -> None:
    assert codec.from_json({}) == Criteria(conditions=codec.from_query({}).conditions)


CIRCLE = [[120 + math.cos(i / 1000), 30 + math.sin(i / 1000)] for i in range(6000)]
BAD: list[tuple[Any, str]] = [
    ([], "(body)"),
    ({"musts": {}}, "musts"),
    ({"must": {"area_mu_mim": 3}}, "must.area_mu_mim"),
    ({"must": {"area_mu_min": 80, "area_mu_max": 30}}, "must.area_mu_min"),
    ({"must": {"area_mu_min": "many"}}, "must.area_mu_min"),
    ({"must": {"area_mu_min": 1e300}}, "must.area_mu_min"),
    ({"must": {"area_mu_min": float("nan")}}, "must.area_mu_min"),
    ({"must": {"area_mu_min": {}}}, "must.area_mu_min"),
    ({"must": {"status": ["gone"]}}, "must.status"),
    ({"must": {"avoid": ["swamp"]}}, "must.avoid"),
    ({"must": {"polygon": CIRCLE}}, "must.polygon"),
    ({"must": {"polygon": [[120, 30], [121, 31], [121, 30], [120, 31]]}}, "must.polygon"),
    ({"must": {"polygon": [[120, 30], [121, 31]]}}, "must.polygon"),
    ({"must": {"polygon": [[120, 300], [121, 31], [120, 31]]}}, "must.polygon"),
    ({"must": {"polygon": "x"}}, "must.polygon"),
    ({"must": {"point": [120, 30]}}, "must.within_m"),
    ({"must": {"within_m": 30}}, "must.within_m"),
    ({"must": {"point": [120, 30], "route": [[120, 30], [121, 30]], "within_m": 5}}, "must.route"),
    ({"must": {f"x{i}": 1 for i in range(200)}}, "must"),
    ({"want": {f"x{i}": {} for i in range(200)}}, "want"),
    ({"want": {"colour": {"rising": [1, 2]}}}, "want.colour"),
    ({"want": {"area_mu": {"rising": [2, 1]}}}, "want.area_mu"),
    ({"want": {"area_mu": {"rising": [2]}}}, "want.area_mu"),
    ({"want": {"area_mu": {"around": [50, 0]}}}, "want.area_mu"),
    ({"want": {"area_mu": {"decay": -5}}}, "want.area_mu"),
    ({"want": {"area_mu": {"magic": 1}}}, "want.area_mu"),
    ({"want": {"area_mu": {"rising": [1, 2], "weight": -1}}}, "want.area_mu.weight"),
    ({"want": {"area_mu": {"rising": [1, 2], "weight": 1e5}}}, "want.area_mu.weight"),
    ({"want": {"area_mu": {"rising": [1, 2], "weight": float("nan")}}}, "want.area_mu.weight"),
    ({"want": {"power_kva": {"steps": [[2, 0.5], [1, 1]]}}}, "want.power_kva"),
    ({"want": {"power_kva": {"steps": [[1, 7]]}}}, "want.power_kva"),
    ({"want": {"is_cleared": {"rising": [0, 1]}}}, "want.is_cleared"),
    ({"limit": 0}, "limit"),
    ({"limit": 101}, "limit"),
    ({"layers": ["parks"]}, "layers"),
    ({"profile": "'; drop"}, "profile"),
    ({"crs": "wgs84"}, "crs"),
    ({"must": {"crane_t_min": 5, "land_use_code": "1001"}}, "must"),
]


@pytest.mark.parametrize(("body", "field"), BAD, ids=[field for _, field in BAD])
def test_refusals_name_the_field(body: Any, field: str) -> None:
    with pytest.raises(BadCriteria) as refused:
        codec.from_json(body)
    assert refused.value.field == field
    assert any("\u4e00" <= letter <= "\u9fff" for letter in refused.value.detail)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(["must", "want", "limit", "polygon", "area_mu"]), inner
            )
        ),
        max_leaves=12,
    )
)
def test_any_json_is_parsed_or_refused(body: object) -> None:
    found: object = None
    with contextlib.suppress(BadCriteria):
        found = codec.from_json(body)
    assert found is None or isinstance(found, Criteria)


def test_a_status_that_one_layer_knows_leaves_the_other_out() -> None:
    assert [one.name for one in codec.from_json({"must": {"status": "planned"}}).asked] == [
        "parcels"
    ]
    both = codec.from_json({"must": {"status": "planned,available"}})
    assert [one.name for one in both.asked] == ["parcels", "plants"]
