"""A case from the first suspicion to the end, by the API, as three people live it."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from tests.api.answers import problem
from tests.disposal.county import County
from tests.disposal.desk import Desk
from tests.disposal.lives import PLAN, classified


def test_an_administrative_case_from_discovery_to_its_end(desk: Desk, county: County) -> None:
    site = county.parcel()
    case = desk.find(site, **{"class": "jewt", "note": "厂房空置"}, found_on="2026-03-02")
    assert (case["state"], case["deadline_on"]) == ("discovered", "2026-03-16")
    assert [one["action"] for one in case["actions"]] == ["register"]
    case = desk.act(
        case, "register", on="2026-03-03", responsible_unit="练市镇", comment="一地一档"
    )
    assert case["case_no"] == "330503-JEWT-2026-0001"
    assert desk.upload(case).status_code == 201
    case = desk.act(case, "verify", on="2026-03-04", inspected_on="2026-03-04", record="停产")
    assert case["next_step"] == {"action": "classify", "title": "认定", "roles": ["县局复核"]}
    own = desk.try_to(case, "classify", cause="market", idle_since="2025-01-01", area_m2=10000)
    assert problem(own, 403, "staff-only")
    case = desk.act(
        case,
        "classify",
        "reviewer",
        on="2026-03-05",
        cause="market",
        idle_since="2025-01-01",
        area_m2="9000.50",
    )
    assert case["area_in_class_m2"] == 9000.5
    assert case["area_in_class_mu"] == 13.5008
    case = desk.act(
        case,
        "draft_plan",
        on="2026-03-06",
        measures=["production_start"],
        target_on="2026-12-31",
        target_area_m2=9000.5,
    )
    case = desk.act(
        case, "approve_plan", "leader", on="2026-03-09", approval_no="浔政〔2026〕3号",
        approved_on="2026-03-09",
    )  # fmt: skip
    case = desk.act(case, "execute", on="2026-03-10", decision_no="协议1", served_on="2026-03-10")
    case = desk.act(
        case, "progress", on="2026-04-10", on_date="2026-04-10", delta_m2="4000", note="一期投产"
    )
    early = problem(desk.try_to(case, "apply_acceptance"), 409, "illegal-action")
    assert "5000.50" in early["detail"]
    case = desk.act(
        case, "progress", on="2026-05-10", on_date="2026-05-10", delta_m2="5000.5", note="二期投产"
    )
    unproven = problem(desk.try_to(case, "apply_acceptance"), 422, "invalid-inputs")
    assert set(unproven["fields"]) == {
        "production_start.production_on",
        "production_start.electricity_kwh",
        "production_start.tax_wan",
    }
    proof: dict[str, Any] = {
        "production_start.production_on": "2026-05-01",
        "production_start.electricity_kwh": 120000,
        "production_start.tax_wan": 35.5,
    }
    case = desk.act(case, "apply_acceptance", on="2026-05-11", **proof)
    assert case["deadline_on"] == "2026-05-26", "15 days"
    follows = {"parcel.production_on": "2026-05-01"}
    case = desk.act(case, "accept", "reviewer", on="2026-05-12", opinion="符合销号条件", **follows)
    assert (case["state"], case["closed_on"], case["remaining_m2"]) == ("closed", "2026-05-12", 0)
    steps = desk.get(f"/disposal-cases/{case['id']}/timeline", "viewer")["items"]
    assert [one["action"] for one in steps] == [
        "discover", "register", "verify", "classify", "draft_plan", "approve_plan", "execute",
        "progress", "progress", "apply_acceptance", "accept",
    ]  # fmt: skip
    assert steps[1]["comment"] == "一地一档"
    words = {one["title"]: one["text"] for step in steps for one in step["told"]}
    assert words["处置措施"] == "投产认定"
    assert words["投产认定：投产认定日期"] == words["地块台账：实际投产日期"] == "2026-05-01"
    assert words["原因"] == "市场原因"
    assert steps[2]["evidence"][0]["distance_m"] == 0
    assert steps[3]["actor_name"] == "reviewer（测试）"


def test_a_holder_who_waits_a_year_pays_a_fifth(desk: Desk, county: County) -> None:
    case = classified(desk, county.parcel(), "holder")
    law = case["legal"]
    assert (law["start_due_on"], law["line"]) == ("2025-01-31", "idle_1y")
    assert (law["idle_on"], law["recovery_on"]) == ("2026-01-31", "2027-01-31")
    assert law["fee_wan"] == "336"
    assert law["mandatory"] == "idle_fee"
    agreed = desk.try_to(case, "draft_plan", on="2026-03-03", measures=["extend_start"], **PLAN)
    told = problem(agreed, 422, "invalid-inputs")
    assert "measures" in told["fields"]
    case = desk.act(case, "draft_plan", on="2026-03-03", measures=["idle_fee"], **PLAN)
    approval: dict[str, Any] = {"approval_no": "浔政〔2026〕9号", "approved_on": "2026-03-12"}
    assert (
        "听证"
        in problem(
            desk.try_to(case, "approve_plan", "leader", on="2026-03-04", **approval),
            409,
            "illegal-action",
        )["detail"]
    )
    case = desk.act(
        case, "notify_hearing", on="2026-03-04", notice_no="听告1", served_on="2026-03-04"
    )
    assert case["legal"]["hearing_due_on"] == "2026-03-11", "5 working days"
    still = desk.try_to(case, "approve_plan", "leader", on="2026-03-11", **approval)
    assert "2026-03-11" in problem(still, 409, "illegal-action")["detail"]
    case = desk.act(case, "approve_plan", "leader", on="2026-03-12", **approval)
    served: dict[str, Any] = {"decision_no": "浔自然资闲费〔2026〕1号", "served_on": "2026-03-13"}
    hidden = desk.try_to(case, "execute", on="2026-03-13", **served)
    assert "公开" in problem(hidden, 409, "illegal-action")["detail"]
    case = desk.act(case, "publish", on="2026-03-13", published_on="2026-03-13", place="门户网站")
    case = desk.act(case, "execute", on="2026-03-13", **served)
    assert case["deadline_on"] == "2026-04-13", "30 days end on Sunday the 12th"
    paid: dict[str, Any] = {"paid_on": "2026-04-01", "voucher_no": "缴1"}
    short = desk.try_to(case, "pay_fee", on="2026-04-01", paid_wan="335.99", **paid)
    assert "336" in problem(short, 422, "invalid-inputs")["detail"]
    case = desk.act(case, "pay_fee", on="2026-04-01", paid_wan="336", **paid)
    assert case["state"] == "executing", "stays under watch until building begins"
    twice = desk.try_to(case, "pay_fee", on="2026-04-01", paid_wan="336", **paid)
    assert "已经登记" in problem(twice, 409, "illegal-action")["detail"]
    case = desk.act(
        case, "progress", on="2026-06-01", on_date="2026-06-01", delta_m2=10000, note="已开工"
    )
    assert desk.upload(case).status_code == 201
    proof: dict[str, Any] = {
        "idle_fee.decision_no": "浔自然资闲费〔2026〕1号",
        "idle_fee.voucher_no": "缴1",
        "idle_fee.started_on": "2026-05-20",
        "idle_fee.permit_no": "330503202605200101",
    }
    case = desk.act(case, "apply_acceptance", on="2026-06-02", **proof)
    follows = {"parcel.started_on": "2026-05-20"}
    case = desk.act(case, "accept", "reviewer", on="2026-06-03", opinion="已开工", **follows)
    assert case["legal"]["facts"]["withdrawn_on"] == "2026-06-03"


def test_the_government_agrees_on_another_start(desk: Desk, county: County) -> None:
    case = classified(desk, county.parcel(), "gov")
    missing = {one["measure"]: one["reason"] for one in case["legal"]["blocked"]}
    assert "第二十五条" in missing["extend_start"]
    assert case["legal"]["fee_wan"] is None
    case = desk.act(case, "record_facts", on="2026-03-03", supervision_recorded_on="2026-03-03")
    late = desk.try_to(
        case, "draft_plan", on="2026-03-04", measures=["extend_start"],
        extend_until_on="2027-03-05", **PLAN,
    )  # fmt: skip
    assert "2027-03-04" in problem(late, 422, "invalid-inputs")["fields"]["extend_until_on"]
    case = desk.act(
        case, "draft_plan", on="2026-03-04", measures=["extend_start"],
        extend_until_on="2027-03-04", **PLAN,
    )  # fmt: skip
    fee = desk.try_to(case, "revise_plan", on="2026-03-04", measures=["idle_fee"], **PLAN)
    assert "政府原因" in problem(fee, 422, "invalid-inputs")["fields"]["measures"]


def test_the_same_person_may_not_look_twice(desk: Desk, county: County) -> None:
    both = desk.people["officer"]
    desk.people["both"] = both
    case = desk.verified(county.parcel(), "2026-02-02", **{"class": "jewt"})
    with county.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO user_grants (user_id, role, region_code)"
                " SELECT id, 'reviewer', '330503' FROM users WHERE username = 'officer'"
            )
        )
    inputs: dict[str, Any] = {"cause": "market", "idle_since": "2025-01-01", "area_m2": 10000}
    told = problem(desk.try_to(case, "classify", on="2026-02-03", **inputs), 409, "illegal-action")
    assert "另一人" in told["detail"]
    assert "classify" not in [one["action"] for one in told["legal"]]
    case = desk.act(case, "classify", "reviewer", on="2026-02-03", **inputs)
    assert case["state"] == "classified"


def test_a_case_rests_and_its_clock_with_it_only_by_law(desk: Desk, county: County) -> None:
    for ground, deadline in (("seizure", "2026-03-26"), ("mortgage", "2026-03-16")):
        case = desk.find(county.parcel(), found_on="2026-03-02")
        rest: dict[str, Any] = {"document_no": "执1号", "expected_end_on": "2026-12-31"}
        case = desk.act(case, "suspend", "reviewer", on="2026-03-05", ground=ground, **rest)
        assert (case["state"], case["suspended_state"]) == ("suspended", "discovered")
        assert case["deadline_on"] == "2026-06-03", "looked at again after 90 days"
        case = desk.act(case, "resume", "reviewer", on="2026-03-15", reason="已解除")
        assert (case["state"], case["deadline_on"]) == ("discovered", deadline)


def test_a_closed_case_comes_back_as_a_new_round(desk: Desk, county: County) -> None:
    case = desk.find(county.parcel(), found_on="2026-03-02")
    with county.engine.begin() as connection:
        connection.execute(text("UPDATE disposal_cases SET state='closed', closed_on='2026-03-02'"))
    again = desk.act(case, "reopen", "reviewer", reason="又停工", area_m2=5000)
    assert again["id"] != case["id"]
    assert (again["state"], again["round"]) == ("reopened", 2)
    assert again["previous_case_id"] == case["id"]
    assert desk.get(f"/disposal-cases/{case['id']}")["state"] == "closed"
    assert again["legal"]["line_text"] == "建档后判断", "not that its dates are unknown"
    again = desk.act(again, "register", responsible_unit="练市镇")
    assert again["case_no"].startswith("330503-GEWY-")
    assert again["legal"]["facts"], "a new round begins from what the parcel's record says now"


def test_a_version_that_is_old_is_refused(desk: Desk, county: County) -> None:
    case = desk.find(county.parcel())
    desk.act(case, "register", responsible_unit="练市镇")
    told = problem(desk.try_to(case, "register", responsible_unit="镇"), 412, "stale-version")
    assert told["current"] == {"version": 2, "state": "registered", "state_text": "已建档"}


def test_the_same_request_again_is_one_step(desk: Desk, county: County) -> None:
    case = desk.find(county.parcel())
    first = desk.try_to(case, "register", key="k1", responsible_unit="练市镇")
    again = desk.try_to(case, "register", key="k1", responsible_unit="练市镇")
    assert first.status_code == again.status_code == 200
    assert first.get_json() == again.get_json()
    other = desk.try_to(case, "register", key="k1", responsible_unit="另一个")
    problem(other, 422, "idempotency-key-reused")
    assert len(desk.get(f"/disposal-cases/{case['id']}/timeline")["items"]) == 2


def test_what_happened_cannot_be_before_what_happened_last(desk: Desk, county: County) -> None:
    case = desk.find(county.parcel(), found_on="2026-03-02")
    for day in ("2026-03-01", "2999-01-01", "yesterday"):
        told = desk.try_to(case, "register", on=day, responsible_unit="练市镇")
        assert "happened_on" in problem(told, 422, "invalid-inputs")["fields"]


def test_an_investigation_starts_within_thirty_days_of_discovery(
    desk: Desk, county: County
) -> None:
    case = desk.find(county.parcel(), found_on="2026-03-02")
    case = desk.act(case, "register", on="2026-03-03", responsible_unit="练市镇")
    assert case["deadline_on"] == "2026-04-01"
    assert case["overdue"] is True
    assert case["days_left"] < 0
    assert case["legal"]["investigation_due_on"] == date(2026, 4, 1).isoformat()


def test_every_step_is_audited_with_its_inputs(desk: Desk, county: County) -> None:
    case = desk.find(county.parcel())
    desk.act(case, "register", responsible_unit="练市镇")
    with county.engine.connect() as connection:
        rows = connection.execute(
            text("SELECT actor, action, details FROM audit WHERE subject = :s ORDER BY id"),
            {"s": f"disposal_cases/{case['id']}"},
        ).all()
    assert [row.action for row in rows] == ["case.found", "case.changed"]
    assert rows[1].actor == "user:officer"
    assert rows[1].details["inputs"] == {"responsible_unit": "练市镇"}
    assert (rows[1].details["from"], rows[1].details["to"]) == ("discovered", "registered")


def test_nobody_answers_before_being_asked(desk: Desk, county: County) -> None:
    case = desk.verified(county.parcel(start_due_on="2024-01-31"), "2026-02-02")
    reply = desk.try_to(case, "record_reply", replied_on="2026-02-03", reply="资金紧张")
    assert "第五条" in problem(reply, 409, "illegal-action")["detail"]
    assert "record_reply" not in {one["action"] for one in case["actions"]}


@pytest.mark.parametrize("cause", ["holder", "market", "force_majeure"])
def test_a_ground_of_article_8_is_the_government_s_alone(
    desk: Desk, county: County, cause: str
) -> None:
    finding: dict[str, Any] = {"idle_since": "2025-01-31", "area_m2": 10000}
    legal = classified(desk, county.parcel(), "gov")
    assert legal["legal"]["facts"]["cause_ground"] == "plan_amended"
    legal = desk.act(legal, "return_to_verifying", "reviewer", on="2026-03-02", reason="有误")
    finding |= {"decision_no": "2号", "served_on": "2026-03-02", "on": "2026-03-02"}
    both = {"cause": cause, "cause_ground": "plan_amended"}
    for case in (legal, desk.verified(county.parcel(), "2026-02-02", **{"class": "jewt"})):
        told = desk.try_to(case, "classify", "reviewer", **finding, **both)
        assert set(problem(told, 422, "invalid-inputs")["fields"]) == {"cause_ground"}
    bare = desk.try_to(legal, "classify", "reviewer", **finding, cause="gov")
    assert set(problem(bare, 422, "invalid-inputs")["fields"]) == {"cause_ground"}
    legal = desk.act(legal, "classify", "reviewer", **finding, cause=cause)
    assert "cause_ground" not in legal["legal"]["facts"], "that of the finding taken back"
