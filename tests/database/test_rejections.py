"""Rows that stay out of an import, each with its reason, while the others go in."""

from pathlib import Path

import pytest
import shapely

from server.imports import ImportRefused
from tests.database.office import Office, lot, register

WUXING = shapely.box(40_502_200, 3_407_000, 40_502_300, 3_407_100)
"""A square in the county next to that of ``lot``, see ``neighbours``."""


def bow_tie(column: int) -> shapely.Polygon:
    west, south, east, north = lot(column).bounds
    return shapely.Polygon([(west, south), (east, north), (east, south), (west, north)])


def test_a_bad_row_stays_out_and_the_others_go_in(office: Office, tmp_path: Path) -> None:
    path = register(
        tmp_path,
        [("A1", lot(0)), ("A2", bow_tie(1)), ("A3", lot(2)), (None, lot(3))],
        TDSYNX=["50", "50", "很久", "50"],
    )
    run = office.load(path)
    assert (run.counts["new"], run.counts["rejected"]) == (1, 3)
    assert set(office.column("id")) == {"A1"}
    found = {(one.row, one.code): one for one in office.findings(run)}
    assert set(found) == {(2, "geometry-invalid"), (3, "bad-value"), (4, "code-missing")}
    assert found[3, "bad-value"].field == "TDSYNX"
    assert found[3, "bad-value"].value == "很久"
    assert found[2, "geometry-invalid"].place is not None


def test_an_invalid_outline_goes_in_mended_if_that_is_allowed(
    office: Office, tmp_path: Path
) -> None:
    run = office.load(register(tmp_path, [("A1", bow_tie(0))]), repair=True)
    assert run.counts["new"] == 1
    assert {one.code for one in office.findings(run)} == {"geometry-repaired", "multipart"}
    assert office.rows("SELECT ST_IsValid(geom), round(area_planar_m2) FROM parcels") == [
        (True, 5000)
    ]


def test_a_code_twice_in_a_file_keeps_both_rows_out(office: Office, tmp_path: Path) -> None:
    path = register(tmp_path, [("A1", lot(0)), ("A1", lot(1)), ("A2", lot(2))])
    run = office.load(path)
    assert {(1, "duplicate-in-file"), (2, "duplicate-in-file")} == {
        (one.row, one.code) for one in office.findings(run)
    }
    assert set(office.column("id")) == {"A2"}


def test_rows_that_overlap_each_other_stay_out(office: Office, tmp_path: Path) -> None:
    path = register(tmp_path, [("A1", lot(0, size=250)), ("A2", lot(1)), ("A3", lot(4))])
    assert office.rejected(path) == {(1, "overlap-in-file"), (2, "overlap-in-file")}


def test_neighbours_with_a_common_edge_both_go_in(office: Office, tmp_path: Path) -> None:
    path = register(tmp_path, [("A1", lot(0, size=200)), ("A2", lot(1))])
    assert office.load(path).counts["new"] == 2


def test_a_row_that_overlaps_a_stored_site_stays_out_unless_it_replaces_it(
    office: Office, tmp_path: Path
) -> None:
    office.load(register(tmp_path, [("A1", lot(0))]))
    other = register(tmp_path, [("B1", lot(0, size=50))], "b.zip")
    assert office.rejected(other) == {(1, "overlap-active")}
    same = register(tmp_path, [("A1", lot(0, size=50))], "c.zip")
    assert office.load(same).counts["changed"] == 1


def test_plants_may_share_ground(office: Office, tmp_path: Path) -> None:
    outlines = [("C1", lot(0)), ("C2", lot(0))]
    path = register(
        tmp_path, outlines, CFBH=["C1", "C2"], CFMC=["一层", "二层"], CFZT=["可租售"] * 2
    )
    assert office.load(path, "plants").counts["new"] == 2


def test_an_unknown_region_keeps_its_row_out(office: Office, tmp_path: Path) -> None:
    rows = [("A1", lot(0)), ("A2", lot(1))]
    path = register(tmp_path, rows, XZQDM=["330503", "999999"])
    assert office.rejected(path) == {(2, "unknown-region")}


def test_a_region_is_found_by_place_or_by_name(office: Office, tmp_path: Path) -> None:
    office.load(register(tmp_path, [("A1", lot(0))]))
    office.load(register(tmp_path, [("A2", lot(1))], "b.zip", XZQMC=["南浔区"]))
    assert office.column("region_code") == {"A1": "330503", "A2": "330503"}


def test_a_row_outside_its_county_is_warned_of(office: Office, tmp_path: Path) -> None:
    run = office.load(register(tmp_path, [("A1", lot(400))], XZQDM=["330503"]))
    assert {(one.row, one.code) for one in office.findings(run)} == {(1, "outside-region")}
    assert run.counts["new"] == 1


FOREIGN = "foreign-region"


@pytest.fixture
def neighbours(office: Office) -> Office:
    """An office that knows the outline of the next county too, and a township of its own."""
    office.execute(
        "UPDATE regions SET geom = ST_Multi(ST_MakeEnvelope(119.9, 30.7, 120.3, 31.0, 4490))"
        " WHERE code = '330502'"
    )
    office.execute(
        "INSERT INTO regions (code, level, name, parent_code, source) VALUES"
        " ('330503100', 'town', '南浔镇', '330503', 't'),"
        " ('330521', 'county', '德清县', '3305', 't')"
    )
    return office


@pytest.mark.parametrize("grants", [("330503",), ("330503100",), ("330503", "330521")])
def test_who_is_bound_to_a_region_cannot_draw_outside_of_it_whatever_the_row_says(
    neighbours: Office, tmp_path: Path, grants: tuple[str, ...]
) -> None:
    path = register(
        tmp_path,
        [("A1", lot(0)), ("A2", lot(400)), ("A3", lot(0, 1)), ("A4", WUXING)],
        XZQDM=["330503100", "330503100", "330502", "330503100"],
    )
    run = neighbours.sent(path, *grants)
    found = {(one.row, one.code) for one in neighbours.findings(run)}
    assert found >= {(2, FOREIGN), (3, FOREIGN), (4, FOREIGN)}
    assert (1, FOREIGN) not in found
    assert neighbours.work.apply(run.id).counts["new"] == 1


def test_a_border_that_two_departments_draw_differently_keeps_nobody_out(
    neighbours: Office, tmp_path: Path
) -> None:
    path = register(tmp_path, [("A1", lot(0))], XZQDM=["330503"])
    shaved = "ST_Difference(geom, ST_Buffer(ST_Boundary(geom), 0.0000001))"
    neighbours.execute(f"UPDATE regions SET geom = ST_Multi({shaved}) WHERE code = '330503'")
    assert neighbours.sent(path, "330503").counts["errors"] == 0


def test_where_no_outline_is_known_the_row_is_believed_unless_it_lies_in_another_county(
    neighbours: Office, tmp_path: Path
) -> None:
    neighbours.execute("UPDATE regions SET geom = NULL WHERE code = '330503'")
    rows = [("A1", lot(0)), ("A2", WUXING)]
    path = register(tmp_path, rows, XZQDM=["330503", "330503"])
    run = neighbours.sent(path, "330503")
    assert {(one.row, one.code) for one in neighbours.findings(run)} == {(2, FOREIGN)}


def test_an_unknown_park_keeps_its_row_out(office: Office, tmp_path: Path) -> None:
    park = register(
        tmp_path, [("P1", lot(0, size=500))], "p.zip",
        YQBH=["P1"], YQMC=["东迁园"], YQZT=["招商中"],
    )  # fmt: skip
    office.load(park, "parks")
    rows = [("A1", lot(0)), ("A2", lot(1)), ("A3", lot(9))]
    path = register(tmp_path, rows, YQBH=["P1", "P2", "P1"])
    assert office.rejected(path) == {(2, "unknown-park"), (3, "outside-park")}
    assert office.load(path).counts["new"] == 2


def test_an_unknown_parent_keeps_its_row_out(office: Office, tmp_path: Path) -> None:
    path = register(tmp_path, [("A1", lot(0))], YDKBH=["never"])
    assert office.rejected(path) == {(1, "unknown-parent")}


def test_a_new_site_needs_a_status_and_an_update_does_not(office: Office, tmp_path: Path) -> None:
    path = register(tmp_path, [("A1", lot(0)), ("A2", lot(1))], GYZT=["可供", ""])
    assert office.rejected(path) == {(2, "missing-value")}
    office.load(path)
    again = register(tmp_path, [("A1", lot(0))], "b.zip", GYZT=[""], DKMC=["新名"])
    assert office.load(again).counts["changed"] == 1
    assert office.column("status") == {"A1": "available"}


def test_a_constant_fills_what_the_file_has_not(office: Office, tmp_path: Path) -> None:
    path = register(tmp_path, [("A1", lot(0))])
    office.load(path, constants={"source": "某县自然资源局", "status": "reserved"})
    assert office.rows("SELECT source, status FROM parcels") == [("某县自然资源局", "available")]


def test_a_file_in_another_zone_than_it_says_is_refused_whole(
    office: Office, tmp_path: Path
) -> None:
    with pytest.raises(ImportRefused, match="EPSG:4529"):
        office.stage(register(tmp_path, [("A1", lot(0))]), crs_epsg=4529)
    assert office.rows("SELECT state FROM import_runs") == [("failed",)]
