"""Value functions and the score: monotone, free of units, neutral where nothing is known."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.siting import values
from gis.siting.values import Around, Decay, Falling, Fit, Holds, Rising, Steps, ValueFunction

FIGURES = st.floats(0, 1e7)
SPANS = st.tuples(st.floats(0, 1e6), st.floats(1, 1e6)).map(lambda p: (p[0], p[0] + p[1]))
BENEFITS: st.SearchStrategy[ValueFunction] = st.one_of(
    SPANS.map(lambda span: Rising(*span)),
    st.lists(st.integers(0, 10**6), min_size=1, max_size=5, unique=True).map(
        lambda starts: Steps(
            tuple((float(s), (i + 1) / len(starts)) for i, s in enumerate(sorted(starts)))
        )
    ),
)
COSTS: st.SearchStrategy[ValueFunction] = st.one_of(
    SPANS.map(lambda span: Falling(*span)), st.floats(1, 1e6).map(Decay)
)
ANY: st.SearchStrategy[ValueFunction] = st.one_of(
    BENEFITS, COSTS, SPANS.map(lambda span: Around(span[0], span[1] - span[0]))
)


@given(BENEFITS, FIGURES, FIGURES)
def test_more_of_a_benefit_is_never_worth_less(f: ValueFunction, a: float, b: float) -> None:
    assert f.of(min(a, b)) <= f.of(max(a, b))


@given(COSTS, FIGURES, FIGURES)
def test_more_of_a_cost_is_never_worth_more(f: ValueFunction, a: float, b: float) -> None:
    assert f.of(min(a, b)) >= f.of(max(a, b))


@given(ANY, FIGURES)
def test_a_value_is_a_share(f: ValueFunction, x: float) -> None:
    assert 0 <= f.of(x) <= 1


def scaled(f: ValueFunction, by: float) -> ValueFunction:
    match f:
        case Rising(low, high) | Falling(low, high):
            return type(f)(low * by, high * by)
        case Around(target, tolerance):
            return Around(target * by, tolerance * by)
        case Decay(scale):
            return Decay(scale * by)
        case Steps(steps):
            return Steps(tuple((x * by, v) for x, v in steps))
        case Holds() | Fit():
            return f


@given(
    ANY.filter(lambda f: not isinstance(f, Steps)), FIGURES, st.sampled_from([0.0015, 0.001, 15])
)
def test_the_unit_does_not_matter(f: ValueFunction, x: float, by: float) -> None:
    assert scaled(f, by).of(x * by) == pytest.approx(f.of(x), abs=1e-6)


TERMS = st.lists(
    st.tuples(st.floats(0.01, 1000), ANY, st.none() | FIGURES), min_size=1, max_size=60
)


@given(TERMS)
def test_score_is_between_0_and_100_and_unknown_is_neutral(
    terms: list[tuple[float, ValueFunction, float | None]],
) -> None:
    assert -1e-9 <= values.score(terms) <= 100 + 1e-9
    nothing = [(w, f, None) for w, f, _ in terms]
    assert values.score(nothing) == pytest.approx(50)
    assert values.completeness(nothing) == 0
    known = sum(w for w, _, x in terms if x is not None)
    assert values.completeness(terms) == pytest.approx(known / sum(w for w, _, _ in terms))


@given(TERMS, st.floats(0.01, 100))
def test_only_the_ratio_of_weights_matters(
    terms: list[tuple[float, ValueFunction, float | None]], by: float
) -> None:
    heavier = [(w * by, f, x) for w, f, x in terms]
    assert values.score(heavier) == pytest.approx(values.score(terms), abs=1e-6)


def test_published_values() -> None:
    assert Decay(5000).of(5000) == pytest.approx(math.exp(-1))
    assert Decay(1).of(1e9) == 0
    assert Around(50, 20).of(40) == pytest.approx(0.5)
    assert Rising(800, 2000).of(1400) == pytest.approx(0.5)
    assert Falling(500, 1500).of(500) == 1
    assert Steps(((800.0, 0.5), (2000.0, 1.0))).of(1999) == 0.5
    fit = Fit(("电池",), ((1.0, ("电池",)), (0.7, ("整车",)), (0.4, ("半导体",))))
    likeness = [fit.likeness(frozenset({n})) for n in ("电池", "整车", "半导体", "纺织")]
    assert likeness == [1.0, 0.7, 0.4, 0.0]
