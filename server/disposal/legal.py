"""The legal track 闲置土地处置办法 (53号令): pure functions from facts and a day to what is legal.

Articles are of 国土资源部令第53号 (in force since 2012-07-01). Numbers come from dated rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from server.disposal.clocks import months_after
from server.disposal.codes import Cause, IdleClass

_YUAN = Decimal("0.0001")
_PERCENT = 100


@dataclass(frozen=True)
class Numbers:
    """What of the law is a number; each has its row in ``legal_parameters``."""

    default_start_months: int
    idle_line_months: int
    recovery_line_months: int
    stopped_months: int
    started_area_divisor: Decimal
    started_investment_percent: Decimal
    idle_fee_percent: Decimal
    extension_limit_months: int
    temporary_use_limit_months: int

    @classmethod
    def of(cls, values: Mapping[str, Decimal]) -> "Numbers":
        """From rows by name; a name that is missing is a KeyError."""
        return cls(
            int(values["default_start_months"]),
            int(values["idle_line_months"]),
            int(values["recovery_line_months"]),
            int(values["stopped_months"]),
            values["started_area_divisor"],
            values["started_investment_percent"],
            values["idle_fee_percent"],
            int(values["extension_limit_months"]),
            int(values["temporary_use_limit_months"]),
        )


@dataclass(frozen=True)
class Facts:
    """What is known of a case of the legal track; None is unknown."""

    idle_class: IdleClass = IdleClass.GEWY
    supplement_start_on: date | None = None
    contract_start_on: date | None = None
    delivered_on: date | None = None
    restarted_start_on: date | None = None
    started_on: date | None = None
    stopped_on: date | None = None
    due_area_m2: Decimal | None = None
    developed_m2: Decimal | None = None
    total_wan: Decimal | None = None
    invested_wan: Decimal | None = None
    price_wan: Decimal | None = None
    supervision_recorded_on: date | None = None
    mortgaged: bool = False
    hoarding: bool = False
    price_fully_paid: bool = False
    funds_secured: bool = False
    cause: Cause | None = None
    cause_ground: str | None = None


class Basis(StrEnum):
    """What the start date follows from."""

    RESTARTED = "restarted"
    SUPPLEMENT = "supplement"
    CONTRACT = "contract"
    DELIVERY = "delivery"


@dataclass(frozen=True)
class StartDue:
    """When building had to begin, and by what."""

    on: date
    basis: Basis
    article: str


class Line(StrEnum):
    """Where the land stands between supply and recovery."""

    UNDATED = "undated"
    NOT_DUE = "not_due"
    OVERDUE = "overdue"
    IDLE_ONE_YEAR = "idle_1y"
    IDLE_TWO_YEARS = "idle_2y"
    STARTED = "started"
    PARTLY_RUNNING = "partly_running"
    PARTLY_IDLE = "partly_idle"

    @property
    def is_idle(self) -> bool:
        """Whether it is 闲置土地 (art. 2)."""
        return self in (Line.IDLE_ONE_YEAR, Line.IDLE_TWO_YEARS, Line.PARTLY_IDLE)

    @property
    def term(self) -> str:
        """The Chinese term."""
        return _LINE_TERMS[self]


_LINE_TERMS = {
    Line.UNDATED: "动工日期不明",
    Line.NOT_DUE: "未到动工期限",
    Line.OVERDUE: "逾期未满一年",
    Line.IDLE_ONE_YEAR: "闲置满一年",
    Line.IDLE_TWO_YEARS: "闲置满两年",
    Line.STARTED: "已动工开发",
    Line.PARTLY_RUNNING: "已动工未达标，中止未满一年",
    Line.PARTLY_IDLE: "已动工未达标，中止满一年",
}


@dataclass(frozen=True)
class Options:
    """Legal measures: those allowed with their article, one that must be taken, why not others."""

    allowed: Mapping[str, str] = field(default_factory=dict)
    mandatory: str | None = None
    blocked: Mapping[str, str] = field(default_factory=dict)


def start_due(facts: Facts, numbers: Numbers) -> StartDue | None:
    """When building had to begin: supplement, else contract, else delivery and a year (art. 22).

    A measure of art. 12 that restarts the clock comes before them all.
    """
    if facts.restarted_start_on:
        return StartDue(facts.restarted_start_on, Basis.RESTARTED, "第十二条")
    if facts.supplement_start_on:
        return StartDue(facts.supplement_start_on, Basis.SUPPLEMENT, "第二条")
    if facts.contract_start_on:
        return StartDue(facts.contract_start_on, Basis.CONTRACT, "第二条")
    if facts.delivered_on:
        on = months_after(facts.delivered_on, numbers.default_start_months)
        return StartDue(on, Basis.DELIVERY, "第二十二条")
    return None


def idle_on(due: StartDue, numbers: Numbers) -> date:
    """The day from which unbuilt land is idle (art. 2)."""
    return months_after(due.on, numbers.idle_line_months)


def recovery_on(due: StartDue, numbers: Numbers) -> date:
    """The day from which a holder who is the cause loses it without pay (art. 14)."""
    return months_after(due.on, numbers.recovery_line_months)


def is_partly_developed(facts: Facts, numbers: Numbers) -> bool:
    """Under a third of the area that was to be started, or under a quarter invested (art. 2)."""
    area = facts.due_area_m2 is not None and facts.developed_m2 is not None
    money = facts.total_wan is not None and facts.invested_wan is not None
    little = area and (
        (facts.developed_m2 or 0) * numbers.started_area_divisor < (facts.due_area_m2 or 0)
    )
    cheap = money and (
        (facts.invested_wan or 0) * _PERCENT
        < (facts.total_wan or 0) * numbers.started_investment_percent
    )
    return little or cheap


def line(facts: Facts, as_of: date, numbers: Numbers) -> Line:
    """Where the land stands on a day."""
    if facts.started_on and facts.started_on <= as_of:
        return _line_of_started(facts, as_of, numbers)
    due = start_due(facts, numbers)
    if due is None:
        return Line.UNDATED
    if as_of >= recovery_on(due, numbers):
        return Line.IDLE_TWO_YEARS
    if as_of >= idle_on(due, numbers):
        return Line.IDLE_ONE_YEAR
    return Line.OVERDUE if as_of > due.on else Line.NOT_DUE


def _line_of_started(facts: Facts, as_of: date, numbers: Numbers) -> Line:
    if not is_partly_developed(facts, numbers):
        return Line.STARTED
    stopped = facts.stopped_on
    if stopped and as_of >= months_after(stopped, numbers.stopped_months):
        return Line.PARTLY_IDLE
    return Line.PARTLY_RUNNING


def idle_since(facts: Facts, as_of: date, numbers: Numbers) -> date | None:
    """The day from which idleness counts: the due start, or the stop of what was begun."""
    at = line(facts, as_of, numbers)
    if at is Line.PARTLY_IDLE:
        return facts.stopped_on
    due = start_due(facts, numbers)
    return due.on if at.is_idle and due else None


def idle_fee_wan(price_wan: Decimal, numbers: Numbers) -> Decimal:
    """闲置费 in 万元, rounded to the yuan: a fifth of the price (art. 14)."""
    fee = price_wan * numbers.idle_fee_percent / _PERCENT
    return fee.quantize(_YUAN, ROUND_HALF_UP)


def by_government(cause: Cause | None) -> bool:
    """Whether art. 8 applies; the market is no excuse of the holder's."""
    return cause in (Cause.GOV, Cause.FORCE_MAJEURE)


def transfer_frozen(facts: Facts) -> bool:
    """恶意囤地: no new land, transfer, lease, mortgage or registration till disposed (art. 24)."""
    return facts.hoarding


AGREED = {
    "extend_start": "第十二条（一）",
    "adjust_use": "第十二条（二）",
    "temp_use": "第十二条（三）",
    "paid_recovery": "第十二条（四）",
    "swap": "第十二条（五）",
    "other_local": "第十二条（六）",
}
"""What government and holder may agree on."""

RESTARTING = frozenset(AGREED) - {"paid_recovery"}
"""After these the start clock runs anew (art. 12 last paragraph)."""

_AFTER_RECOVERY = {"reserve": "第十九条", "restore_farmland": "第十九条"}
_ALWAYS = {"urge_start": "第二条", "judicial": "司法处置"}
_TRADED = {"transfer": "第二十四条", "equity": "第二十四条"}


def options(facts: Facts, as_of: date, numbers: Numbers) -> Options:
    """Which measures are legal on a day, with the article of each, and why others are not."""
    at = line(facts, as_of, numbers)
    if not at.is_idle or facts.cause is None:
        return Options()
    if at is Line.PARTLY_IDLE or by_government(facts.cause):
        return _agreed(facts, at)
    if at is Line.IDLE_TWO_YEARS:
        allowed = {"free_recovery": "第十四条（二）", **_AFTER_RECOVERY, "judicial": "司法处置"}
        return Options(allowed, "free_recovery", _agreed_refused() | _fee_refused())
    allowed = {"idle_fee": "第十四条（一）", **_ALWAYS}
    early = {"free_recovery": "闲置未满两年，不能无偿收回（第十四条）"}
    return Options(*_with_trade(facts, allowed, _agreed_refused() | early, "idle_fee"))


def _agreed(facts: Facts, at: Line) -> Options:
    reason = (
        "已动工开发的闲置土地按第十二条处置，不征缴闲置费、不无偿收回（第二条第二款）"
        if at is Line.PARTLY_IDLE
        else "因政府原因闲置的土地不征缴闲置费、不无偿收回（第十二条）"
    )
    blocked = {"idle_fee": reason, "free_recovery": reason}
    allowed = dict(AGREED)
    if facts.supervision_recorded_on is None:
        missing = "尚未录入土地市场动态监测与监管系统，不能采用第十二条措施（第二十五条）"
        blocked |= dict.fromkeys(allowed, missing)
        allowed = {}
    elif not _may_swap(facts):
        del allowed["swap"]
        blocked["swap"] = "置换须因规划修改闲置、价款已缴清且后续资金已落实（第十二条（五））"
    return Options(*_with_trade(facts, allowed | _ALWAYS | _AFTER_RECOVERY, blocked, None))


def _may_swap(facts: Facts) -> bool:
    amended = facts.cause is Cause.GOV and facts.cause_ground == "plan_amended"
    return amended and facts.price_fully_paid and facts.funds_secured


def _with_trade(
    facts: Facts, allowed: Mapping[str, str], blocked: Mapping[str, str], mandatory: str | None
) -> tuple[Mapping[str, str], str | None, Mapping[str, str]]:
    if transfer_frozen(facts):
        frozen = dict.fromkeys(_TRADED, "恶意囤地处理完毕前不得转让（第二十四条）")
        return allowed, mandatory, {**blocked, **frozen}
    return {**allowed, **_TRADED}, mandatory, blocked


def _agreed_refused() -> dict[str, str]:
    return dict.fromkeys(AGREED, "因使用权人原因闲置，不适用第十二条")


def _fee_refused() -> dict[str, str]:
    reason = "闲置已满两年，应无偿收回（第十四条（二））"
    return {"idle_fee": reason, "urge_start": reason}


def extension_limit(agreed_on: date, numbers: Numbers) -> date:
    """The last start date that a supplementary agreement of that day may set (art. 12(1))."""
    return months_after(agreed_on, numbers.extension_limit_months)


def temporary_use_limit(begins_on: date, numbers: Numbers) -> date:
    """The last day of a temporary use that begins on that day (art. 12(3))."""
    return months_after(begins_on, numbers.temporary_use_limit_months)
