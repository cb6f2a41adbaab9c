"""The OpenAPI 3.1 document of /api/v1, made from the layer registry, and a page to browse it."""

from importlib.metadata import version as installed_version

from flask import Blueprint, Response, jsonify, render_template

from gis import filters
from gis.layers import REGISTRY, Layer
from gis.layers.codes import REGION_LEVEL
from mini_program_api import (
    openapi_accounts,
    openapi_cockpit,
    openapi_disposal_cases,
    openapi_disposal_law,
    openapi_disposal_scan_schemas,
    openapi_disposal_scans,
    openapi_imports,
    openapi_maps,
    openapi_people,
    openapi_siting,
    openapi_siting_answers,
    schemas,
)
from mini_program_api.openapi_parts import CRS, Json, filter_of, operation, query
from mini_program_api.params import DEFAULT_LIMIT
from server.request import settings

bp = Blueprint("openapi", __name__, url_prefix="/api/v1", template_folder="templates")


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
    paths: Json = {"/layers": {"get": operation("listLayers", "图层目录", [], "LayerList")}}
    for layer in REGISTRY:
        name = layer.name
        paths[f"/{name}"] = {"get": _items(layer, page_limit)}
        paths[f"/{name}/{{id}}"] = {"get": _item(layer)}
    paths["/regions"] = {"get": _regions()}
    paths |= openapi_maps.paths() | openapi_imports.paths() | openapi_siting.paths()
    paths |= openapi_disposal_cases.paths()
    paths |= openapi_cockpit.paths()
    paths |= openapi_disposal_law.paths()
    paths |= openapi_people.paths()
    paths |= openapi_disposal_scans.paths() | openapi_disposal_scans.public_paths()
    paths |= openapi_accounts.paths()
    for path, edit in openapi_accounts.edits().items():
        paths[path] = {**paths[path], "patch": edit}  # type: ignore[dict-item]
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
        "components": {
            "schemas": schemas.components(REGISTRY)
            | openapi_siting_answers.schemas()
            | openapi_maps.schemas()
            | openapi_imports.schemas()
            | openapi_disposal_cases.schemas()
            | openapi_cockpit.schemas()
            | openapi_people.schemas()
            | openapi_disposal_scan_schemas.schemas()
            | openapi_disposal_law.schemas()
            | openapi_accounts.schemas(),
            "securitySchemes": openapi_imports.SECURITY | openapi_people.SECURITY,
        },
    }


def _items(layer: Layer, page_limit: int) -> Json:
    common = [
        query(
            "bbox",
            "视野：西,南,东,北（与 crs 相同的坐标系）",
            {"type": "string"},
            "120,30.7,121,31",
        ),
        CRS,
        query(
            "limit",
            "一页最多几条；边界很复杂时一页会提前结束，其余见 next 链接",
            {"type": "integer", "minimum": 1, "maximum": page_limit, "default": DEFAULT_LIMIT},
        ),
        query("cursor", "下一页的位置，取自 next 链接", {"type": "string"}),
        query("fields", "只要这些字段，逗号分隔", {"type": "string"}, "name,area_mu"),
        openapi_maps.ZOOM,
        query("q", "名称、编号、坐落中的文字", {"type": "string", "maxLength": 200}),
    ]
    asked = [filter_of(parameter) for parameter in filters.parameters(layer).values()]
    return operation(
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
    return operation(f"get_{layer.name}", f"{layer.title}详情", [site_id, CRS], feature, 403, 404)


def _regions() -> Json:
    levels: Json = {"type": "string", "enum": list(REGION_LEVEL), "default": "county"}
    parameters = [
        query("level", "级别", levels),
        query("under", "上级行政区划代码", {"type": "string"}, "3305"),
    ]
    return operation("listRegions", "行政区划边界", parameters, "RegionCollection")


def _collection(layer: Layer) -> str:
    return f"{layer.name.capitalize()}Collection"
