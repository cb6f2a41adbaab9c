"""Values in words, as history shows them."""

from typing import Any

import pytest

from gis.layers import layer_named
from gis.words import in_words

NAMES = {"330503": "南浔区"}


@pytest.mark.parametrize(
    ("layer", "column", "value", "expected"),
    [
        ("parcels", "status", "available", "可供"),
        ("parcels", "has_power", True, "是"),
        ("parcels", "has_power", False, "否"),
        ("parcels", "area_legal_m2", 20000.0, "20000 m²（30 亩）"),
        ("parcels", "area_legal_m2", 66666.67, "66666.67 m²（100 亩）"),
        ("parcels", "price_start_wan", 1500.5, "1500.5 万元"),
        ("parcels", "plot_ratio", "[1.5,)", "≥1.5"),
        ("parcels", "plot_ratio", "(,2.0]", "≤2"),
        ("parcels", "plot_ratio", "(1.5,2.5)", "＞1.5–＜2.5"),
        ("parcels", "plot_ratio", "[2,2]", "2"),
        ("parcels", "building_density", "(,60]", "≤60%"),
        ("parcels", "available_on", "2026-12-01", "2026-12-01"),
        ("parcels", "verified_at", "2026-11-22T08:30:00+08:00", "2026-11-22 08:30"),
        ("parcels", "parent_codes", ["A-1", "A-2"], "A-1、A-2"),
        ("parcels", "region_code", "330503", "南浔区（330503）"),
        ("parcels", "region_code", "330500", "330500"),
        ("plants", "storeys", 3, "3 层"),
        ("parcels", "remark", None, "（空）"),
    ],
)
def test_values_in_words(layer: str, column: str, value: Any, expected: str) -> None:
    assert in_words(layer_named(layer).column(column), value, NAMES) == expected
