"""Near misses and dead ends: which constraint was missed by how much, and what each one removes."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from gis.layers import Column, Layer
from gis.query import Between
from gis.siting.question import figure, measure, said_in_mu


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
        return _told(between, number, low, _Side("低于下限", math.floor))
    if high is not None and number > high:
        return _told(between, number, high, _Side("超过上限", math.ceil))
    return None


@dataclass(frozen=True)
class _Side:
    """Which bound was missed, and how a figure is rounded so that the site fits for certain."""

    name: str
    outward: Callable[[float], int]


def _told(between: Between, number: float, bound: float, side: _Side) -> Miss:
    column = between.column
    # A tenth of 亩 and of a kilometre, as people write them.
    shown, step = (number * 3 / 2000, 0.1) if said_in_mu(column.name) else (number, 0.01)
    if column.name.startswith("near_"):
        step = 100.0 if number >= 1000 else 1.0
    wide = side.outward(round(shown / step, 6)) * step
    has, wanted, relaxed = (
        f"{figure(one)} 亩" if said_in_mu(column.name) else measure(column.name, one, _unit(column))
        for one in (shown, bound * 3 / 2000 if said_in_mu(column.name) else bound, wide)
    )
    share = abs(number - bound) / abs(bound) if bound else 0.0
    text = (
        f"{column.title} {has}，{side.name} {wanted}（差 {share * 100:.1f}%）；"
        f"若放宽到 {relaxed} 即符合"
    )
    return Miss(column.name, number, bound, round(share, 4), text)


def _unit(column: Column) -> str:
    return column.unit or ""


def removals(layer: Layer, conditions: Sequence[str], row: Row[Any]) -> list[Removal]:
    """What each hard constraint removes, those that remove most first."""
    counts = row._mapping
    found = [
        Removal(layer, title, row.sites, counts[f"fail_{index}"], counts[f"without_{index}"])
        for index, title in enumerate(conditions)
    ]
    return sorted(found, key=lambda one: (-one.failing, one.title))
