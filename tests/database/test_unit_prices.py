"""Prices by 亩 and by m² in a file: totals of the area that the row has, or that its site has."""

from decimal import Decimal
from pathlib import Path

import pytest

from gis.importing.options import ImportOptions
from gis.importing.runs import Run
from gis.layers import layer_named
from server.imports import ImportRefused
from tests.database.office import Office, lot, register

PER_MU = "地块编号,起始价(万元/亩)\nA1,30\n"


def priced(folder: Path, text: str) -> Path:
    """A table without geometry."""
    path = folder / "prices.csv"
    path.write_text(text, "utf-8")
    return path


def told(office: Office, run: Run) -> dict[int, tuple[str, str]]:
    """Code and message by row of what was found."""
    return {one.row: (one.code, one.message) for one in office.findings(run)}


def test_prices_by_mu_and_by_m2_become_totals_of_the_stated_area(
    office: Office, tmp_path: Path
) -> None:
    table = priced(
        tmp_path,
        "地块编号,面积,起始价(万元/亩),成交单价(元/m2)\n"
        "A1,10000,30万元/亩,480\n"
        "A2,9000,,333.33\n"
        "A3,10000,99999999999999,\n",
    )
    office.load(register(tmp_path, [(f"A{n}", lot(n)) for n in range(1, 4)]))
    run = office.load(table)
    starts = {"A1": Decimal("450.0000"), "A2": None, "A3": None}
    assert office.column("price_start_wan") == starts
    deals = {"A1": Decimal("480.0000"), "A2": Decimal("299.9970"), "A3": None}
    assert office.column("contract_price_wan") == deals
    codes = {(one.row, one.code) for one in office.findings(run)}
    assert codes == {(2, "unit-price"), (3, "unit-price"), (4, "bad-value")}


def test_a_row_without_area_takes_that_of_its_outline(office: Office, tmp_path: Path) -> None:
    lots = [("A1", lot(0)), ("A2", lot(1))]
    office.load(register(tmp_path, [("A1", lot(0, size=50))], TDMJ=[2500.0]))
    prices = {"起始价": ["30", "45"]}
    mapping = {"起始价": "price_start_wan:wan_mu"}
    run = office.load(register(tmp_path, lots, "b.zip", **prices), mapping=mapping)
    totals = {"A1": Decimal("450.0000"), "A2": Decimal("675.0000")}
    assert office.column("price_start_wan") == totals
    message = "起始价（字段 起始价）单价 30 按面积折算为总价 450.00 万元"
    assert told(office, run)[1] == ("unit-price", message)


def test_a_table_without_area_takes_that_of_the_stored_site_and_says_so(
    office: Office, tmp_path: Path
) -> None:
    lots = [("A1", lot(0)), ("A2", lot(1)), ("A3", lot(2))]
    office.load(register(tmp_path, lots, TDMJ=[9990.0, None, None]))
    before = office.contents()
    text = "地块编号,面积,起始价(万元/亩)\nA1,,30\nA2,,30\nA3,9000,30\nA9,,30\n"
    run = office.load(priced(tmp_path, text))
    assert (run.counts["changed"], run.counts["rejected"]) == (3, 1)
    totals = {"A1": Decimal("449.5500"), "A2": Decimal("450.0000"), "A3": Decimal("405.0000")}
    assert office.column("price_start_wan") == totals
    found = told(office, run)
    where = "起始价（字段 起始价(万元/亩)）单价 30"
    assert (
        found[2][1]
        == f"{where}，此行没有面积，按库中已有的面积 9990.00 平方米折算为总价 449.55 万元"
    )
    assert found[4][1] == f"{where} 按面积折算为总价 405.00 万元"
    assert "price-without-area" in {one.code for one in office.findings(run) if one.row == 5}
    office.work.roll_back(run.id)
    assert office.contents() == before


def test_a_constant_fills_totals_and_is_no_unit_price(office: Office, tmp_path: Path) -> None:
    table = priced(tmp_path, "地块编号,起始价(万元/亩)\nA1,30\nA2,\n")
    office.load(register(tmp_path, [("A1", lot(1)), ("A2", lot(2))]))
    office.load(table, constants={"price_start_wan": "12"})
    totals = {"A1": Decimal("450.0000"), "A2": Decimal("12.0000")}
    assert office.column("price_start_wan") == totals


def test_the_area_of_a_site_elsewhere_is_not_told(office: Office, tmp_path: Path) -> None:
    office.load(register(tmp_path, [("A1", lot(0))]))
    run = office.sent(priced(tmp_path, PER_MU), "330502")
    codes = {one.code for one in office.findings(run)}
    assert codes == {"price-without-area", "foreign-region"}
    assert not any("10000" in one.message for one in office.findings(run))
    own = office.sent(priced(tmp_path, PER_MU), "330503")
    assert {one.code for one in office.findings(own)} == {"unit-price"}


def test_an_area_that_changes_while_it_is_read_makes_the_preview_stale(
    office: Office, tmp_path: Path
) -> None:
    office.load(register(tmp_path, [("A1", lot(0))]))
    path = priced(tmp_path, PER_MU)
    run_id = office.work.receive(layer_named("parcels"), path, ImportOptions())

    def edited(step: str, done: int, _total: int) -> None:
        if (step, done) == ("核对", 1):
            office.execute("UPDATE parcels SET area_legal_m2 = 9000, version = version + 1")

    run = office.work.stage(run_id, path, edited)
    with pytest.raises(ImportRefused) as refused:
        office.work.apply(run.id)
    assert refused.value.code == "stale-preview"
    again = office.work.stage(run_id, path, lambda _step, _done, _total: None)
    assert office.work.apply(again.id).counts["changed"] == 1
    assert office.column("price_start_wan") == {"A1": Decimal("405.0000")}
