"""What the law and the case itself demand before an action: reasons why not, in Chinese."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from server.disposal import legal
from server.disposal.actions import Action, Step
from server.disposal.case import Case
from server.disposal.codes import IdleClass
from server.disposal.facts import day, facts_of
from server.disposal.fields import InvalidInputs, Value
from server.disposal.legal import Numbers, Options
from server.disposal.measures import MEASURES, measures_of
from server.disposal.parameters import Deadline

Values = Mapping[str, Value | None]

_LEGAL_ONLY = frozenset({"idle_fee", "free_recovery"})


@dataclass(frozen=True)
class Rules:
    """What holds on a day: numbers of the law, its clocks, and what grounds stop them."""

    numbers: Numbers
    clocks: Mapping[Step, Deadline]
    parcel_area_m2: Decimal
    pausing: frozenset[str]


def options_of(case: Case, on: date, numbers: Numbers) -> Options:
    """Measures that a plan of the case may hold on a day."""
    fitting = {m.code: m.article or "" for m in measures_of(case.idle_class)}
    if case.is_legal:
        found = legal.options(facts_of(case), on, numbers)
        # Land that was begun may be recovered in part by agreement like any other of its class.
        extra = {} if case.idle_class is not IdleClass.YEWJ else {"split_recover": ""}
        allowed = {c: a for c, a in {**found.allowed, **extra}.items() if c in fitting}
        return Options(allowed, found.mandatory, found.blocked)
    plain = {code: article for code, article in fitting.items() if code not in _LEGAL_ONLY}
    return Options(plain)


def standing(case: Case, action: Action, on: date, rules: Rules) -> str | None:
    """Why the action cannot be done on a day whatever is filled in, None if it can."""
    check = _STANDING.get(action)
    return None if check is None else check(case, on, rules)


def _classify(case: Case, on: date, rules: Rules) -> str | None:
    if not case.is_legal:
        return None
    served = day(case.legal, "notice_served_on")
    if served is None:
        return "尚未送达闲置土地调查通知书（第五条）"
    until = rules.clocks[Step.REPLY].after(served).on
    if day(case.legal, "replied_on") is None and on <= until:
        return f"使用权人的答复期到 {until} 才届满（第五条）"
    at = legal.line(facts_of(case), on, rules.numbers)
    if not at.is_idle:
        return f"不构成闲置土地：{at.term}（第二条）"
    return None


def _reply(case: Case, _on: date, _rules: Rules) -> str | None:
    served = day(case.legal, "notice_served_on")
    return "尚未送达闲置土地调查通知书（第五条）" if served is None else None


def _approve(case: Case, on: date, rules: Rules) -> str | None:
    wrong = unfit_measures(case, case.measures, on, rules.numbers)
    if wrong:
        return "；".join(wrong)
    if not case.is_legal:
        return None
    if facts_of(case).mortgaged and day(case.legal, "mortgagee_notified_on") is None:
        return "土地已抵押，尚未书面通知抵押权人（第十三条）"
    return _hearing(case, on, rules) if _LEGAL_ONLY & set(case.measures) else None


def _hearing(case: Case, on: date, rules: Rules) -> str | None:
    served = day(case.legal, "hearing_served_on")
    if served is None:
        return "尚未送达听证告知书（第十五条）"
    if day(case.legal, "hearing_requested_on"):
        held = day(case.legal, "hearing_held_on")
        return "已申请听证，尚未举行（第十五条）" if held is None else None
    until = rules.clocks[Step.HEARING].after(served).on
    return None if on > until else f"听证申请期到 {until} 才届满（第十五条）"


def _request_hearing(case: Case, on: date, rules: Rules) -> str | None:
    served = day(case.legal, "hearing_served_on")
    if served is None:
        return "尚未送达听证告知书（第十五条）"
    until = rules.clocks[Step.HEARING].after(served).on
    return None if on <= until else f"听证申请期已于 {until} 届满（第十五条）"


def _hold_hearing(case: Case, _on: date, _rules: Rules) -> str | None:
    asked = day(case.legal, "hearing_requested_on")
    return None if asked else "没有登记听证申请（第十五条）"


def _execute(case: Case, _on: date, _rules: Rules) -> str | None:
    if case.is_legal and day(case.legal, "published_on") is None:
        return "闲置信息尚未公开（第十一条）"
    return None


def _once(measure: str, article: str, done: str) -> Callable[[Case, date, Rules], str | None]:
    def check(case: Case, _on: date, _rules: Rules) -> str | None:
        if measure in case.measures:
            return "已经登记过" if day(case.legal, done) else None
        return f"处置方案中没有“{MEASURES[measure].title}”（{article}）"

    return check


def _court(case: Case, on: date, rules: Rules) -> str | None:
    served = day(case.legal, "decision_served_on")
    if served is None or not _LEGAL_ONLY & set(case.measures):
        return "没有可申请执行的决定（第十八条）"
    is_fee = "idle_fee" in case.measures
    if day(case.legal, "paid_on" if is_fee else "deregistered_on"):
        return "决定已履行"
    until = rules.clocks[Step.PAY if is_fee else Step.DEREGISTER].after(served).on
    return None if on > until else f"履行期到 {until} 才届满（第十七条）"


def _apply_acceptance(case: Case, _on: date, _rules: Rules) -> str | None:
    if case.remaining_m2 > 0:
        return f"尚有 {case.remaining_m2} 平方米未处置"
    if "idle_fee" in case.measures and day(case.legal, "paid_on") is None:
        return "闲置费尚未缴纳（第十七条）"
    if "free_recovery" in case.measures and day(case.legal, "deregistered_on") is None:
        return "土地使用权尚未注销登记（第十七条）"
    return None


_STANDING: dict[Action, Callable[[Case, date, Rules], str | None]] = {
    Action.RECORD_REPLY: _reply,
    Action.CLASSIFY: _classify,
    Action.APPROVE_PLAN: _approve,
    Action.REQUEST_HEARING: _request_hearing,
    Action.HOLD_HEARING: _hold_hearing,
    Action.EXECUTE: _execute,
    Action.PAY_FEE: _once("idle_fee", "第十四条（一）", "paid_on"),
    Action.DEREGISTER: _once("free_recovery", "第十四条（二）", "deregistered_on"),
    Action.APPLY_COURT: _court,
    Action.APPLY_ACCEPTANCE: _apply_acceptance,
}


def unfit_measures(case: Case, measures: Iterable[str], on: date, numbers: Numbers) -> list[str]:
    """Why these measures are not legal for the case on a day; empty if they are."""
    found, chosen = options_of(case, on, numbers), tuple(measures)
    wrong = [
        f"不能采用“{MEASURES[code].title}”：{found.blocked.get(code, '不适用于本类土地')}"
        for code in chosen
        if code not in found.allowed
    ]
    if found.mandatory and found.mandatory not in chosen:
        title = MEASURES[found.mandatory].title
        wrong.append(f"必须采用“{title}”（{found.allowed[found.mandatory]}）")
    return wrong


def check(case: Case, action: Action, values: Values, on: date, rules: Rules) -> None:
    """Raise :class:`InvalidInputs` where what was filled in contradicts the case or the law."""
    checking = _INPUTS.get(action)
    wrong = {} if checking is None else checking(case, values, on, rules)
    if wrong:
        raise InvalidInputs(wrong)


Wrong = dict[str, str]


def _check_classify(case: Case, values: Values, on: date, rules: Rules) -> Wrong:
    wrong: Wrong = {}
    area = values["area_m2"]
    if isinstance(area, Decimal) and not (
        0 < area <= rules.parcel_area_m2 and area >= case.disposed_area_m2
    ):
        wrong["area_m2"] = (
            f"认定面积应大于 0、不小于已处置面积、不大于地块面积 {rules.parcel_area_m2}"
        )
    if values["cause"] != "gov" and values["cause_ground"] is not None:
        wrong["cause_ground"] = "第八条的情形只属于政府原因，请改选原因或去掉情形"
    if not case.is_legal:
        return wrong
    for name, title in (("decision_no", "认定书文号"), ("served_on", "认定书送达日期")):
        if values[name] is None:
            wrong[name] = f"请填写{title}（第九条）"
    if values["cause"] == "gov" and values["cause_ground"] is None:
        wrong["cause_ground"] = "请说明属于第八条哪种情形"
    since = legal.idle_since(facts_of(case), on, rules.numbers)
    if since is not None and values["idle_since"] != since:
        wrong["idle_since"] = f"按登记的事实，闲置自 {since} 起算（第二条）"
    return wrong


def _check_plan(case: Case, values: Values, on: date, rules: Rules) -> Wrong:
    wrong: Wrong = {}
    chosen = values["measures"]
    codes = [str(code) for code in chosen] if isinstance(chosen, tuple) else []
    unfit = unfit_measures(case, codes, on, rules.numbers)
    if unfit:
        wrong["measures"] = "；".join(unfit)
    area = values["target_area_m2"]
    if isinstance(area, Decimal) and not 0 < area <= case.area_in_class_m2:
        wrong["target_area_m2"] = f"应大于 0 且不大于认定面积 {case.area_in_class_m2}"
    if _is_before(values["target_on"], on):
        wrong["target_on"] = "计划完成日期不能早于方案日期"
    limits = {
        "extend_start": ("extend_until_on", legal.extension_limit(on, rules.numbers), "（一）"),
        "temp_use": ("temporary_until_on", legal.temporary_use_limit(on, rules.numbers), "（三）"),
    }
    for measure, (name, limit, part) in limits.items():
        if measure in codes and case.is_legal:
            until = values[name]
            if not isinstance(until, date) or not on < until <= limit:
                wrong[name] = f"应在方案日期之后、不晚于 {limit}（第十二条{part}）"
    return wrong


def _check_notice(case: Case, values: Values, _on: date, _rules: Rules) -> Wrong:
    if _is_before(values["served_on"], values["issued_on"]):
        return {"served_on": "送达日期不能早于印发日期"}
    if _is_before(values["issued_on"], case.discovered_on):
        return {"issued_on": "印发日期不能早于发现日期"}
    return {}


def _check_progress(case: Case, values: Values, _on: date, _rules: Rules) -> Wrong:
    wrong: Wrong = {}
    delta = values["delta_m2"]
    if isinstance(delta, Decimal):
        after = case.disposed_area_m2 + delta
        if not 0 <= after <= case.area_in_class_m2 or delta != round(delta, 2):
            wrong["delta_m2"] = (
                f"已处置 {case.disposed_area_m2}，累计应在 0 与 {case.area_in_class_m2} 之间"
            )
    if values["measure"] is not None and values["measure"] not in case.measures:
        wrong["measure"] = "不是处置方案中的措施"
    if _is_before(values["on_date"], case.classified_on):
        wrong["on_date"] = "进展日期不能早于认定日期"
    return wrong


def _check_fee(case: Case, values: Values, _on: date, rules: Rules) -> Wrong:
    price = facts_of(case).price_wan
    if price is None:
        return {"paid_wan": "请先补充出让或划拨价款，才能核对应缴金额"}
    fee = legal.idle_fee_wan(price, rules.numbers)
    return (
        {}
        if values["paid_wan"] == fee
        else {"paid_wan": f"应缴 {fee.normalize():f} 万元（第十四条）"}
    )


def _check_deregister(case: Case, values: Values, _on: date, rules: Rules) -> Wrong:
    served = day(case.legal, "decision_served_on")
    if values["by"] != "notice" or served is None:
        return {}
    until = rules.clocks[Step.DEREGISTER].after(served).on
    if _is_before(until, values["deregistered_on"]):
        return {}
    return {"by": f"使用权人申请注销的期限到 {until} 才届满，之后方可公告注销（第十八条）"}


def _check_proof(case: Case, values: Values, _on: date, rules: Rules) -> Wrong:
    wrong: Wrong = {}
    pairs = {
        "extend_start": ("agreed_on", "new_start_due_on", legal.extension_limit),
        "temp_use": ("begins_on", "until_on", legal.temporary_use_limit),
    }
    for measure, (first, last, limited) in pairs.items():
        begins, ends = values.get(f"{measure}.{first}"), values.get(f"{measure}.{last}")
        if not (case.is_legal and isinstance(begins, date) and isinstance(ends, date)):
            continue
        limit = limited(begins, rules.numbers)
        if not begins < ends <= limit:
            wrong[f"{measure}.{last}"] = f"应晚于 {begins}、不晚于 {limit}（第十二条）"
    before, after = values.get("densify.plot_ratio_before"), values.get("densify.plot_ratio_after")
    if isinstance(before, Decimal) and isinstance(after, Decimal) and after <= before:
        wrong["densify.plot_ratio_after"] = "提容后的容积率应高于提容前"
    return wrong


def _check_facts(case: Case, values: Values, on: date, _rules: Rules) -> Wrong:
    return {} if any(v is not None for v in values.values()) else {"reason": "请至少填写一项事实"}


def _is_before(first: object, second: object) -> bool:
    return isinstance(first, date) and isinstance(second, date) and first < second


_INPUTS: dict[Action, Callable[[Case, Values, date, Rules], Wrong]] = {
    Action.CLASSIFY: _check_classify,
    Action.DRAFT_PLAN: _check_plan,
    Action.REVISE_PLAN: _check_plan,
    Action.ISSUE_NOTICE: _check_notice,
    Action.PROGRESS: _check_progress,
    Action.PAY_FEE: _check_fee,
    Action.DEREGISTER: _check_deregister,
    Action.APPLY_ACCEPTANCE: _check_proof,
    Action.RECORD_FACTS: _check_facts,
}
