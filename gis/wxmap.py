"""Which sites or counts a view of WeChat's ``<map>`` shows.

Its limits are measured ones: above them ``setData`` or the map itself stalls. GCJ-02 or not, all
coordinates go out as the degrees of the view's own system, rounded to a quarter of a pixel.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from sqlalchemy import Connection

from gis import views, wxsize
from gis.views import Cluster, MapQuery, Site
from gis.wxscreen import OUTLINED, Mode, Screen, importance, on_grid, parts_of
from gis.zooms import DegreeGrid, degree_grid

MOST_POLYGONS = 200
MOST_MARKERS = 100
MOST_VERTICES = 3_000
MOST_BYTES = 150_000

SITES_ZOOM = 12
LAST_CLUSTER_ZOOM = 18
MOST_OUTLINES = 50


def answer(connection: Connection, asked: MapQuery, version: str) -> Screen:
    """The view: sites from ``SITES_ZOOM`` on if they fit the limits, else counts by cell.

    Near enough it is always sites, at last not all of them: cells that hold the floors of one
    building would never come apart. A view far larger than any screen is counts at any zoom.
    """
    if asked.zoom >= SITES_ZOOM and not asked.is_wide:
        near = views.sites(connection, asked, MOST_POLYGONS + 1)
        if len(near) <= MOST_POLYGONS:
            fitting = features(near, asked, version, len(near))
            if fitting is not None:
                return fitting
        if asked.zoom >= LAST_CLUSTER_ZOOM:
            return _cut(near, asked, version, views.count(connection, asked))
    outlines = views.sites(connection, asked.only(OUTLINED), MOST_OUTLINES + 1)
    return clusters(views.clusters(connection, asked), outlines, asked, version)


def _cut(sites: Sequence[Site], asked: MapQuery, version: str, total: int) -> Screen:
    """As many of the most important sites as fit the limits."""
    kept = sorted(sites, key=importance)[:MOST_POLYGONS]
    while kept:
        fitting = features(kept, asked, version, total)
        if fitting is not None:
            return fitting
        kept = kept[: len(kept) // 2]
    return replace(clusters([], [], asked, version), total=total, truncated=True)


def features(sites: Sequence[Site], asked: MapQuery, version: str, total: int) -> Screen | None:
    """Sites with their shapes; None if no simplification up to 4 pixels fits the limits."""
    ordered = tuple(sorted(sites, key=importance))
    grid = degree_grid(asked.zoom)
    pins = _pins(ordered, asked, grid)
    for pixels in (1, 2, 4):
        screen = Screen(
            asked.crs.label,
            Mode.FEATURES,
            version,
            grid,
            total,
            truncated=len(ordered) < total,
            sites=ordered,
            parts=parts_of(ordered, asked, pixels),
            pins=pins,
        )
        if len(screen.areas) > MOST_POLYGONS:
            return None
        if _fits(screen):
            return screen
    return None


def clusters(
    counted: Sequence[Cluster], outlines: Sequence[Site], asked: MapQuery, version: str
) -> Screen:
    """Counts by cell, and outlines unless they break the limits."""
    screen = Screen(
        asked.crs.label,
        Mode.CLUSTERS,
        version,
        degree_grid(asked.zoom),
        total=sum(cluster.count for cluster in counted),
        parts=parts_of(outlines if len(outlines) <= MOST_OUTLINES else [], asked, 1),
        clusters=tuple(counted),
    )
    return screen if _fits(screen) else replace(screen, parts=())


def _fits(screen: Screen) -> bool:
    # The plain form is what a phone's map is given, whatever form it was sent in.
    return screen.vertices <= MOST_VERTICES and wxsize.plain_bytes(screen) <= MOST_BYTES


def _pins(
    ordered: Sequence[Site], asked: MapQuery, grid: DegreeGrid
) -> tuple[tuple[Site, tuple[int, int]], ...]:
    """The most important sites whose label stands in the view."""
    box = asked.box
    seen = [s for s in ordered if box.west <= s.x <= box.east and box.south <= s.y <= box.north]
    seen = seen[:MOST_MARKERS]
    places = on_grid(np.array([(site.x, site.y) for site in seen]).reshape(-1, 2), grid)
    return tuple((site, (int(x), int(y))) for site, (x, y) in zip(seen, places, strict=True))
