"""The OpenAPI 3.1 document of /api/v1, made from the layer registry, and a page to browse it."""

from importlib.metadata import version as installed_version

from flask import Blueprint, Response, jsonify, render_template

from gis import filters
from gis.crs import Crs
from gis.filters import Parameter
from gis.layers import LAYERS, Column, Kind, Layer
from gis.layers.codes import REGION_LEVEL
from mini_program_api import schemas
from mini_program_api.params import DEFAULT_LIMIT
from server.request import settings

bp = Blueprint("openapi", __name__, url_prefix="/api/v1", template_folder="templates")

Json = dict[str, object]


@bp.get("/openapi.json")
def document() -> Response:
    """The document itself."""
    return jsonify(build(settings().page_limit))


@bp.get("/docs")
def browse() -> str:
    """The document as a page where every call can be tried."""
    return render_template("docs.html")


def build(page_limit: int) -> Json:
    """The whole document; ``page_limit`` is the installation's most features of one page."""
    paths: Json = {"/layers": {"get": _operation("listLayers", "图层目录", [], "LayerList")}}
    for layer in LAYERS:
        name = layer.name
        paths[f"/{name}"] = {"get": _items(layer, page_limit)}
        paths[f"/{name}/{{id}}"] = {"get": _item(layer)}
    paths["/regions"] = {"get": _regions()}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "看地 Kandi API",
            "version": installed_version("kandi"),
            "description": "工业用地、标准厂房与园区。坐标系默认为 GCJ-02，见 coordSys 成员。",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/api/v1"}],
        "paths": paths,
        "components": {"schemas": schemas.components(LAYERS)},
    }


def _operation(
    operation_id: str, summary: str, parameters: list[Json], schema: str, *problems: int
) -> Json:
    media = "application/json" if schema == "LayerList" else "application/geo+json"
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
        "parameters": [*parameters, _header("If-None-Match", "上次回答的 ETag；未变则回 304")],
        "responses": {
            "200": {"description": "成功", "headers": tag, "content": content},
            "304": {"description": "未变", "headers": tag},
            **refused,
        },
    }


def _items(layer: Layer, page_limit: int) -> Json:
    common = [
        _query(
            "bbox",
            "视野：西,南,东,北（与 crs 相同的坐标系）",
            {"type": "string"},
            "120,30.7,121,31",
        ),
        _CRS,
        _query(
            "limit",
            "一页最多几条",
            {"type": "integer", "minimum": 1, "maximum": page_limit, "default": DEFAULT_LIMIT},
        ),
        _query("cursor", "下一页的位置，取自 next 链接", {"type": "string"}),
        _query("fields", "只要这些字段，逗号分隔", {"type": "string"}, "name,area_mu"),
        _query("q", "名称、编号、坐落中的文字", {"type": "string", "maxLength": 200}),
    ]
    asked = [_filter(parameter) for parameter in filters.parameters(layer).values()]
    return _operation(
        f"list_{layer.name}", f"查询{layer.title}", [*common, *asked], _collection(layer), 403
    )


def _item(layer: Layer) -> Json:
    site_id: Json = {
        "name": "id",
        "in": "path",
        "required": True,
        "schema": {"type": "integer", "minimum": 0},
    }
    feature = f"{_collection(layer).removesuffix('Collection')}"
    return _operation(f"get_{layer.name}", f"{layer.title}详情", [site_id, _CRS], feature, 403, 404)


def _regions() -> Json:
    levels: Json = {"type": "string", "enum": list(REGION_LEVEL), "default": "county"}
    parameters = [
        _query("level", "级别", levels),
        _query("under", "上级行政区划代码", {"type": "string"}, "3305"),
    ]
    return _operation("listRegions", "行政区划边界", parameters, "RegionCollection")


def _collection(layer: Layer) -> str:
    return f"{layer.name.capitalize()}Collection"


def _query(name: str, description: str, schema: Json, example: str | None = None) -> Json:
    found: Json = {"name": name, "in": "query", "description": description, "schema": schema}
    return found if example is None else found | {"example": example}


def _header(name: str, description: str) -> Json:
    return {"name": name, "in": "header", "description": description, "schema": {"type": "string"}}


_CRS = _query(
    "crs",
    "坐标系；cgcs2000 仅供工作人员",
    {"type": "string", "enum": [crs.value for crs in Crs], "default": Crs.GCJ02.value},
)


def _filter(parameter: Parameter) -> Json:
    unit = f"（{parameter.unit}）" if parameter.unit else ""
    return _query(parameter.name, f"{parameter.title}{unit}", _filter_schema(parameter.column))


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
