"""What siting answers, as OpenAPI schemas, with one real answer of the demo city."""

import json
from pathlib import Path

from gis.siting.terms import SITED
from mini_program_api.openapi_parts import Json

EXAMPLE: Json = json.loads((Path(__file__).parent / "examples" / "siting.json").read_text("utf-8"))
"""The demo city's answer to the question of the documentation, shortened to one site of a kind."""

_TEXT: Json = {"type": "string"}
_TEXTS: Json = {"type": "array", "items": _TEXT}
_NUMBER: Json = {"type": "number"}
_COUNT: Json = {"type": "integer", "minimum": 0}
_MAYBE: Json = {"type": ["number", "null"]}
_LAYER: Json = {"enum": [layer.name for layer in SITED]}


def _object(properties: Json, *optional: str) -> Json:
    """An object with these properties and no other; all but the optional ones are always there."""
    required = [name for name in properties if name not in optional]
    return {
        "type": "object",
        "required": required,
        "additionalProperties": False,
        "properties": properties,
    }


def _list(item: Json) -> Json:
    return {"type": "array", "items": item}


def _said(what: str, schema: Json) -> Json:
    return schema | {"description": what}


_CONTRIBUTION = _object(
    {
        "term": _TEXT,
        "title": _TEXT,
        "figure": _said("null：没有数据，按中性 0.5 计", _MAYBE),
        "unit": _TEXT,
        "value": _said("0 到 1", _NUMBER),
        "weight": _NUMBER,
        "points": _said("各项之和即总分", _NUMBER),
        "most": _said("这一项的满分", _NUMBER),
        "text": _TEXT,
    }
)
_NEAREST = _object(
    {
        "kind": _TEXT,
        "title": _TEXT,
        "id": {"type": "integer"},
        "name": _TEXT,
        "metres": _said("直线距离", _NUMBER),
        "road_m": _said("行车里程；没有路网时为 null", _MAYBE),
        "minutes": _said("行车时间；没有路网时为 null", _MAYBE),
        "text": _TEXT,
    }
)
_VERDICT = _object(
    {
        "kind": _TEXT,
        "title": _TEXT,
        "violated": {"type": "boolean"},
        "m2": _NUMBER,
        "percent": _NUMBER,
        "text": _TEXT,
    }
)
_CHANGE: Json = _object({"term": _TEXT, "gain": _NUMBER, "text": _TEXT})
_MISS = _object(
    {"column": _TEXT, "figure": _NUMBER, "bound": _NUMBER, "share": _NUMBER, "text": _TEXT}
)
_WHY: Json = {
    "score": {"type": "number", "minimum": 0, "maximum": 100},
    "completeness": _said("有数据的权重占比，0 到 1", _NUMBER),
    "contributions": _list(_CONTRIBUTION),
    "for": _said("最多三条优点", _TEXTS),
    "against": _said("压占的约束与最多三条不足", _TEXTS),
    "nearest": _said("条件涉及的设施类型中最近的一处", _list(_NEAREST)),
    "constraints": _list(_VERDICT),
    "unchecked": _said("没有数据、未核对的约束类型", _TEXTS),
    "change": {
        "description": "最能提高得分的一项改变",
        "anyOf": [_CHANGE, {"type": "null"}],
    },
}
_FEATURE = _object(
    {
        "type": {"const": "Feature"},
        "id": {"type": "integer"},
        "geometry": {"$ref": "#/components/schemas/MultiPolygon"},
        "properties": _said("与列表接口相同的摘要", {"type": "object"}),
        "layer": _LAYER,
        "siting": _object({"rank": _COUNT, "miss": _MISS} | _WHY, "miss"),
    }
)
_REMOVAL = _object(
    {
        "layer": _LAYER,
        "constraint": _TEXT,
        "sites": _COUNT,
        "failing": _said("不满足这一条的处数", _COUNT),
        "without": _said("只去掉这一条就符合的处数", _COUNT),
        "text": _TEXT,
    }
)
_COMBINATION = _object(
    {
        "layer": {"const": "parcels"},
        "ids": _list({"type": "integer"}),
        "codes": _TEXTS,
        "park_code": _TEXT,
        "area_m2": _NUMBER,
        "text": _TEXT,
    }
)
_ANSWER = _object(
    {
        "type": {"const": "FeatureCollection"},
        "coordSys": {"const": "GCJ-02"},
        "numberMatched": _COUNT,
        "numberReturned": _COUNT,
        "numberNearMissed": _COUNT,
        "distance": _said("距离的口径，例如 直线距离", _TEXT),
        "dataVersion": _COUNT,
        "dataAsOf": {"type": ["string", "null"], "format": "date-time"},
        "profile": _object({"name": _TEXT, "version": _COUNT, "source": _TEXT}),
        "criteria": _said("读懂后的条件，可原样再问", {"type": "object"}),
        "understood": {
            "description": "各图层的硬条件，含评分方案补上的，每条一句",
            "type": "object",
            "additionalProperties": _TEXTS,
        },
        "weighed": _said("用来打分的指标，权重大的在前，含评分方案补上的", _TEXTS),
        "links": _list(_object({"rel": _TEXT, "href": _TEXT})),
        "removals": _said("没有一处符合时：每条硬条件排除多少", _list(_REMOVAL)),
        "combinations": _said("没有一处符合时：相邻地块合起来够大的", _list(_COMBINATION)),
        "features": _list(_FEATURE),
        "nearMisses": _said("只差一条、不超过 10% 的", _list(_FEATURE)),
    }
)
_COMPARED = _object(
    {"layer": _LAYER, "id": {"type": "integer"}, "properties": {"type": "object"}} | _WHY
)
_LINE = _object(
    {
        "term": _TEXT,
        "title": _TEXT,
        "unit": _TEXT,
        "figures": _list(_MAYBE),
        "values": _list(_NUMBER),
        "best": _said("最好的是 sites 中第几个", _list(_COUNT)),
        "worst": _list(_COUNT),
    }
)
_COMPARISON = _object(
    {
        "method": _TEXT,
        "profile": _object({"name": _TEXT, "version": _COUNT}),
        "distance": _TEXT,
        "order": _said("sites 的下标，好的在前", _list(_COUNT)),
        "closeness": _said("与理想解的贴近度，0 到 1", _list(_NUMBER)),
        "sites": _list(_COMPARED),
        "lines": _list(_LINE),
    }
)
_BY_NAME: Json = {"type": "object", "additionalProperties": _TEXT}
_PROFILE = _object(
    {
        "name": _TEXT,
        "version": _COUNT,
        "effective_on": {"type": "string", "format": "date"},
        "source": _TEXT,
        "wants": _said("指标 → 价值函数与权重", _BY_NAME),
        "sources": _said("指标 → 出处", _BY_NAME),
        "open": _said("不写 status 时只找这些状态", {"type": "object"}),
        "usual": _said("没有写 want 时评这些", _TEXTS),
        "veto": _said("一票否决的约束", _TEXTS),
        "chains": {"type": "object"},
    }
)


def schemas() -> Json:
    """Components that the operations of siting refer to."""
    return {
        "SitingAnswer": _ANSWER,
        "SiteComparison": _COMPARISON,
        "SitingProfile": _PROFILE,
    }
