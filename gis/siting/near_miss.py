"""Near misses and dead ends: which constraint was missed by how much, and what each one removes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from gis.layers import Kind, Layer
from gis.query import Between
from gis.siting.question import Hard, figure, measure


@dataclass(frozen=True)
class Miss:
    """The one constraint that a site misses: its figure, the bound, and what would have to change.

    ``share`` is the miss as a share of the bound.
    """

    column: str
    figure: float
    bound: float
    share: float
    text: str


@dataclass(frozen=True)
class Removal:
    """What one hard constraint does to a layer: sites that fail it, sites that only it excludes."""

    layer: Layer
    title: str
    sites: int
    failing: int
    without: int

    @property
    def text(self) -> str:
        """The same as a sentence."""
        only = f"，放宽它就有 {self.without} 处" if self.without else ""
        return (
            f"{self.layer.title} {self.sites} 处中，{self.failing} 处不满足「{self.title}」{only}"
        )


def missed(bounds: Sequence[Between], figures: Sequence[float]) -> Miss:
    """The bound that is broken; exactly one is, or ValueError."""
    found = [
        miss
        for between, number in zip(bounds, figures, strict=True)
        for miss in (_miss(between, number),)
        if miss is not None
    ]
    if len(found) != 1:
        raise ValueError(f"{len(found)} broken bounds, not 1")
    return found[0]


def _miss(between: Between, number: float) -> Miss | None:
    # Bounds of numeric columns are numbers; those of dates are never relaxed.
    low = None if between.low is None else float(between.low)  # type: ignore[arg-type]
    high = None if between.high is None else float(between.high)  # type: ignore[arg-type]
    if low is not None and number < low:
        return _told(between, number, low, "低于下限", "降到")
    if high is not None and number > high:
        return _told(between, number, high, "高于上限", "提高到")
    return None


def _told(between: Between, number: float, bound: float, side: str, verb: str) -> Miss:
    column = between.column
    in_mu = column.kind is Kind.AREA
    has, wanted = (
        f"{figure(one * 3 / 2000)} 亩" if in_mu else measure(column.name, one, column.unit or "")
        for one in (number, bound)
    )
    share = abs(number - bound) / abs(bound) if bound else 0.0
    text = f"{column.title} {has}，{side} {wanted} {share * 100:.1f}%；若把要求{verb} {has} 即符合"
    return Miss(column.name, number, bound, round(share, 4), text)


def removals(layer: Layer, hard: Sequence[Hard], row: Row[Any]) -> list[Removal]:
    """What each hard constraint removes, those that remove most first."""
    counts = row._mapping
    found = [
        Removal(layer, one.title, row.sites, counts[f"fail_{index}"], counts[f"without_{index}"])
        for index, one in enumerate(hard)
    ]
    return sorted(found, key=lambda one: (-one.failing, one.title))
