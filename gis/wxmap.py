"""A view of the map in the form that WeChat's ``<map>`` takes.

Its limits are measured ones: above them ``setData`` or the map itself stalls. GCJ-02 or not, all
coordinates go out as the degrees of the view's own system, rounded to a quarter of a pixel.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection

from gis import views
from gis.keyhole import ring_of
from gis.layers.symbols import CLUSTER, CLUSTER_ICON, PIN_PX, Symbol, symbols
from gis.views import Cluster, MapQuery, Site
from gis.zooms import MOST_DECIMALS, Box, DegreeGrid, degree_grid, degrees, pixel_m

Json = dict[str, Any]

MOST_POLYGONS = 200
MOST_MARKERS = 100
MOST_VERTICES = 3_000
MOST_BYTES = 150_000
LONGEST_LABEL = 16

SITES_ZOOM = 12
LAST_CLUSTER_ZOOM = 18
OUTLINED = "parks"
"""The layer that is drawn as lines: other sites stand in its sites."""
MOST_OUTLINES = 50

_MARGIN = 0.1
"""Shapes are cut this much outside the view, so that a cut is never seen."""
_CLUSTER_PX = 36
_FINE = DegreeGrid(1, MOST_DECIMALS)


@dataclass
class _Drawing:
    """What is drawn so far."""

    polygons: list[Json]
    polygon_ids: list[int]
    polyline: list[Json]
    vertices: int = 0


def answer(connection: Connection, asked: MapQuery, version: str) -> Json:
    """The view: sites from ``SITES_ZOOM`` on if they fit the limits, else counts by cell.

    Near enough it is always sites, at last not all of them: cells that hold the floors of one
    building would never come apart.
    """
    if asked.zoom >= SITES_ZOOM:
        near = views.sites(connection, asked, MOST_POLYGONS + 1)
        if len(near) <= MOST_POLYGONS:
            fitting = features(near, asked, version, len(near))
            if fitting is not None:
                return fitting
        if asked.zoom >= LAST_CLUSTER_ZOOM:
            return _cut(near, asked, version, views.count(connection, asked))
    outlines = views.sites(connection, asked.only(OUTLINED), MOST_OUTLINES + 1)
    return clusters(views.clusters(connection, asked), outlines, asked, version)


def _cut(sites: Sequence[Site], asked: MapQuery, version: str, total: int) -> Json:
    """As many of the most important sites as fit the limits."""
    kept = sorted(sites, key=_importance)[:MOST_POLYGONS]
    while kept:
        fitting = features(kept, asked, version, total)
        if fitting is not None:
            return fitting
        kept = kept[: len(kept) // 2]
    return clusters([], [], asked, version) | {"total": total, "truncated": True}


def features(sites: Sequence[Site], asked: MapQuery, version: str, total: int) -> Json | None:
    """Sites with their shapes; None if no simplification up to 4 pixels fits the limits."""
    ordered = sorted(sites, key=_importance)
    for pixels in (1, 2, 4):
        drawing = _drawn(ordered, asked, pixels)
        if len(drawing.polygons) > MOST_POLYGONS:
            return None
        answer = _answer("features", asked, version, total) | {
            "truncated": len(sites) < total,
            "markers": _markers(ordered, asked),
            "polygons": drawing.polygons,
            "polygon_ids": drawing.polygon_ids,
            "polyline": drawing.polyline,
            "items": [_item(site) for site in ordered],
        }
        if drawing.vertices <= MOST_VERTICES and len(text(answer)) <= MOST_BYTES:
            return answer
    return None


def clusters(
    counted: Sequence[Cluster], outlines: Sequence[Site], asked: MapQuery, version: str
) -> Json:
    """Counts by cell as markers with negative ids, and outlines unless they break the limits."""
    drawing = _drawn(outlines if len(outlines) <= MOST_OUTLINES else [], asked, 1)
    total = sum(cluster.count for cluster in counted)
    answer = _answer("clusters", asked, version, total) | {
        "truncated": False,
        "markers": [_cluster_marker(cluster) for cluster in counted],
        "polygons": [],
        "polygon_ids": [],
        "polyline": drawing.polyline,
        "items": [_cluster_item(cluster) for cluster in counted],
    }
    fits = drawing.vertices <= MOST_VERTICES and len(text(answer)) <= MOST_BYTES
    return answer if fits else answer | {"polyline": []}


def _cluster_item(cluster: Cluster) -> Json:
    return {
        "id": cluster.marker_id,
        "count": cluster.count,
        "counts": dict(cluster.counts),
        "bbox": [round(edge, 6) for edge in cluster.bbox],
    }


def text(answer: Json) -> bytes:
    """The answer as it is sent."""
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()


def _answer(mode: str, asked: MapQuery, version: str, total: int) -> Json:
    return {"crs": asked.crs.label, "mode": mode, "total": total, "version": version}


def _symbol(site: Site) -> Symbol:
    return symbols(site.layer)[site.status]


def _importance(site: Site) -> tuple[int, float, int]:
    return (_symbol(site).rank, -site.area_mu, site.id)


def _is_outline(site: Site) -> bool:
    return site.layer.name == OUTLINED


def _drawn(sites: Sequence[Site], asked: MapQuery, pixels: float) -> _Drawing:
    drawing = _Drawing([], [], [])
    shapes = _fitted(sites, asked, pixels)
    grid = degree_grid(asked.zoom)
    for site, shape in zip(sites, shapes, strict=True):
        if _is_outline(site):
            for line in shapely.get_parts(shape):
                _add_line(drawing, site, line, grid)
        else:
            for part in shapely.get_parts(shape):
                _add_polygon(drawing, site, part, grid)
    return drawing


def _fitted(sites: Sequence[Site], asked: MapQuery, pixels: float) -> NDArray[np.object_]:
    """Shapes simplified to so many pixels and cut to the view: areas, or lines of outlines."""
    shapes = np.array([site.shape for site in sites], dtype=object)
    simple = shapely.simplify(shapes, pixels * pixel_m(asked.zoom), preserve_topology=True)
    lines = np.array([_is_outline(site) for site in sites], dtype=bool)
    simple[lines] = shapely.boundary(simple[lines])
    view = shapely.box(*_edges(_margin(asked.box)))
    outside = ~shapely.covers(view, simple)
    simple[outside] = shapely.intersection(shapely.make_valid(simple[outside]), view)
    return np.asarray(simple, dtype=object)


def _margin(box: Box) -> Box:
    return box.grown(_MARGIN * max(box.east - box.west, box.north - box.south))


def _edges(box: Box) -> tuple[float, float, float, float]:
    return box.west, box.south, box.east, box.north


def _add_polygon(drawing: _Drawing, site: Site, part: shapely.Geometry, grid: DegreeGrid) -> None:
    if not isinstance(part, shapely.Polygon) or part.is_empty:
        return
    ring = ring_of(part)
    points = _points(ring, grid)
    if len(points) < 3:
        points = _points(ring, _FINE)
    if len(points) < 3:
        return
    symbol = _symbol(site)
    drawing.polygons.append(
        {
            "points": points,
            "strokeWidth": 2,
            "strokeColor": symbol.stroke,
            "fillColor": symbol.fill,
            "zIndex": 1,
            "level": "abovelabels",
        }
    )
    drawing.polygon_ids.append(site.id)
    drawing.vertices += len(points)


def _add_line(drawing: _Drawing, site: Site, line: shapely.Geometry, grid: DegreeGrid) -> None:
    if not isinstance(line, shapely.LineString) or line.is_empty:
        return
    points = _points(shapely.get_coordinates(line), grid)
    style = {"color": _symbol(site).stroke, "width": 2, "dottedLine": True}
    drawing.polyline.append({"points": points, **style})
    drawing.vertices += len(points)


def _points(ring: NDArray[np.float64], grid: DegreeGrid) -> list[dict[str, float]]:
    """Points in degrees on the grid, without repeating one directly after itself."""
    found: list[dict[str, float]] = []
    for x, y in ring:
        point = _point(x, y, grid)
        if not found or found[-1] != point:
            found.append(point)
    return found


def _point(x: float, y: float, grid: DegreeGrid) -> dict[str, float]:
    longitude, latitude = degrees(x, y)
    return {"latitude": grid.nearest(latitude), "longitude": grid.nearest(longitude)}


def _markers(sites: Iterable[Site], asked: MapQuery) -> list[Json]:
    """Pins of the most important sites whose label stands in the view."""
    west, south, east, north = _edges(asked.box)
    seen = (s for s in sites if west <= s.x <= east and south <= s.y <= north)
    grid = degree_grid(asked.zoom)
    return [_marker(site, grid) for site, _ in zip(seen, range(MOST_MARKERS), strict=False)]


def _marker(site: Site, grid: DegreeGrid) -> Json:
    symbol = _symbol(site)
    return {
        "id": site.id,
        **_point(site.x, site.y, grid),
        "iconPath": symbol.icon,
        "width": PIN_PX[0],
        "height": PIN_PX[1],
        "anchor": {"x": 0.5, "y": 1},
        "zIndex": 2,
        "label": _label(_short(site), "#333333", "#ffffffcc"),
    }


def _short(site: Site) -> str:
    name = site.name if _is_outline(site) else site.code
    area = f" {site.area_mu:.0f}亩" if site.layer.name == "parcels" else ""
    return f"{name[:LONGEST_LABEL]}{area}"


def _label(content: str, colour: str, background: str) -> Json:
    return {
        "content": content,
        "fontSize": 11,
        "color": colour,
        "bgColor": background,
        "padding": 3,
        "borderRadius": 4,
    }


def _cluster_marker(cluster: Cluster) -> Json:
    content = str(cluster.count)
    label = _label(content, "#ffffff", f"{CLUSTER}00")
    return {
        "id": cluster.marker_id,
        **_point(*cluster.centre, _FINE),
        "iconPath": CLUSTER_ICON,
        "width": _CLUSTER_PX,
        "height": _CLUSTER_PX,
        "anchor": {"x": 0.5, "y": 0.5},
        "zIndex": 2,
        # The label's own corner is placed: half of its digits to the left, half a line up.
        "label": label | {"anchorX": -3 - 3 * len(content), "anchorY": -11},
    }


def _item(site: Site) -> Json:
    symbol = _symbol(site)
    return {
        "id": site.id,
        "layer": site.layer.name,
        "code": site.code,
        "name": site.name,
        "status": site.status,
        "status_text": symbol.title,
        "area_mu": site.area_mu,
        "cover": None,
    }
