"""TOPSIS on a worked example, and what holds of any shortlist."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.siting.compare import topsis

# Thousandths: of a value of 1e-300 the square is nothing, and no figure is that small.
ROW = st.lists(st.integers(0, 1000).map(lambda one: one / 1000), min_size=3, max_size=3)


def test_worked_example() -> None:
    # By hand: norms sqrt(1 + .25), sqrt(.25 + 1); rows mirror each other, so both are half way.
    assert topsis([[1, 0.5], [0.5, 1]], [1, 1]) == pytest.approx([0.5, 0.5])
    # Weight 3:1 leans to the first column: D- / (D+ + D-) = 3 / (3 + 1).
    assert topsis([[1, 0.5], [0.5, 1]], [3, 1]) == pytest.approx([0.75, 0.25])


@given(st.lists(ROW, min_size=2, max_size=4))
def test_closeness_is_a_share_and_the_best_of_all_is_1(matrix: list[list[float]]) -> None:
    ideal = [max(column) for column in zip(*matrix, strict=True)]
    closeness = topsis([*matrix, ideal], [1, 2, 3])
    assert all(0 <= one <= 1 for one in closeness)
    if any(not math.isclose(a, b) for row in matrix for a, b in zip(row, ideal, strict=True)):
        assert closeness[-1] == pytest.approx(1)


def test_equal_sites_are_half_way() -> None:
    assert topsis([[0.3, 0.4], [0.3, 0.4]], [1, 1]) == [0.5, 0.5]
