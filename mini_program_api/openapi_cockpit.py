"""The part of the OpenAPI document that the console asks: its catalogue and the cockpit."""

from mini_program_api.openapi_parts import Json, query

_TEXT: Json = {"type": "string"}
_PARTS: Json = {"type": "array", "items": {"type": "object"}}


def paths() -> Json:
    """Addresses for staff at the console."""
    region = query("region", "行政区划代码", _TEXT, "3305")
    words = query("q", "名称中的文字，或代码的开头；空为常用的", {**_TEXT, "maxLength": 30}, "南浔")
    codes = query("codes", "只要这些代码的，逗号分隔", _TEXT, "330503,330503101")
    places = _staff("consoleRegions", "管辖范围内的行政区，供选择", [words, codes], "Places")
    return {
        "/console/regions": places,
        "/console/catalogue": _staff("consoleCatalogue", "图层的全部字段", [], "Catalogue"),
        "/cockpit": _staff("cockpit", "驾驶舱的数字，各有口径和来源", [region], "Cockpit"),
    }


def _staff(operation_id: str, summary: str, parameters: list[Json], schema: str) -> Json:
    shape = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    answer = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    responses: Json = {"200": {"description": "成功", "content": answer}}
    responses |= {code: {"description": text, "content": shape} for code, text in _REFUSED.items()}
    return {
        "get": {
            "operationId": operation_id,
            "summary": summary,
            "tags": ["工作人员"],
            "security": [{"staffToken": []}],
            "parameters": parameters,
            "responses": responses,
        }
    }


_REFUSED = {"400": "参数有误", "401": "没有登录", "403": "没有权限", "503": "暂时不可用"}


def schemas() -> Json:
    """Schemas that only these operations refer to."""
    metric: Json = {
        "id": _TEXT,
        "group": {"enum": ["land", "disposal", "service", "freshness"]},
        "title": _TEXT,
        "value": {"type": ["number", "null"]},
        "unit": _TEXT,
        "href": {"type": "string", "description": "控制台中列出这些记录的页面"},
        "definition": {"type": "string", "description": "口径"},
    }
    body: Json = {
        "as_of": {"type": "string", "format": "date-time"},
        "region": {"type": "object", "properties": {"code": _TEXT, "name": _TEXT}},
        "metrics": {
            "type": "array",
            "items": {"type": "object", "required": list(metric), "properties": metric},
        },
        "series": {"type": "object", "additionalProperties": _PARTS},
    }
    place: Json = {"code": _TEXT, "name": _TEXT, "level": _TEXT, "within": _TEXT}
    one: Json = {"type": "object", "required": list(place), "properties": place}
    places: Json = {"items": {"type": "array", "items": one}, "next": {"type": "null"}}
    places |= {"total": {"type": "integer"}}
    catalogue: Json = {
        "layers": _PARTS,
        "importStates": {"type": "object", "additionalProperties": _TEXT},
        "uploadMb": {"type": "integer"},
        "mapCrs": {"type": "string", "enum": ["gcj02", "cgcs2000"]},
    }
    return {
        "Cockpit": {"type": "object", "required": list(body), "properties": body},
        "Places": {"type": "object", "required": list(places), "properties": places},
        "Catalogue": {"type": "object", "required": list(catalogue), "properties": catalogue},
    }
