"""Every number of the cockpit as a named SQL definition, with the list that stands behind it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

_HERE = "coalesce({of}region_code, '') ^@ ANY(:prefixes)"
_SITES = f"retired_at IS NULL AND {_HERE.format(of='')}"
_CASES = _HERE.format(of="")
_OPEN = "state NOT IN ('closed', 'rejected')"
_MU = "* 3 / 2000"


class Group(StrEnum):
    """Part of the screen that a number stands in."""

    LAND = "land"
    DISPOSAL = "disposal"
    SERVICE = "service"
    FRESHNESS = "freshness"


@dataclass(frozen=True)
class Metric:
    """One number: ``sql`` gives it for ``:prefixes`` of regions and ``:today`` in China.

    ``page`` is the page of the console behind it, ``query`` what it is asked, ``region_as`` the
    name by which that page takes a region.
    """

    id: str
    group: Group
    title: str
    unit: str
    definition: str
    sql: str
    page: str
    query: Mapping[str, str]
    region_as: str


def _sites(layer: str, what: str, where: str = "true") -> str:
    return f"SELECT {what} FROM {layer} WHERE {_SITES} AND {where}"  # noqa: S608


def _cases(what: str, where: str) -> str:
    return f"SELECT {what} FROM disposal_cases WHERE {_CASES} AND {where}"  # noqa: S608


_COUNT = "count(*)"
_LAND = "/console/land/"
_BOARD = "/console/disposal/board"
_DISPOSED = f"""
SELECT coalesce(sum(p.delta_m2), 0) {_MU} FROM disposal_progress p
JOIN disposal_cases c ON c.id = p.case_id
WHERE {_HERE.format(of="c.")} AND p.on_date <= :today
    AND p.on_date >= date_trunc('year', CAST(:today AS date))"""  # noqa: S608

_WARNED = f"""
SELECT count(*) FROM (SELECT DISTINCT site_id, sub_kind, line, line_on FROM disposal_warnings
WHERE cleared_on IS NULL AND line_on > :today AND {_CASES}) w"""  # noqa: S608


def _land(
    metric_id: str, title: str, unit: str, definition: str, sql: str, page: str, **query: str
) -> Metric:
    return Metric(
        metric_id, Group.LAND, title, unit, definition, sql, f"{_LAND}{page}", query, "region_code"
    )


LAND = (
    _land(
        "parcels",
        "地块",
        "宗",
        "在册地块数，不含已分割合并的",
        _sites("parcels", _COUNT),
        "parcels",
    ),
    _land(
        "parcels_mu",
        "地块面积",
        "亩",
        "在册地块的合同面积之和，没有合同面积的取平面面积",
        _sites("parcels", f"coalesce(sum(area_m2), 0) {_MU}"),
        "parcels",
    ),
    _land(
        "available",
        "可供地块",
        "宗",
        "状态为“可供”的在册地块数",
        _sites("parcels", _COUNT, "status = 'available'"),
        "parcels",
        status="available",
    ),
    _land(
        "available_mu",
        "可供面积",
        "亩",
        "状态为“可供”的在册地块面积之和",
        _sites("parcels", f"coalesce(sum(area_m2), 0) {_MU}", "status = 'available'"),
        "parcels",
        status="available",
    ),
    _land("plants", "标准厂房", "幢", "在册标准厂房数", _sites("plants", _COUNT), "plants"),
    _land(
        "vacant_m2",
        "可租售厂房面积",
        "m²",
        "状态为“可租售”“部分可租售”的厂房的可租售面积之和",
        _sites(
            "plants",
            "coalesce(sum(vacant_m2), 0)",
            "status IN ('available', 'partly_available')",
        ),
        "plants",
        status="available,partly_available",
    ),
    _land("parks", "园区", "个", "在册园区数", _sites("parks", _COUNT), "parks"),
)


def _disposal(
    metric_id: str, title: str, unit: str, definition: str, sql: str, **query: str
) -> Metric:
    return Metric(metric_id, Group.DISPOSAL, title, unit, definition, sql, _BOARD, query, "region")


OPEN_STATES = (
    "discovered,registered,verifying,classified,plan_drafting,plan_approved,executing,acceptance,"
    "suspended,reopened"
)

DISPOSAL = (
    _disposal(
        "cases",
        "五未在办",
        "宗",
        "未销号、未排除的五未档案数",
        _cases(_COUNT, _OPEN),
        state=OPEN_STATES,
    ),
    _disposal(
        "cases_mu",
        "五未剩余",
        "亩",
        "在办档案的五未面积减去已处置面积之和",
        _cases(f"coalesce(sum(area_in_class_m2 - disposed_area_m2), 0) {_MU}", _OPEN),
        state=OPEN_STATES,
    ),
    _disposal(
        "overdue",
        "超期",
        "宗",
        "本环节期限早于今天的在办档案数",
        _cases(_COUNT, f"{_OPEN} AND deadline_on < :today"),
        overdue="true",
    ),
    _disposal(
        "closed",
        "已销号",
        "宗",
        "累计验收销号的档案数",
        _cases(_COUNT, "state = 'closed'"),
        state="closed",
    ),
    Metric(
        "disposed_mu",
        Group.DISPOSAL,
        "本年已处置",
        "亩",
        "今年以来登记的处置进展面积之和",
        _DISPOSED,
        "/console/disposal/statistics",
        {},
        "region",
    ),
    Metric(
        "warnings",
        Group.DISPOSAL,
        "预警",
        "宗",
        "尚未解除、到期日在今天之后的预警数",
        _WARNED,
        "/console/disposal/warnings",
        {},
        "region",
    ),
)


def _stale(layer: str, title: str, unit: str) -> Metric:
    return Metric(
        f"stale_{layer}",
        Group.FRESHNESS,
        f"{title}待核实",
        unit,
        f"超过有效期没有核实、已从公众版隐藏的在册{title}数",
        _sites(layer, _COUNT, "stale_since IS NOT NULL"),
        "/console/system/freshness",
        {"layer": layer, "within": "0"},
        "region",
    )


FRESHNESS = (
    _stale("parcels", "地块", "宗"),
    _stale("plants", "厂房", "幢"),
    _stale("parks", "园区", "个"),
)


def _service(
    metric_id: str, title: str, unit: str, definition: str, sql: str, **query: str
) -> Metric:
    return Metric(
        metric_id,
        Group.SERVICE,
        title,
        unit,
        definition,
        f"SELECT {sql} AND {_CASES}",
        "/console/enquiries",
        query,
        "region",
    )


_LATE = "first_responded_at IS NULL AND closed_at IS NULL AND first_response_due_at < now()"
_THIRTY_DAYS = "created_at >= now() - interval '30 days'"
_HOURS = "extract(epoch FROM first_responded_at - created_at) / 3600"
_IN_TIME = "first_responded_at <= first_response_due_at"

SERVICE = (
    _service(
        "waiting",
        "待回复咨询",
        "条",
        "状态为“待回复”的咨询和预约数",
        "count(*) FROM enquiries WHERE state = 'waiting'",
        state="waiting",
    ),
    _service(
        "unanswered",
        "超时未回复",
        "条",
        "首次回复时限已过、尚未回复也未结束的咨询和预约数",
        f"count(*) FROM enquiries WHERE {_LATE}",
        overdue="true",
    ),
    _service(
        "response_hours",
        "首次回复中位时长",
        "小时",
        "近 30 天提出并已回复的，从提出到首次回复的中位数，按自然时间计",
        f"percentile_cont(0.5) WITHIN GROUP (ORDER BY {_HOURS}) FROM enquiries"
        f" WHERE first_responded_at IS NOT NULL AND {_THIRTY_DAYS}",
    ),
    _service(
        "in_time_percent",
        "按时回复率",
        "%",
        "近 30 天提出、时限已到或已回复的，在时限内首次回复的占比",
        f"100.0 * count(*) FILTER (WHERE {_IN_TIME}) / nullif(count(*), 0) FROM enquiries"
        f" WHERE {_THIRTY_DAYS} AND state <> 'cancelled'"
        " AND (first_responded_at IS NOT NULL OR first_response_due_at < now())",
    ),
)

METRICS: tuple[Metric, ...] = (*LAND, *DISPOSAL, *SERVICE, *FRESHNESS)
