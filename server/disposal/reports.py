"""Monthly reports 通报: frozen as they were published; corrections are told in the next one."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select

from gis import audit
from gis.regions import names
from gis.tables import regions
from server.disposal import clocks, periods, report_lists, rules, statistics
from server.disposal.codes import IdleClass
from server.disposal.figures import figures
from server.disposal.periods import Period
from server.disposal.report_tables import disposal_reports
from server.disposal.statistics import Dimension, StatisticsQuery

FORMAT = 1
"""Of the snapshot; readers of older ones ask it."""

_CHILD_LEVEL = {2: 4, 4: 6, 6: 9, 9: 9}
_COMPARED = ("base", "new", "adjusted", "disposed", "rejected", "remaining")


class BadReport(ValueError):
    """A report that cannot be: of a month that is not over, of an unknown region; in Chinese."""


class ReportFrozen(Exception):
    """This month of this region is published already."""

    def __init__(self, report_id: int) -> None:
        super().__init__(report_id)
        self.report_id = report_id


class UnknownReport(LookupError):
    """No report has this number."""


@dataclass(frozen=True)
class Report:
    """One published report: ``snapshot`` is what was published, ``sha256`` of its text."""

    id: int
    region_code: str
    region_name: str
    month: Period
    snapshot: Mapping[str, Any]
    sha256: str
    is_intact: bool
    """Whether the text still has the digest that was kept and audited."""
    note: str | None
    actor: str
    frozen_at: datetime


def freeze(
    connection: Connection, actor: str, region_code: str, month: Period, note: str | None = None
) -> int:
    """Publish a month of a region for ever; the id of its report.

    Raises :class:`ReportFrozen` if that was done before, :class:`BadReport` if it cannot be.
    """
    name = names(connection, {region_code}).get(region_code)
    if name is None:
        raise BadReport(f"没有行政区 {region_code}")
    if month.end > clocks.today():
        raise BadReport(f"{month.term}还没有结束，不能通报")
    before = _earlier(connection, region_code)
    for one in before:
        if one.month == month:
            raise ReportFrozen(one.id)
    told = _snapshot(connection, region_code, name, month)
    told["corrections"] = _corrections(connection, region_code, before)
    told["note"] = note
    text = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    digest = _digest(text)
    row = {"region_code": region_code, "month": month.start, "snapshot": text, "sha256": digest}
    made: int = connection.execute(
        insert(disposal_reports)
        .values(**row, note=note, actor=actor)
        .returning(disposal_reports.c.id)
    ).scalar_one()
    details = {"region_code": region_code, "month": month.name, "sha256": digest, "note": note}
    action = audit.Action.REPORT_FROZEN
    audit.record(connection, actor, action, f"disposal_reports/{made}", details)
    return made


def load(connection: Connection, report_id: int) -> Report:
    """One report; :class:`UnknownReport`."""
    found = _reports(connection, disposal_reports.c.id == report_id)
    if not found:
        raise UnknownReport(report_id)
    return found[0]


def listed(connection: Connection, prefixes: Sequence[str]) -> list[Report]:
    """Reports of the regions below some prefixes, the newest month first."""
    like = disposal_reports.c.region_code.like
    found = [one for prefix in prefixes for one in _reports(connection, like(f"{prefix}%"))]
    return sorted(found, key=lambda one: (one.month.start, one.region_code), reverse=True)


def _digest(snapshot: str) -> str:
    return hashlib.sha256(snapshot.encode()).hexdigest()


def _reports(connection: Connection, chosen: Any) -> list[Report]:
    c = disposal_reports.c
    asked = (
        select(disposal_reports, regions.c.name.label("region_name"))
        .join(regions, regions.c.code == c.region_code)
        .where(chosen)
        .order_by(c.month, c.id)
    )
    return [
        Report(
            row.id,
            row.region_code,
            row.region_name,
            periods.month_of(row.month),
            json.loads(row.snapshot),
            row.sha256,
            _digest(row.snapshot) == row.sha256,
            row.note,
            row.actor,
            row.frozen_at,
        )
        for row in connection.execute(asked)
    ]


def _earlier(connection: Connection, region_code: str) -> list[Report]:
    return _reports(connection, disposal_reports.c.region_code == region_code)


def _snapshot(connection: Connection, region_code: str, name: str, month: Period) -> dict[str, Any]:
    """Everything that the report shows, in numbers and words: nothing is asked for again."""
    last = month.end - timedelta(days=1)
    return {
        "format": FORMAT,
        "region": {"code": region_code, "name": name},
        "month": {"name": month.name, "term": month.term, "last_day": last.isoformat()},
        "frozen_on": clocks.today().isoformat(),
        "figures": {
            dimension.value: _figures(connection, region_code, month, dimension)
            for dimension in Dimension
        },
        "overdue": report_lists.overdue(connection, region_code, last),
        "warnings": report_lists.warnings(connection, region_code, last),
        "map": report_lists.outlines_and_cases(connection, region_code, last),
        "rules": _rules(connection, region_code, last),
    }


def _figures(
    connection: Connection, region_code: str, month: Period, dimension: Dimension
) -> dict[str, object]:
    level = _CHILD_LEVEL[len(region_code)]
    query = StatisticsQuery(month, (region_code,), (dimension,), level, clocks.today())
    return figures(connection, statistics.statistics(connection, query), region_code)


def _rules(connection: Connection, region_code: str, day: date) -> list[dict[str, object]]:
    deciding = rules.deciding(rules.all_rules(connection), day, region_code)
    return [
        {
            "class_text": one.kind.idle_class.term,
            "region_code": one.text.region_code,
            "title": one.text.title,
            "version": one.version,
            "source": one.text.source,
            "article": one.text.article,
        }
        for one in deciding
    ]


Told = dict[tuple[str, str, str], Mapping[str, Any]]


def _corrections(
    connection: Connection, region_code: str, before: Sequence[Report]
) -> list[dict[str, object]]:
    """Where months that were published now give other figures than were told of them last."""
    told = _told(before)
    found = []
    for report in before:
        lines = _figures(connection, region_code, report.month, Dimension.CLASS)["items"]
        now = {line["class"]: line for line in lines}  # type: ignore[attr-defined]
        for (month, idle_class, name), amount in told.items():
            if month != report.month.name:
                continue
            current = now[idle_class][name] if idle_class in now else _NOTHING
            if current != amount:
                found.append(_correction(report, idle_class, name, amount, current))
    return found


_NOTHING: Mapping[str, Any] = {"cases": 0, "area_m2": 0.0, "area_mu": 0.0}


def _told(before: Sequence[Report]) -> Told:
    """What was told last of each month, class and figure, in a report or a later correction."""
    told: Told = {}
    for report in before:
        for line in report.snapshot["figures"]["class"]["items"]:
            for name in _COMPARED:
                told[report.month.name, line["class"], name] = line[name]
        for one in report.snapshot["corrections"]:
            told[one["month"], one["class"], one["figure"]] = one["now"]
    return told


_FIGURE_TERMS = {
    "base": "期初存量",
    "new": "新增",
    "adjusted": "调整",
    "disposed": "已处置",
    "rejected": "不予认定",
    "remaining": "剩余",
}


def _correction(
    report: Report,
    idle_class: str,
    name: str,
    told: Mapping[str, Any],
    now: Mapping[str, Any],
) -> dict[str, object]:
    return {
        "month": report.month.name,
        "month_term": report.month.term,
        "class": idle_class,
        "class_text": IdleClass(idle_class).term,
        "figure": name,
        "figure_text": _FIGURE_TERMS[name],
        "told": told,
        "now": now,
    }
