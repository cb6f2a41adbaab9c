"""The part of the OpenAPI document about rules, scans, statistics, reports and registers."""

from collections.abc import Mapping, Sequence

from mini_program_api.openapi_disposal_scan_schemas import CLASS_CODES, members, ref
from mini_program_api.openapi_imports import SECURED
from mini_program_api.openapi_parts import Json, header, query
from mini_program_api.openapi_types import ANY, DAY, FLAG, TEXT
from server.disposal.codes import IdleClass
from server.disposal.rules import Kind
from server.disposal.statistics import Dimension

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_KEY = header("Idempotency-Key", "重发用：同一键、同一内容只生效一次")
_IF_MATCH = header("If-Match", '所见的 series，例如 "2"') | {"required": True}
_ID: Json = {
    "name": "id",
    "in": "path",
    "required": True,
    "schema": {"type": "integer", "minimum": 1, "maximum": 2**63 - 1},
}
_REGION = query("region", "行政区划代码前缀", TEXT, "330503")
_CLASS = query("class", "、".join(f"{c.value}={c.term}" for c in IdleClass), CLASS_CODES)
_CURSOR = query("cursor", "下一页的位置，取自 next", TEXT)

_REASONS = {
    400: "参数有误",
    401: "没有登录",
    403: "没有权限，或不在管辖范围",
    404: "没有这份通报",
    409: "本月通报已经印发，见 report",
    412: "别人刚刚也新增了一版，见 current",
    422: "内容有误，detail 说明原因；台账见 errors",
    428: "缺少 If-Match",
    503: "暂时不可用",
}


def paths() -> Json:
    """Paths by their place below /api/v1."""
    return {**_rules_and_scans(), **_figures(), **_reports(), **_register(), **_maps()}


def _rules_and_scans() -> Json:
    scan = (
        "扫描：按规则找出疑似五未并立案；dry_run 只试算，可换参数和日期；"
        "findings 逐宗说明所用规则、版本、输入"
    )
    return {
        "/disposal-rules": {
            "get": _operation(
                "listRules",
                "认定规则，applies 为所选日期起作用的",
                [_REGION, _CLASS, query("on", "日期", DAY)],
                {"200": _json("RuleList")},
            ),
            "post": _operation(
                "addRule",
                "新增一版规则（不改旧版）",
                [_KEY, _IF_MATCH],
                {"201": _json("Rule")},
                _body(_RULE_FORM),
                412,
                428,
            ),
        },
        "/disposal-scans": {
            "post": _operation("scan", scan, [_KEY], {"200": _json("Scan")}, _body(_SCAN_FORM), 422)
        },
        "/disposal-warnings": {
            "get": _operation(
                "listWarnings",
                "预警：即将构成五未，或即将满收回期限",
                [
                    _REGION,
                    _CLASS,
                    query("within_days", "几天以内", _whole(0, 3650)),
                    _limit(100, 500),
                    _CURSOR,
                ],
                {"200": _json("WarningList")},
            )
        },
    }


def _figures() -> Json:
    by = query("by", f"按什么统计，逗号分隔：{'、'.join(Dimension)}；空为合计", TEXT, "region")
    level: Json = {"type": "string", "enum": ["province", "city", "county", "town"]}
    return {
        "/disposal-statistics": {
            "get": _operation(
                "disposalStatistics",
                "统计：期初、新增、处置、剩余、目标、处置率、完成率、逾期、排名、环节用时",
                [
                    by,
                    query("period", "月 2026-10、季 2026Q4 或年 2026", TEXT, "2026-10"),
                    _REGION,
                    query("level", "按哪一级行政区", level),
                ],
                {"200": _json("Statistics")},
            )
        },
        "/disposal-targets": {
            "get": _operation(
                "listTargets",
                "年度任务",
                [query("year", "年份", _whole(2000, 2100)), _REGION],
                {"200": _json("TargetList")},
            ),
            "put": _operation(
                "putTarget",
                "下达或修改年度任务",
                [_KEY],
                {"200": _json("Target")},
                _body(_TARGET_FORM),
                422,
            ),
        },
    }


def _reports() -> Json:
    return {
        "/disposal-reports": {
            "get": _operation(
                "listReports", "已印发的通报", [_REGION], {"200": _json("ReportList")}
            ),
            "post": _operation(
                "freezeReport",
                "印发一个月的通报：快照不再更改，更正写入下一期",
                [_KEY],
                {"201": _json("Report")},
                _body(_REPORT_FORM),
                409,
                422,
            ),
        },
        "/disposal-reports/{id}": {
            "get": _operation("oneReport", "一份通报", [_ID], {"200": _json("Report")}, None, 404)
        },
        "/disposal-reports/{id}.xlsx": {
            "get": _operation(
                "reportWorkbook", "通报的 Excel", [_ID], {"200": _binary(_XLSX)}, None, 404
            )
        },
        "/disposal-reports/{id}.pdf": {
            "get": _operation(
                "reportPdf",
                "通报的 PDF，固化后由后台生成；尚未生成回 503 和 Retry-After",
                [_ID],
                {"200": _binary("application/pdf")},
                None,
                404,
            )
        },
    }


def _register() -> Json:
    form: Json = {
        "multipart/form-data": {"schema": members({"dry_run": TEXT, "file": _FILE}, "file")}
    }
    return {
        "/disposal-register": {
            "post": _operation(
                "importRegister",
                "导入低效用地台账（Excel）：整体导入，任何一行有误都不写入，errors 逐行说明",
                [_KEY],
                {"200": _json("RegisterImport")},
                form,
                422,
            )
        },
        "/disposal-register.xlsx": {
            "get": _operation(
                "exportRegister", "导出低效用地台账", [_REGION], {"200": _binary(_XLSX)}
            )
        },
    }


_FILE: Json = {"type": "string", "format": "binary"}


def _maps() -> Json:
    crs: Json = {"type": "string", "enum": ["gcj02", "cgcs2000"], "default": "gcj02"}
    return {
        "/disposal-cases.geojson": {
            "get": _operation(
                "caseLayer",
                "案件图层：按类型着色，闲置越久越深，附图例",
                [
                    query("bbox", "西,南,东,北（与 crs 相同的坐标系）", TEXT, "120,30.7,121,31"),
                    query("crs", "坐标系", crs),
                    _REGION,
                    _CLASS,
                    query("closed", "含已销号的", {"type": "boolean", "default": False}),
                    _limit(2000, 5000),
                ],
                {"200": {"application/geo+json": {"schema": ref("CaseLayer")}}},
            )
        }
    }


def public_paths() -> Json:
    """What anyone may ask."""
    answers: Json = {"200": {"description": "成功", "content": _json("NoticeList")}}
    answers |= {
        str(status): {"description": _REASONS[status], "content": _PROBLEM} for status in (400, 503)
    }
    return {
        "/disposal-notices": {
            "get": {
                "operationId": "listNotices",
                "summary": "闲置土地公开信息（闲置土地处置办法第十一条），处置完毕即撤回",
                "parameters": [_REGION, _limit(100, 500), _CURSOR],
                "responses": answers,
            }
        }
    }


_PROBLEM: Json = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}


def _operation(
    operation_id: str,
    summary: str,
    parameters: Sequence[Json],
    answers: Mapping[str, Json],
    body: Json | None = None,
    *problems: int,
) -> Json:
    refused = {
        str(status): {"description": _REASONS[status], "content": _PROBLEM}
        for status in sorted({400, 401, 403, 503, *problems, *((422,) if body else ())})
    }
    found: Json = {
        "operationId": operation_id,
        "summary": summary,
        "tags": ["五未处置"],
        "security": SECURED,
        "parameters": list(parameters),
        "responses": {
            **{status: {"description": "成功", "content": one} for status, one in answers.items()},
            **refused,
        },
    }
    return found | ({"requestBody": {"required": True, "content": body}} if body else {})


def _json(name: str) -> Json:
    return {"application/json": {"schema": ref(name)}}


def _binary(media_type: str) -> Json:
    return {media_type: {"schema": {"type": "string", "format": "binary"}}}


def _body(schema: Json) -> Json:
    return {"application/json": {"schema": schema}}


def _form(properties: Mapping[str, Json], *required: str) -> Json:
    return {**members(properties, *required), "additionalProperties": False}


def _whole(least: int, most: int) -> Json:
    return {"type": "integer", "minimum": least, "maximum": most}


def _limit(default: int, most: int) -> Json:
    return query("limit", "一页最多几条", _whole(1, most) | {"default": default})


_LIMITED: Json = {"type": "string", "minLength": 1, "maxLength": 500}
_RULE_FORM = _form(
    {
        "region_code": {"type": "string", "pattern": "^([0-9]{2}){0,3}$"},
        "sub_kind": {"type": "string", "enum": [one.value for one in Kind]},
        "effective_from": DAY,
        "effective_to": DAY,
        "parameters": ANY,
        "title": _LIMITED,
        "source": _LIMITED,
        "article": _LIMITED,
    },
    "sub_kind",
    "effective_from",
    "parameters",
    "title",
    "source",
)
_SCAN_FORM = _form(
    {
        "as_of": DAY,
        "region": TEXT,
        "dry_run": FLAG,
        "parameters": {"type": "object", "additionalProperties": ANY},
        "limit": _whole(0, 1000),
    }
)
_TARGET_FORM = _form(
    {
        "region_code": {"type": "string", "minLength": 2, "maxLength": 9},
        "year": _whole(2000, 2100),
        "class": CLASS_CODES,
        "area_mu": {"type": "number", "minimum": 0, "maximum": 1e7},
        "source": {"type": "string", "minLength": 1, "maxLength": 300},
    },
    "region_code",
    "year",
    "area_mu",
    "source",
)
_REPORT_FORM = _form(
    {
        "region": {"type": "string", "minLength": 2, "maxLength": 9},
        "month": {"type": "string", "pattern": "^20[0-9]{2}-(0[1-9]|1[0-2])$"},
        "note": {"type": "string", "maxLength": 2000},
    },
    "region",
    "month",
)
