"""What the end of a case leaves in the parcel's own record."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from server.disposal import scan
from server.disposal.scan import Question
from tests.api.answers import problem
from tests.disposal.county import County
from tests.disposal.desk import Desk

PROOFS: dict[str, dict[str, Any]] = {
    "production_start": {
        "production_start.production_on": "2026-04-20",
        "production_start.electricity_kwh": 120000,
        "production_start.tax_wan": 35.5,
    },
    "reserve": {"reserve.reserve_no": "储〔2026〕1号"},
    "supply": {"supply.contract_no": "3305032026A21001", "supply.supervision_no": "不是编号"},
    "split_recover": {"split_recover.agreement_no": "1", "split_recover.new_unit_code": "2"},
}
LIFE: dict[str, Any] = {
    "contract_signed_on": date(2020, 1, 1),
    "contract_no": "3305032020A21001",
    "start_due_on": date(2020, 6, 1),
    "started_on": date(2020, 6, 1),
    "completed_on": date(2022, 1, 1),
    "production_due_on": date(2022, 6, 1),
}


def accepted(desk: Desk, site: int, idle_class: str, measure: str, **found: Any) -> dict[str, Any]:
    """A case of the county's own track whose end is applied for, as the reviewer sees it."""
    case = desk.verified(site, "2026-03-02", **{"class": idle_class, "legal": False}, **found)
    case = desk.act(
        case, "classify", "reviewer", on="2026-03-03",
        cause="market", idle_since="2025-01-01", area_m2=case["area_in_class_m2"],
    )  # fmt: skip
    area, on = case["area_in_class_m2"], "2026-03-04"
    planned = {"measures": [measure], "target_on": "2026-12-31", "target_area_m2": area}
    case = desk.act(case, "draft_plan", on=on, **planned)
    approval = {"approval_no": "浔政〔2026〕3号", "approved_on": on}
    case = desk.act(case, "approve_plan", "leader", on=on, **approval)
    case = desk.act(case, "execute", on=on, decision_no="协议1", served_on=on)
    case = desk.act(case, "progress", on=on, on_date=on, delta_m2=area, note="已处置")
    case = desk.act(case, "apply_acceptance", on="2026-04-21", **PROOFS[measure])
    return dict(desk.get(f"/disposal-cases/{case['id']}", "reviewer"))


def offered(case: dict[str, Any]) -> dict[str, dict[str, Any]]:
    (accept,) = [one for one in case["actions"] if one["action"] == "accept"]
    return {one["name"]: one for one in accept["requires"] if one["name"].startswith("parcel.")}


def end(desk: Desk, case: dict[str, Any], **inputs: Any) -> Any:
    return desk.try_to(case, "accept", "reviewer", on="2026-04-22", opinion="属实", **inputs)


def parcel(county: County, site: int) -> Any:
    with county.engine.connect() as connection:
        chosen = text("SELECT * FROM parcels WHERE id = :id")
        return connection.execute(chosen, {"id": site}).mappings().one()


def test_the_parcel_follows_its_case_and_the_scan_is_content(desk: Desk, county: County) -> None:
    site = county.parcel(**LIFE)
    question = Question(date(2026, 4, 22), "330503")
    with county.engine.begin() as connection:
        assert site in scan.look(connection, question).standings
    case = accepted(desk, site, "jewt", "production_start")
    (field,) = offered(case).values()
    assert (field["name"], field["value"]) == ("parcel.production_on", "2026-04-20")
    assert field["required"]
    unsaid = problem(end(desk, case), 422, "invalid-inputs")
    assert set(unsaid["fields"]) == {"parcel.production_on"}
    assert parcel(county, site)["production_on"] is None, "nothing is written before it is said"
    done = end(desk, case, **{"parcel.production_on": "2026-04-19"})
    assert done.status_code == 200, done.text
    after = parcel(county, site)
    assert (after["production_on"], after["version"]) == (date(2026, 4, 19), 2)
    history = desk.get(f"/parcels/{site}/history", "reviewer")["items"]
    assert case["case_no"] in history[0]["reason"]
    with county.engine.begin() as connection:
        assert site not in scan.look(connection, question).standings
        audited = connection.execute(
            text("SELECT details FROM audit WHERE action = 'site.edited' AND subject = :it"),
            {"it": f"parcels/{site}"},
        ).scalar_one()
    assert audited["case_id"] == case["id"]
    assert audited["changes"] == {"production_on": [None, "2026-04-19"]}


def test_land_that_came_back_is_reserve_and_counts_as_supplied(desk: Desk, county: County) -> None:
    site = county.parcel(**LIFE, approved_on=date(2015, 1, 1))
    case = accepted(desk, site, "jewt", "reserve")
    (field,) = offered(case).values()
    assert (field["name"], field["value"]) == ("parcel.returned", "yes")
    assert end(desk, case, **{"parcel.returned": "yes"}).status_code == 200
    after = parcel(county, site)
    assert (after["status"], after["contract_no"], after["completed_on"]) == (
        "reserved",
        None,
        None,
    )
    assert (after["approved_on"], after["supplied_m2"]) == (date(2015, 1, 1), Decimal(10000))
    with county.engine.begin() as connection:
        judged = scan.look(connection, Question(date(2026, 4, 22), "330503"))
    assert site not in judged.standings, "not 批而未供: its approval was used"


def test_of_part_of_a_parcel_nothing_is_presumed(desk: Desk, county: County) -> None:
    site = county.parcel(**LIFE)
    case = accepted(desk, site, "jewt", "reserve", area_m2=4000)
    (field,) = offered(case).values()
    assert "value" not in field
    assert end(desk, case, **{"parcel.returned": "no"}).status_code == 200
    after = parcel(county, site)
    assert (after["status"], after["version"]) == ("sold", 1)


def test_what_the_register_does_not_take_ends_nothing(desk: Desk, county: County) -> None:
    site = county.parcel(approved_on=date(2015, 1, 1))
    case = accepted(desk, site, "pewg", "supply")
    fields = offered(case)
    assert fields["parcel.contract_no"]["value"] == "3305032026A21001"
    inputs = {name: one["value"] for name, one in fields.items() if "value" in one}
    inputs["parcel.contract_signed_on"] = "2026-04-01"
    told = problem(end(desk, case, **inputs), 422, "invalid-inputs")
    assert set(told["fields"]) == {"parcel.supervision_no"}
    assert desk.get(f"/disposal-cases/{case['id']}")["state"] == "acceptance"
    assert parcel(county, site)["contract_no"] is None
    inputs["parcel.supervision_no"] = "3305032026B00123"
    assert end(desk, case, **inputs).status_code == 200
    assert parcel(county, site)["contract_signed_on"] == date(2026, 4, 1)


@pytest.mark.parametrize(
    ("columns", "kind", "name", "value"),
    [
        ({"vacant_m2": 5000}, "vacant", "parcel.vacant_m2", "0"),
        ({"built_floor_m2": 900}, "below_plot_ratio", "parcel.built_floor_m2", "900"),
        (
            {"stopped_on": date(2024, 1, 1), "completed_on": None},
            "stopped",
            "parcel.resumed",
            "yes",
        ),
    ],
)
def test_what_the_scan_looked_at_is_asked_for(
    desk: Desk, county: County, columns: dict[str, Any], kind: str, name: str, value: str
) -> None:
    site = county.parcel(**{**LIFE, **columns})
    case = accepted(desk, site, "yewj", "split_recover")
    with county.engine.begin() as connection:
        given = {"kind": kind, "id": case["id"]}
        told = "jsonb_build_object('kind', CAST(:kind AS text))"
        connection.execute(
            text(f"UPDATE disposal_cases SET rule_inputs = {told} WHERE id = :id"),
            given,
        )
    case = desk.get(f"/disposal-cases/{case['id']}", "reviewer")
    assert offered(case)[name]["value"] == value
    assert end(desk, case, **{name: value}).status_code == 200
    after = parcel(county, site)
    assert after["stopped_on"] is None
    assert after["vacant_m2"] in (None, 0)
