"""Rulebooks as the scan's SQL reads them: one flat row a region."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from server.disposal.rules import (
    BelowCommitment,
    BelowPlotRatio,
    Indicator,
    Kind,
    NotProducing,
    NotStarted,
    Rule,
    Rulebook,
    Stopped,
    Unsupplied,
    Vacant,
    resolve,
)

Flat = dict[str, object]

_UNWARNED = (Kind.VACANT, Kind.BELOW_PLOT_RATIO)
"""What has no day on which its line is crossed."""


def rows(rules: Sequence[Rule], region_codes: Iterable[str], day: date) -> list[Flat]:
    """What applies in each region on a day, as :data:`server.disposal.scan_sql.BOOK_COLUMNS`."""
    return [
        {"region_code": code, **flat(resolve(rules, code, day))} for code in sorted(region_codes)
    ]


def flat(book: Rulebook) -> Flat:
    """The rules of one region without their structure."""
    return dict(pair for kind, rule in book.items() for pair in _pairs(kind, rule))


def _pairs(kind: Kind, rule: Rule) -> Iterator[tuple[str, object]]:
    yield f"{kind}_id", rule.id
    if kind not in _UNWARNED:
        yield f"{kind}_warn", list(rule.parameters.warn_days)
    match rule.parameters:
        case Unsupplied() as own:
            yield "unsupplied_months", own.min_age_months
            yield "unsupplied_ages", list(own.age_bounds_months)
            yield "unsupplied_least_m2", own.min_remaining_m2
        case NotStarted() as own:
            yield "not_started_months", own.idle_after_months
            yield "not_started_recover_months", own.recover_after_months
            yield "not_started_delivery_months", own.start_after_delivery_months
        case Stopped() as own:
            yield "stopped_months", own.stopped_months
            yield "stopped_developed_num", own.developed_share_below.numerator
            yield "stopped_developed_den", own.developed_share_below.denominator
            yield "stopped_invested_num", own.invested_share_below.numerator
            yield "stopped_invested_den", own.invested_share_below.denominator
        case Vacant() as own:
            yield "vacant_least_m2", own.min_vacant_m2
            yield "vacant_share_num", own.min_vacant_share.numerator
            yield "vacant_share_den", own.min_vacant_share.denominator
            yield "vacant_both", own.require == "both"
        case BelowPlotRatio() as own:
            yield "below_plot_ratio_num", own.least_share.numerator
            yield "below_plot_ratio_den", own.least_share.denominator
            yield "below_plot_ratio_standard", own.standard
        case NotProducing() as own:
            yield "not_producing_late_months", own.late_months
            yield "not_producing_unagreed_months", own.unagreed_months
        case BelowCommitment() as own:
            yield "below_commitment_months", own.initial_months
            yield "below_commitment_share", float(own.least_share)
            for indicator in Indicator:
                yield f"below_commitment_{indicator}", indicator in own.indicators
                yield f"standard_{indicator}", own.standard.get(indicator)
