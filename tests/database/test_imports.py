"""Imports from file to publication: what changes, what does not, and what is refused."""

import zipfile
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from gis.layers import LAYERS, Layer, layer_named
from server.imports import ImportRefused
from server.reference import DATA
from tests.database.office import Office, lot, register


def test_a_new_parcel_is_stored_measured_and_published(office: Office, tmp_path: Path) -> None:
    path = register(tmp_path, [("A1", lot(0))], TDMJ=[10000.0], GHRJL=["≥1.5"], QLRMC=["某公司"])
    run = office.load(path)
    assert (run.state, run.counts["new"], run.counts["rejected"]) == ("applied", 1, 0)
    (row,) = office.rows(
        "SELECT name, status, region_code, area_m2, area_planar_m2, plot_ratio::text, holder_name,"
        " version, created_import_id, ST_SRID(geom), ST_SRID(geom_gcj02) FROM parcels"
    )
    expected = (
        "东迁地块",
        "available",
        "330503",
        10000,
        10000,
        "[1.5,)",
        "某公司",
        1,
        run.id,
        4490,
        0,
    )
    assert row == expected
    assert office.rows("SELECT code, status FROM parcels_public") == [("A1", "available")]


def test_an_import_leaves_one_audit_row_with_the_digest_of_its_file(
    office: Office, tmp_path: Path
) -> None:
    run = office.load(register(tmp_path, [("A1", lot(0))]))
    office.work.roll_back(run.id)
    rows = office.rows("SELECT actor, action, subject, details ->> 'sha256' FROM audit ORDER BY id")
    digest = office.rows("SELECT file_sha256 FROM import_runs")[0][0]
    subject = f"import/{run.id}"
    assert rows == [
        ("tests", "import.applied", subject, digest),
        ("tests", "import.rolled_back", subject, digest),
    ]


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_the_same_file_again_changes_nothing(demo_office: Office, layer: Layer) -> None:
    before = demo_office.contents(layer.name)
    run = demo_office.load(DATA / f"{layer.name}.zip", layer.name)
    assert run.counts["unchanged"] + run.counts["rejected"] == run.counts["rows"] > 0
    assert (run.counts["new"], run.counts["changed"]) == (0, 0)
    assert demo_office.contents(layer.name) == before


def test_one_changed_attribute_is_exactly_one_changed_row(
    demo_office: Office, tmp_path: Path
) -> None:
    path = tmp_path / "changed.zip"
    before, after = ("路以东、金象路以北".encode("gbk"), "路以西、金象路以北".encode("gbk"))
    with zipfile.ZipFile(DATA / "parcels.zip") as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            assert name != "parcels.dbf" or before in content
            new.writestr(name, content.replace(before, after, 1))
    was = demo_office.column("address")
    run = demo_office.load(path)
    assert (run.counts["new"], run.counts["changed"]) == (0, 1)
    now = demo_office.column("address")
    (code,) = [code for code in was if was[code] != now[code]]
    assert "路以西" in now[code]
    versions = demo_office.column("version")
    assert {c: v for c, v in versions.items() if v != 1} == {code: 2}


def test_an_empty_cell_never_deletes(office: Office, tmp_path: Path) -> None:
    office.load(register(tmp_path, [("A1", lot(0))], TDZL=["振兴路 1 号"]))
    run = office.load(register(tmp_path, [("A1", lot(0))], TDZL=[""], DKMC=["新名"]))
    assert run.counts["changed"] == 1
    assert office.rows("SELECT name, address FROM parcels") == [("新名", "振兴路 1 号")]


def test_a_table_without_geometry_updates_attributes_only(office: Office, tmp_path: Path) -> None:
    office.load(register(tmp_path, [("A1", lot(0)), ("A2", lot(1))]))
    shapes = office.column("geom")
    table = tmp_path / "状态.csv"
    table.write_text("地块编号,状态\nA1,已成交\nA9,可供\n", "utf-8")
    run = office.load(table)
    assert (run.counts["changed"], run.counts["rejected"]) == (1, 1)
    assert (3, "unknown-code") in {(one.row, one.code) for one in office.findings(run)}
    assert office.column("status") == {"A1": "sold", "A2": "available"}
    assert office.column("status", "parcels_public") == {"A1": "sold", "A2": "available"}
    assert office.column("geom") == shapes


def test_a_split_retires_the_parent_and_taking_it_back_revives_it(
    office: Office, tmp_path: Path
) -> None:
    office.load(register(tmp_path, [("P", lot(0)), ("Q", lot(5))]))
    before = office.contents()
    corner = lot(0, size=50)
    children = [("P-1", corner), ("P-2", lot(0).difference(corner))]
    run = office.load(register(tmp_path, children, YDKBH=["P", "P"]))
    assert (run.counts["new"], run.counts["rejected"]) == (2, 0)
    retired = office.rows("SELECT code FROM parcels WHERE retired_at IS NOT NULL")
    assert retired == [("P",)]
    assert set(office.column("id", "parcels_public")) == {"P-1", "P-2", "Q"}
    lineage = office.rows(
        "SELECT c.code, p.code FROM lineage JOIN parcels c ON c.id = child_id"
        " JOIN parcels p ON p.id = parent_id ORDER BY 1"
    )
    assert lineage == [("P-1", "P"), ("P-2", "P")]
    office.work.roll_back(run.id)
    assert office.contents() == before
    assert office.rows("SELECT * FROM lineage") == []


def test_a_stated_area_in_mu_is_found_out_and_mended(office: Office, tmp_path: Path) -> None:
    run = office.load(register(tmp_path, [("A1", lot(0)), ("A2", lot(1))], TDMJ=[15.0, 9000.0]))
    assert {(one.row, one.code) for one in office.findings(run)} == {
        (1, "area-unit"),
        (2, "area-mismatch"),
    }
    assert office.column("area_m2") == {"A1": Decimal("10000.00"), "A2": Decimal("9000.00")}


def test_a_preview_that_others_have_overtaken_is_refused(office: Office, tmp_path: Path) -> None:
    office.load(register(tmp_path, [("A1", lot(0))]))
    mine = office.stage(register(tmp_path, [("A1", lot(0))], "a.zip", DKMC=["甲"]))
    office.load(register(tmp_path, [("A1", lot(0))], "b.zip", DKMC=["乙"]))
    before = office.contents()
    with pytest.raises(ImportRefused) as refused:
        office.work.apply(mine.id)
    assert refused.value.code == "stale-preview"
    assert office.contents() == before


def test_a_code_that_another_import_has_made_meanwhile_is_refused(
    office: Office, tmp_path: Path
) -> None:
    mine = office.stage(register(tmp_path, [("A1", lot(0))], "a.zip"))
    office.load(register(tmp_path, [("A1", lot(3))], "b.zip"))
    with pytest.raises(ImportRefused) as refused:
        office.work.apply(mine.id)
    assert refused.value.code == "stale-preview"


def test_a_failure_in_the_middle_leaves_nothing_behind(office: Office, tmp_path: Path) -> None:
    office.load(register(tmp_path, [("A1", lot(0)), ("A2", lot(1))]))
    path = register(tmp_path, [("A1", lot(0)), ("A3", lot(2))], DKMC=["改", "新"])
    run = office.stage(path)
    tables = ("layer_state", "revisions", "audit", "lineage", "import_runs")
    state = {table: office.rows(f"SELECT t::text FROM {table} t ORDER BY 1") for table in tables}
    before = office.contents()
    office.execute(
        "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'the disk burns'; END $$;"
        " CREATE TRIGGER fail BEFORE INSERT ON parcels_public FOR EACH ROW"
        " WHEN (NEW.code = 'A3') EXECUTE FUNCTION fail()"
    )
    with pytest.raises(DBAPIError, match="the disk burns"):
        office.work.apply(run.id)
    assert office.contents() == before
    assert state == {t: office.rows(f"SELECT t::text FROM {t} t ORDER BY 1") for t in tables}
    office.execute("DROP TRIGGER fail ON parcels_public")
    assert office.work.apply(run.id).counts["new"] == 1
    assert office.column("name") == {"A1": "改", "A2": "东迁地块", "A3": "新"}


@pytest.mark.parametrize("step", ["apply", "roll_back"])
def test_a_step_is_taken_once(office: Office, tmp_path: Path, step: str) -> None:
    run = office.load(register(tmp_path, [("A1", lot(0))]))
    if step == "roll_back":
        office.work.roll_back(run.id)
    with pytest.raises(ImportRefused) as refused:
        getattr(office.work, step)(run.id)
    assert refused.value.code == "wrong-state"


def test_a_file_that_cannot_be_read_fails_its_run_and_says_why(
    office: Office, tmp_path: Path
) -> None:
    path = tmp_path / "坏.zip"
    path.write_bytes(b"this is no zip")
    with pytest.raises(ImportRefused) as refused:
        office.stage(path)
    ((state, problem),) = office.rows("SELECT state, problem FROM import_runs")
    assert state == "failed"
    assert problem["code"] == refused.value.code
    with pytest.raises(ImportRefused) as again:
        office.work.apply(1)
    assert again.value.code == "wrong-state"


def test_a_file_without_codes_is_told_to_name_its_field(office: Office, tmp_path: Path) -> None:
    path = register(tmp_path, [("A1", lot(0))])
    with pytest.raises(ImportRefused, match="编号") as refused:
        office.stage(path, mapping={"DKBH": None})
    assert refused.value.code == "code-unmapped"


def test_a_mapping_to_nowhere_is_refused(office: Office, tmp_path: Path) -> None:
    with pytest.raises(ImportRefused) as refused:
        office.stage(register(tmp_path, [("A1", lot(0))]), mapping={"DKMC": "nowhere"})
    assert refused.value.code == "bad-mapping"


def test_the_demo_city_is_loaded_once(demo_office: Office) -> None:
    counts = {layer.name: len(demo_office.column("id", layer.name)) for layer in LAYERS}
    assert counts["parks"] == 12
    assert counts["plants"] == 200
    assert 480 <= counts["parcels"] <= 500
    states = demo_office.rows("SELECT layer, state FROM import_runs ORDER BY id")
    delivered = ["parks", "parcels", "plants", "facilities", "facilities", "constraints"]
    assert states == [(name, "applied") for name in delivered]
    assert layer_named("parks").name == states[0][0]
