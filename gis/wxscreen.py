"""What one view of WeChat's ``<map>`` holds, before it is written in one of its forms."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import GeometryType

from gis.keyhole import ring_of
from gis.layers.symbols import Symbol, symbols
from gis.views import Cluster, MapQuery, Site
from gis.zooms import MOST_DECIMALS, RADIUS_M, Box, DegreeGrid, degree_grid, pixel_m

OUTLINED = "parks"
"""The layer that is drawn as lines: other sites stand in its sites."""

FINE = DegreeGrid(1, MOST_DECIMALS)
"""The grid of what would vanish on the one of its zoom, and of the centres of clusters."""

_MARGIN = 0.1
"""Shapes are cut this much outside the view, so that a cut is never seen."""

Points = NDArray[np.int64]
"""``(n, 2)`` longitude and latitude as whole multiples of a grid's step."""


class Mode(StrEnum):
    """What a view shows."""

    FEATURES = "features"
    CLUSTERS = "clusters"


@dataclass(frozen=True)
class Part:
    """One ring, its first point not repeated, or one line of a site's drawing."""

    site: Site
    points: Points
    grid: DegreeGrid


@dataclass(frozen=True)
class Screen:
    """One view. ``grid`` is that of its zoom; ``parts`` stand in the order of their sites."""

    crs: str
    mode: Mode
    version: str
    grid: DegreeGrid
    total: int
    truncated: bool = False
    sites: tuple[Site, ...] = ()
    parts: tuple[Part, ...] = ()
    pins: tuple[tuple[Site, tuple[int, int]], ...] = ()
    """Sites that get a marker, and where it stands on the grid."""
    clusters: tuple[Cluster, ...] = ()

    @property
    def vertices(self) -> int:
        """How many points are drawn."""
        return sum(len(part.points) for part in self.parts)

    @property
    def areas(self) -> list[Part]:
        """The rings."""
        return [part for part in self.parts if not is_outline(part.site)]

    @property
    def lines(self) -> list[Part]:
        """The lines."""
        return [part for part in self.parts if is_outline(part.site)]


def symbol_of(site: Site) -> Symbol:
    """How a site looks."""
    return symbols(site.layer)[site.status]


def importance(site: Site) -> tuple[int, float, int]:
    """What sites are ordered by: status, then size."""
    return (symbol_of(site).rank, -site.area_mu, site.id)


def is_outline(site: Site) -> bool:
    """Whether a site is drawn as lines."""
    return site.layer.name == OUTLINED


def on_grid(plane: NDArray[np.float64], grid: DegreeGrid) -> Points:
    """Points of the plane in degrees, as the nearest multiples of the grid's step."""
    degrees = np.degrees(np.column_stack([plane[:, 0] / RADIUS_M, _latitudes(plane[:, 1])]))
    return np.rint(degrees / grid.step).astype(np.int64)


def _latitudes(y: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.arctan(np.sinh(y / RADIUS_M))


def parts_of(sites: Sequence[Site], asked: MapQuery, pixels: float) -> tuple[Part, ...]:
    """The drawing of sites, simplified to so many pixels and cut to the view."""
    pieces, owners = shapely.get_parts(_fitted(sites, asked, pixels), return_index=True)
    outlined = np.array([is_outline(site) for site in sites], dtype=bool)[owners]
    wanted = np.where(outlined, GeometryType.LINESTRING, GeometryType.POLYGON)
    drawn = (shapely.get_type_id(pieces) == wanted) & ~shapely.is_empty(pieces)
    pieces, owners, outlined = pieces[drawn], owners[drawn], outlined[drawn]
    rings, grid = _rings(pieces), degree_grid(asked.zoom)
    parts = []
    for owner, ring, points, line in zip(
        owners, rings, _without_repeats(rings, grid), outlined, strict=True
    ):
        if line or len(points) >= 3:
            parts.append(Part(sites[owner], points, grid))
        elif len(fine := _without_repeats([ring], FINE)[0]) >= 3:
            parts.append(Part(sites[owner], fine, FINE))
    return tuple(parts)


def _fitted(sites: Sequence[Site], asked: MapQuery, pixels: float) -> NDArray[np.object_]:
    """Shapes simplified to so many pixels and cut to the view: areas, or lines of outlines."""
    shapes = np.array([site.shape for site in sites], dtype=object)
    simple = shapely.simplify(shapes, pixels * pixel_m(asked.zoom), preserve_topology=True)
    lines = np.array([is_outline(site) for site in sites], dtype=bool)
    simple[lines] = shapely.boundary(simple[lines])
    view = shapely.box(*_edges(_margin(asked.box)))
    shapely.prepare(view)
    outside = ~shapely.covers(view, simple)
    simple[outside] = shapely.intersection(shapely.make_valid(simple[outside]), view)
    return np.asarray(simple, dtype=object)


def _margin(box: Box) -> Box:
    return box.grown(_MARGIN * max(box.east - box.west, box.north - box.south))


def _edges(box: Box) -> tuple[float, float, float, float]:
    return box.west, box.south, box.east, box.north


def _rings(pieces: NDArray[np.object_]) -> list[NDArray[np.float64]]:
    """The points of each polygon's ring, holes cut in, or of each line."""
    holed = shapely.get_num_interior_rings(pieces) > 0
    closed = shapely.get_type_id(pieces) == GeometryType.POLYGON
    bounds = np.where(closed, shapely.get_exterior_ring(pieces), pieces)
    points, owners = shapely.get_coordinates(bounds, return_index=True)
    starts = np.searchsorted(owners, np.arange(1, len(pieces)))
    rings = np.split(points, starts) if len(pieces) else []
    return [
        ring_of(piece) if has_holes else ring[:-1] if is_closed else ring
        for piece, ring, has_holes, is_closed in zip(pieces, rings, holed, closed, strict=True)
    ]


def _without_repeats(rings: Sequence[NDArray[np.float64]], grid: DegreeGrid) -> list[Points]:
    """Rings on the grid, without a point repeated directly after itself."""
    if not rings:
        return []
    points = on_grid(np.concatenate(rings), grid)
    ends = np.cumsum([len(ring) for ring in rings])
    new = np.ones(len(points), dtype=bool)
    new[1:] = (points[1:] != points[:-1]).any(axis=1)
    new[ends[:-1]] = True
    kept = np.cumsum(new)[ends - 1]
    return np.split(points[new], kept[:-1])
