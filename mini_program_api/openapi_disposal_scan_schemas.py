"""Schemas of the OpenAPI document about rules, scans, statistics, reports and registers."""

from collections.abc import Mapping

from mini_program_api.openapi_parts import Json
from server.disposal.codes import Cause, IdleClass, State
from server.disposal.rules import Kind
from server.disposal.scan import Standing
from server.disposal.statistics import Dimension

_TEXT: Json = {"type": "string"}
_MAYBE: Json = {"type": ["string", "null"]}
_DAY: Json = {"type": "string", "format": "date"}
_MAYBE_DAY: Json = {"type": ["string", "null"], "format": "date"}
_NUMBER: Json = {"type": "number"}
_MAYBE_NUMBER: Json = {"type": ["number", "null"]}
_COUNT: Json = {"type": "integer"}
_FLAG: Json = {"type": "boolean"}
_ANY: Json = {"type": "object"}
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
    return _all({"items": items, "next": _MAYBE, "total": _COUNT})


_NAMED: dict[str, Json] = {"class": CLASS_CODES, "class_text": _TEXT}
_PARCEL = _all(
    {"id": _COUNT, "code": _TEXT, "name": _TEXT, "region_code": _TEXT, "region_name": _TEXT}
)
_PARAMETERS: Json = {
    "type": "array",
    "items": _all({"name": _TEXT, "title": _TEXT, "value": {}}),
}
_USED_RULE: dict[str, Json] = {
    "id": _COUNT, "version": _COUNT, "title": _TEXT, "source": _TEXT, "article": _MAYBE,
    "inputs": _ANY,
}  # fmt: skip
_LINE: dict[str, Json] = {
    "line": {"type": "string", "enum": ["enters", "recovery"]},
    "line_text": _TEXT, "line_on": _DAY, "days_left": _COUNT, "days_before": _COUNT,
}  # fmt: skip
_KINDS: dict[str, Json] = {
    "sub_kind": {"type": "string", "enum": [k.value for k in Kind]},
    "sub_kind_text": _TEXT,
}
_FINDING = _all(
    {
        "parcel": _PARCEL, **_NAMED, **_KINDS, "suspect": _FLAG,
        "standing": {"enum": [*(one.value for one in Standing), None]}, "standing_text": _MAYBE,
        "area_in_class_m2": _NUMBER, "area_in_class_mu": _NUMBER, "idle_since": _MAYBE_DAY,
        "warning": {"anyOf": [_all(_LINE), {"type": "null"}]},
        "rule": _all({**_USED_RULE, "parameters": _PARAMETERS}), "explanation": _TEXT,
    }
)  # fmt: skip
_AMOUNT: dict[str, Json] = {"cases": _COUNT, "area_m2": _NUMBER, "area_mu": _NUMBER}
_FIGURES: dict[str, Json] = {
    **{name: _all(_AMOUNT) for name in ("base", "new", "adjusted", "disposed", "rejected",
                                        "remaining", "previous_disposed")},
    "year": _all({name: _all(_AMOUNT) for name in ("base", "new", "disposed")}),
    "overdue": _COUNT, "target_m2": _MAYBE_NUMBER, "target_mu": _MAYBE_NUMBER,
    "disposal_rate": _MAYBE_NUMBER, "handled_rate": _MAYBE_NUMBER,
    "completion_rate": _MAYBE_NUMBER, "rank": {"type": ["integer", "null"]},
}  # fmt: skip
_BY: dict[str, Json] = {
    "region_code": _TEXT, "region_name": _TEXT, **_NAMED,
    "cause": {"enum": [*(one.value for one in Cause), None]}, "cause_text": _TEXT,
    "measure": _MAYBE, "measure_text": _TEXT,
}  # fmt: skip
_REPORT_HEAD: dict[str, Json] = {
    "id": _COUNT, "region_code": _TEXT, "region_name": _TEXT, "month": _TEXT, "month_text": _TEXT,
    "sha256": _TEXT, "note": _MAYBE, "actor": _TEXT, "frozen_at": _TEXT, "disposed_mu": _NUMBER,
    "remaining_mu": _NUMBER, "corrections": _COUNT,
}  # fmt: skip


def schemas() -> Json:
    """Components that the paths refer to."""
    return {f"Disposal{name}": schema for name, schema in _SCHEMAS.items()}


_SCHEMAS: dict[str, Json] = {
    "Rule": _all(
        {
            "id": _COUNT, "region_code": _TEXT, "region_name": _TEXT, **_NAMED, **_KINDS,
            "version": _COUNT, "applies": _FLAG, "effective_from": _DAY,
            "effective_to": _MAYBE_DAY, "title": _TEXT, "source": _TEXT, "article": _MAYBE,
            "parameters": _PARAMETERS,
        }
    ),
    "RuleList": _items("Rule"),
    "Scan": _all(
        {
            "as_of": _DAY, "region_code": _TEXT, "dry_run": _FLAG, "suspects": _COUNT,
            "area_m2": _NUMBER, "area_mu": _NUMBER, "warnings": _COUNT, "unjudged": _COUNT,
            "by_class": {"type": "array", "items": _all({**_NAMED, **_AMOUNT})},
            "by_standing": {
                "type": "array",
                "items": _all({"standing": _TEXT, "title": _TEXT, "cases": _COUNT}),
            },
            "truncated": _FLAG, "findings": {"type": "array", "items": _FINDING},
        }
    ),
    "Warning": _all(
        {
            "id": _COUNT, "parcel": _PARCEL, "holder_name": _TEXT, **_NAMED, **_KINDS,
            "area_m2": _NUMBER, "area_mu": _NUMBER, "raised_on": _DAY, **_LINE,
            "rule": _all(_USED_RULE),
        }
    ),
    "WarningList": _items("Warning"),
    "Statistics": _all(
        {
            "period": _all({"name": _TEXT, "term": _TEXT, "from": _DAY, "before": _DAY}),
            "region_code": _TEXT, "region_name": _TEXT,
            "by": {"type": "array", "items": {"enum": [one.value for one in Dimension]}},
            "items": {"type": "array", "items": members({**_BY, **_FIGURES}, *_FIGURES)},
            "total": _all(_FIGURES),
            "stages": {
                "type": "array",
                "items": _all(
                    {
                        "state": {"enum": [one.value for one in State]}, "state_text": _TEXT,
                        "ended": _COUNT, "average_days": _NUMBER,
                    }
                ),
            },
        }
    ),
    "Target": _all(
        {
            "year": _COUNT, "region_code": _TEXT, "region_name": _TEXT, "class": _MAYBE,
            "class_text": _TEXT, "area_m2": _NUMBER, "area_mu": _NUMBER,
        }
    ),
    "TargetList": _items("Target"),
    "ReportHead": _all(_REPORT_HEAD),
    "ReportList": _items("ReportHead"),
    "Report": _all({**_REPORT_HEAD, "intact": _FLAG, "snapshot": _ANY}),
    "RegisterImport": _all(
        {
            "rows": _COUNT, "new": _COUNT, "changed": _COUNT, "unchanged": _COUNT,
            "cases": _COUNT, "dry_run": _FLAG,
        }
    ),
    "CaseLayer": _all(
        {
            "type": {"const": "FeatureCollection"}, "coordSys": _TEXT,
            "features": {"type": "array", "items": _ANY}, "truncated": _FLAG, "legend": _ANY,
        }
    ),
    "NoticeList": _all(
        {
            "items": {
                "type": "array",
                "items": members(
                    {
                        "location": _TEXT, "holder_name": _TEXT, "idle_since": _MAYBE_DAY,
                        "idle_time": _TEXT, "published_on": _DAY, "cause": _TEXT,
                    },
                    "location", "holder_name", "idle_since", "idle_time", "published_on",
                ),
            },
            "next": _MAYBE, "law": _TEXT,
        }
    ),
}  # fmt: skip
