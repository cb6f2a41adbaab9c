"""The scan: finds land that the rules call 五未, opens cases and warns before a line is crossed.

It closes nothing. The same data, rules and day give the same answer.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, insert, select, text

from gis import audit
from gis.tables import SITES
from server.disposal import rulebooks, scan_sql, warnings
from server.disposal.cases import Discovery, Finder, discover_all
from server.disposal.codes import IdleClass
from server.disposal.findings import Finding, finding_of
from server.disposal.rules import Kind, Rule, all_rules, with_parameters
from server.disposal.scan_tables import disposal_scans
from server.disposal.tables import OPEN

_LEGAL = frozenset({Kind.NOT_STARTED, Kind.STOPPED})
"""What 53号令 calls idle; the other kinds are the county's own."""


class Standing(StrEnum):
    """How a suspect stands to the cases that are there."""

    NEW = "new"
    REOPENED = "reopened"
    OPEN = "open"
    OTHER_CLASS_OPEN = "other_class_open"
    REJECTED = "rejected"
    CLOSED = "closed"
    UNREGISTERED = "unregistered"

    @property
    def term(self) -> str:
        """The Chinese term."""
        return _STANDINGS[self]


_STANDINGS = {
    Standing.NEW: "新发现",
    Standing.REOPENED: "销号后再次发现",
    Standing.OPEN: "已有未销号案件",
    Standing.OTHER_CLASS_OPEN: "另一类型的案件尚未销号",
    Standing.REJECTED: "事实未变，已认定不属于五未",
    Standing.CLOSED: "案件已销号而地块台账未更新，请核对开工、投产等日期",
    Standing.UNREGISTERED: "分割后的剩余部分没有地块，请先导入其边界",
}


@dataclass(frozen=True)
class Question:
    """What is asked: a day, a region and, in a what-if, other parameters by kind of rule."""

    day: date
    region_code: str = ""
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Judged:
    """All that a scan saw: findings in the order of parcels, how suspects stand, the rules used."""

    question: Question
    findings: Sequence[Finding]
    standings: Mapping[int, Standing]
    rules: Mapping[int, Rule]
    unjudged: int
    """Parcels without a region, which have no rules."""

    @property
    def suspects(self) -> list[Finding]:
        """Findings that crossed their line."""
        return [one for one in self.findings if one.is_suspect]

    @property
    def coming(self) -> list[Finding]:
        """Findings with a line still to come."""
        return [one for one in self.findings if one.line is not None]

    def counts(self) -> dict[str, Any]:
        """What was found, by class and by standing, with areas in m2."""
        suspects = self.suspects
        by_class = {
            one.value: {
                "cases": sum(f.idle_class is one for f in suspects),
                "area_m2": float(sum((f.area_m2 for f in suspects if f.idle_class is one), _NONE)),
            }
            for one in IdleClass
        }
        standings = Counter(self.standings.values())
        return {
            "suspects": len(suspects),
            "area_m2": float(sum((f.area_m2 for f in suspects), _NONE)),
            "by_class": by_class,
            "by_standing": {one.value: standings[one] for one in Standing},
            "warnings": len(self.coming),
            "unjudged": self.unjudged,
        }


_NONE = Decimal(0)

_STANDING = text(
    f"""
SELECT f.site_id,
    CASE WHEN f.retired THEN 'unregistered'
        WHEN own.state IN ('rejected', 'closed') AND own.rule_id = f.rule_id
            AND own.rule_inputs = f.inputs THEN own.state
        WHEN own.{OPEN} THEN 'open'
        WHEN EXISTS (SELECT FROM disposal_cases d WHERE d.site_id = f.site_id AND d.{OPEN})
            THEN 'other_class_open'
        ELSE 'new' END AS standing
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS f(
    site_id bigint, class text, rule_id bigint, inputs jsonb, retired boolean)
LEFT JOIN LATERAL (
    SELECT * FROM disposal_cases d WHERE d.site_id = f.site_id AND d.class = f.class
    ORDER BY d.round DESC LIMIT 1
) own ON true"""  # noqa: S608
)


def look(connection: Connection, question: Question) -> Judged:
    """Judge every parcel of the region and write nothing."""
    rules = with_parameters(all_rules(connection), question.parameters)
    under = question.region_code
    regions = _regions(connection, under)
    book = rulebooks.rows(rules, (code for code in regions if code is not None), question.day)
    asked = {"book": json.dumps(book), "day": question.day}
    by_id = {rule.id: rule for rule in rules}
    rows = connection.execute(scan_sql.findings(), asked).mappings()
    found = [finding_of(dict(row), by_id[row["rule_id"]].version) for row in rows]
    return Judged(
        question,
        found,
        _standings(connection, [one for one in found if one.is_suspect]),
        by_id,
        0 if under else regions.get(None, 0),
    )


def _regions(connection: Connection, under: str) -> dict[str | None, int]:
    """How many parcels stand in each region; None for those that say none."""
    counted = text(
        "SELECT region_code, count(*) AS parcels FROM parcels WHERE retired_at IS NULL"
        " AND (:under = '' OR region_code LIKE :under || '%') GROUP BY region_code"
    )
    return {row.region_code: row.parcels for row in connection.execute(counted, {"under": under})}


def _standings(connection: Connection, suspects: Iterable[Finding]) -> dict[int, Standing]:
    rows = [
        {
            "site_id": one.site_id,
            "class": one.idle_class.value,
            "rule_id": one.rule_id,
            "inputs": one.inputs,
            "retired": "retired" in one.inputs,
        }
        for one in suspects
    ]
    answered = connection.execute(_STANDING, {"rows": json.dumps(rows)})
    return {site_id: Standing(standing) for site_id, standing in answered}


def scan(connection: Connection, question: Question, actor: str) -> Judged:
    """Judge, open the cases that are not there, keep the warnings; one row tells of it.

    Raises ValueError for other parameters: what nobody decided opens no case.
    """
    if question.parameters:
        raise ValueError("a scan with other parameters writes nothing")
    # Two scans at once would each raise what the other raises.
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('disposal_scan'))"))
    judged = look(connection, question)
    opened = _open(connection, judged, actor)
    warnings.keep(connection, judged.coming, question.day, question.region_code)
    standings = {**judged.standings, **opened}
    written = Judged(question, judged.findings, standings, judged.rules, judged.unjudged)
    _note(connection, written, actor)
    return written


def _open(connection: Connection, judged: Judged, actor: str) -> dict[int, Standing]:
    """Open a case for each suspect that has none; how each of these then stands."""
    new = [f for f in judged.suspects if judged.standings[f.site_id] is Standing.NEW]
    discoveries = [
        Discovery(
            one.site_id,
            one.idle_class,
            one.area_m2,
            judged.question.day,
            rule_id=one.rule_id,
            inputs=one.inputs,
            idle_since=one.since,
            is_legal=one.kind in _LEGAL,
        )
        for one in new
    ]
    found = discover_all(connection, discoveries, Finder(actor))
    ids = [one.case_id for one in found]
    again = set(
        connection.execute(
            text("SELECT id FROM disposal_cases WHERE id = ANY(:ids) AND state = 'reopened'"),
            {"ids": ids},
        ).scalars()
    )
    return {
        one.site_id: Standing.REOPENED if made.case_id in again else Standing.NEW
        for one, made in zip(new, found, strict=True)
    }


def _note(connection: Connection, judged: Judged, actor: str) -> None:
    question = judged.question
    row = {
        "as_of": question.day,
        "region_code": question.region_code,
        "actor": actor,
        "counts": judged.counts(),
    }
    scan_id = connection.execute(
        insert(disposal_scans).values(row).returning(disposal_scans.c.id)
    ).scalar_one()
    told = {**row, "as_of": question.day.isoformat()}
    audit.record(connection, actor, audit.Action.SCANNED, f"disposal_scans/{scan_id}", told)


def scanned(connection: Connection, day: date) -> bool:
    """Whether the whole jurisdiction was scanned as of a day."""
    c = disposal_scans.c
    found = select(c.id).where(c.as_of == day, c.region_code == "")
    return connection.execute(found.limit(1)).first() is not None


def names(connection: Connection, site_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Code and name of parcels by id."""
    parcels = SITES["parcels"].c
    asked = select(parcels.id, parcels.code, parcels.name).where(parcels.id.in_(site_ids))
    return {row.id: (row.code, row.name) for row in connection.execute(asked)}


__all__ = ["Finding", "Judged", "Question", "Standing", "look", "names", "scan", "scanned"]
