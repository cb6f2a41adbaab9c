"""The part of the OpenAPI document about clocks and numbers of the law and names of offices."""

from collections.abc import Mapping

from mini_program_api.openapi_disposal_scan_schemas import members
from mini_program_api.openapi_imports import SECURED
from mini_program_api.openapi_parts import Json, header, query
from server.disposal.actions import Step
from server.disposal.law_names import Number, Unit

_TEXT: Json = {"type": "string"}
_MAYBE: Json = {"type": ["string", "null"]}
_DAY: Json = {"type": "string", "format": "date"}
_FLAG: Json = {"type": "boolean"}
_LIMITED: Json = {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "\\S"}
_STEP: Json = {"type": "string", "enum": list(Step)}
_NAME: Json = {"type": "string", "enum": list(Number)}

_REGION = query("region", "行政区划代码前缀", _TEXT, "330503")
_ON = query("on", "哪一天起作用的，默认今天", _DAY)
_KEY = header("Idempotency-Key", "重发用：同一键、同一内容只生效一次")
_IF_MATCH: Json = header("If-Match", '所见的 series，例如 "2"；从没有过的为 "1"') | {
    "required": True
}

_REASONS = {
    400: "参数有误",
    401: "没有登录",
    403: "没有权限，或不在管辖范围",
    412: "别人刚刚也新增了一行，见 current",
    422: "内容有误，detail 说明原因",
    428: "缺少 If-Match",
    503: "暂时不可用",
}


def paths() -> Json:
    """Paths by their place below /api/v1."""
    return {
        "/disposal-deadlines": _series("Deadline", "各环节的期限", _DEADLINE_FORM),
        "/disposal-numbers": _series("Number", "法定数值", _NUMBER_FORM),
        "/disposal-offices": _series("Office", "文书机关名称", _OFFICE_FORM),
    }


def _series(name: str, title: str, form: Json) -> Json:
    about = f"{title}：每一行的区域、施行日期与出处；applies 为所选日期起作用的"
    added = f"新增一行{title}（不改旧行；同日再增为更正）"
    return {
        "get": _operation(f"list{name}s", about, [_REGION, _ON], {"200": f"{name}List"}),
        "post": _operation(f"add{name}", added, [_KEY, _IF_MATCH], {"201": name}, form),
    }


def _operation(
    operation_id: str,
    summary: str,
    parameters: list[Json],
    answers: Mapping[str, str],
    form: Json | None = None,
) -> Json:
    problem: Json = {"application/problem+json": {"schema": _ref("Problem")}}
    statuses = (400, 401, 403, 412, 422, 428, 503) if form else (400, 401, 403, 503)
    refused = {str(s): {"description": _REASONS[s], "content": problem} for s in statuses}
    good = {
        status: {
            "description": "成功",
            "content": {"application/json": {"schema": _ref(f"DisposalLaw{name}")}},
        }
        for status, name in answers.items()
    }
    found: Json = {
        "operationId": operation_id,
        "summary": summary,
        "tags": ["五未处置"],
        "security": SECURED,
        "parameters": parameters,
        "responses": good | refused,
    }
    body: Json = {"required": True, "content": {"application/json": {"schema": form}}}
    return found | ({"requestBody": body} if form else {})


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _form(properties: dict[str, Json], *optional: str) -> Json:
    required = [name for name in properties if name not in optional]
    return {**members(properties, *required), "additionalProperties": False}


_PAPER: dict[str, Json] = {
    "region_code": {"type": "string", "pattern": "^([0-9]{2}){0,3}$"},
    "effective_from": _DAY,
    "source": _LIMITED,
    "article": _LIMITED,
}
_DEADLINE_FORM = _form(
    {
        **_PAPER,
        "step": _STEP,
        "days": {"type": "integer", "minimum": 1, "maximum": 3650},
        "working_days": _FLAG,
        "rolls": _FLAG | {"description": "按日历日计算、届满日为休息日的，顺延到下一工作日"},
    },
    "rolls",
)
_NUMBER_FORM = _form(
    {**_PAPER, "name": _NAME, "value": {"type": "number", "minimum": 0, "maximum": 1e6}}
)
_OFFICE_FORM = _form(
    {
        "region_code": {"type": "string", "pattern": "^[0-9]{6}$"},
        "effective_from": _DAY,
        "source": _LIMITED,
        "name": _LIMITED,
        "short_name": {"type": "string", "minLength": 1, "maxLength": 30, "pattern": "\\S"},
        "government": _LIMITED,
        "address": _LIMITED,
        "phone": {"type": "string", "minLength": 3, "maxLength": 40},
    },
    "address",
    "phone",
)

_ROW: dict[str, Json] = {
    "id": {"type": ["integer", "null"], "description": "空：由行政区名称生成，尚未登记"},
    "title": _TEXT,
    "region_code": _TEXT,
    "region_name": _TEXT,
    "effective_from": {"type": ["string", "null"], "format": "date"},
    "version": {"type": ["integer", "null"], "description": "同一区域、同一天的第几版"},
    "series": {"type": "integer", "description": "同名各行的总版本，新增时作为 If-Match"},
    "applies": _FLAG,
    "source": _TEXT,
    "article": _MAYBE,
}


def schemas() -> Json:
    """Components that the paths name."""
    rows: dict[str, dict[str, Json]] = {
        "Deadline": {
            "step": _STEP, "days": {"type": "integer"}, "working_days": _FLAG, "rolls": _FLAG,
        },
        "Number": {
            "name": _NAME, "value": {"type": "number"},
            "unit": {"type": "string", "enum": list(Unit)},
        },
        "Office": {
            "name": _TEXT, "short_name": _TEXT, "government": _TEXT,
            "address": _MAYBE, "phone": _MAYBE,
        },
    }  # fmt: skip
    found: Json = {}
    for name, own in rows.items():
        every = {**_ROW, **own}
        found[f"DisposalLaw{name}"] = members(every, *every)
        items: Json = {"type": "array", "items": _ref(f"DisposalLaw{name}")}
        listed: dict[str, Json] = {"items": items, "next": _MAYBE, "total": {"type": "integer"}}
        found[f"DisposalLaw{name}List"] = members(listed, *listed)
    return found
