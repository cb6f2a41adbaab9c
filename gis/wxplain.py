"""The plain form of a view: what WeChat's ``<map>`` is given, member by member."""

import json
import math
from typing import Any

import numpy as np

from gis.layers.symbols import CLUSTER, CLUSTER_ICON, PIN_PX, Symbol
from gis.views import Cluster, Site
from gis.wxscreen import FINE, Points, Screen, is_outline, on_grid, symbol_of
from gis.zooms import DegreeGrid

Json = dict[str, Any]
Place = dict[str, float]

LONGEST_LABEL = 16

_CLUSTER_PX = 36
_LABEL: Json = {"fontSize": 11}
_LABEL_BOX: Json = {"padding": 3, "borderRadius": 4}

AREA: Json = {"strokeWidth": 2, "zIndex": 1, "level": "abovelabels"}
"""Members that all polygons share."""
LINE: Json = {"width": 2, "dottedLine": True}
"""Members that all lines share."""
PIN: Json = {
    "width": PIN_PX[0],
    "height": PIN_PX[1],
    "anchor": {"x": 0.5, "y": 1},
    "zIndex": 2,
    "label": {**_LABEL, "color": "#333333", "bgColor": "#ffffffcc", **_LABEL_BOX},
}
"""Members that the markers of all sites share."""
CIRCLE: Json = {
    "iconPath": CLUSTER_ICON,
    "width": _CLUSTER_PX,
    "height": _CLUSTER_PX,
    "anchor": {"x": 0.5, "y": 0.5},
    "zIndex": 2,
    "label": {**_LABEL, "color": "#ffffff", "bgColor": f"{CLUSTER}00", **_LABEL_BOX},
}
"""Members that the markers of all clusters share."""


def text(screen: Screen) -> bytes:
    """The view as it is sent."""
    return compact(answer(screen))


def compact(value: object) -> bytes:
    """JSON without blanks."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def answer(screen: Screen) -> Json:
    """The view."""
    areas = screen.areas
    return {
        "crs": screen.crs,
        "mode": screen.mode,
        "total": screen.total,
        "version": screen.version,
        "truncated": screen.truncated,
        "markers": [
            *_pins(screen),
            *(circle(cluster) for cluster in screen.clusters),
        ],
        "polygons": [area(symbol_of(p.site), places(p.points, p.grid)) for p in areas],
        "polygon_ids": [part.site.id for part in areas],
        "polyline": [line(symbol_of(p.site), places(p.points, p.grid)) for p in screen.lines],
        "items": [
            *(item(symbol_of(s), s.id, s.code, s.name, s.area_mu) for s in screen.sites),
            *(cell(cluster) for cluster in screen.clusters),
        ],
    }


def area(symbol: Symbol, points: list[Place]) -> Json:
    """A polygon."""
    return {"points": points, "strokeColor": symbol.stroke, "fillColor": symbol.fill, **AREA}


def line(symbol: Symbol, points: list[Place]) -> Json:
    """A line."""
    return {"points": points, "color": symbol.stroke, **LINE}


def places(points: Points, grid: DegreeGrid) -> list[Place]:
    """Points of a grid in degrees."""
    degrees = points * grid.digit / 10**grid.decimals
    return [{"latitude": y, "longitude": x} for x, y in degrees.tolist()]


def pin(symbol: Symbol, number: int, place: Place, content: str) -> Json:
    """The marker of a site."""
    label = {"content": content, **PIN["label"]}
    return {"id": number, **place, "iconPath": symbol.icon, **PIN, "label": label}


def _pins(screen: Screen) -> list[Json]:
    if not screen.pins:
        return []
    points = places(np.array([place for _, place in screen.pins]), screen.grid)
    return [
        pin(symbol_of(site), site.id, point, label_of(site))
        for (site, _), point in zip(screen.pins, points, strict=True)
    ]


def label_of(site: Site) -> str:
    """What stands on the marker of a site."""
    name = site.name if is_outline(site) else site.code
    area = f" {math.floor(site.area_mu + 0.5)}亩" if site.layer.name == "parcels" else ""
    return f"{name[:LONGEST_LABEL]}{area}"


def circle(cluster: Cluster) -> Json:
    """The marker of a cluster."""
    (point,) = places(on_grid(np.array([cluster.centre]), FINE), FINE)
    content = str(cluster.count)
    # The label's own corner is placed: half of its digits to the left, half a line up.
    place = {"anchorX": -3 - 3 * len(content), "anchorY": -11}
    label = {"content": content, **CIRCLE["label"], **place}
    return {"id": cluster.marker_id, **point, **CIRCLE, "label": label}


def item(symbol: Symbol, number: int, code: str, name: str, area_mu: float) -> Json:
    """What is said of a site beside its marker."""
    return {
        "id": number,
        "layer": symbol.layer,
        "code": code,
        "name": name,
        "status": symbol.status,
        "status_text": symbol.title,
        "area_mu": area_mu,
        "cover": None,
    }


def cell(cluster: Cluster) -> Json:
    """What is said of a cluster beside its marker."""
    return {
        "id": cluster.marker_id,
        "count": cluster.count,
        "counts": dict(cluster.counts),
        "bbox": [round(edge, 6) for edge in cluster.bbox],
    }
