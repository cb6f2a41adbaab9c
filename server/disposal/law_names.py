"""What the clocks and the numbers of the law are called, and which values they can have."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from server.disposal.actions import Step


class Unit(StrEnum):
    """In what a number of the law is counted."""

    MONTHS = "月"
    PERCENT = "百分比"
    PART = "分之一"
    METRES = "米"
    PAUSES = "是否中止计时"

    @property
    def bounds(self) -> tuple[Decimal, Decimal]:
        """The least and the largest value that can be meant."""
        return _BOUNDS[self]

    def allows(self, value: Decimal) -> bool:
        """Whether a value can be meant; percents alone may have two decimals."""
        least, most = self.bounds
        places = Decimal("0.01") if self is Unit.PERCENT else Decimal(1)
        return least <= value <= most and value % places == 0


_BOUNDS = {
    Unit.MONTHS: (Decimal(1), Decimal(600)),
    Unit.PERCENT: (Decimal(0), Decimal(100)),
    Unit.PART: (Decimal(1), Decimal(100)),
    Unit.METRES: (Decimal(1), Decimal(100_000)),
    Unit.PAUSES: (Decimal(0), Decimal(1)),
}


class Number(StrEnum):
    """A number of the law; the national row of each comes with the product."""

    DEFAULT_START_MONTHS = "default_start_months"
    IDLE_LINE_MONTHS = "idle_line_months"
    RECOVERY_LINE_MONTHS = "recovery_line_months"
    STOPPED_MONTHS = "stopped_months"
    STARTED_AREA_DIVISOR = "started_area_divisor"
    STARTED_INVESTMENT_PERCENT = "started_investment_percent"
    IDLE_FEE_PERCENT = "idle_fee_percent"
    EXTENSION_LIMIT_MONTHS = "extension_limit_months"
    TEMPORARY_USE_LIMIT_MONTHS = "temporary_use_limit_months"
    REOPEN_MONTHS = "reopen_months"
    PHOTO_DISTANCE_M = "photo_distance_m"
    PAUSE_SEIZURE = "pause_seizure"
    PAUSE_LITIGATION = "pause_litigation"
    PAUSE_MORTGAGE = "pause_mortgage"
    PAUSE_PETITION = "pause_petition"

    @property
    def term(self) -> str:
        """What it is, in Chinese."""
        return _NUMBERS[self].term

    @property
    def unit(self) -> Unit:
        """In what it is counted."""
        return _NUMBERS[self].unit


@dataclass(frozen=True)
class _Meaning:
    term: str
    unit: Unit


_NUMBERS = {
    Number.DEFAULT_START_MONTHS: _Meaning("未约定动工日期的，自交地起应动工", Unit.MONTHS),
    Number.IDLE_LINE_MONTHS: _Meaning("超过动工日期多久构成闲置", Unit.MONTHS),
    Number.RECOVERY_LINE_MONTHS: _Meaning("超过动工日期多久可无偿收回", Unit.MONTHS),
    Number.STOPPED_MONTHS: _Meaning("中止开发建设多久构成闲置", Unit.MONTHS),
    Number.STARTED_AREA_DIVISOR: _Meaning("已开发面积不足应开发面积的", Unit.PART),
    Number.STARTED_INVESTMENT_PERCENT: _Meaning("已投资额不足总投资额的", Unit.PERCENT),
    Number.IDLE_FEE_PERCENT: _Meaning("闲置费占出让或划拨价款", Unit.PERCENT),
    Number.EXTENSION_LIMIT_MONTHS: _Meaning("延长动工期限最长", Unit.MONTHS),
    Number.TEMPORARY_USE_LIMIT_MONTHS: _Meaning("安排临时使用最长", Unit.MONTHS),
    Number.REOPEN_MONTHS: _Meaning("销号后多久以内可重新立案", Unit.MONTHS),
    Number.PHOTO_DISTANCE_M: _Meaning("照片位置距地块超过多远要提醒", Unit.METRES),
    Number.PAUSE_SEIZURE: _Meaning("司法查封期间停止计时", Unit.PAUSES),
    Number.PAUSE_LITIGATION: _Meaning("诉讼期间停止计时", Unit.PAUSES),
    Number.PAUSE_MORTGAGE: _Meaning("抵押处置期间停止计时", Unit.PAUSES),
    Number.PAUSE_PETITION: _Meaning("信访处理期间停止计时", Unit.PAUSES),
}

STEP_TERMS = {
    Step.REGISTER: "发现后建档",
    Step.VERIFY: "建档后现场核查",
    Step.INVESTIGATE: "发现后送达调查通知书",
    Step.REPLY: "权利人书面答复",
    Step.CLASSIFY: "核查后认定",
    Step.PLAN: "认定后提交处置方案",
    Step.APPROVE: "方案批准",
    Step.HEARING: "申请听证",
    Step.SERVE: "方案批准后送达决定",
    Step.PAY: "缴纳闲置费",
    Step.DEREGISTER: "收回后办理注销登记",
    Step.PROGRESS: "填报处置进展",
    Step.ACCEPT: "申请销号后验收",
    Step.REVIEW: "中止期间复查",
}
