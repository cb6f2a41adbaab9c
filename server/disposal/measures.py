"""Measures by which idle land is disposed of, and the proof of each without which none closes."""

from collections.abc import Sequence
from dataclasses import dataclass

from server.disposal.codes import IdleClass
from server.disposal.fields import Field, FieldKind

P, G, Y, J, T = IdleClass


@dataclass(frozen=True)
class Measure:
    """One measure: for which classes, under which article, proven by what."""

    code: str
    title: str
    classes: tuple[IdleClass, ...]
    proof: tuple[Field, ...]
    article: str | None = None


def _no(name: str, title: str) -> Field:
    return Field(name, title)


def _on(name: str, title: str) -> Field:
    return Field(name, title, FieldKind.DATE)


def _ahead(name: str, title: str) -> Field:
    return Field(name, title, FieldKind.DATE, ahead=True)


def _amount(name: str, title: str) -> Field:
    return Field(name, title, FieldKind.NUMBER)


_PHOTO = Field("photo", "现场照片", FieldKind.PHOTO)
_PERMIT = _no("permit_no", "施工许可证号")
_STARTED = (_on("started_on", "开工认定日期"), _PERMIT, _PHOTO)
_AGREEMENT = _no("agreement_no", "协议编号")
_DECISION = _no("decision_no", "决定书文号")
_BUILT = (P, G, Y)
_LATE = (Y, J, T)

_ALL = (
    Measure(
        "supply",
        "供地",
        (P,),
        (_no("contract_no", "出让合同或划拨决定书编号"), _no("supervision_no", "电子监管号")),
    ),
    Measure("withdraw_approval", "撤回（核销）批文", (P,), (_no("withdrawal_no", "撤回批文文号"),)),
    Measure("urge_start", "限期开工", (G, Y), _STARTED),
    Measure(
        "extend_start",
        "延长动工开发期限",
        (G, Y),
        (
            _no("agreement_no", "补充协议编号"),
            _on("agreed_on", "补充协议签订日期"),
            _ahead("new_start_due_on", "新的动工开发日期"),
        ),
        "第十二条（一）",
    ),
    Measure(
        "adjust_use",
        "调整用途、规划条件",
        (G, Y),
        (
            _no("approval_no", "规划调整批准文号"),
            _no("agreement_no", "补充协议编号"),
            _ahead("new_start_due_on", "新的动工开发日期"),
            _amount("price_difference_wan", "重新核算的价款差额（万元）"),
        ),
        "第十二条（二）",
    ),
    Measure(
        "temp_use",
        "政府安排临时使用",
        (G, Y),
        (
            _no("agreement_no", "临时使用协议编号"),
            _on("begins_on", "临时使用开始日期"),
            _ahead("until_on", "临时使用期满日期"),
        ),
        "第十二条（三）",
    ),
    Measure(
        "paid_recovery",
        "协议有偿收回",
        (G, Y, J, T),
        (_no("agreement_no", "收回协议编号"), _no("payment_no", "付款凭证号")),
        "第十二条（四）",
    ),
    Measure(
        "swap",
        "置换土地",
        (G, Y),
        (
            _no("contract_no", "注明“置换土地”的新合同编号"),
            _ahead("new_start_due_on", "新的动工开发日期"),
        ),
        "第十二条（五）",
    ),
    Measure(
        "other_local",
        "其他处置方式",
        (G, Y),
        (_no("document_no", "地方规定及落实文件文号"),),
        "第十二条（六）",
    ),
    Measure(
        "idle_fee",
        "征缴闲置费并促开工",
        (G,),
        (_DECISION, _no("voucher_no", "缴款凭证号"), *_STARTED),
        "第十四条（一）",
    ),
    Measure(
        "free_recovery",
        "无偿收回",
        (G,),
        (_DECISION, _no("deregistration_no", "注销登记文号")),
        "第十四条（二）",
    ),
    Measure("split_recover", "分割收回", _LATE, (_AGREEMENT, _no("new_unit_code", "分割后登记号"))),
    Measure("transfer", "二级市场转让", (G, *_LATE), (_no("registration_no", "转移登记文号"),)),
    Measure("lease", "出租盘活", _LATE, (_no("lease_no", "租赁备案号"), _PHOTO)),
    Measure("equity", "股权转让", (G, *_LATE), (_no("registration_no", "股权变更登记文号"),)),
    Measure(
        "reinvest_upgrade",
        "增资技改",
        _LATE,
        (
            _no("filing_no", "项目备案号"),
            _amount("invested_wan", "完成固定资产投资（万元）"),
            _on("completed_on", "竣工日期"),
        ),
    ),
    Measure("regroup", "腾笼换鸟", _LATE, (_no("agreement_no", "兼并重组或嫁接协议编号"), _PHOTO)),
    Measure(
        "densify",
        "空间换地",
        _LATE,
        (
            _amount("plot_ratio_before", "提容前容积率"),
            _amount("plot_ratio_after", "提容后容积率"),
            _no("acceptance_no", "规划核实文号"),
        ),
    ),
    Measure("demolish_rebuild", "拆除重建", _LATE, (_PERMIT, _PHOTO)),
    Measure(
        "judicial",
        "司法处置",
        (G, *_LATE),
        (_no("court_case_no", "案号"), _no("ruling_no", "裁定书文号")),
    ),
    Measure(
        "agreement_exit",
        "协议退出",
        (G, *_LATE),
        (_AGREEMENT, _no("settlement_no", "履约保证或违约金结清凭证号")),
    ),
    Measure(
        "production_start",
        "投产认定",
        (J,),
        (
            _on("production_on", "投产认定日期"),
            _amount("electricity_kwh", "近三个月用电量（千瓦时）"),
            _amount("tax_wan", "近三个月入库税收（万元）"),
        ),
    ),
    Measure(
        "reach_standard",
        "达标复核",
        (T,),
        (_no("report_no", "达标复核报告文号"), _on("reviewed_on", "复核日期")),
    ),
    Measure("reserve", "收储", (*_BUILT, J, T), (_no("reserve_no", "收储入库文号"),)),
    Measure("restore_farmland", "复耕", (*_BUILT,), (_no("acceptance_no", "复耕验收文号"), _PHOTO)),
)

MEASURES = {measure.code: measure for measure in _ALL}
MEASURE_TITLES = {measure.code: measure.title for measure in _ALL}


def measures_of(idle_class: IdleClass) -> tuple[Measure, ...]:
    """Measures that a class may take, whatever the law says of the case at hand."""
    return tuple(measure for measure in _ALL if idle_class in measure.classes)


def proof_fields(codes: Sequence[str]) -> tuple[Field, ...]:
    """The proof that every measure of a plan needs, named ``measure.field``."""
    return tuple(
        Field(
            f"{code}.{one.name}",
            f"{MEASURES[code].title}：{one.title}",
            one.kind,
            one.required,
            one.choices,
            one.ahead,
        )
        for code in codes
        for one in MEASURES[code].proof
    )
