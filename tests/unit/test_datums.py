"""Old datums: zones paired by their numbers, and both methods against formulas written out here."""

import math

import numpy as np
import pyproj
import pytest

from gis.crs import CGCS2000, zone3_epsg, zone6_epsg
from gis.datums import Datum, Method, Shift, UnfitShift, counterpart, of_datum, same_zone

PLANE = {"north_m": 57.5, "east_m": -113.25, "rotation_s": 3.6, "scale_ppm": -4.2}
SPACE = {
    "x_m": 110.0, "y_m": -45.5, "z_m": 68.25, "rx_s": 1.1, "ry_s": -2.2, "rz_s": 3.3,
    "scale_ppm": -6.5,
}  # fmt: skip
POINTS = np.array([[40_539_800.0, 3_415_300.0], [40_540_000.0, 3_415_150.0]])


def plane(**changed: object) -> Shift:
    named = {"zone_epsg": 4549, "parameters": PLANE, "method": Method.PLANE4} | changed
    return Shift("南浔", "330503", Datum.XIAN80, accuracy_m=0.05, source="测试", **named)  # type: ignore[arg-type]


def space(datum: Datum = Datum.XIAN80) -> Shift:
    return Shift("湖州", "3305", datum, Method.SPACE7, SPACE, 0.05, "测试")


def _old_codes() -> list[int]:
    return [code for code in range(2300, 22000) if counterpart(code)] + [4610, 4214]


def test_every_old_zone_has_the_central_meridian_of_its_counterpart() -> None:
    codes = [code for code in _old_codes() if code not in (4610, 4214)]
    assert len(codes) == 2 * (21 + 21 + 11 + 11)
    for code in codes:
        datum, twin = counterpart(code) or (None, 0)
        old, new = pyproj.CRS.from_epsg(code), pyproj.CRS.from_epsg(twin)
        assert ("Xian" in old.name) == (datum is Datum.XIAN80)
        for name in ("Longitude of natural origin", "False easting"):
            values = {
                next(p.value for p in one.coordinate_operation.params if p.name == name)  # type: ignore[union-attr]
                for one in (old, new)
            }
            assert len(values) == 1, code


def test_a_code_leads_to_its_datum_and_back() -> None:
    for code in _old_codes():
        datum, twin = counterpart(code) or (None, 0)
        assert of_datum(twin, datum) == code
        assert same_zone(code) == twin
    assert same_zone(4528) == 4528 == of_datum(4528, None)
    assert counterpart(4528) is None


def test_four_parameters_as_the_formula_says() -> None:
    moved = plane().moved(POINTS, 2364)
    k, a = 1 - 4.2e-6, math.radians(3.6 / 3600)
    for (east, north), (got_east, got_north) in zip(POINTS, moved, strict=True):
        y = east - 40_000_000
        assert got_north == pytest.approx(
            57.5 + k * (north * math.cos(a) - y * math.sin(a)), abs=1e-6
        )
        wanted = 40_000_000 - 113.25 + k * (north * math.sin(a) + y * math.cos(a))
        assert got_east == pytest.approx(wanted, abs=1e-6)
    without = plane().moved(POINTS - [[40_000_000, 0]], 2385)
    assert without == pytest.approx(moved - [[40_000_000, 0]], abs=1e-6)


def _geocentric(degrees: np.ndarray, a: float, rf: float) -> np.ndarray:
    (lon, lat), e2 = np.radians(degrees), (2 - 1 / rf) / rf
    n = a / math.sqrt(1 - e2 * math.sin(lat) ** 2)
    across = n * math.cos(lat)
    return np.array([across * math.cos(lon), across * math.sin(lon), n * (1 - e2) * math.sin(lat)])


@pytest.mark.parametrize(
    ("datum", "code", "a", "rf"),
    [(Datum.XIAN80, 4610, 6378140.0, 298.257), (Datum.BEIJING54, 4214, 6378245.0, 298.3)],
)
def test_seven_parameters_as_the_formula_says(datum: Datum, code: int, a: float, rf: float) -> None:
    point = np.array([[120.4161, 30.8579]])
    moved = space(datum).moved(point, code)[0]
    x, y, z = _geocentric(point[0], a, rf)
    s = math.pi / 180 / 3600
    rx, ry, rz, k = 1.1 * s, -2.2 * s, 3.3 * s, 1 - 6.5e-6
    wanted = np.array([
        110.0 + k * (x + rz * y - ry * z),
        -45.5 + k * (y - rz * x + rx * z),
        68.25 + k * (z + ry * x - rx * y),
    ])  # fmt: skip
    found = _geocentric(moved, 6378137.0, 298.257222101)
    # Our heights are zero, so only the direction of the wanted point can be met.
    height = np.linalg.norm(wanted) - np.linalg.norm(found)
    assert np.linalg.norm(wanted * (1 - height / np.linalg.norm(wanted)) - found) < 0.5
    assert 20 < np.linalg.norm((moved - point[0]) * 100_000) < 400


def test_planes_reach_degrees_through_seven_parameters() -> None:
    degrees = space().moved(POINTS, 2364)
    back = np.column_stack(
        pyproj.Transformer.from_crs(2364, 4610, always_xy=True).transform(*POINTS.T)
    )
    assert degrees == pytest.approx(space().moved(back, 4610), abs=1e-12)
    assert space().target(2364) == CGCS2000
    assert plane().target(2364) == 4528


@pytest.mark.parametrize("code", [2363, 2384, 2416, 4610, 4528, zone6_epsg(20, prefixed=True)])
def test_four_parameters_hold_in_their_own_zone_only(code: int) -> None:
    assert not plane().fits(code)
    with pytest.raises(UnfitShift):
        plane().moved(POINTS, code)


@pytest.mark.parametrize(
    "changed",
    [{"parameters": SPACE}, {"zone_epsg": None}, {"method": Method.SPACE7, "parameters": SPACE}],
)
def test_parameters_have_to_be_those_of_their_method(changed: dict[str, object]) -> None:
    with pytest.raises(UnfitShift):
        plane(**changed)


def test_four_parameters_of_a_zone_without_prefix_fit_both_writings() -> None:
    assert zone3_epsg(40, prefixed=False) == 4549
    assert plane().fits(2364)
    assert plane().fits(2385)
