"""What the documents of a case say: paragraphs from its facts, each with its article of 53号令.

No legal advice: drafts for the office to read, stamp and serve.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from server.disposal import legal
from server.disposal.actions import Step
from server.disposal.case import Case
from server.disposal.codes import CAUSE_GROUNDS, Cause
from server.disposal.facts import day, facts_of
from server.disposal.guards import Rules
from server.disposal.measures import MEASURES
from server.disposal.official import chinese_date

_LAW = "《闲置土地处置办法》（国土资源部令第53号）"


class DocumentKind(StrEnum):
    """What is written; the Chinese title and the sign in its number belong to it."""

    NOTICE = "notice"
    FINDING = "finding"
    PLAN = "plan"
    FEE = "fee_decision"
    RECOVERY = "recovery_decision"

    @property
    def term(self) -> str:
        """The Chinese title."""
        return _TERMS[self][0]

    @property
    def sign(self) -> str:
        """The word in the number."""
        return _TERMS[self][1]


_TERMS = {
    DocumentKind.NOTICE: ("闲置土地调查通知书", "闲调"),
    DocumentKind.FINDING: ("闲置土地认定书", "闲认"),
    DocumentKind.PLAN: ("土地处置方案", "处案"),
    DocumentKind.FEE: ("征缴土地闲置费决定书", "闲费"),
    DocumentKind.RECOVERY: ("收回国有建设用地使用权决定书", "闲收"),
}


@dataclass(frozen=True)
class Subject:
    """What a document is about: the case, its parcel's record, the office, the day, the rules."""

    case: Case
    parcel: Mapping[str, Any]
    office: str
    government: str
    contact: str
    on: date
    rules: Rules
    cause: Cause | None = None
    ground: str | None = None


def paragraphs(kind: DocumentKind, about: Subject) -> tuple[str, ...]:
    """The body of a document."""
    return _BODIES[kind](about)


def addressee(kind: DocumentKind, about: Subject) -> str:
    """To whom it goes."""
    return about.government if kind is DocumentKind.PLAN else _holder(about)


def _holder(about: Subject) -> str:
    return about.parcel.get("holder_name") or "国有建设用地使用权人"


def _land(about: Subject) -> str:
    parcel, case = about.parcel, about.case
    told = [f"你单位位于{parcel.get('address') or parcel['name']}的“{parcel['name']}”"]
    told.append(f"（地块编号 {parcel['code']}")
    if parcel.get("contract_no"):
        told.append(f"，合同编号 {parcel['contract_no']}")
    if parcel.get("supervision_no"):
        told.append(f"，电子监管号 {parcel['supervision_no']}")
    return "".join(told) + f"），涉及面积{_area(case.area_in_class_m2)}"


def _area(area_m2: Decimal) -> str:
    mu = (area_m2 * 3 / 2000).quantize(Decimal("0.0001")).normalize()
    return f"{area_m2.normalize():f}平方米（合{mu:f}亩）"


def _due(about: Subject) -> str:
    due = legal.start_due(facts_of(about.case), about.rules.numbers)
    if due is None:
        return "动工开发日期尚待查明"
    basis = {
        legal.Basis.RESTARTED: "经依法处置后重新约定的",
        legal.Basis.SUPPLEMENT: "补充协议约定的",
        legal.Basis.CONTRACT: "合同约定的",
        legal.Basis.DELIVERY: "未约定动工日期，按实际交付土地之日起满一年确定的",
    }[due.basis]
    return f"{basis}动工开发日期为{chinese_date(due.on)}"


def _idleness(about: Subject) -> str:
    facts, numbers = facts_of(about.case), about.rules.numbers
    at = legal.line(facts, about.on, numbers)
    if at is legal.Line.PARTLY_IDLE and facts.stopped_on:
        shares = []
        if facts.developed_m2 is not None and facts.due_area_m2 is not None:
            shares.append(
                f"已动工开发面积{facts.developed_m2:f}平方米，应动工{facts.due_area_m2:f}平方米"
            )
        if facts.invested_wan is not None and facts.total_wan is not None:
            shares.append(f"已投资{facts.invested_wan:f}万元，总投资{facts.total_wan:f}万元")
        stopped = f"自{chinese_date(facts.stopped_on)}起中止开发建设满一年"
        return f"{'；'.join(shares)}；{stopped}"
    spans = {legal.Line.IDLE_ONE_YEAR: "已满一年", legal.Line.IDLE_TWO_YEARS: "已满两年"}
    return f"{_due(about)}，至今{spans.get(at, '逾期')}未动工开发"


def _notice(about: Subject) -> tuple[str, ...]:
    clock, numbers = about.rules.clocks[Step.REPLY], about.rules.numbers
    return (
        f"经查，{_land(about)}，{_idleness(about)}，涉嫌构成闲置土地。"
        f"根据{_LAW}第五条、第六条的规定，现就有关事项通知如下：",
        "一、涉嫌闲置的事实和依据",
        f"{_due(about)}。依据{_LAW}第二条，超过约定或者规定的动工开发日期满一年未动工开发的，"
        f"或者已动工开发但开发面积占应动工面积不足{numbers.started_area_divisor.normalize():f}分之一，或已投资额占总投资额"
        f"不足{numbers.started_investment_percent.normalize():f}%，且中止开发建设满一年的，"
        "可以认定为闲置土地。",
        "二、调查的主要内容和提交材料的期限",
        f"请你单位自收到本通知书之日起{clock.days}日内，就土地开发利用情况、闲置原因以及相关说明"
        "等，提交书面答复和证明材料，包括：出让合同或划拨决定书、交地确认书、规划和施工许可文件、"
        "投资凭证、影响动工的有关文件等。",
        "三、权利和义务",
        "你单位有权陈述、申辩并提交证据；应当如实反映情况、提供材料，配合现场勘测、拍照、摄像等"
        "调查（第七条）。逾期不答复的，不影响闲置土地的认定。",
        f"联系方式：{about.contact}。",
    )


def _cause(about: Subject) -> str:
    cause = about.cause or about.case.cause
    if cause is Cause.GOV:
        ground = CAUSE_GROUNDS.get(about.ground or "", "")
        return f"属于政府、政府有关部门的行为造成的闲置，情形为第八条{ground}"
    if cause is Cause.FORCE_MAJEURE:
        return "属于不可抗力造成的闲置，依照第八条处理"
    return "属于国有建设用地使用权人自身原因造成的闲置"


def _finding(about: Subject) -> tuple[str, ...]:
    since = legal.idle_since(facts_of(about.case), about.on, about.rules.numbers)
    counted = f"闲置时间自{chinese_date(since)}起算。" if since else ""
    replied = day(about.case.legal, "replied_on")
    heard = (
        f"你单位于{chinese_date(replied)}提交了书面答复。"
        if replied
        else "你单位在规定期限内未提交书面答复。"
    )
    return (
        f"{_land(about)}，我局已依法调查。{heard}现认定如下：",
        "一、认定的事实和依据",
        f"{_idleness(about)}。依据{_LAW}第二条，认定该宗地为闲置土地。{counted}",
        "二、闲置原因及认定结论",
        f"经调查，该宗地{_cause(about)}（{_LAW}第九条、第十条）。",
        "三、其他事项",
        "该宗地的位置、使用权人名称、闲置时间等信息将在门户网站公开，直至处置完毕（第十一条）。"
        + (
            "处置完毕前，不受理你单位新的用地申请，不办理该宗地的转让、出租、抵押和变更登记（第二十四条）。"
            if legal.transfer_frozen(facts_of(about.case))
            else ""
        ),
        _remedies("认定"),
    )


def _plan(about: Subject) -> tuple[str, ...]:
    case = about.case
    measures = "、".join(
        f"{MEASURES[code].title}"
        + (f"（{article}）" if (article := MEASURES[code].article) else "")
        for code in case.measures
    )
    law = _idleness(about) if case.is_legal else f"类型为{case.idle_class.term}"
    target = chinese_date(case.target_on) if case.target_on else "另行确定"
    wanted = _area(case.target_area_m2 or case.area_in_class_m2)
    notes = "土地已设定抵押，已书面通知抵押权人（第十三条）。" if _is_mortgaged(about) else ""
    return (
        f"现将“{about.parcel['name']}”地块（地块编号 {about.parcel['code']}，案件编号 "
        f"{case.case_no}）的处置方案呈报如下：",
        "一、土地基本情况",
        f"使用权人：{_holder(about)}；面积：{_area(case.area_in_class_m2)}；{law}；"
        f"原因：{case.cause.term if case.cause else '待定'}。",
        "二、处置措施",
        f"拟采取：{measures}。",
        "三、进度安排和责任单位",
        f"计划于{target}前完成处置{wanted}；责任单位：{case.responsible_unit or '待定'}。{notes}",
        "妥否，请批示。",
    )


def _is_mortgaged(about: Subject) -> bool:
    told = day(about.case.legal, "mortgagee_notified_on") is not None
    return about.case.is_legal and facts_of(about.case).mortgaged and told


def _fee(about: Subject) -> tuple[str, ...]:
    facts, rules = facts_of(about.case), about.rules
    price = facts.price_wan or Decimal(0)
    fee = legal.idle_fee_wan(price, rules.numbers).normalize()
    clock = rules.clocks[Step.PAY]
    percent = rules.numbers.idle_fee_percent.normalize()
    return (
        f"{_land(about)}，{_idleness(about)}，已依法认定为闲置土地（{_finding_no(about)}），"
        "且系你单位自身原因造成。我局已依法告知你单位听证的权利（第十五条）。",
        f"依据{_LAW}第十四条第（一）项，经{about.government}批准（{_approval(about)}），决定按照"
        f"土地出让或者划拨价款{price.normalize():f}万元的{percent:f}%，征缴土地闲置费"
        f"{fee:f}万元。土地闲置费不得列入生产成本。",
        f"请自本决定书送达之日起{clock.days}日内缴纳（第十七条）。逾期不缴纳的，依法申请人民法院"
        "强制执行（第十八条）。缴纳闲置费不免除动工开发的义务；未动工开发满两年的，将依法无偿收回"
        "国有建设用地使用权。",
        _remedies(),
    )


def _recovery(about: Subject) -> tuple[str, ...]:
    clock = about.rules.clocks[Step.DEREGISTER]
    return (
        f"{_land(about)}，{_idleness(about)}，已依法认定为闲置土地（{_finding_no(about)}），"
        "且系你单位自身原因造成。我局已依法告知你单位听证的权利（第十五条）。",
        f"依据{_LAW}第十四条第（二）项，经有批准权的人民政府批准（{_approval(about)}），决定无偿"
        "收回该宗地的国有建设用地使用权。",
        f"请自本决定书送达之日起{clock.days}日内，到不动产登记机构办理注销登记，交回不动产权证书"
        "（第十七条）。逾期不申请的，依法公告注销（第十八条）。",
        _remedies(),
    )


def _finding_no(about: Subject) -> str:
    return str((about.case.legal or {}).get("finding_no") or "认定书文号待填")


def _approval(about: Subject) -> str:
    return str((about.case.legal or {}).get("approval_no") or "批准文号待填")


def _remedies(act: str = "决定") -> str:
    return (
        f"如不服本{act}，可以自收到之日起六十日内依法申请行政复议，或者六个月内依法向人民法院提起"
        "行政诉讼。"
    )


_BODIES: dict[DocumentKind, Callable[[Subject], tuple[str, ...]]] = {
    DocumentKind.NOTICE: _notice,
    DocumentKind.FINDING: _finding,
    DocumentKind.PLAN: _plan,
    DocumentKind.FEE: _fee,
    DocumentKind.RECOVERY: _recovery,
}
