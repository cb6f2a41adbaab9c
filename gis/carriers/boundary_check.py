"""Rings of boundary points to geometry, and their flaws named by the labels of the points."""

import numpy as np
import shapely

from gis.carriers.boundary import Ring
from gis.carriers.model import Finding, Severity
from gis.carriers.rings import Assembly, Coordinates, assemble, self_crossing


def coordinates(ring: Ring, *, swap: bool) -> Coordinates:
    """East, north of each point; ``swap``: the source has them the other way round."""
    points = np.asarray([(point.east, point.north) for point in ring.points], dtype=np.float64)
    return points[:, ::-1] if swap else points


def geometry(rings: tuple[Ring, ...], shape: str, *, swap: bool) -> shapely.Geometry | None:
    """Geometry of rings: 面 polygons by containment, 线 lines, 点 points; None without points."""
    runs = [coordinates(ring, swap=swap) for ring in rings]
    if not runs:
        return None
    if shape == "点":
        return shapely.MultiPoint(np.vstack(runs))
    if shape == "线":
        lines = [shapely.LineString(run) for run in runs if len(run) > 1]
        if not lines:
            return None
        return lines[0] if len(lines) == 1 else shapely.MultiLineString(lines)
    whole = [run for run in runs if len(run) > 2]
    return assemble(whole).geometry if whole else None


def check_rings(
    label: str, rings: tuple[Ring, ...], *, swap: bool
) -> tuple[list[Finding], Assembly | None]:
    """Flaws of the rings of one parcel, and their polygon where no ring is broken."""
    findings: list[Finding] = []
    for ring in rings:
        if len(ring.points) < 3:
            message = f"地块“{label}”有一圈只有 {len(ring.points)} 个界址点，不能成面。"
            row = ring.points[0].line
            findings.append(Finding("ring-too-short", Severity.ERROR, message, row=row))
            continue
        crossing = self_crossing(coordinates(ring, swap=swap))
        if crossing:
            place, indexes = crossing
            names = "、".join(ring.points[i].number or str(i + 1) for i in indexes)
            message = (
                f"地块“{label}”的边界在界址点 {names} 附近自相交，请核对这几个点的坐标和顺序。"
            )
            row = ring.points[indexes[0]].line
            findings.append(Finding("self-intersection", Severity.ERROR, message, None, row, place))
    if findings or not rings:
        return findings, None
    built = assemble([coordinates(ring, swap=swap) for ring in rings])
    if built.overlapping:
        first, second = (rings[i].points[0] for i in built.overlapping)
        message = f"地块“{label}”从界址点 {first.number} 和 {second.number} 起的两圈互相交叉。"
        findings.append(Finding("rings-overlap", Severity.ERROR, message, row=second.line))
    for ring, hole in zip(rings, built.holes, strict=True):
        if hole != (ring.mark not in ("1", "", "0")):
            what = "在另一圈之内，按扣除处理" if hole else "不在其他圈之内，按独立部分处理"
            message = f"地块“{label}”圈号 {ring.mark or '（空）'} 的一圈{what}。"
            row = ring.points[0].line
            findings.append(Finding("ring-number-differs", Severity.NOTE, message, row=row))
    return findings, built
