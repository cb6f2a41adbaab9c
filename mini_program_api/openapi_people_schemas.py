"""Schemas of what investors and their officers are answered."""

from mini_program_api.openapi_parts import Json
from server.people.enquiry_states import EnquiryKind, State

_TEXT: Json = {"type": "string"}
_MAYBE: Json = {"type": ["string", "null"]}
_INT: Json = {"type": "integer"}
_MAYBE_INT: Json = {"type": ["integer", "null"]}
_MAYBE_NUMBER: Json = {"type": ["number", "null"]}
_YES: Json = {"type": "boolean"}
_AT: Json = {"type": "string", "format": "date-time"}
_MAYBE_AT: Json = {"type": ["string", "null"], "format": "date-time"}
_LAYER: Json = {"enum": ["parks", "parcels", "plants"]}


def ref(name: str) -> Json:
    """A reference to a schema of the document."""
    return {"$ref": f"#/components/schemas/{name}"}


def _object(required: dict[str, Json], optional: dict[str, Json] | None = None) -> Json:
    return {
        "type": "object",
        "required": list(required),
        "properties": required | (optional or {}),
    }


def _list(name: str) -> Json:
    items: Json = {"type": "array", "items": ref(name)}
    return _object({"items": items, "next": _MAYBE, "total": _INT})


_MESSAGE = _object(
    {"at": _AT, "from": {"enum": ["investor", "staff"]}, "name": _MAYBE, "text": _MAYBE},
    {"verdict": {"enum": ["passed", "unchecked", "held", "risky"]}},
)
_ACTIONS: Json = {"type": "array", "items": _object({"action": _TEXT, "title": _TEXT})}

SCHEMAS: Json = {
    "InvestorSession": _object(
        {
            "token": _TEXT,
            "expires_at": _AT,
            "investor": _object({"id": _INT, "has_phone": _YES, "consented": _YES}),
        },
        {"fake": {"const": True, "description": "演示：不是真的微信"}},
    ),
    "PrivacyNotice": _object(
        {"version": _TEXT, "effective_from": {"type": "string", "format": "date"}, "text": _TEXT}
    ),
    "Phone": _object({"phone": {"type": "string", "description": "中间四位隐去"}}),
    "Favourite": _object(
        {
            "layer": _LAYER,
            "id": _INT,
            "code": _TEXT,
            "name": _TEXT,
            "status": _MAYBE,
            "status_text": _MAYBE,
            "area_mu": _MAYBE_NUMBER,
            "added_at": _AT,
            "gone": {"type": "boolean", "description": "已不公开"},
        }
    ),
    "FavouriteList": _list("Favourite"),
    "Search": _object(
        {
            "id": _INT,
            "name": _TEXT,
            "path": _TEXT,
            "notify": _YES,
            "created_at": _AT,
            "new_matches": _INT,
        }
    ),
    "SearchList": _list("Search"),
    "Match": _object({"layer": _LAYER, "id": _INT}),
    "MatchList": _list("Match"),
    "Enquiry": _object(
        {
            "id": _INT,
            "number": _TEXT,
            "layer": _LAYER,
            "layer_text": _TEXT,
            "site_id": _INT,
            "site_code": _TEXT,
            "site_name": _TEXT,
            "kind": {"enum": [kind.value for kind in EnquiryKind]},
            "kind_text": _TEXT,
            "state": {"enum": [state.value for state in State]},
            "state_text": _TEXT,
            "first_response_due_at": _AT,
            "first_responded_at": _MAYBE_AT,
            "overdue": _YES,
            "officer_name": _MAYBE,
            "visit_on": {"type": ["string", "null"], "format": "date"},
            "scheduled_for": _MAYBE_AT,
            "created_at": _AT,
            "updated_at": _AT,
            "messages": {"type": "array", "items": _MESSAGE},
        },
        {
            "contact_name": _MAYBE,
            "phone": {"type": ["string", "null"], "description": "经办人员可见全号，其余隐去中间"},
            "actions": _ACTIONS,
            "region_code": _MAYBE,
            "officer": {"type": ["object", "null"], "properties": {"id": _INT, "name": _TEXT}},
            "escalation": {"type": "integer", "minimum": 0, "maximum": 2},
            "escalated_to": _MAYBE,
            "escalated_to_text": _MAYBE,
            "officers": {
                "type": "array",
                "items": {"type": "object", "properties": {"id": _INT, "name": _TEXT}},
                "description": "可以改派给谁，只在单条中给出",
            },
        },
    ),
    "EnquiryList": _list("Enquiry"),
    "VisitDays": _object(
        {"days": {"type": "array", "items": {"type": "string", "format": "date"}}}
    ),
    "Share": _object({"code": _TEXT, "scene": _TEXT, "url": _TEXT}),
    "SharedPath": _object({"path": _TEXT}),
    "Attachment": _object(
        {
            "id": _INT,
            "kind": {"enum": ["photo", "document", "panorama"]},
            "title": _TEXT,
            "url": _TEXT,
            "thumb_url": _MAYBE,
            "mime": _MAYBE,
            "size": _MAYBE_INT,
            "width": _MAYBE_INT,
            "height": _MAYBE_INT,
            "taken_at": _MAYBE_AT,
        },
        {
            "public": _YES,
            "longitude": {"type": ["number", "null"], "description": "WGS 84，仅工作人员"},
            "latitude": {"type": ["number", "null"], "description": "WGS 84，仅工作人员"},
            "original_url": _MAYBE,
            "sha256": _MAYBE,
            "actor": _TEXT,
            "created_at": _AT,
        },
    ),
    "AttachmentList": _list("Attachment"),
    "Me": _object(
        {
            "id": _INT,
            "created_at": _AT,
            "openid": _MAYBE,
            "phone": _MAYBE,
            "has_phone": _YES,
            "consented": _YES,
            "consents": {"type": "array", "items": _object({"version": _TEXT, "at": _AT})},
            "subscriptions": {
                "type": "array",
                "items": _object({"kind": _TEXT, "used_up": _YES}),
            },
            "favourites": {"type": "array", "items": ref("Favourite")},
            "searches": {"type": "array", "items": ref("Search")},
            "enquiries": {"type": "array", "items": ref("Enquiry")},
        }
    ),
}
