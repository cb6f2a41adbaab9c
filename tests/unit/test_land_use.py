"""One use has several codes: asking for one of them finds the others."""

import pytest

from gis import filters
from gis.layers.land_use import EQUIVALENTS, with_equivalents
from gis.layers.parcels import PARCELS
from gis.query import Under


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (("100102",), {"100102", "M2"}),
        (("M1",), {"M1", "100101"}),
        (("1001",), {"1001", "M", "0601"}),
        (("0601",), {"0601", "1001", "M"}),
        (("10",), {"10", "M", "0601", "0602"}),
        (("M2", "110101"), {"M2", "100102", "110101", "W1"}),
        (("1601",), {"1601"}),
        (("M2", "M"), {"M", "1001", "0601"}),
    ],
)
def test_a_code_finds_what_other_standards_call_the_same(
    asked: tuple[str, ...], found: set[str]
) -> None:
    assert set(with_equivalents(asked)) == found


def test_asking_again_with_what_was_found_finds_no_more() -> None:
    for codes in EQUIVALENTS:
        for code in codes:
            once = with_equivalents((code,))
            assert set(with_equivalents(once)) == set(once)


def test_the_filter_of_parcels_asks_for_all_of_them() -> None:
    (condition,) = filters.parse(PARCELS, {"land_use_code": "100102"})
    assert isinstance(condition, Under)
    assert condition.prefixes == ("100102", "M2")
