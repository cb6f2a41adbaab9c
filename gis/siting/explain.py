"""Why a site scores what it does: contributions that add up, reasons, verdicts, one best change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gis.layers import Layer
from gis.layers.codes import CONSTRAINT_KIND, FACILITY_KIND
from gis.siting import values
from gis.siting.criteria import terms
from gis.siting.profiles import CHAIN, RELATED, SAME, Wanted
from gis.siting.question import Question, figure, measure
from gis.siting.terms import DISTANCES, OVERLAPS, TOUCH_M2
from gis.siting.values import Around, Decay, Falling, Fit, Holds, Rising, Steps, ValueFunction
from gis.siting.wants import INDUSTRY

POINTS_DECIMALS = 4
SCORE_DECIMALS = 2
"""Sixty contributions of 4 decimals miss the score of 2 decimals by less than 0.01."""

MOST_REASONS = 3
_LEAST_GAIN = 0.05
STRONG, WEAK = 0.6, 0.4
"""From this value on a term speaks for the site; up to the other one it speaks against it."""

_KIND_OF = {column.name: kind for kind, column in DISTANCES.items()}
_LIKENESS = {
    SAME: "就是园区主导产业",
    CHAIN: "与园区主导产业同属一条产业链",
    RELATED: "与园区主导产业只是相关，不在一条链上",
}


@dataclass(frozen=True)
class Nearest:
    """The nearest facility of a kind, in a straight line from a point inside the site."""

    kind: str
    id: int
    name: str
    metres: float

    @property
    def text(self) -> str:
        """The same as words: which, and how far."""
        far = measure(DISTANCES[self.kind].name, self.metres, "m")
        return f"距最近{FACILITY_KIND[self.kind]} {far}（{self.name}）"


@dataclass(frozen=True)
class Known:
    """What the database says of one site.

    ``figures`` in the order of the wants; ``nearest`` facilities of the kinds that were asked
    for; ``breaches`` in m2 by kind of constraint, in the order of ``OVERLAPS``.
    """

    figures: tuple[float | None, ...]
    nearest: Mapping[str, "Nearest"]
    breaches: tuple[float | None, ...]
    site_m2: float


@dataclass(frozen=True)
class Contribution:
    """One term of the score: ``points`` is 100 w v / sum(w)."""

    wanted: Wanted
    figure: float | None
    value: float
    points: float
    most: float
    text: str


@dataclass(frozen=True)
class Verdict:
    """How the site stands to one kind of constraint; ``m2`` and ``percent`` are None: not known."""

    kind: str
    violated: bool
    m2: float | None
    percent: float | None
    text: str


_UNCHECKED = {
    kind: Verdict(kind, False, None, None, f"{title}：没有数据，未核对")
    for kind, title in CONSTRAINT_KIND.items()
}
_CLEAR = {
    kind: Verdict(kind, False, 0.0, 0.0, f"{title}：符合")
    for kind, title in CONSTRAINT_KIND.items()
}


@dataclass(frozen=True)
class Change:
    """The one change that raises the score most, and by how many points."""

    term: str
    gain: float
    text: str


@dataclass(frozen=True)
class Explanation:
    """All that is said about one site's score; ``completeness`` is a share from 0 to 1."""

    score: float
    completeness: float
    contributions: tuple[Contribution, ...]
    for_it: tuple[str, ...]
    against_it: tuple[str, ...]
    nearest: tuple[Nearest, ...]
    verdicts: tuple[Verdict, ...]
    change: Change | None


@dataclass(frozen=True)
class _Aspect:
    """What a want says of every site of a layer alike; ``most`` is 100 w / sum(w)."""

    wanted: Wanted
    most: float
    kind: str | None
    wish: str
    unknown: str
    is_changeable: bool

    @property
    def title(self) -> str:
        return self.wanted.want.term.column.title

    def contribution(self, x: float | None, known: Known) -> Contribution:
        value = values.value(self.wanted.function, x)
        points = round(self.most * value, POINTS_DECIMALS)
        text = f"{self._reason(x, known)}，+{points:.1f} 分（满分 {self.most:.1f}）"
        most = round(self.most, POINTS_DECIMALS)
        return Contribution(self.wanted, x, value, points, most, text)

    def _reason(self, x: float | None, known: Known) -> str:
        function = self.wanted.function
        if isinstance(function, Fit):
            return f"{'、'.join(function.asked)}{_fit_text(x)}"
        if x is None:
            return self.unknown
        if isinstance(function, Holds):
            return f"{self.title}：{'是' if x else '否'}"
        if self.kind is not None:
            return f"{known.nearest[self.kind].text}，{self.wish}"
        term = self.wanted.want.term
        return f"{self.title} {measure(term.column.name, x, term.unit)}，{self.wish}"

    def gain(self, one: Contribution, total: float) -> float | None:
        """Points that come of raising the figure where that can be, else of caring less."""
        if self.is_changeable:
            return round(one.most - one.points, 1)
        rest = 100 - one.most
        return round((total - one.points) * 100 / rest - total, 1) if rest > 0 else None

    def remedy(self, one: Contribution) -> str:
        """The change that brings the gain."""
        if self.is_changeable:
            return _remedy(one)
        return f"不看重{f'{FACILITY_KIND[self.kind]}的远近' if self.kind else self.title}"


class Teller:
    """Tells of the sites of a layer why they score what they do; made once for a question."""

    def __init__(self, question: Question, layer: Layer) -> None:
        weights = sum(one.weight for one in question.wants)
        self._weights = weights
        self._aspects = tuple(_aspect(question, layer, one, weights) for one in question.wants)

    def explain(self, known: Known) -> Explanation:
        """Everything about one site; the score is computed here as it was in SQL."""
        told = [
            aspect.contribution(x, known)
            for aspect, x in zip(self._aspects, known.figures, strict=True)
        ]
        ordered = sorted(told, key=lambda one: one.points, reverse=True)
        losses = sorted(told, key=lambda one: one.most - one.points, reverse=True)
        judged = verdicts(known.breaches, known.site_m2)
        broken = tuple(one.text for one in judged if one.violated)
        weak = tuple(c.text for c in losses if c.value <= WEAK and c.most > 0)[:MOST_REASONS]
        certain = sum(one.wanted.weight for one in told if one.figure is not None)
        return Explanation(
            round(
                sum(a.most * c.value for a, c in zip(self._aspects, told, strict=True)),
                SCORE_DECIMALS,
            ),
            round(certain / self._weights, 4),
            tuple(told),
            tuple(c.text for c in ordered if c.value >= STRONG and c.points > 0)[:MOST_REASONS],
            (*broken, *weak),
            tuple(known.nearest.values()),
            judged,
            self._best_change(told),
        )

    def _best_change(self, told: Sequence[Contribution]) -> Change | None:
        total = sum(one.points for one in told)
        found = [
            (gain, aspect.wanted.want.term.name, aspect, one)
            for aspect, one in zip(self._aspects, told, strict=True)
            for gain in (aspect.gain(one, total),)
            if gain is not None and gain >= _LEAST_GAIN
        ]
        if not found:
            return None
        # Terms differ, so aspects are never compared.
        gain, name, aspect, one = max(found)
        return Change(name, gain, f"若{aspect.remedy(one)}，+{gain:.1f} 分")


def _aspect(question: Question, layer: Layer, one: Wanted, weights: float) -> _Aspect:
    term = one.want.term
    kind = _KIND_OF.get(term.column.name)
    is_known = term.name in terms(layer)
    absent = term.name != INDUSTRY.name and not is_known
    return _Aspect(
        one,
        100 * one.weight / weights,
        kind,
        _wish(one.function, "m" if kind else term.unit),
        f"{term.column.title}{'不适用' if absent else '没有数据'}，按中性计",
        is_known and term.column.name in question.profile.changeable,
    )


def _fit_text(x: float | None) -> str:
    if x is None:
        return "：园区主导产业没有数据，按中性计"
    return _LIKENESS.get(x, "与园区主导产业无关")


def _wish(function: ValueFunction, unit: str) -> str:
    match function:
        case Rising(low, high):
            return f"越大越好，{figure(low)} 起计、{figure(high)} {unit} 满分"
        case Falling(low, high):
            return f"越小越好，{figure(low)} {unit} 满分、{figure(high)} 不得分"
        case Around(target, tolerance):
            return f"目标 {figure(target)}±{figure(tolerance)} {unit}"
        case Steps(steps):
            return f"分级计分，{figure(steps[-1][0])} {unit} 起为最高级"
        case Decay(scale):
            return f"越近越好，{figure(scale / 1000)} km 处得 37%"
        case _:
            return ""


def weighed(wants: Sequence[Wanted]) -> list[str]:
    """What a score is made of, in Chinese, the heaviest first; what weighs nothing is left out."""
    heavy = sorted(wants, key=lambda one: one.weight, reverse=True)
    return [_weighed(one) for one in heavy if one.weight]


def _weighed(one: Wanted) -> str:
    term = one.want.term
    match one.function:
        case Around():
            return f"{term.column.title}{_wish(one.function, term.unit)}"
        case Fit(asked):
            return f"{term.column.title} {'、'.join(asked)}"
        case _:
            return term.column.title


def verdicts(breaches: tuple[float | None, ...], site_m2: float) -> tuple[Verdict, ...]:
    """The verdict of every constraint; the boundary itself is not told."""
    return tuple(_verdict(kind, m2, site_m2) for kind, m2 in zip(OVERLAPS, breaches, strict=True))


def _verdict(kind: str, m2: float | None, site_m2: float) -> Verdict:
    if not m2:
        return _UNCHECKED[kind] if m2 is None else _CLEAR[kind]
    title = CONSTRAINT_KIND[kind]
    percent = round(100 * m2 / site_m2, 2) if site_m2 else 0.0
    if m2 <= TOUCH_M2:
        return Verdict(kind, False, round(m2, 2), percent, f"{title}：符合")
    text = f"{title}：不符合，涉及 {figure(m2)} m²，占 {percent:.2f}%"
    return Verdict(kind, True, round(m2, 2), percent, text)


def _remedy(one: Contribution) -> str:
    term, function = one.wanted.want.term, one.wanted.function
    title, unit = term.column.title, term.unit
    now = "" if one.figure is None else f"由 {measure(term.column.name, one.figure, unit)} "
    match function:
        case Holds():
            return f"达到「{title}」"
        case Rising(_, high):
            return f"{title}{now}提高到 {figure(high)} {unit}"
        case Falling(low, _):
            return f"{title}{now}降到 {figure(low)} {unit}"
        case Around(target, _):
            return f"{title}{now}调整到 {figure(target)} {unit}"
        case Steps(steps):
            best = max(steps, key=lambda step: step[1])
            return f"{title}{now}达到 {figure(best[0])} {unit}"
        case _:
            return f"{title}{now}改善"
