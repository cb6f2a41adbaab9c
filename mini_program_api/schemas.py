"""JSON schemas of the answers, from the layer registry."""

from collections.abc import Sequence

from gis.layers import Audience, Column, Kind, Layer, Shape

Json = dict[str, object]

PROBLEMS = {
    400: "参数有误",
    403: "没有权限",
    404: "没有这条记录",
    503: "暂时不可用，见 Retry-After",
}

_TEXT: Json = {"type": "string"}
_NUMBER: Json = {"type": "number"}

_POSITION: Json = {"type": "array", "minItems": 2, "maxItems": 2, "items": _NUMBER}
_MULTIPOLYGON: Json = {
    "type": "object",
    "required": ["type", "coordinates"],
    "properties": {
        "type": {"const": "MultiPolygon"},
        "coordinates": {
            "type": "array",
            "items": {
                "type": "array",
                "items": {"type": "array", "minItems": 4, "items": _POSITION},
            },
        },
    },
}

_POINT: Json = {
    "type": "object",
    "required": ["type", "coordinates"],
    "properties": {"type": {"const": "Point"}, "coordinates": _POSITION},
}

_PROBLEM: Json = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string", "description": "urn:kandi:problem:<代码>"},
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "instance": _TEXT,
        "parameter": {"type": "string", "description": "出错的参数"},
    },
}

_LINK: Json = {
    "type": "object",
    "required": ["rel", "href"],
    "properties": {"rel": _TEXT, "type": _TEXT, "href": _TEXT},
}

_LAYER_LIST: Json = {
    "type": "object",
    "required": ["layers"],
    "properties": {
        "layers": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "title", "href", "count", "drawn", "columns", "filters"],
                "properties": {
                    "name": _TEXT,
                    "title": _TEXT,
                    "href": _TEXT,
                    "drawn": {"type": "boolean", "description": "地图是否绘制；不绘制的没有瓦片"},
                },
            },
        }
    },
}


def components(layers: Sequence[Layer]) -> Json:
    """Every schema that the document refers to."""
    found: Json = {
        "Problem": _PROBLEM,
        "LayerList": _LAYER_LIST,
        "MultiPolygon": _MULTIPOLYGON,
        "Point": _POINT,
        "RegionCollection": _collection(
            _feature(_TEXT, {"code": _TEXT, "name": _TEXT, "level": _TEXT}), paged=False
        ),
    }
    for layer in layers:
        name = layer.name.capitalize()
        found[name] = _feature({"type": "integer"}, _properties(layer), layer.shape)
        found[f"{name}Collection"] = _collection(
            {"$ref": f"#/components/schemas/{name}"}, paged=True
        )
    return found


_GEOMETRY = {Shape.MULTIPOLYGON: "MultiPolygon", Shape.POINT: "Point"}


def _feature(site_id: Json, properties: Json, shape: Shape = Shape.MULTIPOLYGON) -> Json:
    return {
        "type": "object",
        "required": ["type", "id", "geometry", "properties"],
        "properties": {
            "type": {"const": "Feature"},
            "id": site_id,
            "coordSys": _TEXT,
            "geometry": {"$ref": f"#/components/schemas/{_GEOMETRY[shape]}"},
            "properties": {"type": "object", "properties": properties},
        },
    }


def _collection(feature: Json, *, paged: bool) -> Json:
    page: Json = {
        "numberMatched": {"type": "integer"},
        "numberReturned": {"type": "integer"},
        "dataVersion": {"type": "integer"},
        "dataAsOf": {"type": ["string", "null"], "format": "date-time"},
        "links": {"type": "array", "items": _LINK},
    }
    return {
        "type": "object",
        "required": ["type", "coordSys", "features", *(page if paged else ())],
        "properties": {
            "type": {"const": "FeatureCollection"},
            "coordSys": {"type": "string", "enum": ["GCJ-02", "CGCS2000"]},
            "features": {"type": "array", "items": feature},
            **(page if paged else {}),
        },
    }


def _properties(layer: Layer) -> Json:
    found: Json = {}
    for column in layer.readable(Audience.STAFF):
        found |= _outputs(column)
    pending: Json = {"type": "boolean", "title": "待核实（仅工作人员可见）"}
    ours: Json = {"version": {"type": "integer"}, "updated_at": _dated("date-time")}
    return found | ours | {"pending_verification": pending}


def _outputs(column: Column) -> Json:
    title = column.title + (f"（{column.unit}）" if column.unit else "")
    own = _value(column) | {"title": title}
    if column.kind is Kind.CODE:
        text: Json = {"type": ["string", "null"], "title": title}
        return {column.name: own, f"{column.name}_text": text}
    if column.kind is Kind.AREA:
        mu: Json = {"type": ["number", "null"], "title": f"{column.title}（亩）"}
        return {column.name: own, column.mu_name: mu}
    return {column.name: own}


def _value(column: Column) -> Json:
    match column.kind:
        case Kind.INTEGER:
            return {"type": ["integer", "null"]}
        case Kind.NUMBER | Kind.AREA:
            return {"type": ["number", "null"]}
        case Kind.BOOLEAN:
            return {"type": ["boolean", "null"]}
        case Kind.TEXTS:
            return {"type": ["array", "null"], "items": _TEXT}
        case Kind.CODE:
            return {"enum": [*(column.choices or {}), None]}
        case Kind.DATE:
            return _dated("date")
        case Kind.INSTANT:
            return _dated("date-time")
        case Kind.INTERVAL:
            bound: Json = {"type": ["number", "null"]}
            inclusive: Json = {"type": "boolean"}
            return {
                "type": ["object", "null"],
                "properties": {
                    "min": bound,
                    "min_inclusive": inclusive,
                    "max": bound,
                    "max_inclusive": inclusive,
                },
            }
        case _:
            return {"type": ["string", "null"]}


def _dated(form: str) -> Json:
    return {"type": ["string", "null"], "format": form}
