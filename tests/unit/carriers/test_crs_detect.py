"""The CRS is proved or asked for; Xi'an 80, Beijing 54 and local systems never pass."""

import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.carriers.crs_detect import ACCEPTED, ZONES, CrsHints, CrsVerdict, detect, epsg_of
from gis.crs import zone3_epsg, zone6_epsg

ZONE40 = (40_539_800.0, 3_415_000.0, 40_540_000.0, 3_415_300.0)
PLAIN = (539_800.0, 3_415_000.0, 540_000.0, 3_415_300.0)
DEGREES = (120.1, 30.1, 120.2, 30.2)


def exchanged(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    return box[1], box[0], box[3], box[2]


def codes(verdict: CrsVerdict) -> set[str]:
    return {found.code for found in verdict.findings}


@pytest.mark.parametrize("epsg", sorted(ACCEPTED))
def test_esri_prj_of_every_accepted_system_is_known(epsg: int) -> None:
    assert epsg_of(pyproj.CRS.from_epsg(epsg).to_wkt("WKT1_ESRI")) == epsg


@pytest.mark.parametrize("zone", range(25, 46))
def test_three_degree_zone_is_told_by_its_prefix(zone: int) -> None:
    box = (zone * 1e6 + 480_000, 3.0e6, zone * 1e6 + 520_000, 3.1e6)
    verdict = detect(CrsHints(box))
    assert (verdict.evidence.epsg, verdict.evidence.how) == (
        zone3_epsg(zone, prefixed=True),
        "ranges",
    )
    assert codes(verdict) == {"crs-from-ranges"}
    turned = detect(CrsHints(exchanged(box)))
    assert turned.swap_axes
    assert turned.evidence.epsg == verdict.evidence.epsg
    assert codes(turned) == {"axes-swapped", "crs-from-ranges"}


@pytest.mark.parametrize("zone", range(13, 24))
def test_six_degree_zone_is_told_by_its_prefix(zone: int) -> None:
    box = (zone * 1e6 + 300_000, 3.0e6, zone * 1e6 + 700_000, 3.1e6)
    assert detect(CrsHints(box)).evidence.epsg == zone6_epsg(zone, prefixed=True)


@pytest.mark.parametrize("epsg", [4610, 2364, 2385, 2327, 4214, 2416, 2437, 21420])
def test_old_systems_are_refused_with_their_name(epsg: int) -> None:
    crs = pyproj.CRS.from_epsg(epsg)
    for text in (crs.to_wkt("WKT1_ESRI"), crs.to_wkt("WKT2_2019"), f"EPSG:{epsg}"):
        verdict = detect(CrsHints(ZONE40, wkt=text))
        assert codes(verdict) == {"crs-refused"}
        assert verdict.evidence.epsg is None
        assert "西安" in verdict.findings[0].message or "北京" in verdict.findings[0].message


@pytest.mark.parametrize("epsg", [3857, 5186, 32650, 2964])
def test_foreign_systems_are_refused(epsg: int) -> None:
    text = pyproj.CRS.from_epsg(epsg).to_wkt("WKT1_ESRI")
    assert codes(detect(CrsHints(wkt=text))) == {"crs-refused"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("500000.0", "500100.0"),
        ('"Central_Meridian",120.0', '"Central_Meridian",120.1'),
        ('"Scale_Factor",1.0', '"Scale_Factor",0.9999'),
        ('"False_Northing",0.0', '"False_Northing",-3000000.0'),
    ],
)
def test_local_system_with_shifted_origin_is_refused(old: str, new: str) -> None:
    text = pyproj.CRS.from_epsg(4549).to_wkt("WKT1_ESRI")
    assert old in text
    assert codes(detect(CrsHints(wkt=text.replace(old, new)))) == {"crs-refused"}


def test_renamed_prj_is_known_by_its_parameters() -> None:
    text = pyproj.CRS.from_epsg(4528).to_wkt("WKT1_ESRI")
    assert epsg_of(text.replace("CGCS2000_3_Degree_GK_Zone_40", "HuZhou_Project")) == 4528


def test_unprefixed_eastings_are_ambiguous_until_the_county_is_known() -> None:
    asked = detect(CrsHints(PLAIN))
    assert asked.evidence.epsg is None
    assert {4549, 4548} <= set(asked.evidence.candidates)
    assert codes(asked) == {"crs-ambiguous"}
    known = detect(CrsHints(PLAIN, default_zone_epsg=4549))
    assert (known.evidence.epsg, known.evidence.how) == (4549, "default")
    assert codes(known) == {"crs-default-zone"}


def test_county_default_never_overrides_a_prefix() -> None:
    assert detect(CrsHints(ZONE40, default_zone_epsg=4527)).evidence.epsg == 4528


def test_degrees_without_prj_are_a_warning_not_a_fact() -> None:
    verdict = detect(CrsHints(DEGREES))
    assert verdict.evidence.epsg == 4490
    assert codes(verdict) == {"crs-from-ranges"}
    assert detect(CrsHints(exchanged(DEGREES))).swap_axes


def test_declaration_wins_and_is_checked() -> None:
    assert detect(CrsHints(PLAIN, declared_epsg=4549)).evidence.how == "declared"
    assert codes(detect(CrsHints(DEGREES, declared_epsg=4549))) == {"crs-range-mismatch"}
    assert codes(detect(CrsHints(ZONE40, declared_epsg=2364))) == {"crs-refused"}


def test_numbers_of_no_system_are_refused() -> None:
    assert codes(detect(CrsHints((1.0e5, 7.0e4, 1.1e5, 7.1e4)))) == {"crs-unknown"}


@pytest.mark.parametrize("text", ["garbage", "/etc/passwd", "+init=/etc/passwd:x", "PROJCS["])
def test_unreadable_prj_falls_back_to_ranges(text: str) -> None:
    verdict = detect(CrsHints(ZONE40, wkt=text))
    assert verdict.evidence.epsg == 4528
    assert codes(verdict) == {"prj-unreadable", "crs-from-ranges"}


@given(st.tuples(*[st.floats(-1e9, 1e9)] * 4))
def test_any_numbers_give_a_verdict(numbers: tuple[float, float, float, float]) -> None:
    a, b, c, d = numbers
    verdict = detect(CrsHints((min(a, c), min(b, d), max(a, c), max(b, d))))
    assert verdict.evidence.epsg in {None, *ZONES, 4490}
    assert verdict.findings
