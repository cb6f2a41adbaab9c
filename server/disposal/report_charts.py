"""Charts and the map of a report, drawn as SVG from its snapshot alone."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from server.disposal.codes import IdleClass
from server.disposal.colours import CLASS_COLOURS

_WIDTH = 680
_ROW = 30
_LABEL = 130
_INK, _FAINT, _TARGET = "#212529", "#868e96", "#ced4da"


@dataclass(frozen=True)
class Bar:
    """One row of a bar chart: a value, beside it what was wanted, and words behind both."""

    title: str
    value: float
    colour: str
    wanted: float | None = None
    words: str = ""


def bars(rows: Sequence[Bar]) -> str:
    """Horizontal bars; what was wanted is a frame behind them. Values are in 亩."""
    most = max([*(row.value for row in rows), *(row.wanted or 0 for row in rows), 1])
    width = _WIDTH - _LABEL - 150
    height = _ROW * len(rows) + 8
    drawn = "".join(_bar(row, n * _ROW + 6, width / most) for n, row in enumerate(rows))
    return _svg(_WIDTH, height, drawn)


def _bar(row: Bar, top: float, scale: float) -> str:
    middle = top + 13
    wanted = ""
    if row.wanted is not None:
        wanted = (
            f'<rect x="{_LABEL}" y="{top}" width="{row.wanted * scale:.1f}" height="18"'
            f' fill="none" stroke="{_FAINT}" stroke-dasharray="3 2"/>'
        )
    end = _LABEL + max(row.value, row.wanted or 0) * scale + 6
    return (
        f'<text x="{_LABEL - 8}" y="{middle}" text-anchor="end" fill="{_INK}">'
        f"{escape(row.title)}</text>"
        f'<rect x="{_LABEL}" y="{top}" width="{max(row.value * scale, 0):.1f}" height="18"'
        f' fill="{row.colour}"/>{wanted}'
        f'<text x="{end:.1f}" y="{middle}" fill="{_INK}">{row.value:,.1f}'
        f'<tspan fill="{_FAINT}"> {escape(row.words)}</tspan></text>'
    )


def class_map(told: Mapping[str, Any], width: int = 680, height: int = 420) -> str:
    """Outlines of the regions with a dot for each open case, its area that of the land.

    ``told`` is the ``map`` of a snapshot; where no outline is known, the dots alone.
    """
    rings = [
        ring for one in told["outlines"] for ring in _rings(one["geometry"])
    ]  # fmt: skip
    places = [point for ring in rings for point in ring]
    places += [(one["x"], one["y"]) for one in told["cases"]]
    if not places:
        return ""
    view = _View.on(places, width, height)
    drawn = "".join(_outline(one, view) for one in told["outlines"])
    largest = max([one["area_m2"] for one in told["cases"]], default=1)
    drawn += "".join(_dot(one, view, largest) for one in told["cases"])
    drawn += "".join(_name(one, view) for one in told["outlines"])
    return _svg(width, height, drawn)


@dataclass(frozen=True)
class _View:
    """Degrees onto paper: true at the middle of the map."""

    west: float
    north: float
    squeeze: float
    scale: float
    left: float
    top: float

    @classmethod
    def on(cls, places: Sequence[tuple[float, float]], width: int, height: int) -> "_View":
        west, east = min(x for x, _ in places), max(x for x, _ in places)
        south, north = min(y for _, y in places), max(y for _, y in places)
        squeeze = math.cos(math.radians((south + north) / 2))
        across, down = max((east - west) * squeeze, 0.01), max(north - south, 0.01)
        scale = min((width - 24) / across, (height - 24) / down)
        left, top = (width - across * scale) / 2, (height - down * scale) / 2
        return cls(west, north, squeeze, scale, left, top)

    def place(self, x: float, y: float) -> tuple[float, float]:
        return (
            self.left + (x - self.west) * self.squeeze * self.scale,
            self.top + (self.north - y) * self.scale,
        )


def _rings(geometry: Mapping[str, Any]) -> Iterator[list[tuple[float, float]]]:
    parts = geometry["coordinates"]
    for part in parts if geometry["type"] == "MultiPolygon" else [parts]:
        for ring in part:
            yield [(x, y) for x, y in ring]


def _outline(one: Mapping[str, Any], view: _View) -> str:
    path = ""
    for ring in _rings(one["geometry"]):
        path += "M" + "L".join("{:.1f} {:.1f}".format(*view.place(x, y)) for x, y in ring) + "Z"
    return f'<path d="{path}" fill="#f8f9fa" stroke="{_FAINT}" fill-rule="evenodd"/>'


def _dot(one: Mapping[str, Any], view: _View, largest: float) -> str:
    x, y = view.place(one["x"], one["y"])
    radius = 2 + 5 * math.sqrt(one["area_m2"] / largest)
    colour = CLASS_COLOURS[IdleClass(one["class"])]
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{colour}"'
        f' fill-opacity="0.65" stroke="{colour}"/>'
    )


def _name(one: Mapping[str, Any], view: _View) -> str:
    ring = max(_rings(one["geometry"]), key=len)
    x, y = view.place(sum(p[0] for p in ring) / len(ring), sum(p[1] for p in ring) / len(ring))
    # Twice, because WeasyPrint draws the stroke over the letters whatever paint-order says.
    place = f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="middle"'
    words = f"{escape(one['name'])}</text>"
    return f'{place} stroke="#fff" stroke-width="3">{words}{place} fill="{_INK}">{words}'


def _svg(width: float, height: float, drawn: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
        f' width="100%" font-size="12" font-family="Noto Sans CJK SC, sans-serif">{drawn}</svg>'
    )
