"""How many bytes the plain form of a view takes, told without writing it.

Writing it takes longer than all else that a view takes, and a view may be drawn three times before
it fits.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import groupby

import numpy as np

from gis.layers.symbols import Symbol
from gis.wxplain import area, cell, circle, compact, item, label_of, line, pin, text
from gis.wxscreen import Part, Points, Screen, symbol_of
from gis.zooms import DegreeGrid

_NOWHERE = {"latitude": 0.0, "longitude": 0.0}
_POINT_BYTES = len(compact(_NOWHERE)) - 2 * len("0.0")


def plain_bytes(screen: Screen) -> int:
    """The length of ``wxplain.text`` to the byte, but where degrees are about zero."""
    empty = replace(screen, sites=(), parts=(), pins=(), clusters=())
    areas, lines = screen.areas, screen.lines
    markers = _pins(screen) + sum(len(compact(circle(one))) for one in screen.clusters)
    items = _items(screen) + sum(len(compact(cell(one))) for one in screen.clusters)
    ids = sum(len(str(part.site.id)) for part in areas)
    return (
        len(text(empty))
        + _in_list(markers, len(screen.pins) + len(screen.clusters))
        + _in_list(_parts(areas, area), len(areas))
        + _in_list(ids, len(areas))
        + _in_list(_parts(lines, line), len(lines))
        + _in_list(items, len(screen.sites) + len(screen.clusters))
    )


def _in_list(length: int, count: int) -> int:
    """With the commas between so many members."""
    return length + max(0, count - 1)


def _strings(texts: Iterable[str]) -> int:
    """What texts take within their quotes, together."""
    listed = list(texts)
    return len(compact(listed)) - 1 - 3 * len(listed) if listed else 0


def _pins(screen: Screen) -> int:
    if not screen.pins:
        return 0
    frames = sum(_pin_frame(symbol_of(site)) + len(str(site.id)) for site, _ in screen.pins)
    places = np.array([place for _, place in screen.pins])
    labels = _strings(label_of(site) for site, _ in screen.pins)
    return frames + _degrees(places, screen.grid) + labels


def _items(screen: Screen) -> int:
    frames = sum(
        _item_frame(symbol_of(site)) + len(str(site.id)) + len(str(site.area_mu))
        for site in screen.sites
    )
    return frames + _strings(text for site in screen.sites for text in (site.code, site.name))


def _parts(parts: Sequence[Part], form: Callable[[Symbol, list[dict[str, float]]], object]) -> int:
    frames = sum(_part_frame(form, symbol_of(part.site)) for part in parts)
    points = sum(_in_list(_POINT_BYTES * len(part.points), len(part.points)) for part in parts)
    degrees = sum(
        _degrees(np.concatenate([part.points for part in alike]), grid)
        for grid, alike in groupby(parts, lambda part: part.grid)
    )
    return frames + points + degrees


def _degrees(points: Points, grid: DegreeGrid) -> int:
    """The digits, points and signs of degrees as JSON writes them: without needless zeros."""
    units = np.abs(points * grid.digit)
    whole = units // 10**grid.decimals
    digits = 2 + grid.decimals + (whole >= 10) + (whole >= 100) + (points < 0)
    zeros = sum(units % 10**place == 0 for place in range(1, grid.decimals))
    return int(np.sum(digits - zeros))


@lru_cache
def _part_frame(form: Callable[[Symbol, list[dict[str, float]]], object], symbol: Symbol) -> int:
    return len(compact(form(symbol, [])))


@lru_cache
def _pin_frame(symbol: Symbol) -> int:
    return len(compact(pin(symbol, 0, _NOWHERE, ""))) - len("0") - 2 * len("0.0")


@lru_cache
def _item_frame(symbol: Symbol) -> int:
    return len(compact(item(symbol, 0, "", "", 0.0))) - len("0") - len("0.0")
