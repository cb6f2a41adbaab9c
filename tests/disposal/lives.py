"""Parts of lives that several tests need: legal cases up to a point."""

from typing import Any

from tests.disposal.desk import Desk

PLAN: dict[str, Any] = {"target_on": "2027-06-30", "target_area_m2": 10000}


def classified(desk: Desk, site: int, cause: str, price: str = "1680", **more: Any) -> Any:
    """A legal case up to 认定: start due 31 January 2025, one year over on 31 January 2026."""
    case = desk.verified(site, "2026-02-02")
    case = desk.act(
        case,
        "record_facts",
        on="2026-02-03",
        contract_start_on="2025-01-31",
        price_wan=price,
        **more,
    )
    case = desk.act(
        case,
        "issue_notice",
        on="2026-02-10",
        notice_no="浔自然资闲调〔2026〕1号",
        issued_on="2026-02-09",
        served_on="2026-02-10",
    )
    case = desk.act(
        case, "record_reply", on="2026-03-01", replied_on="2026-02-28", reply="资金紧张"
    )
    ground: dict[str, Any] = {"cause_ground": "plan_amended"} if cause == "gov" else {}
    return desk.act(
        case,
        "classify",
        "reviewer",
        on="2026-03-02",
        cause=cause,
        idle_since="2025-01-31",
        area_m2=10000,
        decision_no="浔自然资闲认〔2026〕1号",
        served_on="2026-03-02",
        **ground,
    )


def fined(desk: Desk, site: int) -> Any:
    """A legal case whose fee is approved and whose decision can be served."""
    case = classified(desk, site, "holder")
    case = desk.act(case, "draft_plan", on="2026-03-03", measures=["idle_fee"], **PLAN)
    served = "2026-03-04"
    case = desk.act(case, "notify_hearing", on=served, notice_no="听告1", served_on=served)
    approved = "2026-03-12"
    approval = {"approval_no": "浔政〔2026〕9号", "approved_on": approved}
    case = desk.act(case, "approve_plan", "leader", on=approved, **approval)
    return desk.act(case, "publish", on="2026-03-13", published_on="2026-03-13", place="门户网站")
