"""Old Chinese datums, and how a county's own parameters move their coordinates to CGCS2000.

There are no official public parameters (national secret, domain facts C1), and PROJ moves them
with a shift of zero; so nothing here has a default.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import shapely
from pyproj import Transformer

from gis import crs
from gis.crs import CGCS2000, FloatArray, GeometryArray, zone3_epsg, zone6_epsg

_GRID_DECIMALS = 10
_SECOND = np.pi / 180 / 3600


class Datum(StrEnum):
    """A reference system from before CGCS2000."""

    XIAN80 = "xian80"
    BEIJING54 = "beijing54"

    @property
    def label(self) -> str:
        """Its Chinese name."""
        return {Datum.XIAN80: "1980 西安坐标系", Datum.BEIJING54: "1954 北京坐标系"}[self]


class Method(StrEnum):
    """How parameters are to be read."""

    PLANE4 = "plane4"
    """四参数, in the plane of one zone, X north and Y east without the zone number:
    X' = north_m + (1 + k)(X cos a - Y sin a), Y' = east_m + (1 + k)(X sin a + Y cos a)."""
    SPACE7 = "space7"
    """布尔沙七参数, geocentric (EPSG:9607):
    X' = T + (1 + k)X + [0 rz -ry; -rz 0 rx; ry -rx 0] X."""


NAMES = {
    Method.PLANE4: ("north_m", "east_m", "rotation_s", "scale_ppm"),
    Method.SPACE7: ("x_m", "y_m", "z_m", "rx_s", "ry_s", "rz_s", "scale_ppm"),
}
"""The parameters of each method, in the order in which survey offices write them."""

_GEOGRAPHIC = {4610: Datum.XIAN80, 4214: Datum.BEIJING54}
_ELLIPSOIDS = {
    Datum.XIAN80: "+a=6378140 +rf=298.257",
    Datum.BEIJING54: "+a=6378245 +rf=298.3",
}
# EPSG code of the first zone of each kind: 3 degrees from zone 25, 6 degrees from zone 13.
_FIRST_ZONES = {
    Datum.XIAN80: ((2349, 3, True), (2370, 3, False), (2327, 6, True), (2338, 6, False)),
    Datum.BEIJING54: ((2401, 3, True), (2422, 3, False), (21413, 6, True), (21453, 6, False)),
}


def _zones() -> dict[int, tuple[Datum, int]]:
    zones = {epsg: (datum, CGCS2000) for epsg, datum in _GEOGRAPHIC.items()}
    for datum, kinds in _FIRST_ZONES.items():
        for first, width, prefixed in kinds:
            numbers = range(25, 46) if width == 3 else range(13, 24)
            code = zone3_epsg if width == 3 else zone6_epsg
            for offset, zone in enumerate(numbers):
                zones[first + offset] = (datum, code(zone, prefixed=prefixed))
    return zones


_COUNTERPARTS = _zones()


def counterpart(epsg: int) -> tuple[Datum, int] | None:
    """The datum of an old system and the CGCS2000 code of the same zone; None for any other."""
    return _COUNTERPARTS.get(epsg)


def same_zone(epsg: int) -> int:
    """The CGCS2000 code whose numbers look alike: of an old system its counterpart."""
    found = counterpart(epsg)
    return found[1] if found else epsg


def of_datum(epsg: int, datum: Datum | None) -> int:
    """The code of the same zone in an old datum; None leaves a CGCS2000 code as it is."""
    if datum is None:
        return epsg
    return next(old for old, pair in _COUNTERPARTS.items() if pair == (datum, epsg))


class UnfitShift(ValueError):
    """Parameters that are not what their method needs, or that do not fit the coordinates."""


@dataclass(frozen=True)
class Shift:
    """A county's own parameters: from ``datum`` to CGCS2000, to ``accuracy_m`` metres.

    ``zone_epsg`` is the CGCS2000 code, without zone number, of the plane in which PLANE4 holds.
    """

    name: str
    region_code: str
    datum: Datum
    method: Method
    parameters: Mapping[str, float]
    accuracy_m: float
    source: str
    zone_epsg: int | None = None

    def __post_init__(self) -> None:
        if set(self.parameters) != set(NAMES[self.method]):
            wanted = ", ".join(NAMES[self.method])
            raise UnfitShift(f"{self.method} 需要参数 {wanted}")
        if (self.method is Method.PLANE4) != (self.zone_epsg is not None):
            raise UnfitShift("四参数要写明所在投影带（zone），七参数不写")

    def fits(self, epsg: int) -> bool:
        """Whether coordinates of this EPSG code can be moved by these parameters."""
        found = counterpart(epsg)
        if found is None or found[0] is not self.datum:
            return False
        return self.method is Method.SPACE7 or _plain_zone(found[1]) == self.zone_epsg

    def target(self, epsg: int) -> int:
        """EPSG code of what :meth:`moved` gives for coordinates of ``epsg``."""
        return same_zone(epsg) if self.method is Method.PLANE4 else CGCS2000

    def moved(self, points: FloatArray, epsg: int) -> FloatArray:
        """East-north points of ``epsg`` in :meth:`target`; :class:`UnfitShift` if they cannot."""
        if not self.fits(epsg):
            raise UnfitShift(f"参数 {self.name} 不适用于 EPSG:{epsg}")
        if self.method is Method.PLANE4:
            return self._in_plane(points, _prefix_m(same_zone(epsg)))
        return self._in_space(points, epsg)

    def _in_plane(self, points: FloatArray, prefix_m: float) -> FloatArray:
        p = self.parameters
        north, east = points[:, 1], points[:, 0] - prefix_m
        scale, angle = 1 + p["scale_ppm"] * 1e-6, p["rotation_s"] * _SECOND
        moved_north = p["north_m"] + scale * (north * np.cos(angle) - east * np.sin(angle))
        moved_east = p["east_m"] + scale * (north * np.sin(angle) + east * np.cos(angle))
        return np.column_stack((moved_east + prefix_m, moved_north))

    def _in_space(self, points: FloatArray, epsg: int) -> FloatArray:
        geographic = {datum: code for code, datum in _GEOGRAPHIC.items()}[self.datum]
        degrees = np.column_stack(crs.transformer(epsg, geographic).transform(*points.T))
        p = self.parameters
        pipeline = (
            "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad"
            f" +step +proj=cart {_ELLIPSOIDS[self.datum]}"
            f" +step +proj=helmert +x={p['x_m']!r} +y={p['y_m']!r} +z={p['z_m']!r}"
            f" +rx={p['rx_s']!r} +ry={p['ry_s']!r} +rz={p['rz_s']!r} +s={p['scale_ppm']!r}"
            " +convention=coordinate_frame"
            f" +step +inv +proj=cart +a={crs.SEMI_MAJOR_M} +rf={1 / crs.FLATTENING!r}"
            " +step +proj=unitconvert +xy_in=rad +xy_out=deg"
        )
        longitude, latitude = degrees[:, 0], degrees[:, 1]
        convert = Transformer.from_pipeline(pipeline)
        east, north, _ = convert.transform(longitude, latitude, np.zeros(len(degrees)))
        return np.column_stack((east, north))

    def moved_geometries(self, geometries: GeometryArray, epsg: int) -> GeometryArray:
        """The geometries in :meth:`target`, vertex by vertex."""

        def move(points: FloatArray) -> FloatArray:
            decimals = _GRID_DECIMALS if self.target(epsg) == CGCS2000 else 5
            return np.round(self.moved(points, epsg), decimals)

        return np.asarray(shapely.transform(geometries, move), dtype=object)


def _prefix_m(epsg: int) -> float:
    for zone in range(25, 46):
        if epsg == zone3_epsg(zone, prefixed=True):
            return zone * 1_000_000.0
    for zone in range(13, 24):
        if epsg == zone6_epsg(zone, prefixed=True):
            return zone * 1_000_000.0
    return 0.0


def _plain_zone(epsg: int) -> int:
    """The code of the same zone whose eastings carry no zone number."""
    zone = round(_prefix_m(epsg) / 1_000_000)
    if zone >= 25:
        return zone3_epsg(zone, prefixed=False)
    return zone6_epsg(zone, prefixed=False) if zone else epsg
