"""Value functions: how well a figure suits, from 0 to 1, in Python and as the same thing in SQL.

Unknown is 0.5 everywhere (domain brief F4). Units are those the question was asked in. ``sql``
takes the SQL of a figure that is not null.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from gis.siting.binds import Binds

NEUTRAL = 0.5
"""What an unknown figure counts."""

# PostgreSQL refuses exp() of what underflows; beyond this many scales the value is nought.
_FURTHEST = 700.0


@dataclass(frozen=True)
class Rising:
    """The more the better: 0 at ``low`` and below, 1 at ``high`` and above, straight between."""

    low: float
    high: float
    shape: ClassVar[str] = "rising"

    def of(self, x: float) -> float:
        """Value of a known figure."""
        return min(max((x - self.low) / (self.high - self.low), 0.0), 1.0)

    def sql(self, x: str, bind: Binds) -> str:
        """The same in SQL."""
        span = bind(self.high - self.low)
        return f"least(greatest(({x} - {bind(self.low)}) / {span}, 0), 1)"


@dataclass(frozen=True)
class Falling:
    """The less the better: 1 at ``low`` and below, 0 at ``high`` and above, straight between."""

    low: float
    high: float
    shape: ClassVar[str] = "falling"

    def of(self, x: float) -> float:
        """Value of a known figure."""
        return min(max((self.high - x) / (self.high - self.low), 0.0), 1.0)

    def sql(self, x: str, bind: Binds) -> str:
        """The same in SQL."""
        span = bind(self.high - self.low)
        return f"least(greatest(({bind(self.high)} - {x}) / {span}, 0), 1)"


@dataclass(frozen=True)
class Around:
    """A triangle: 1 at the target, 0 from ``tolerance`` away on either side."""

    target: float
    tolerance: float
    shape: ClassVar[str] = "around"

    def of(self, x: float) -> float:
        """Value of a known figure."""
        return max(1.0 - abs(x - self.target) / self.tolerance, 0.0)

    def sql(self, x: str, bind: Binds) -> str:
        """The same in SQL."""
        return f"greatest(1 - abs({x} - {bind(self.target)}) / {bind(self.tolerance)}, 0)"


@dataclass(frozen=True)
class Steps:
    """The value of the highest step that is reached; 0 below the first. Steps ascend."""

    steps: tuple[tuple[float, float], ...]
    shape: ClassVar[str] = "steps"

    def of(self, x: float) -> float:
        """Value of a known figure."""
        reached = [value for start, value in self.steps if x >= start]
        return reached[-1] if reached else 0.0

    def sql(self, x: str, bind: Binds) -> str:
        """The same in SQL."""
        descending = reversed(self.steps)
        whens = " ".join(f"WHEN {x} >= {bind(a)} THEN {bind(v)}" for a, v in descending)
        return f"(CASE {whens} ELSE 0 END)"


@dataclass(frozen=True)
class Decay:
    """The nearer the better: exp(-x/scale), so 37 % at ``scale``."""

    scale: float
    shape: ClassVar[str] = "decay"

    def of(self, x: float) -> float:
        """Value of a known figure."""
        return 0.0 if x > self.scale * _FURTHEST else math.exp(-x / self.scale)

    def sql(self, x: str, bind: Binds) -> str:
        """The same in SQL."""
        far = bind(self.scale * _FURTHEST)
        return f"CASE WHEN {x} > {far} THEN 0 ELSE exp({x} / {bind(-self.scale)}) END"


@dataclass(frozen=True)
class Holds:
    """Yes is 1, no is 0."""

    shape: ClassVar[str] = "holds"

    def of(self, x: float) -> float:
        """Value of 1 (yes) or 0 (no)."""
        return x

    def sql(self, x: str, bind: Binds) -> str:
        """The same in SQL."""
        return x


@dataclass(frozen=True)
class Fit:
    """Likeness of industries: the best of 1 (the same), 0.7 (same chain), 0.4 (related), else 0.

    ``levels`` pairs a value with the industries that have it, best first; ``asked`` is what the
    question said.
    """

    asked: tuple[str, ...]
    levels: tuple[tuple[float, tuple[str, ...]], ...] = ()
    shape: ClassVar[str] = "fit"

    def of(self, x: float) -> float:
        """The likeness itself: it is found where the industries are, in SQL."""
        return x

    def likeness(self, industries: frozenset[str]) -> float:
        """How alike a park's industries are to those asked for."""
        return next((v for v, names in self.levels if industries & set(names)), 0.0)

    def sql(self, x: str, bind: Binds) -> str:
        """The likeness itself, as ``likeness_sql`` found it."""
        return x

    def likeness_sql(self, column: str, bind: Binds) -> str:
        """Likeness of a text array that is not null."""
        levels = ((bind(list(names)), bind(v)) for v, names in self.levels if names)
        whens = " ".join(f"WHEN {column} && {names}::text[] THEN {v}" for names, v in levels)
        return f"(CASE {whens} ELSE 0 END)" if whens else "0"


ValueFunction = Rising | Falling | Around | Steps | Decay | Holds | Fit


def value(function: ValueFunction, x: float | None) -> float:
    """Value of a figure that may be unknown."""
    return NEUTRAL if x is None else function.of(x)


def value_sql(function: ValueFunction, x: str, bind: Binds) -> str:
    """The same in SQL; ``least`` and ``greatest`` there would pass over a null."""
    return f"CASE WHEN {x} IS NULL THEN {NEUTRAL} ELSE {function.sql(x, bind)} END"


def score(terms: Sequence[tuple[float, ValueFunction, float | None]]) -> float:
    """100 x sum(w v) / sum(w) of ``(weight, function, figure)``."""
    weights = sum(weight for weight, _, _ in terms)
    return 100 * sum(w * value(function, x) for w, function, x in terms) / weights


def score_sql(terms: Sequence[tuple[float, ValueFunction, str]], bind: Binds) -> str:
    """The same in SQL."""
    weights = sum(weight for weight, _, _ in terms)
    parts = (f"{bind(100 * w / weights)} * {value_sql(f, x, bind)}" for w, f, x in terms)
    return " + ".join(parts)


def completeness(terms: Sequence[tuple[float, ValueFunction, float | None]]) -> float:
    """Share (0 to 1) of the weight that stands on known figures."""
    weights = sum(weight for weight, _, _ in terms)
    return sum(weight for weight, _, x in terms if x is not None) / weights
