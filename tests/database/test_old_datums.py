"""Files in 西安80 go in where the county has its own parameters, and only there."""

from pathlib import Path

import numpy as np
import pytest
import shapely
from click.testing import CliRunner
from sqlalchemy import Engine

from gis import datum_shifts
from gis.datums import Datum, Method, Shift, UnfitShift
from server.cli import main
from server.imports import ImportRefused
from tests.database.office import PLAIN, Office, lot
from tests.unit.carriers.build import shapefile, zipped

PARAMETERS = {"north_m": 60.0, "east_m": -110.0, "rotation_s": 0.0, "scale_ppm": 0.0}


def shift(name: str = "南浔2005", region: str = "330503") -> Shift:
    return Shift(
        name, region, Datum.XIAN80, Method.PLANE4, PARAMETERS, 0.05, "南浔区测绘院 2005-3 号", 4549
    )


def old_file(folder: Path, columns: int = 1) -> Path:
    outlines = [lot(column) for column in range(columns)]
    fields = {"DKBH": [f"A{n}" for n in range(columns)]} | {
        k: [v] * columns for k, v in PLAIN.items()
    }
    path = folder / "西安80.zip"
    path.write_bytes(zipped(shapefile(geometries=outlines, columns=fields, crs="EPSG:2364")))
    return path


def enter(office: Office, *shifts: Shift) -> None:
    with office.engine.begin() as connection:
        for one in shifts:
            datum_shifts.add(connection, one)


def test_without_parameters_the_file_is_refused(office: Office, tmp_path: Path) -> None:
    with pytest.raises(ImportRefused) as refused:
        office.stage(old_file(tmp_path))
    assert refused.value.code == "crs-refused"
    assert "kandi datum add" in str(refused.value)


def test_with_parameters_the_rows_stand_where_they_lead(office: Office, tmp_path: Path) -> None:
    enter(office, shift())
    run = office.load(old_file(tmp_path))
    assert run.counts["new"] == 1
    assert run.evidence["shift"] == {
        "name": "南浔2005",
        "digest": datum_shifts.digest(shift()),
        "source": "南浔区测绘院 2005-3 号",
        "datum": "xian80",
        "accuracy_m": 0.05,
    }
    assert "60.0" not in str(run.evidence)
    wkb = office.rows("SELECT ST_AsBinary(ST_Transform(geom, 4528)) FROM parcels")[0][0]
    stored = np.array(shapely.from_wkb(bytes(wkb)).envelope.bounds)
    assert stored == pytest.approx(np.add(lot(0).bounds, (-110, 60, -110, 60)), abs=0.01)


def test_rows_outside_the_region_of_the_parameters_stay_out(office: Office, tmp_path: Path) -> None:
    enter(office, shift(region="330502"))
    assert office.rejected(old_file(tmp_path)) == {(1, "outside-shift")}


def test_of_several_sets_one_has_to_be_named(office: Office, tmp_path: Path) -> None:
    enter(office, shift(), shift("南浔2010"))
    with pytest.raises(ImportRefused, match="南浔2005、南浔2010"):
        office.stage(old_file(tmp_path))
    run = office.load(old_file(tmp_path), shift="南浔2010")
    assert run.evidence["shift"]["name"] == "南浔2010"


def test_control_points_that_are_missed_refuse_the_set() -> None:
    hit = (40_539_800.0, 3_415_300.0, 40_539_690.0, 3_415_360.0)
    assert datum_shifts.residuals_m(shift(), 2364, [hit]) == pytest.approx([0.0], abs=1e-6)
    with pytest.raises(UnfitShift, match="残差"):
        datum_shifts.residuals_m(shift(), 2364, [(*hit[:3], hit[3] + 1)])


def test_the_command_stores_lists_and_forgets(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.cli_datum.job_engine", lambda _config: engine)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO regions (code, level, name, source)"
            " VALUES ('330503', 'county', '南浔区', 't')"
        )
    given = [
        "datum", "add", "南浔", "--region", "330503", "--datum", "xian80", "--method", "plane4",
        "--zone", "4549", "--parameters", "60,-110,0,0", "--accuracy", "0.05", "--source", "院",
    ]  # fmt: skip
    run = CliRunner().invoke
    assert "已登记 南浔" in run(main, given).output
    assert run(main, given).exit_code == 1
    listed = run(main, ["datum", "list"]).output
    assert "1980 西安坐标系" in listed
    assert "-110" not in listed
    wrong = run(main, [*given[:-4], "--check-crs", "2364", "--check", "1,2,3,4", *given[-4:]])
    assert "残差" in wrong.output
    assert run(main, ["datum", "remove", "南浔"]).exit_code == 0
    assert run(main, ["datum", "remove", "南浔"]).exit_code == 1
