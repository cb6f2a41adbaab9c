"""Findings in Chinese sentences: which fact crossed which line of which rule."""

from collections.abc import Mapping
from typing import Any

from server.disposal.findings import Finding
from server.disposal.rules import Kind, Rule

_BASIS = {
    "restarted": "第十二条措施后重新约定",
    "supplement": "补充协议约定",
    "agreed": "合同约定",
    "delivery": "未约定，按实际交地日期推算",
}
_INDICATORS = {"tax": "亩均税收", "output": "亩均产出", "investment": "亩均投资"}


def explain(finding: Finding, rule: Rule) -> str:
    """One sentence with the facts, one with the rule and its version."""
    article = f" {rule.text.article}" if rule.text.article else ""
    source = f"规则：{rule.text.title}（第 {rule.version} 版，{rule.text.source}{article}）"
    return f"{_facts(finding)}。{source}"


def _facts(finding: Finding) -> str:
    given = {**finding.inputs, **finding.on_the_day}
    told = _TEXTS[finding.kind](given)
    if finding.line == "recovery":
        return f"{told}；{finding.line_on} 起满收回期限，还有 {finding.days_left} 天"
    if finding.line == "enters":
        return f"{told}；{finding.line_on} 到期，还有 {finding.days_left} 天"
    return told


def _unsupplied(given: Mapping[str, Any]) -> str:
    built = "，已先行建设" if given.get("built_before_supply") else ""
    supplied = _m2(given["supplied_m2"])
    remaining = _m2(given["remaining_m2"])
    return f"{given['approved_on']} 批准，已供 {supplied}，剩余 {remaining} 未供应{built}"


def _not_started(given: Mapping[str, Any]) -> str:
    due = f"应于 {given['start_due_on']} 前动工（{_BASIS[given['start_due_basis']]}）"
    late = given.get("days_late", 0)
    return f"{due}，未动工，已超过 {late} 天" if late > 0 else f"{due}，未动工"


def _stopped(given: Mapping[str, Any]) -> str:
    told = [f"{given['stopped_on']} 起中止开发"]
    if "developed_share" in given:
        told.append(f"已开发面积占 {_percent(given['developed_share'])}")
    if "invested_share" in given:
        told.append(f"已投资额占 {_percent(given['invested_share'])}")
    return "，".join(told)


def _vacant(given: Mapping[str, Any]) -> str:
    return f"空置 {_m2(given['vacant_m2'])}，占 {_percent(given['vacant_share'])}"


def _sparse(given: Mapping[str, Any]) -> str:
    built, ratio = f"{given['built_floor_m2']:,.0f}", f"{given['plot_ratio']:.2f}"
    return f"建成 {built} 平方米，容积率 {ratio}，低于应有的 {given['plot_ratio_agreed']:g}"


def _not_producing(given: Mapping[str, Any]) -> str:
    due = given.get("production_due_on")
    agreed = f"应于 {due} 前投产" if due else "未约定投产日期"
    return f"{given['completed_on']} 竣工，{agreed}，至今未投产"


def _below(given: Mapping[str, Any]) -> str:
    told = [f"{given['production_on']} 投产，初始运行期 {given['line_on']} 届满"]
    for name, term in _INDICATORS.items():
        if f"{name}_share" in given:
            actual, committed = given[f"{name}_wan_per_mu"], given[f"{name}_committed"]
            share = _percent(given[f"{name}_share"])
            told.append(f"{term} {actual:g} 万元，承诺 {committed:g} 万元（{share}）")
    return "，".join(told)


_TEXTS = {
    Kind.UNSUPPLIED: _unsupplied,
    Kind.NOT_STARTED: _not_started,
    Kind.STOPPED: _stopped,
    Kind.VACANT: _vacant,
    Kind.BELOW_PLOT_RATIO: _sparse,
    Kind.NOT_PRODUCING: _not_producing,
    Kind.BELOW_COMMITMENT: _below,
}


def _m2(value: float) -> str:
    return f"{value * 3 / 2000:,.2f} 亩"


def _percent(value: float) -> str:
    return f"{value * 100:.1f}%"
