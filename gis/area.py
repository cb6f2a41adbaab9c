"""Areas of land: planar in its own 3-degree zone, and on the CGCS2000 ellipsoid.

The legal area is neither: it is what the contract or the certificate says. These two check it.
"""

import numpy as np
import shapely

from gis.crs import (
    CGCS2000,
    FLATTENING,
    SEMI_MAJOR_M,
    FloatArray,
    GeometryArray,
    reproject,
    zone3_epsg,
)

M2_PER_MU = 2000 / 3
"""1 亩 is exactly 2000/3 m2."""

_E2 = FLATTENING * (2 - FLATTENING)
_E = float(np.sqrt(_E2))


def _authalic(points: FloatArray) -> FloatArray:
    """Metres in the cylindrical equal-area projection of the ellipsoid (Snyder 1987, ch. 10)."""
    sine = np.sin(np.radians(points[:, 1]))
    q = (1 - _E2) * (sine / (1 - _E2 * sine**2) + np.arctanh(_E * sine) / _E)
    return np.column_stack((SEMI_MAJOR_M * np.radians(points[:, 0]), SEMI_MAJOR_M * q / 2))


def ellipsoid_m2(geometries: GeometryArray) -> FloatArray:
    """Area in m2 on the CGCS2000 ellipsoid of geometries in CGCS2000 degrees; 0 for null.

    Edges are straight in the equal-area plane, as those of 椭球面积 (TD/T 1055) are straight in
    degrees. Geodesic edges differ where opposite edges do not make up for it: in a triangle of
    100 m by 0.04 m2, in one of 1 km by up to 120 ppm; in a rectangle by less than 0.01 m2.
    """
    area = shapely.area(shapely.transform(geometries, _authalic))
    return np.nan_to_num(np.asarray(area, dtype=np.float64))


def planar_m2(geometries: GeometryArray) -> FloatArray:
    """Area in m2 of geometries in CGCS2000 degrees, each in the 3-degree zone of its centre.

    This is the area of 勘测定界 (TD/T 1008). 0 for null or outside zones 25-45.
    """
    bounds = shapely.bounds(geometries)
    with np.errstate(invalid="ignore"):
        zones = np.floor((bounds[:, 0] + bounds[:, 2]) / 6 + 0.5)
    result = np.zeros(len(geometries), dtype=np.float64)
    for zone in np.unique(zones[(zones >= 25) & (zones <= 45)]):
        chosen = zones == zone
        projected = reproject(geometries[chosen], CGCS2000, zone3_epsg(int(zone), prefixed=False))
        result[chosen] = shapely.area(projected)
    return result
