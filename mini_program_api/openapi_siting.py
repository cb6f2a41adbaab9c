"""The part of the OpenAPI document that describes siting."""

from gis.layers.codes import CONSTRAINT_KIND
from gis.siting.compare import FEWEST, MOST
from gis.siting.terms import SITED
from gis.siting.wants import terms_of_all
from mini_program_api import openapi_siting_answers
from mini_program_api.openapi_parts import Json, header
from mini_program_api.schemas import PROBLEMS

_TEXT: Json = {"type": "string"}
_MUST: Json = {
    "type": "object",
    "description": "与列表接口相同的筛选参数；另有 near_<设施>_m_max（直线距离，米）、polygon、"
    "point 或 route 加 within_m、industry、avoid。不写 status 时只找还能拿到的（评分方案的 open）",
    "properties": {
        "avoid": {"type": "array", "items": {"enum": list(CONSTRAINT_KIND)}},
        "industry": {"type": "array", "items": _TEXT},
        "polygon": {"type": "array", "items": {"type": "array", "items": {"type": "number"}}},
        "point": {"type": "array", "items": {"type": "number"}},
        "route": {"type": "array", "items": {"type": "array", "items": {"type": "number"}}},
        "within_m": {"type": "number", "exclusiveMinimum": 0},
    },
}
_CRITERIA: Json = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "layers": {"type": "array", "items": {"enum": [layer.name for layer in SITED]}},
        "profile": {"type": "string", "description": "评分方案，可带版本：standard@1"},
        "limit": {"type": "integer", "minimum": 1, "maximum": 100, "default": 10},
        "crs": {"enum": ["gcj02", "cgcs2000"], "default": "gcj02"},
        "must": _MUST,
        "want": {
            "type": "object",
            "description": '指标 → 价值函数与权重，例如 {"around": [50, 20], "weight": 3}；函数：'
            "rising、falling、around、steps、decay、holds、fit",
        },
    },
}
_HELD = header("If-None-Match", "上次回答的 ETag；未变则回 304")
_EXAMPLE: Json = {
    "must": {"area_mu_min": 30, "area_mu_max": 80, "near_motorway_exit_m_max": 6000},
    "want": {"area_mu": {"around": [50, 20], "weight": 3}, "near_motorway_exit_m": {}},
}


def paths() -> Json:
    """Paths of siting, by their place below /api/v1."""
    site_id = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
    sheets = {
        f"/{layer.name}/{{id}}/sheet.pdf": {
            "get": {
                "operationId": f"sheet_{layer.name}",
                "summary": f"{layer.title}单页 PDF",
                "parameters": [site_id, _HELD],
                "responses": _tagged(_responses("pdf", 404)),
            }
        }
        for layer in SITED
    }
    return {"/siting": _siting(), "/compare": _compare(), **_profiles(), **sheets}


def _profiles() -> Json:
    name: Json = {"name": "name", "in": "path", "required": True, "schema": _TEXT}
    region: Json = {"name": "region_code", "in": "query", "schema": _TEXT}
    return {
        "/siting/profiles/{name}": {
            "get": {
                "operationId": "sitingProfile",
                "summary": "评分方案：最新的或指明的一版（standard@1），含权重与来源",
                "parameters": [name | {"example": "standard"}, region],
                "responses": _responses("SitingProfile", 400, 422),
            }
        }
    }


def _siting() -> Json:
    answers = _responses("SitingAnswer", 403, 422)
    asked = [
        {
            "name": f"want.{name}",
            "in": "query",
            "schema": _TEXT,
            "description": "如 around(50,20)*3",
        }
        for name in terms_of_all()
    ]
    return {
        "post": {
            "operationId": "rankSites",
            "summary": "选址：按条件筛选并评分，附理由、差一点与组合",
            "requestBody": _body(_CRITERIA, _EXAMPLE),
            "responses": _responses("SitingAnswer", 403, 413, 422),
        },
        "get": {
            "operationId": "rankSitesShared",
            "summary": "同上，条件写在网址里，供分享",
            "parameters": [*asked, _HELD],
            "responses": _tagged(answers),
        },
    }


def _compare() -> Json:
    site: Json = {
        "type": "object",
        "required": ["layer", "id"],
        "properties": {"layer": _TEXT, "id": {"type": "integer"}},
    }
    sites: Json = {"type": "array", "items": site, "minItems": FEWEST, "maxItems": MOST}
    schema: Json = {
        "type": "object",
        "required": ["sites"],
        "properties": {"sites": sites, "criteria": _CRITERIA},
    }
    example: Json = {"sites": [{"layer": "parcels", "id": 1}, {"layer": "parcels", "id": 2}]}
    return {
        "post": {
            "operationId": "compareSites",
            "summary": "两到四处并列比较，TOPSIS 排序",
            "requestBody": _body(schema, example),
            "responses": _responses("SiteComparison", 403, 404, 413, 422),
        }
    }


def _body(schema: Json, example: Json) -> Json:
    return {
        "required": True,
        "content": {"application/json": {"schema": schema, "example": example}},
    }


def _responses(answer: str, *problems: int) -> Json:
    """``answer`` names the component that is answered, or says that it is a PDF."""
    shape = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    titles = PROBLEMS | {413: "内容过大", 422: "条件有误，field 指明哪一项"}
    refused = {
        str(status): {"description": titles[status], "content": shape}
        for status in sorted({400, *problems, 503})
    }
    return {"200": {"description": "成功", "content": _CONTENT[answer]}, **refused}


_CONTENT: dict[str, Json] = {
    "pdf": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
    "SitingAnswer": {
        "application/geo+json": {
            "schema": {"$ref": "#/components/schemas/SitingAnswer"},
            "example": openapi_siting_answers.EXAMPLE,
        }
    },
    "SiteComparison": {
        "application/json": {"schema": {"$ref": "#/components/schemas/SiteComparison"}}
    },
    "SitingProfile": {
        "application/json": {"schema": {"$ref": "#/components/schemas/SitingProfile"}}
    },
}


def _tagged(responses: Json) -> Json:
    """The same with an entity tag, and 304 for who holds it."""
    tag = {"ETag": {"schema": _TEXT, "description": "强校验标签"}}
    answer = responses["200"]
    assert isinstance(answer, dict)
    unchanged: Json = {"description": "未变", "headers": tag}
    return responses | {"200": answer | {"headers": tag}, "304": unchanged}
