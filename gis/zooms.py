"""Zooms: the web map grid, the size of a pixel on it, and the bands that shapes are simplified for.

Lengths here are metres of the projected plane of web maps, which is what a screen shows; they say
how fine a drawing is and are never a measure of land.
"""

import math
from dataclasses import dataclass

from gis.query import BadQuery, BBox

MOST_ZOOM = 22
RADIUS_M = 6378137.0
"""Of the sphere that web maps take the earth for."""
HALF_WORLD_M = math.pi * RADIUS_M
"""The plane reaches from minus to plus this in both directions."""
WORLD_M = 2 * HALF_WORLD_M
METRES_PER_DEGREE = WORLD_M / 360
"""Of longitude, on the plane."""
NORTHMOST = math.degrees(math.atan(math.sinh(math.pi)))
"""Latitude of the upper edge of the plane."""

EXTENT = 4096
"""Units along the edge of a tile."""

_TILE_PX = 512


def pixel_m(zoom: float) -> float:
    """Width of a pixel on the plane, with tiles of 512 px as MapLibre and fine screens draw."""
    return WORLD_M / _TILE_PX / 2**zoom


@dataclass(frozen=True)
class Band:
    """Zooms that share one simplified shape: up to ``zoom``, where it is right to one pixel."""

    zoom: int

    @property
    def geom(self) -> str:
        """Column of the shape."""
        return f"geom_z{self.zoom}"

    @property
    def geometry(self) -> str:
        """Column of the shape's GeoJSON text."""
        return f"geometry_z{self.zoom}"

    @property
    def tolerance_m(self) -> float:
        """How far the simplified outline may leave the exact one."""
        return pixel_m(self.zoom)


BANDS = (Band(14), Band(12), Band(10))
"""From fine to coarse; a zoom above the first band is drawn exactly."""

MOST_DECIMALS = 6
"""Of the degrees of anything drawn: 0.1 m."""


@dataclass(frozen=True)
class DegreeGrid:
    """Degrees that are whole multiples of ``digit`` units of the last of some decimals."""

    digit: int
    decimals: int

    @property
    def step(self) -> float:
        """Distance of two lines of the grid, in degrees."""
        return self.digit * 10.0**-self.decimals

    def nearest(self, degrees: float) -> float:
        """The value on the grid."""
        return round(round(degrees / self.step) * self.step, self.decimals)


def degree_grid(zoom: int) -> DegreeGrid:
    """The coarsest grid of 1, 2 or 5 units whose lines are at most half a pixel apart.

    What is rounded to it is off by a quarter of a pixel, which nobody sees and a phone need not
    load.
    """
    half = 360 / _TILE_PX / 2**zoom / 2
    decimals = math.ceil(-math.log10(half))
    if decimals > MOST_DECIMALS:
        return DegreeGrid(1, MOST_DECIMALS)
    return DegreeGrid(max(digit for digit in (1, 2, 5) if digit <= half * 10**decimals), decimals)


def bands_at(zoom: int) -> tuple[Band, ...]:
    """Bands whose shapes will do at a zoom, coarsest first; none where shapes are exact."""
    return tuple(band for band in reversed(BANDS) if band.zoom >= zoom)


GRIDS = (12, 14, 16)
"""Zooms for which outlines are stored in the units of their tiles, of the whole world."""


def grid_at(zoom: int) -> int | None:
    """The stored grid that tiles of a zoom are made of: its own or twice as fine, or None."""
    return next((grid for grid in GRIDS if grid in (zoom, zoom + 1)), None)


def grid_column(grid: int) -> str:
    """Column of the outlines on that grid."""
    return f"grid_z{grid}"


@dataclass(frozen=True)
class Box:
    """A rectangle on the plane."""

    west: float
    south: float
    east: float
    north: float

    def grown(self, margin_m: float) -> "Box":
        """The same with a margin on every side."""
        return Box(
            self.west - margin_m, self.south - margin_m, self.east + margin_m, self.north + margin_m
        )


@dataclass(frozen=True)
class Tile:
    """One tile of the XYZ grid: row 0 is the northmost."""

    z: int
    x: int
    y: int

    def __post_init__(self) -> None:
        if not 0 <= self.z <= MOST_ZOOM:
            raise BadQuery("z", f"应为 0 到 {MOST_ZOOM} 的整数")
        for name, value in (("x", self.x), ("y", self.y)):
            if not 0 <= value < 2**self.z:
                raise BadQuery(name, f"第 {self.z} 级应为 0 到 {2**self.z - 1} 的整数")

    @property
    def box(self) -> Box:
        """What it covers, without a margin."""
        return cell_box(self.z, self.x, self.y)


def cell_box(level: int, x: int, y: int) -> Box:
    """The cell in a column and a row of the grid that has ``2**level`` of each."""
    size = WORLD_M / 2**level
    west, north = x * size - HALF_WORLD_M, HALF_WORLD_M - y * size
    return Box(west, north - size, west + size, north)


def plane(longitude: float, latitude: float) -> tuple[float, float]:
    """Metres on the plane of degrees; latitudes beyond its edge fall on the edge."""
    latitude = max(-NORTHMOST, min(NORTHMOST, latitude))
    x = math.radians(longitude) * RADIUS_M
    return x, math.asinh(math.tan(math.radians(latitude))) * RADIUS_M


def degrees(x: float, y: float) -> tuple[float, float]:
    """Degrees of metres on the plane: the inverse of :func:`plane`."""
    return math.degrees(x / RADIUS_M), math.degrees(math.atan(math.sinh(y / RADIUS_M)))


def plane_box(bbox: BBox) -> Box:
    """A box in degrees on the plane."""
    return Box(*plane(bbox.west, bbox.south), *plane(bbox.east, bbox.north))
