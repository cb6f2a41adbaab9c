"""Schemas of the OpenAPI document about rules, scans, statistics, reports and registers."""

from collections.abc import Mapping

from mini_program_api.openapi_parts import Json
from mini_program_api.openapi_types import (
    ANY,
    COUNT,
    DAY,
    FLAG,
    MAYBE,
    MAYBE_DAY,
    MAYBE_NUMBER,
    NUMBER,
    TEXT,
)
from server.disposal.codes import Cause, IdleClass, State
from server.disposal.rules import Kind
from server.disposal.scan import Standing
from server.disposal.statistics import Dimension

CLASS_CODES: Json = {"type": "string", "enum": [one.value for one in IdleClass]}


def ref(name: str) -> Json:
    """A component of this part of the document."""
    return {"$ref": f"#/components/schemas/Disposal{name}"}


def members(properties: Mapping[str, Json], *required: str) -> Json:
    """An object with these members, of which some must be there."""
    return {"type": "object", "properties": dict(properties), "required": list(required)}


def _all(properties: Mapping[str, Json]) -> Json:
    return members(properties, *properties)


def _items(name: str) -> Json:
    items: Json = {"type": "array", "items": ref(name)}
    return _all({"items": items, "next": MAYBE, "total": COUNT})


_NAMED: dict[str, Json] = {"class": CLASS_CODES, "class_text": TEXT}
_PARCEL = _all({"id": COUNT, "code": TEXT, "name": TEXT, "region_code": TEXT, "region_name": TEXT})
_PARAMETERS: Json = {
    "type": "array",
    "items": _all({"name": TEXT, "title": TEXT, "value": {}}),
}
_USED_RULE: dict[str, Json] = {
    "id": COUNT, "version": COUNT, "title": TEXT, "source": TEXT, "article": MAYBE,
    "inputs": ANY,
}  # fmt: skip
_LINE: dict[str, Json] = {
    "line": {"type": "string", "enum": ["enters", "recovery"]},
    "line_text": TEXT, "line_on": DAY, "days_left": COUNT, "days_before": COUNT,
}  # fmt: skip
_KINDS: dict[str, Json] = {
    "sub_kind": {"type": "string", "enum": [k.value for k in Kind]},
    "sub_kind_text": TEXT,
}
_FINDING = _all(
    {
        "parcel": _PARCEL, **_NAMED, **_KINDS, "suspect": FLAG,
        "standing": {"enum": [*(one.value for one in Standing), None]}, "standing_text": MAYBE,
        "area_in_class_m2": NUMBER, "area_in_class_mu": NUMBER, "idle_since": MAYBE_DAY,
        "warning": {"anyOf": [_all(_LINE), {"type": "null"}]},
        "rule": _all({**_USED_RULE, "parameters": _PARAMETERS}), "explanation": TEXT,
    }
)  # fmt: skip
_AMOUNT: dict[str, Json] = {"cases": COUNT, "area_m2": NUMBER, "area_mu": NUMBER}
_FIGURES: dict[str, Json] = {
    **{name: _all(_AMOUNT) for name in ("base", "new", "adjusted", "disposed", "rejected",
                                        "remaining", "previous_disposed")},
    "year": _all({name: _all(_AMOUNT) for name in ("base", "new", "disposed")}),
    "overdue": COUNT, "target_m2": MAYBE_NUMBER, "target_mu": MAYBE_NUMBER,
    "disposal_rate": MAYBE_NUMBER, "handled_rate": MAYBE_NUMBER,
    "completion_rate": MAYBE_NUMBER, "rank": {"type": ["integer", "null"]},
}  # fmt: skip
_BY: dict[str, Json] = {
    "region_code": TEXT, "region_name": TEXT, **_NAMED,
    "cause": {"enum": [*(one.value for one in Cause), None]}, "cause_text": TEXT,
    "measure": MAYBE, "measure_text": TEXT,
}  # fmt: skip
_REPORT_HEAD: dict[str, Json] = {
    "id": COUNT, "region_code": TEXT, "region_name": TEXT, "month": TEXT, "month_text": TEXT,
    "sha256": TEXT, "note": MAYBE, "actor": TEXT, "frozen_at": TEXT, "disposed_mu": NUMBER,
    "remaining_mu": NUMBER, "corrections": COUNT,
}  # fmt: skip


def schemas() -> Json:
    """Components that the paths refer to."""
    return {f"Disposal{name}": schema for name, schema in _SCHEMAS.items()}


_SCHEMAS: dict[str, Json] = {
    "Rule": _all(
        {
            "id": COUNT, "region_code": TEXT, "region_name": TEXT, **_NAMED, **_KINDS,
            "version": COUNT, "series": COUNT, "applies": FLAG, "effective_from": DAY,
            "effective_to": MAYBE_DAY, "title": TEXT, "source": TEXT, "article": MAYBE,
            "parameters": _PARAMETERS,
        }
    ),
    "RuleList": _items("Rule"),
    "Scan": _all(
        {
            "as_of": DAY, "region_code": TEXT, "dry_run": FLAG, "suspects": COUNT,
            "area_m2": NUMBER, "area_mu": NUMBER, "warnings": COUNT, "unjudged": COUNT,
            "by_class": {"type": "array", "items": _all({**_NAMED, **_AMOUNT})},
            "by_standing": {
                "type": "array",
                "items": _all({"standing": TEXT, "title": TEXT, "cases": COUNT}),
            },
            "truncated": FLAG, "findings": {"type": "array", "items": _FINDING},
        }
    ),
    "Warning": _all(
        {
            "id": COUNT, "parcel": _PARCEL, "holder_name": TEXT, **_NAMED, **_KINDS,
            "area_m2": NUMBER, "area_mu": NUMBER, "raised_on": DAY, **_LINE,
            "rule": _all(_USED_RULE),
        }
    ),
    "WarningList": _items("Warning"),
    "Statistics": _all(
        {
            "period": _all({"name": TEXT, "term": TEXT, "from": DAY, "before": DAY}),
            "region_code": TEXT, "region_name": TEXT,
            "by": {"type": "array", "items": {"enum": [one.value for one in Dimension]}},
            "items": {"type": "array", "items": members({**_BY, **_FIGURES}, *_FIGURES)},
            "total": _all(_FIGURES),
            "stages": {
                "type": "array",
                "items": _all(
                    {
                        "state": {"enum": [one.value for one in State]}, "state_text": TEXT,
                        "ended": COUNT, "average_days": NUMBER,
                    }
                ),
            },
        }
    ),
    "Target": _all(
        {
            "year": COUNT, "region_code": TEXT, "region_name": TEXT, "class": MAYBE,
            "class_text": TEXT, "area_m2": NUMBER, "area_mu": NUMBER,
        }
    ),
    "TargetList": _items("Target"),
    "ReportHead": _all({**_REPORT_HEAD, "actor_name": TEXT, "pdf_ready": FLAG}),
    "ReportList": _items("ReportHead"),
    "Report": _all({**_REPORT_HEAD, "intact": FLAG, "snapshot": ANY}),
    "RegisterImport": _all(
        {
            "rows": COUNT, "new": COUNT, "changed": COUNT, "unchanged": COUNT,
            "cases": COUNT, "dry_run": FLAG,
        }
    ),
    "CaseLayer": _all(
        {
            "type": {"const": "FeatureCollection"}, "coordSys": TEXT,
            "features": {"type": "array", "items": ANY}, "truncated": FLAG, "legend": ANY,
        }
    ),
    "NoticeList": _all(
        {
            "items": {
                "type": "array",
                "items": members(
                    {
                        "location": TEXT, "holder_name": TEXT, "idle_since": MAYBE_DAY,
                        "idle_time": TEXT, "published_on": DAY, "cause": TEXT,
                    },
                    "location", "holder_name", "idle_since", "idle_time", "published_on",
                ),
            },
            "next": MAYBE, "law": TEXT,
        }
    ),
}  # fmt: skip
