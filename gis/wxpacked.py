"""The packed form of a view: columns of digits in place of objects.

Decoded with the legend it gives the plain form again, member by member; ``UNPACKING`` says how, for
everybody who writes a decoder, and stands in the description of the API.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from gis.views import Cluster, Site, cell_corner
from gis.wxplain import Json, compact
from gis.wxscreen import FINE, Mode, Part, Points, Screen, on_grid
from gis.zooms import DegreeGrid

LAST = 70
"""Digits below this end a number."""
_ALPHABET = np.frombuffer(
    bytes(code for code in range(35, 127) if code != ord("\\")), dtype=np.uint8
)
MORE = len(_ALPHABET) - LAST
"""How many digits there are that do not end a number."""

UNPACKING = f"""还原规则（还原后与 plain 逐项相同，颜色、图标、文字取自 /legend）：
1. 数字列是一串 ASCII 字符。字符 35..126 去掉反斜杠（92）依次为 0..{len(_ALPHABET) - 1}。\
从左到右，位值先为 1；v < {LAST} 时该数结束，u = 已累加 + v × 位值；\
否则累加 (v - {LAST}) × 位值，位值乘 {MORE}。u 为偶数时是 u/2，奇数时是 -(u+1)/2。
2. 坐标是格网的整数倍：度 = n × grid.digit / 10^grid.decimals。
3. 地块等按编号 id 排列：id 为与前一个之差；symbol 指 symbols 中的 [图层, 状态]；\
area 为亩 × 10；pin 为 1 的有标注点；parts 为图形数。\
还原后按（状态在图例中的次序，面积从大到小，id）排序。
4. corners 为各图形的点数，points 为经、纬各点与前一点之差，跨图形连续，从 0 起。\
点数为负的图形用 10^-{FINE.decimals} 度的格网，从当前点换算起，结束后当前点不变。\
parks 画成 polyline，其余画成 polygons。
5. pins 为标注点与其第一个图形外框中心（(最小+最大) 向下取整的一半）之差；\
没有图形或该图形为负点数时与 0 之差。
6. 标注文字：parks 取 name、其余取 code 的前 16 字；parcels 再加“ N亩”，N 为面积四舍五入。
7. clusters：level 级方格，列 x = x0 + column，行 y = y0 + row；\
id = -(1 + level × 2^24 + (x mod 4096) × 4096 + (y mod 4096))；\
bbox 取 edges_x[column], edges_y[row+1], edges_x[column+1], edges_y[row]\
（均为 10^-{FINE.decimals} 度，与前一个之差）；counts 依次为各 layers 的数目，0 不列出；\
centre 为经、纬与前一个之差；\
标注文字为总数，label.anchorX = -3 - 3 × 位数，label.anchorY = -11。
8. 各类对象共有的成员在 /legend 的 drawing 中；cover 为 null。"""


def text(screen: Screen) -> bytes:
    """The view as it is sent."""
    return compact(answer(screen))


def answer(screen: Screen) -> Json:
    """The view."""
    head = {
        "form": "packed",
        "crs": screen.crs,
        "mode": screen.mode,
        "total": screen.total,
        "version": screen.version,
        "truncated": screen.truncated,
        "grid": {"digit": screen.grid.digit, "decimals": screen.grid.decimals},
    }
    if screen.mode is Mode.CLUSTERS:
        lines = _drawn([(part.site, [part]) for part in screen.parts], screen.grid)
        return head | lines | {"clusters": _clusters(screen.clusters)}
    return head | _sites(screen)


def digits(numbers: Iterable[int] | NDArray[np.int64]) -> str:
    """Whole numbers as text: small ones, of either sign, take a character each."""
    signed = np.asarray(list(numbers) if not isinstance(numbers, np.ndarray) else numbers, np.int64)
    rest = np.where(signed < 0, -2 * signed - 1, 2 * signed)
    open_ = np.ones(len(rest), dtype=bool)
    columns = []
    while open_.any():
        more = open_ & (rest >= LAST)
        columns.append(np.where(open_, np.where(more, LAST + rest % MORE, rest), -1))
        rest, open_ = rest // MORE, more
    written = np.stack(columns, axis=1).ravel() if columns else np.array([], np.int64)
    return str(_ALPHABET[written[written >= 0]].tobytes(), "ascii")


def _steps(numbers: Iterable[int]) -> str:
    """Each number as the difference from the one before; the first from 0."""
    return digits(np.diff(np.fromiter(numbers, np.int64), prepend=0))


def _sites(screen: Screen) -> Json:
    drawn: dict[int, list[Part]] = {site.id: [] for site in screen.sites}
    for part in screen.parts:
        drawn[part.site.id].append(part)
    pins = {site.id: place for site, place in screen.pins}
    # Neighbours have ids and corners alike, which packs better than the order of importance.
    sites = sorted(screen.sites, key=lambda site: site.id)
    places = (
        np.subtract(pins[site.id], _middle(drawn[site.id], screen.grid))
        for site in sites
        if site.id in pins
    )
    return {
        "id": _steps(site.id for site in sites),
        "code": [site.code for site in sites],
        "name": [site.name for site in sites],
        "area": digits(round(site.area_mu * 10) for site in sites),
        "pin": digits(int(site.id in pins) for site in sites),
        "pins": digits(np.array([*places], np.int64).ravel()),
        **_drawn([(site, drawn[site.id]) for site in sites], screen.grid),
    }


def _middle(parts: Sequence[Part], grid: DegreeGrid) -> Points:
    """Where a label stands, about."""
    if not parts or parts[0].grid != grid:
        return np.zeros(2, np.int64)
    points = parts[0].points
    return np.asarray((points.min(axis=0) + points.max(axis=0)) // 2)


def _drawn(sites: Sequence[tuple[Site, Sequence[Part]]], grid: DegreeGrid) -> Json:
    """Looks and shapes of sites."""
    looks = [(site.layer.name, site.status) for site, _ in sites]
    symbols = list(dict.fromkeys(looks))
    number = {look: place for place, look in enumerate(symbols)}
    parts = [part for _, own in sites for part in own]
    return {
        "symbols": symbols,
        "symbol": digits(number[look] for look in looks),
        "parts": digits(len(own) for _, own in sites),
        "corners": digits((1 if p.grid == grid else -1) * len(p.points) for p in parts),
        "points": digits(_moves(parts, grid).ravel()),
    }


def _moves(parts: Sequence[Part], grid: DegreeGrid) -> Points:
    """The way from point to point; what stands on the fine grid is a way apart."""
    at, moves = np.zeros((1, 2), np.int64), [np.zeros((0, 2), np.int64)]
    finer = round(grid.step / FINE.step)
    for usual, alike in groupby(parts, lambda part: part.grid == grid):
        if usual:
            points = np.concatenate([part.points for part in alike])
            moves.append(np.diff(points, axis=0, prepend=at))
            at = points[-1:]
        else:
            moves += [np.diff(part.points, axis=0, prepend=at * finer) for part in alike]
    return np.concatenate(moves)


def _clusters(clusters: Sequence[Cluster]) -> Json | None:
    if not clusters:
        return None
    level = clusters[0].level
    x0, x1 = min(c.x for c in clusters), max(c.x for c in clusters)
    y0, y1 = min(c.y for c in clusters), max(c.y for c in clusters)
    columns = [cell_corner(level, x, y0)[0] for x in range(x0, x1 + 2)]
    rows = [cell_corner(level, x0, y)[1] for y in range(y0, y1 + 2)]
    layers = list(dict.fromkeys(name for c in clusters for name, _ in c.counts))
    counts = (dict(c.counts).get(name, 0) for c in clusters for name in layers)
    centres = on_grid(np.array([c.centre for c in clusters]), FINE)
    return {
        "level": level,
        "x0": x0,
        "y0": y0,
        "edges_x": _steps(_millionths(edge) for edge in columns),
        "edges_y": _steps(_millionths(edge) for edge in rows),
        "column": digits(c.x - x0 for c in clusters),
        "row": digits(c.y - y0 for c in clusters),
        "layers": layers,
        "counts": digits(counts),
        "centre": digits(np.diff(centres, axis=0, prepend=np.zeros((1, 2), np.int64)).ravel()),
    }


def _millionths(degree: float) -> int:
    return round(round(degree, FINE.decimals) / FINE.step)
