"""Rules, findings and warnings as JSON."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from server.disposal import scan
from server.disposal.codes import IdleClass
from server.disposal.explain import explain
from server.disposal.figures import Json, mu, region_names
from server.disposal.findings import Finding
from server.disposal.rules import Kind, Rule, series
from server.disposal.scan import Judged

_LINES = {"enters": "即将构成五未", "recovery": "即将满收回期限"}


def shown(
    connection: Connection, rules: Sequence[Rule], known: Sequence[Rule], deciding: Collection[int]
) -> list[Json]:
    """Some of the known rules; ``applies`` marks those that decide somewhere."""
    names = region_names(connection, {one.text.region_code for one in rules})
    return [
        _rule(one, names) | {"applies": one.id in deciding, "series": series(known, one.kind)}
        for one in rules
    ]


def _rule(one: Rule, names: Mapping[str, str]) -> Json:
    own = one.text
    return {
        "id": one.id,
        "region_code": own.region_code,
        "region_name": names.get(own.region_code, own.region_code),
        "class": one.kind.idle_class.value,
        "class_text": one.kind.idle_class.term,
        "sub_kind": one.kind.value,
        "sub_kind_text": one.kind.term,
        "version": one.version,
        "effective_from": own.effective_from.isoformat(),
        "effective_to": own.effective_to and own.effective_to.isoformat(),
        "title": own.title,
        "source": own.source,
        "article": own.article,
        "parameters": parameters(one),
    }


def parameters(one: Rule) -> list[Json]:
    """What a rule says, each with its words."""
    values = one.parameters.model_dump(mode="json")
    described = type(one.parameters).model_fields
    return [
        {"name": name, "title": described[name].description, "value": value}
        for name, value in values.items()
    ]


def judged(connection: Connection, found: Judged, limit: int, dry_run: bool) -> Json:
    """What a scan saw: counts, and the first findings in the order of parcels."""
    shown = [*found.suspects, *(f for f in found.coming if not f.is_suspect)][:limit]
    sites = scan.names(connection, [one.site_id for one in shown])
    names = region_names(connection, {one.region_code for one in shown})
    counts = found.counts()
    return {
        "as_of": found.question.day.isoformat(),
        "region_code": found.question.region_code,
        "dry_run": dry_run,
        "suspects": counts["suspects"],
        "area_m2": counts["area_m2"],
        "area_mu": mu(counts["area_m2"]),
        "warnings": counts["warnings"],
        "unjudged": counts["unjudged"],
        "by_class": _by_class(counts["by_class"]),
        "by_standing": [
            {"standing": one.value, "title": one.term, "cases": counts["by_standing"][one.value]}
            for one in scan.Standing
        ],
        "truncated": len(shown) < len(found.findings),
        "findings": [_finding(found, one, sites[one.site_id], names) for one in shown],
    }


def _by_class(counted: Mapping[str, Mapping[str, float]]) -> list[Json]:
    return [
        {
            "class": one.value,
            "class_text": one.term,
            "cases": counted[one.value]["cases"],
            "area_m2": counted[one.value]["area_m2"],
            "area_mu": mu(counted[one.value]["area_m2"]),
        }
        for one in IdleClass
    ]


def _finding(found: Judged, one: Finding, site: tuple[str, str], names: Mapping[str, str]) -> Json:
    used = found.rules[one.rule_id]
    standing = found.standings.get(one.site_id) if one.is_suspect else None
    return {
        "parcel": _parcel(one.site_id, *site, one.region_code, names),
        "class": one.idle_class.value,
        "class_text": one.idle_class.term,
        "sub_kind": one.kind.value,
        "sub_kind_text": one.kind.term,
        "suspect": one.is_suspect,
        "standing": standing and standing.value,
        "standing_text": standing and standing.term,
        "area_in_class_m2": float(one.area_m2),
        "area_in_class_mu": mu(one.area_m2),
        "idle_since": one.since and one.since.isoformat(),
        "warning": _line(one.line, one.line_on, one.days_left, one.days_before),
        "rule": {
            "id": used.id,
            "version": used.version,
            "title": used.text.title,
            "source": used.text.source,
            "article": used.text.article,
            "parameters": parameters(used),
            "inputs": {**one.inputs, **one.on_the_day},
        },
        "explanation": explain(one, used),
    }


def _parcel(site_id: int, code: str, name: str, region_code: str, names: Mapping[str, str]) -> Json:
    return {
        "id": site_id,
        "code": code,
        "name": name,
        "region_code": region_code,
        "region_name": names.get(region_code, region_code),
    }


def _line(line: str | None, on: Any, days_left: int | None, days_before: int | None) -> object:
    if line is None:
        return None
    told = {"line": line, "line_text": _LINES[line], "line_on": on.isoformat()}
    return {**told, "days_left": days_left, "days_before": days_before}


def warnings(rows: Sequence[Mapping[str, Any]]) -> list[Json]:
    """Warnings, each with its parcel and the rule that will be broken."""
    return [_warning(row) for row in rows]


def _warning(row: Mapping[str, Any]) -> Json:
    kind = Kind(row["sub_kind"])
    names = {row["region_code"]: row["region_name"]}
    return {
        "id": row["id"],
        "parcel": _parcel(row["site_id"], row["code"], row["name"], row["region_code"], names),
        "holder_name": row["holder_name"],
        "class": row["class"],
        "class_text": kind.idle_class.term,
        "sub_kind": kind.value,
        "sub_kind_text": kind.term,
        "area_m2": float(row["area_m2"]),
        "area_mu": mu(row["area_m2"]),
        "raised_on": row["raised_on"].isoformat(),
        **_warned(row),
        "rule": {
            "id": row["rule_id"],
            "version": row["rule_version"],
            "title": row["rule_title"],
            "source": row["rule_source"],
            "article": row["rule_article"],
            "inputs": row["inputs"],
        },
    }


def _warned(row: Mapping[str, Any]) -> Json:
    told = _line(row["line"], row["line_on"], row["days_left"], row["days_before"])
    return dict(told) if isinstance(told, dict) else {}
