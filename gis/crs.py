"""Coordinate systems: CGCS2000 and its Gauss-Krüger zones, and the GCJ-02 offset of Chinese maps.

Every array here is ``(n, 2)`` in the order east, north (longitude, latitude): the order of
GeoJSON, shapefiles and PostGIS, not the north-east order of the EPSG definitions.
"""

from enum import StrEnum
from functools import lru_cache

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

CGCS2000 = 4490
"""EPSG code of CGCS2000 in degrees: the one storage SRID."""

SEMI_MAJOR_M = 6378137.0
FLATTENING = 1 / 298.257222101
"""CGCS2000 ellipsoid (GB/T 37346, EPSG:1024)."""

FloatArray = NDArray[np.float64]
GeometryArray = NDArray[np.object_]


class Crs(StrEnum):
    """Coordinate systems that the API speaks."""

    GCJ02 = "gcj02"
    CGCS2000 = "cgcs2000"

    @property
    def label(self) -> str:
        """Name as it stands in answers."""
        return {Crs.GCJ02: "GCJ-02", Crs.CGCS2000: "CGCS2000"}[self]


def zone3(longitude: float) -> int:
    """Number of the 3-degree zone (25-45) that holds a longitude in degrees."""
    return int(np.floor(longitude / 3 + 0.5))


def zone3_of(longitudes: FloatArray) -> NDArray[np.int64]:
    """Zone numbers of longitudes, those that are no number left out."""
    known = longitudes[~np.isnan(longitudes)]
    return np.floor(known / 3 + 0.5).astype(np.int64)


def zone3_codes(zone: int) -> tuple[int, ...]:
    """EPSG codes of a 3-degree zone, with and without prefix; none outside 25-45."""
    if not 25 <= zone <= 45:
        return ()
    return zone3_epsg(zone, prefixed=True), zone3_epsg(zone, prefixed=False)


def zone3_epsg(zone: int, *, prefixed: bool) -> int:
    """EPSG code of a 3-degree CGCS2000 zone; ``prefixed``: eastings carry the zone number."""
    if not 25 <= zone <= 45:
        raise ValueError(f"3-degree zone {zone} is outside 25-45")
    return 4488 + zone if prefixed else 4509 + zone


def zone6_epsg(zone: int, *, prefixed: bool) -> int:
    """EPSG code of a 6-degree CGCS2000 zone; ``prefixed``: eastings carry the zone number."""
    if not 13 <= zone <= 23:
        raise ValueError(f"6-degree zone {zone} is outside 13-23")
    return 4478 + zone if prefixed else 4489 + zone


@lru_cache(maxsize=64)
def transformer(source_epsg: int, target_epsg: int) -> Transformer:
    """East-north transformer; PROJ treats CGCS2000 and WGS 84 as equal (they differ by < 1 m)."""
    return Transformer.from_crs(source_epsg, target_epsg, always_xy=True)


def reproject(geometries: GeometryArray, source_epsg: int, target_epsg: int) -> GeometryArray:
    """Geometries of one EPSG code in another one; empty and null ones stay as they are."""
    if source_epsg == target_epsg:
        return geometries
    convert = transformer(source_epsg, target_epsg)

    def move(points: FloatArray) -> FloatArray:
        return np.column_stack(convert.transform(points[:, 0], points[:, 1]))

    return np.asarray(shapely.transform(geometries, move), dtype=object)


# GCJ-02: the published approximation of the official offset, on the Krasovsky 1940 ellipsoid.
_GCJ_SEMI_MAJOR = 6378245.0
_GCJ_ECCENTRICITY2 = 0.00669342162296594323
_GCJ_BOX = (72.004, 0.8293, 137.8347, 55.8271)


def _gcj_offset(points: FloatArray) -> FloatArray:
    longitude, latitude = points[:, 0], points[:, 1]
    x, y = longitude - 105.0, latitude - 35.0
    root = np.sqrt(np.abs(x))
    common = (20 * np.sin(6 * np.pi * x) + 20 * np.sin(2 * np.pi * x)) * 2 / 3
    north = (
        -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + common
        + (20 * np.sin(np.pi * y) + 40 * np.sin(np.pi / 3 * y)) * 2 / 3
        + (160 * np.sin(np.pi / 12 * y) + 320 * np.sin(np.pi / 30 * y)) * 2 / 3
    )  # fmt: skip
    east = (
        300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + common
        + (20 * np.sin(np.pi * x) + 40 * np.sin(np.pi / 3 * x)) * 2 / 3
        + (150 * np.sin(np.pi / 12 * x) + 300 * np.sin(np.pi / 30 * x)) * 2 / 3
    )  # fmt: skip
    phi = np.radians(latitude)
    w2 = 1 - _GCJ_ECCENTRICITY2 * np.sin(phi) ** 2
    w = np.sqrt(w2)
    meridian = _GCJ_SEMI_MAJOR * (1 - _GCJ_ECCENTRICITY2) / (w2 * w)
    parallel = _GCJ_SEMI_MAJOR / w * np.cos(phi)
    offset = np.column_stack((east / (parallel * np.pi / 180), north / (meridian * np.pi / 180)))
    west, south, right, top = _GCJ_BOX
    inside = (longitude >= west) & (longitude <= right) & (latitude >= south) & (latitude <= top)
    offset[~inside] = 0.0
    return np.asarray(offset, dtype=np.float64)


def to_gcj02(points: FloatArray) -> FloatArray:
    """GCJ-02 degrees of CGCS2000 degrees; unchanged outside the box of China."""
    return points + _gcj_offset(points)


def from_gcj02(points: FloatArray) -> FloatArray:
    """CGCS2000 degrees of GCJ-02 degrees, to better than 1 mm, by fixed-point iteration."""
    guess = points - _gcj_offset(points)
    for _ in range(4):
        step = to_gcj02(guess) - points
        guess = guess - step
        if np.abs(step).max(initial=0.0) < 1e-9:
            break
    return guess


def geometries_to_gcj02(geometries: GeometryArray) -> GeometryArray:
    """Geometries in GCJ-02 degrees of geometries in CGCS2000 degrees, vertex by vertex."""
    return np.asarray(shapely.transform(geometries, to_gcj02), dtype=object)


def geometries_from_gcj02(geometries: GeometryArray) -> GeometryArray:
    """Geometries in CGCS2000 degrees of geometries in GCJ-02 degrees, vertex by vertex."""
    return np.asarray(shapely.transform(geometries, from_gcj02), dtype=object)
