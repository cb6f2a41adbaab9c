"""Parts that every operation of the OpenAPI document is made of."""

from collections.abc import Sequence

from gis.crs import Crs
from gis.filters import Parameter
from gis.layers import Column, Kind
from mini_program_api import schemas

Json = dict[str, object]

PLAIN = frozenset({"LayerList", "MapAnswer", "Touched", "Legend", "TileJson", "Style"})
"""Schemas of answers that are JSON but not GeoJSON."""


def operation(
    operation_id: str,
    summary: str,
    parameters: Sequence[Json],
    schema: str,
    *problems: int,
) -> Json:
    """A GET; ``schema`` names the component that its answer is."""
    media = "application/json" if schema in PLAIN else "application/geo+json"
    content: Json = {media: {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    tag = {"ETag": {"schema": {"type": "string"}, "description": "强校验标签"}}
    refused = {
        str(status): {
            "description": schemas.PROBLEMS[status],
            "content": {
                "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
            },
        }
        for status in sorted({400, 503, *problems})
    }
    return {
        "operationId": operation_id,
        "summary": summary,
        "parameters": [*parameters, header("If-None-Match", "上次回答的 ETag；未变则回 304")],
        "responses": {
            "200": {"description": "成功", "headers": tag, "content": content},
            "304": {"description": "未变", "headers": tag},
            **refused,
        },
    }


def query(name: str, description: str, schema: Json, example: str | None = None) -> Json:
    """A parameter of the query string."""
    found: Json = {"name": name, "in": "query", "description": description, "schema": schema}
    return found if example is None else found | {"example": example}


def header(name: str, description: str) -> Json:
    """A request header."""
    return {"name": name, "in": "header", "description": description, "schema": {"type": "string"}}


CRS = query(
    "crs",
    "坐标系；cgcs2000 仅供工作人员",
    {"type": "string", "enum": [crs.value for crs in Crs], "default": Crs.GCJ02.value},
)


def filter_of(parameter: Parameter) -> Json:
    """A filter as a parameter of the query string."""
    unit = f"（{parameter.unit}）" if parameter.unit else ""
    return query(parameter.name, f"{parameter.title}{unit}", _filter_schema(parameter.column))


def _filter_schema(column: Column) -> Json:
    match column.kind:
        case Kind.BOOLEAN:
            return {"type": "boolean"}
        case Kind.DATE | Kind.INSTANT:
            return {"type": "string", "format": "date"}
        case Kind.INTEGER | Kind.NUMBER | Kind.AREA | Kind.INTERVAL:
            return {"type": "number"}
        case Kind.CODE:
            offered = "、".join(f"{code}={label}" for code, label in (column.choices or {}).items())
            return {"type": "string", "description": f"逗号分隔多选：{offered}"}
        case _:
            return {"type": "string", "description": "逗号分隔多选"}
