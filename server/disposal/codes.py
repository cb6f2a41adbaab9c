"""Words of disposal that are stored as codes, with the Chinese terms that people read."""

from enum import StrEnum

from gis.layers.codes import IDLE_CLASS


class IdleClass(StrEnum):
    """The five classes 五未, in the order of a parcel's life."""

    PEWG = "pewg"
    GEWY = "gewy"
    YEWJ = "yewj"
    JEWT = "jewt"
    TEWDB = "tewdb"

    @property
    def term(self) -> str:
        """The Chinese term."""
        return IDLE_CLASS[self.value]


class State(StrEnum):
    """Where a case stands."""

    DISCOVERED = "discovered"
    REGISTERED = "registered"
    VERIFYING = "verifying"
    CLASSIFIED = "classified"
    PLAN_DRAFTING = "plan_drafting"
    PLAN_APPROVED = "plan_approved"
    EXECUTING = "executing"
    ACCEPTANCE = "acceptance"
    CLOSED = "closed"
    REJECTED = "rejected"
    SUSPENDED = "suspended"
    REOPENED = "reopened"

    @property
    def term(self) -> str:
        """The Chinese term."""
        return _STATE_TITLES[self]

    @property
    def is_open(self) -> bool:
        """Whether something is still to be done."""
        return self not in (State.CLOSED, State.REJECTED)


_STATE_TITLES = {
    State.DISCOVERED: "已发现",
    State.REGISTERED: "已建档",
    State.VERIFYING: "核查中",
    State.CLASSIFIED: "已认定",
    State.PLAN_DRAFTING: "拟定方案",
    State.PLAN_APPROVED: "方案已批",
    State.EXECUTING: "处置中",
    State.ACCEPTANCE: "待验收",
    State.CLOSED: "已销号",
    State.REJECTED: "不予认定",
    State.SUSPENDED: "已中止",
    State.REOPENED: "重新立案",
}


class Source(StrEnum):
    """Who found the land."""

    SCAN = "scan"
    PATROL = "patrol"
    SATELLITE = "satellite"
    IMPORT = "import"
    REPORT = "report"
    REGISTER = "register"

    @property
    def term(self) -> str:
        """The Chinese term."""
        return _SOURCE_TITLES[self]


_SOURCE_TITLES = {
    Source.SCAN: "系统扫描",
    Source.PATROL: "日常巡查",
    Source.SATELLITE: "卫片核查",
    Source.IMPORT: "批量导入",
    Source.REPORT: "群众举报",
    Source.REGISTER: "低效用地库",
}


class Cause(StrEnum):
    """Why the land lies idle."""

    GOV = "gov"
    HOLDER = "holder"
    FORCE_MAJEURE = "force_majeure"
    MARKET = "market"

    @property
    def term(self) -> str:
        """The Chinese term."""
        return CAUSE_TITLES[self]


CAUSE_TITLES = {
    Cause.GOV: "政府原因",
    Cause.HOLDER: "企业自身原因",
    Cause.FORCE_MAJEURE: "不可抗力",
    Cause.MARKET: "市场原因",
}

CAUSE_GROUNDS = {
    "undelivered": "（一）未按期限、条件交付土地",
    "plan_amended": "（二）规划依法修改",
    "policy_changed": "（三）国家政策调整",
    "petition": "（四）群众信访",
    "military_or_relics": "（五）军事管制、文物保护",
    "other_government": "（六）政府其他行为",
}
"""53号令第八条: what counts as the government's cause."""


class SuspensionGround(StrEnum):
    """Why a case rests."""

    SEIZURE = "seizure"
    LITIGATION = "litigation"
    MORTGAGE = "mortgage"
    PETITION = "petition"

    @property
    def term(self) -> str:
        """The Chinese term."""
        return SUSPENSION_TITLES[self]


SUSPENSION_TITLES = {
    SuspensionGround.SEIZURE: "司法查封",
    SuspensionGround.LITIGATION: "涉诉",
    SuspensionGround.MORTGAGE: "抵押",
    SuspensionGround.PETITION: "群众信访",
}
