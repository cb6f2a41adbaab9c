"""The part of the OpenAPI document about cases of disposal."""

from collections.abc import Mapping, Sequence

from mini_program_api.disposal_case_params import DEFAULT_LIMIT, MOST
from mini_program_api.openapi_imports import SECURED
from mini_program_api.openapi_parts import Json, header, query
from mini_program_api.openapi_types import COUNT, DAY, MAYBE, NUMBER, TEXT
from server.disposal.actions import Action
from server.disposal.codes import CAUSE_GROUNDS, Cause, IdleClass, Source, State
from server.disposal.evidence import Kind, PhoneCrs
from server.disposal.fields import FieldKind
from server.disposal.listing import Sort
from server.disposal.texts import DocumentKind
from server.files.documents import DOCX

_SERIAL: Json = {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}

_ID: Json = {"name": "id", "in": "path", "required": True, "schema": _SERIAL}
_FILE: Json = {"name": "file", "in": "path", "required": True, "schema": _SERIAL}
_KEY = header("Idempotency-Key", "断网重发用：同一键、同一内容只生效一次")
_IF_MATCH: Json = header("If-Match", '所见的版本号，例如 "3"') | {"required": True}

_REASONS = {
    400: "参数有误",
    401: "没有登录",
    403: "没有权限，或不在管辖范围",
    404: "没有这个案件或文件",
    409: "现在不能这样做：detail 说明原因，legal 列出可以做的",
    412: "案件已被他人更新，见 current",
    422: "填写有误，见 fields；或文件、Idempotency-Key 不能使用",
    428: "缺少 If-Match",
    503: "暂时不可用",
}


def _enum(codes: Sequence[str]) -> Json:
    return {"type": "string", "enum": list(codes)}


def _list(name: str, offered: Sequence[str], title: str) -> Json:
    return query(name, f"{title}，逗号分隔多选：{'、'.join(offered)}", TEXT)


_FILTERS = [
    query("region", "行政区划代码前缀", TEXT, "330503"),
    _list("class", [f"{c.value}={c.term}" for c in IdleClass], "五未类型"),
    _list("state", [f"{s.value}={s.term}" for s in State], "状态"),
    query("overdue", "是否逾期", {"type": "boolean"}),
    query("officer", "经办人编号，或 me", TEXT),
    query("site", "地块编号（数字）", _SERIAL),
    query("q", "案件编号、地块编号、名称、使用权人中的文字", {"type": "string", "maxLength": 200}),
    query(
        "limit",
        "一页最多几条",
        {"type": "integer", "minimum": 1, "maximum": MOST, "default": DEFAULT_LIMIT},
    ),
    query("cursor", "下一页的位置，取自 next", TEXT),
    query("sort", "排序", _enum(list(Sort)) | {"default": Sort.NEWEST.value}),
]


def paths() -> Json:
    """Paths of cases, by their place below /api/v1."""
    case = "/disposal-cases/{id}"
    return {
        "/disposal-cases": {
            "get": _operation("listCases", "案件列表", _FILTERS, {"200": _ref("Cases")}),
            "post": _operation(
                "discoverCase",
                "登记发现（巡查、卫片、举报）；同一地块同一类型已有在办案件时返回该案",
                [_KEY],
                {"200": _ref("Case"), "201": _ref("Case")},
                body=_json_body(_DISCOVERY),
                problems=(403, 404, 422),
            ),
        },
        "/disposal-board": {
            "get": _operation("caseBoard", "各状态的宗数与面积", _FILTERS, {"200": _ref("Board")})
        },
        case: {"get": _one("oneCase", "一个案件及现在可以做的操作", "Case")},
        f"{case}/actions": {
            "post": _operation(
                "actOnCase",
                "办理一步；各步需要的内容见案件的 actions",
                [_ID, _IF_MATCH, _KEY],
                {"200": _ref("Case")},
                body=_json_body(_ACTION),
                problems=(403, 404, 409, 412, 422, 428),
            )
        },
        f"{case}/timeline": {"get": _one("caseTimeline", "办理过程", "Timeline")},
        **_files(case),
    }


def _files(case: str) -> Json:
    return {
        f"{case}/evidence": {
            "get": _one("listEvidence", "照片和文件", "EvidenceList"),
            "post": _operation(
                "addEvidence",
                "上传照片或文件；同一内容再次上传返回同一条",
                [_ID, _KEY],
                {"200": _ref("Evidence"), "201": _ref("Evidence")},
                body={"multipart/form-data": {"schema": _UPLOAD}},
                problems=(403, 404, 422),
            ),
        },
        f"{case}/evidence/{{file}}": {"get": _download("getEvidence", "原文件", "*/*")},
        f"{case}/evidence/{{file}}/large": {"get": _download("largeEvidence", "大图", "*/*")},
        f"{case}/evidence/{{file}}/thumb": {"get": _download("smallEvidence", "小图", "*/*")},
        f"{case}/documents": {
            "get": _one("listDocuments", "已出具的文书，以及现在可以出具的种类", "DocumentList"),
            "post": _operation(
                "makeDocument",
                "按案件内容出具文书，文号按区县、种类、年度连续编号",
                [_ID, _KEY],
                {"201": _ref("Document")},
                body=_json_body(_DOCUMENT),
                problems=(403, 404, 409, 422),
            ),
        },
        f"{case}/documents/{{file}}": {"get": _download("getDocument", "文书（Word）", DOCX)},
    }


def _one(operation_id: str, summary: str, schema: str) -> Json:
    return _operation(operation_id, summary, [_ID], {"200": _ref(schema)}, problems=(403, 404))


def _download(operation_id: str, summary: str, media: str) -> Json:
    found = _operation(operation_id, summary, [_ID, _FILE], {}, problems=(403, 404))
    binary: Json = {"schema": {"type": "string", "format": "binary"}}
    answers: Json = {"200": {"description": "成功", "content": {media: binary}}}
    return found | {"responses": answers | _refused((403, 404))}


def _operation(
    operation_id: str,
    summary: str,
    parameters: Sequence[Json],
    answers: Mapping[str, Json],
    *,
    body: Json | None = None,
    problems: Sequence[int] = (403,),
) -> Json:
    found: Json = {
        "operationId": operation_id,
        "summary": summary,
        "tags": ["五未处置"],
        "security": SECURED,
        "parameters": list(parameters),
        "responses": {
            status: {"description": "成功", "content": {"application/json": {"schema": schema}}}
            for status, schema in answers.items()
        }
        | _refused(problems),
    }
    return found if body is None else found | {"requestBody": {"required": True, "content": body}}


def _refused(problems: Sequence[int]) -> Json:
    content: Json = {
        "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
    }
    statuses = sorted({400, 401, 503, *problems})
    return {str(one): {"description": _REASONS[one], "content": content} for one in statuses}


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _json_body(schema: Json) -> Json:
    return {"application/json": {"schema": schema}}


def _object(required: Sequence[str], **members: Json) -> Json:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": members,
    }


_DISCOVERY = _object(
    ("site_id", "class", "note"),
    site_id=_SERIAL,
    **{"class": _enum(list(IdleClass))},
    source=_enum([Source.PATROL, Source.SATELLITE, Source.REPORT]),
    area_m2={"type": "number", "exclusiveMinimum": 0, "maximum": 1e9},
    found_on=DAY,
    idle_since=DAY,
    legal={"type": "boolean", "description": "是否走闲置土地法定程序；供而未用默认是"},
    note={"type": "string", "minLength": 1, "maxLength": 4000},
)
_ACTION = _object(
    ("action",),
    action=_enum(list(Action)),
    inputs={"type": "object", "description": "按案件 actions 中该操作的 requires 填写"},
    comment={"type": "string", "minLength": 1, "maxLength": 4000},
    happened_on=DAY | {"description": "发生日期，默认今天；不早于上一步"},
)
_DOCUMENT = _object(
    ("kind",),
    kind=_enum(list(DocumentKind)),
    issued_on=DAY,
    cause=_enum(list(Cause)),
    cause_ground=_enum(list(CAUSE_GROUNDS)),
)
_UPLOAD = _object(
    ("file",),
    file={"type": "string", "format": "binary"},
    kind=_enum(list(Kind)) | {"default": "photo"},
    taken_at={"type": "string", "format": "date-time"},
    longitude={"type": "number", "minimum": -180, "maximum": 180},
    latitude={"type": "number", "minimum": -90, "maximum": 90},
    crs=_enum(list(PhoneCrs)) | {"default": "gcj02"},
    note={"type": "string", "maxLength": 2000},
)

_FIELD: Json = {
    "type": "object",
    "required": ["name", "title", "kind", "required"],
    "properties": {
        "name": TEXT,
        "title": TEXT,
        "kind": _enum(list(FieldKind)),
        "required": {"type": "boolean"},
        "value": {**TEXT, "description": "建议值，可改"},
        "choices": {"type": "array", "items": {"type": "object"}},
    },
}
_OFFER: Json = {
    "type": "object",
    "required": ["action", "title", "requires"],
    "properties": {
        "action": _enum(list(Action)),
        "title": TEXT,
        "requires": {"type": "array", "items": _FIELD},
    },
}
_CASE: Json = {
    "type": "object",
    "required": ["id", "parcel", "class", "state", "area_in_class_m2", "version"],
    "properties": {
        "id": COUNT,
        "case_no": MAYBE,
        "parcel": {"type": "object"},
        "class": _enum(list(IdleClass)),
        "class_text": TEXT,
        "round": COUNT,
        "state": _enum(list(State)),
        "state_text": TEXT,
        "area_in_class_m2": NUMBER,
        "area_in_class_mu": NUMBER,
        "disposed_area_m2": NUMBER,
        "remaining_m2": NUMBER,
        "deadline_on": {"type": ["string", "null"], "format": "date"},
        "days_left": {"type": ["integer", "null"]},
        "overdue": {"type": "boolean"},
        "warning": MAYBE | {"description": "期限计算的提醒，例如节假日安排尚未公布"},
        "legal": {
            "type": ["object", "null"],
            "description": "闲置土地法定程序：动工期限、一年线、两年线、闲置费、可用措施与条文；"
            "仅供办案参考，不是法律意见",
        },
        "rule": {"type": "object", "description": "发现所依据的规则及输入"},
        "version": COUNT,
        "actions": {"type": "array", "items": _OFFER, "description": "本人现在可以做的"},
        "next_step": {"type": ["object", "null"], "description": "下一步办什么、由哪些角色办理"},
    },
}


def _items(schema: Json, **more: Json) -> Json:
    members: Json = {"items": {"type": "array", "items": schema}, **more}
    return {"type": "object", "required": ["items"], "properties": members}


def schemas() -> Json:
    """Components that the paths name."""
    file: Json = {"type": "object", "required": ["id", "kind", "sha256", "url"]}
    column: Json = {"type": "object", "required": ["state", "cases", "area_m2"]}
    return {
        "Case": _CASE,
        "Cases": _items(_ref("Case"), next=MAYBE, total=COUNT),
        "Timeline": _items({"type": "object", "required": ["at", "action", "to_state"]}),
        "Evidence": file,
        "EvidenceList": _items(_ref("Evidence")),
        "Document": file,
        "DocumentList": _items(
            _ref("Document"),
            kinds={"type": "array", "items": {"type": "object", "required": ["value", "title"]}},
        ),
        "Board": {
            "type": "object",
            "required": ["columns"],
            "properties": {"columns": {"type": "array", "items": column}},
        },
    }
