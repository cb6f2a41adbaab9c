"""Taking an import back: every table as it was, or a refusal that changes nothing."""

from pathlib import Path

import pytest

from server.imports import ImportRefused
from tests.database.office import Office, lot, register


def test_taking_back_an_import_restores_every_row_exactly(office: Office, tmp_path: Path) -> None:
    first = register(
        tmp_path,
        [("A1", lot(0)), ("A2", lot(1).difference(lot(1, size=10))), ("A3", lot(2))],
        "a.zip",
        GHRJL=["≥1.5", "1.2-2.0", "1.5≤R<2.5"],
        HSSJ=["2024-03-05 10:20:30"] * 3,
        QSJ=[1680.5, 0.0001, 12.25],
        SFBZD=["是", "否", ""],
    )
    office.load(first)
    before = office.contents()
    second = register(
        tmp_path,
        [("A1", lot(0, size=90)), ("A2", lot(1)), ("A4", lot(4))],
        "b.zip",
        GHRJL=["≤3", "2", "1"],
        DKMC=["改名", "东迁地块", "新地块"],
        QSJ=[1.0, 2.0, 3.0],
    )
    run = office.load(second)
    assert (run.counts["new"], run.counts["changed"]) == (1, 2)
    assert office.contents() != before
    assert office.work.roll_back(run.id).state == "rolled_back"
    assert office.contents() == before
    assert office.rows("SELECT count(*) FROM revisions") == [(0,)]


def test_taking_back_the_first_import_empties_the_layer(office: Office, tmp_path: Path) -> None:
    run = office.load(register(tmp_path, [("A1", lot(0))]))
    version = office.rows("SELECT version FROM layer_state")
    office.work.roll_back(run.id)
    assert office.contents() == {"parcels": [], "parcels_public": []}
    assert office.rows("SELECT version FROM layer_state")[0][0] == version[0][0] + 1


def test_what_was_taken_back_can_be_imported_again(office: Office, tmp_path: Path) -> None:
    path = register(tmp_path, [("A1", lot(0))])
    office.work.roll_back(office.load(path).id)
    assert office.load(path).counts["new"] == 1


def test_the_demo_city_survives_an_import_that_is_taken_back(
    demo_office: Office, tmp_path: Path
) -> None:
    before = demo_office.contents()
    codes = list(demo_office.column("id"))[:20]
    table = tmp_path / "状态.csv"
    lines = [f"{code},储备,改名{code}" for code in codes]
    table.write_text("\n".join(["地块编号,状态,地块名称", *lines]), "utf-8")
    run = demo_office.load(table)
    assert run.counts["changed"] == 20
    demo_office.work.roll_back(run.id)
    assert demo_office.contents() == before


def test_later_edits_are_never_lost(office: Office, tmp_path: Path) -> None:
    office.load(register(tmp_path, [("A1", lot(0)), ("A2", lot(1))], "a.zip"))
    middle = office.load(
        register(tmp_path, [("A1", lot(0)), ("A2", lot(1))], "b.zip", DKMC=["甲", "乙"])
    )
    office.load(register(tmp_path, [("A2", lot(1))], "c.zip", DKMC=["丙"]))
    before = office.contents()
    with pytest.raises(ImportRefused, match="A2") as refused:
        office.work.roll_back(middle.id)
    assert refused.value.code == "later-edits"
    assert "A1" not in str(refused.value)
    assert office.contents() == before


def test_a_new_site_that_was_edited_later_is_not_deleted(office: Office, tmp_path: Path) -> None:
    first = office.load(register(tmp_path, [("A1", lot(0))], "a.zip"))
    office.load(register(tmp_path, [("A1", lot(0))], "b.zip", DKMC=["甲"]))
    with pytest.raises(ImportRefused) as refused:
        office.work.roll_back(first.id)
    assert refused.value.code == "later-edits"
    assert office.column("name") == {"A1": "甲"}


def test_imports_are_taken_back_in_the_reverse_order(office: Office, tmp_path: Path) -> None:
    dumps, runs = [], []
    for name in ("甲", "乙", "丙"):
        dumps.append(office.contents())
        runs.append(office.load(register(tmp_path, [("A1", lot(0))], f"{name}.zip", DKMC=[name])))
    while runs:
        office.work.roll_back(runs.pop().id)
        assert office.contents() == dumps.pop()


def test_a_park_that_parcels_stand_in_cannot_be_taken_back(office: Office, tmp_path: Path) -> None:
    park = register(
        tmp_path, [("P1", lot(0, size=500))], "p.zip",
        YQBH=["P1"], YQMC=["东迁园"], YQZT=["招商中"],
    )  # fmt: skip
    run = office.load(park, "parks")
    office.load(register(tmp_path, [("A1", lot(0))], YQBH=["P1"]))
    before = office.contents("parks")
    with pytest.raises(ImportRefused) as refused:
        office.work.roll_back(run.id)
    assert refused.value.code == "still-referenced"
    assert office.contents("parks") == before
