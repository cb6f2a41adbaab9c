"""The nearest facility of each site: exact geodesic metres, for many sites at once.

A tree on the Mercator plane gives one near facility; its geodesic distance bounds how far on the
plane a nearer one could be, and every facility within that bound is measured on the ellipsoid.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Geod

from gis.crs import FLATTENING, SEMI_MAJOR_M, FloatArray, GeometryArray

ELLIPSOID = Geod(a=SEMI_MAJOR_M, f=FLATTENING)
"""CGCS2000, on which every straight-line distance is measured."""

# A degree of latitude is nowhere shorter than this, so the bound never falls short.
_LEAST_DEGREE_M = 110_500.0
_MARGIN = 1.01


@dataclass(frozen=True)
class Nearest:
    """For each site the index of its nearest facility (-1: there is none) and the metres to it."""

    index: NDArray[np.intp]
    metres: FloatArray


class Places:
    """Places of (n, 2) CGCS2000 degrees, east first, that are measured from many times."""

    def __init__(self, degrees: FloatArray) -> None:
        self.degrees = degrees
        self.points = _points(degrees)


def nearest(places: Places, facilities: FloatArray) -> Nearest:
    """The nearest facility of each place; facilities are (n, 2) CGCS2000 degrees, east first.

    Of equally near facilities the first one is taken.
    """
    sites, points = places.degrees, places.points
    index = np.full(len(sites), -1, dtype=np.intp)
    metres = np.full(len(sites), np.nan)
    if not len(sites) or not len(facilities):
        return Nearest(index, metres)
    tree = shapely.STRtree(_points(facilities))
    first, near = tree.query_nearest(points, all_matches=False)
    bound = np.empty(len(sites))
    bound[first] = geodesic_m(sites[first], facilities[near])
    site, facility = tree.query(points, predicate="dwithin", distance=_reach(sites, bound))
    distance = geodesic_m(sites[site], facilities[facility])
    order = np.lexsort((facility, distance, site))
    chosen, start = np.unique(site[order], return_index=True)
    index[chosen] = facility[order][start]
    metres[chosen] = distance[order][start]
    return Nearest(index, metres)


def geodesic_m(one: FloatArray, other: FloatArray) -> FloatArray:
    """Metres between pairs of points, along the ellipsoid."""
    found = ELLIPSOID.inv(one[:, 0], one[:, 1], other[:, 0], other[:, 1])[2]
    return np.asarray(found, dtype=np.float64)


def _points(degrees: FloatArray) -> GeometryArray:
    """Points on the Mercator plane."""
    north = SEMI_MAJOR_M * np.arctanh(np.sin(np.radians(degrees[:, 1])))
    east = SEMI_MAJOR_M * np.radians(degrees[:, 0])
    return np.asarray(shapely.points(east, north), dtype=object)


def _reach(sites: FloatArray, bound_m: FloatArray) -> FloatArray:
    """How far on the plane anything within ``bound_m`` of the site can be."""
    furthest = np.minimum(np.abs(sites[:, 1]) + bound_m / _LEAST_DEGREE_M, 89.0)
    return np.asarray(bound_m / np.cos(np.radians(furthest)) * _MARGIN + 1e-3, dtype=np.float64)
