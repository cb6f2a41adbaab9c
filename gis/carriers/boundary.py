"""Boundary points to rings: where a ring ends, which points are the same, what was mended."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from gis.carriers.model import Finding, Severity

CLOSE_M = 0.001
"""Two points nearer than this are the same point when looking for the end of a ring."""
DUPLICATE_M = 0.01
"""Neighbours nearer than this are one boundary point."""
_DEGREE_M = 111_320.0


@dataclass(frozen=True)
class Point:
    """One boundary point; ``number`` is its label, ``line`` the line or row it was read from."""

    number: str
    north: float
    east: float
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Ring:
    """One ring without its closing point; ``mark`` is the ring number as written, or empty."""

    points: tuple[Point, ...]
    mark: str = "1"


def near(one: Point, other: Point, distance_m: float) -> bool:
    """Whether two points are nearer than a distance; degrees are told by their size."""
    limit = distance_m / _DEGREE_M if max(abs(one.north), abs(one.east)) < 360 else distance_m
    return abs(one.north - other.north) < limit and abs(one.east - other.east) < limit


def split_rings(
    parcel: str, points: Iterable[tuple[str, Point]], *, area: bool = True
) -> tuple[tuple[Ring, ...], list[Finding]]:
    """Rings of ``(mark, point)``: a new one at a new mark, or after coming back to the first point.

    ``area`` False: lines or points, which neither close nor lose points.
    """
    rings: list[Ring] = []
    findings: list[Finding] = []
    run: list[Point] = []
    mark = ""

    def end(*, closed: bool) -> None:
        if not run:
            return
        rings.append(Ring(_thinned(parcel, run, findings) if area else tuple(run), mark))
        if area and not closed and len(run) > 2:
            message = f"地块“{parcel}”第 {len(rings)} 圈没有回到起点，已自动闭合。"
            findings.append(Finding("ring-not-closed", Severity.NOTE, message, row=run[0].line))
        run.clear()

    for written, point in points:
        if written != mark:
            end(closed=False)
            mark = written
        if area and len(run) >= 3 and near(run[0], point, CLOSE_M):
            end(closed=True)
        else:
            run.append(point)
    end(closed=False)
    return tuple(rings), findings


def _thinned(parcel: str, run: list[Point], findings: list[Finding]) -> tuple[Point, ...]:
    kept: list[Point] = []
    for point in run:
        if kept and near(kept[-1], point, DUPLICATE_M):
            message = (
                f"地块“{parcel}”的界址点 {point.number} 与 {kept[-1].number} 相距不到 1 厘米"
                "，已去掉一个。"
            )
            place = (point.east, point.north)
            findings.append(
                Finding("points-duplicate", Severity.NOTE, message, None, point.line, place)
            )
            continue
        kept.append(point)
    while len(kept) > 3 and near(kept[0], kept[-1], DUPLICATE_M):
        kept.pop()
    return tuple(kept)
