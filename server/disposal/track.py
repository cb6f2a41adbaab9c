"""The legal track of a case as people look at it: dates, line, fee, options and why not."""

from collections.abc import Mapping
from datetime import date

from server.disposal import guards, legal
from server.disposal.actions import Step
from server.disposal.case import Case
from server.disposal.facts import day, facts_of
from server.disposal.guards import Rules
from server.disposal.legal import Facts
from server.disposal.measures import MEASURES

_BASIS_TERMS = {
    legal.Basis.RESTARTED: "第十二条措施后重新约定",
    legal.Basis.SUPPLEMENT: "补充协议约定",
    legal.Basis.CONTRACT: "合同约定",
    legal.Basis.DELIVERY: "实际交地满一年",
}

_DUES = {
    "reply_due_on": ("notice_served_on", Step.REPLY),
    "hearing_due_on": ("hearing_served_on", Step.HEARING),
    "payment_due_on": ("decision_served_on", Step.PAY),
    "deregistration_due_on": ("decision_served_on", Step.DEREGISTER),
}


def shown(case: Case, on: date, rules: Rules) -> Mapping[str, object] | None:
    """The track on a day, None for a case outside of it. Not legal advice: rules and facts."""
    if case.legal is None:
        return None
    facts, numbers = facts_of(case), rules.numbers
    due = legal.start_due(facts, numbers)
    at = legal.line(facts, on, numbers)
    found = guards.options_of(case, on, numbers)
    lines = {
        "start_due_on": due and due.on,
        "start_due_basis": due and due.basis.value,
        "start_due_basis_text": due and _BASIS_TERMS[due.basis],
        "start_due_article": due and due.article,
        "idle_on": due and legal.idle_on(due, numbers),
        "recovery_on": due and legal.recovery_on(due, numbers),
    }
    dues = {name: _due(case, rules, *about) for name, about in _DUES.items()}
    return {
        **{name: _text(value) for name, value in lines.items()},
        "line": at.value,
        # Facts are taken over from the parcel when the file is made.
        "line_text": at.term if case.legal else "建档后判断",
        "idle_since": _text(legal.idle_since(facts, on, numbers)),
        "fee_wan": _fee(facts, at, rules),
        "investigation_due_on": rules.clocks[Step.INVESTIGATE]
        .after(case.discovered_on)
        .on.isoformat(),
        **dues,
        "transfer_frozen": legal.transfer_frozen(facts) and case.classified_on is not None,
        "options": [
            {"measure": code, "title": MEASURES[code].title, "article": article}
            for code, article in found.allowed.items()
        ],
        "mandatory": found.mandatory,
        "blocked": [
            {"measure": code, "title": MEASURES[code].title, "reason": reason}
            for code, reason in found.blocked.items()
        ],
        "facts": dict(case.legal),
    }


def _due(case: Case, rules: Rules, served: str, step: Step) -> str | None:
    began = day(case.legal, served)
    if began is None:
        return None
    if step is Step.PAY and "idle_fee" not in case.measures:
        return None
    if step is Step.DEREGISTER and "free_recovery" not in case.measures:
        return None
    return rules.clocks[step].after(began).on.isoformat()


def _fee(facts: Facts, at: legal.Line, rules: Rules) -> str | None:
    """万元 that the holder pays, or would if the cause turns out to be the holder's."""
    if facts.price_wan is None or at is not legal.Line.IDLE_ONE_YEAR:
        return None
    if legal.by_government(facts.cause):
        return None
    return f"{legal.idle_fee_wan(facts.price_wan, rules.numbers).normalize():f}"


def _text(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
