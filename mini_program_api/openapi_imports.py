"""The part of the OpenAPI document that is for staff: imports, field profiles and exports."""

from collections.abc import Iterable, Sequence

from gis import filters
from gis.carriers.model import Severity
from gis.exporting.model import Format
from gis.importing.states import State
from gis.layers import LAYERS, Layer
from mini_program_api.openapi_parts import CRS, Json, filter_of, query

SECURED: list[Json] = [{"staffToken": []}]
"""What an operation of staff asks for."""

SECURITY: Json = {
    "staffToken": {
        "type": "http",
        "scheme": "bearer",
        "description": "工作人员会话，由 POST /session 取得；网页也可用 Cookie 与 X-CSRF-Token",
    }
}

_REASONS = {
    400: "参数有误",
    401: "没有登录，或会话已结束",
    403: "没有需要的角色，或不在管辖范围",
    404: "没有这个批次、行或方案",
    409: "这个状态下不能这样做，或正在处理（见 state、actions）",
    413: "文件过大",
    422: "文件或选项不能这样用，code 说明原因",
    503: "暂时不可用，见 Retry-After",
    507: "服务器磁盘空间不足",
}

_TEXT: Json = {"type": "string"}
_NUMBER: Json = {"type": "integer"}
_MAYBE: Json = {"type": ["string", "null"]}
_MAPPING: Json = {"type": "object", "additionalProperties": _MAYBE}
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _path(name: str, schema: Json) -> Json:
    return {"name": name, "in": "path", "required": True, "schema": schema}


_ID = _path("id", {"type": "integer", "minimum": 1, "maximum": 2**63 - 1})
_ROW = _path("row", {"type": "integer", "minimum": 1, "maximum": 2**31 - 1})
_NAME = _path("name", {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[^/]+$"})
_CURSOR = query("cursor", "下一页的位置，取自 next", _TEXT)
_SEVERITY = query("severity", "级别", {"type": "string", "enum": [s.value for s in Severity]})
_CODE = query("code", "问题代码", _TEXT)
_BBOX = query("bbox", "西,南,东,北（与 crs 相同的坐标系）", _TEXT, "120,30.7,121,31")


def _limit(default: int, most: int) -> Json:
    schema: Json = {"type": "integer", "minimum": 1, "maximum": most, "default": default}
    return query("limit", "一页最多几条", schema)


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _typed(media_type: str, schema: Json) -> Json:
    return {media_type: {"schema": schema}}


def _json(name: str) -> Json:
    return _typed("application/json", _ref(name))


def _operation(
    operation_id: str,
    summary: str,
    parameters: Sequence[Json],
    answer: tuple[int, Json | None],
    *problems: int,
) -> Json:
    """One operation of staff; ``answer`` is the status of success and its content by type."""
    status, content = answer
    success: Json = {"description": "成功"}
    if content is not None:
        success["content"] = content
    if status == 202:
        place: Json = {"schema": _TEXT, "description": "批次的地址，随处理更新"}
        success["headers"] = {"Location": place}
    refused: Json = {
        str(code): {
            "description": _REASONS[code],
            "content": {"application/problem+json": {"schema": _ref("Problem")}},
        }
        for code in sorted({400, 401, 403, 503, *problems})
    }
    return {
        "operationId": operation_id,
        "summary": summary,
        "tags": ["工作人员"],
        "security": SECURED,
        "parameters": list(parameters),
        "responses": {str(status): success, **refused},
    }


def _bodied(operation: Json, content: Json, *, required: bool = True) -> Json:
    return operation | {"requestBody": {"required": required, "content": content}}


def paths() -> Json:
    """Every address of staff."""
    run, one = "/imports/{id}", (200, _json("Import"))
    accepted = (202, _json("Import"))
    geojson = (200, _typed("application/geo+json", _ref("Preview")))
    profile = (200, _json("ImportProfile"))
    found: Json = {
        "/imports": {
            "get": _operation(
                "listImports", "导入批次", [_limit(20, 100), _CURSOR], (200, _json("ImportList"))
            ),
            "post": _bodied(
                _operation(
                    "upload", "上传文件并检查", [_KEY, _PREFER], accepted, 404, 413, 422, 507
                ),
                {"multipart/form-data": {"schema": _ref("ImportUpload")}},
            ),
        },
        run: {"get": _operation("getImport", "一个批次", [_ID], one, 404)},
        f"{run}/findings": _get(
            "listFindings",
            "逐行的问题",
            [_ID, _SEVERITY, _CODE, CRS, _limit(100, 1000), _CURSOR],
            (200, _json("FindingList")),
            404,
        ),
        f"{run}/differences": _get(
            "listDifferences",
            "逐字段的更新",
            [_ID, _limit(100, 1000), _CURSOR],
            (200, _json("DifferenceList")),
            *(404, 409),
        ),
        f"{run}/preview": _get(
            "previewImport", "地图预览", [_ID, CRS, _BBOX, _limit(1000, 5000)], geojson, 404, 409
        ),
        f"{run}/rows/{{row}}": _get(
            "getOriginalRow", "文件中的原始行", [_ID, _ROW], (200, _json("OriginalRow")), 404, 422
        ),
        f"{run}/report.xlsx": _get(
            "downloadReport", "Excel 报告", [_ID], (200, _typed(_XLSX, _FILE)), 404
        ),
        f"{run}/report.geojson": _get(
            "downloadFlawed", "有问题的图形", [_ID, CRS], geojson, 404, 409
        ),
        f"{run}/restage": {
            "post": _bodied(
                _operation(
                    "restageImport", "换选项重新检查", [_ID, _PREFER], accepted, 404, 409, 422
                ),
                _json("ImportOptions"),
                required=False,
            )
        },
        "/import-profiles": _get("listProfiles", "字段方案", [], (200, _json("ProfileList"))),
        "/import-profiles/{name}": {
            "get": _operation("getProfile", "一个字段方案", [_NAME], profile, 404),
            "put": _bodied(
                _operation("saveProfile", "保存字段方案", [_NAME], profile, 404, 422),
                _json("ImportProfileForm"),
            ),
            "delete": _operation("removeProfile", "删除字段方案", [_NAME], (204, None), 404),
        },
    }
    for wish, title in (("apply", "应用"), ("rollback", "撤回"), ("cancel", "取消")):
        asked = _operation(f"{wish}Import", title, [_ID, _PREFER], accepted, 404, 409, 422)
        found[f"{run}/{wish}"] = {"post": asked}
    return found | {f"/exports/{layer.name}": {"get": _export(layer)} for layer in LAYERS}


def _get(
    operation_id: str,
    summary: str,
    parameters: Sequence[Json],
    answer: tuple[int, Json | None],
    *problems: int,
) -> Json:
    return {"get": _operation(operation_id, summary, parameters, answer, *problems)}


_FILE: Json = {"type": "string", "contentMediaType": "application/octet-stream"}
_PREFER: Json = {
    "name": "Prefer",
    "in": "header",
    "description": "wait=秒数（至多 30）：等处理完再答，不能导入时直接得到 422 或 409",
    "schema": {"type": "string", "pattern": "^wait=[0-9]{1,2}$"},
}
_KEY: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "重试时不变：同键同文件只收一次",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
}


def _export(layer: Layer) -> Json:
    forms: Json = {"type": "string", "enum": [form.value for form in Format]}
    own = [
        query("format", "格式；shp 是 zip", forms) | {"required": True},
        query("crs", "gcj02、cgcs2000 或 CGCS2000 的 EPSG 代码", _TEXT, "4528"),
        query("encoding", "shp 的文字编码", {"type": "string", "enum": ["gbk", "utf-8"]}),
        query("bbox", "CGCS2000 度：西,南,东,北", _TEXT),
        query("q", "名称、编号、坐落中的文字", {"type": "string", "maxLength": 200}),
    ]
    asked = [filter_of(parameter) for parameter in filters.parameters(layer).values()]
    answer = (200, _typed("*/*", _FILE))
    return _operation(f"export_{layer.name}", f"导出{layer.title}", [*own, *asked], answer, 422)


def _object(required: Iterable[str], properties: Json) -> Json:
    return {"type": "object", "required": list(required), "properties": properties}


def _paged(name: str, member: str) -> Json:
    items: Json = {"type": "array", "items": _ref(name)}
    return _object([member, "next"], {member: items, "next": _MAYBE})


_OPTIONS: Json = {
    "table": _MAYBE,
    "encoding": _MAYBE,
    "crs": {"type": ["integer", "null"], "description": "EPSG 代码"},
    "datum": {"enum": ["wgs84", "gcj02", None], "description": "KML 的度是哪一种"},
    "zone": {"type": ["integer", "null"], "description": "本县 3 度带的 EPSG 代码"},
    "mapping": _MAPPING | {"description": "字段到列[:单位]；null 不导入"},
    "constants": {"type": "object", "additionalProperties": _TEXT},
    "repair": {"type": ["boolean", "null"]},
    "allow_overlap": {"type": ["boolean", "null"]},
    "profile": _MAYBE | {"description": "用这个字段方案"},
    "save_profile": _MAYBE | {"description": "把 mapping 存为这个方案"},
    "shift": _MAYBE | {"description": "旧坐标系文件用哪一套本县转换参数；只有一套时不必写"},
}


def schemas() -> Json:
    """Schemas that only these operations refer to."""
    layer: Json = {"type": "string", "enum": [one.name for one in LAYERS]}
    run_members: Json = {
        "id": _NUMBER,
        "href": _TEXT,
        "layer": layer,
        "state": {"type": "string", "enum": [state.value for state in State]},
        "actions": {"type": "array", "items": _TEXT},
        "counts": {"type": "object", "additionalProperties": _NUMBER},
        "problem": {"type": ["object", "null"]},
        "progress": {"type": ["object", "null"]},
    }
    profile: Json = {"layer": layer, "mapping": _MAPPING}
    finding: Json = {"row": _NUMBER, "code": _TEXT, "severity": _TEXT, "message": _TEXT}
    change: Json = {"row": _NUMBER, "code": _TEXT, "column": _TEXT, "before": _MAYBE}
    upload: Json = {"layer": layer, "file": _FILE, "options": _TEXT}
    feature: Json = _object(["type", "geometry", "properties"], {"type": {"const": "Feature"}})
    return {
        "Import": _object(run_members.keys(), run_members),
        "ImportList": _paged("Import", "imports"),
        "ImportUpload": _object(["layer", "file"], upload),
        "ImportOptions": _object([], _OPTIONS),
        "Finding": _object(finding.keys(), finding),
        "FindingList": _paged("Finding", "findings"),
        "Difference": _object(change.keys(), change | {"after": _MAYBE}),
        "DifferenceList": _paged("Difference", "differences"),
        "OriginalRow": _object(["row", "fields"], {"fields": {"type": "object"}, "wkt": _MAYBE}),
        "ImportProfileForm": _object(["layer", "mapping"], profile),
        "ImportProfile": _object(["name", "layer", "mapping"], profile | {"name": _TEXT}),
        "ProfileList": _object(
            ["profiles"], {"profiles": {"type": "array", "items": _ref("ImportProfile")}}
        ),
        "Preview": _object(
            ["type", "coordSys", "features"],
            {"coordSys": _TEXT, "features": {"type": "array", "items": feature}},
        ),
    }
