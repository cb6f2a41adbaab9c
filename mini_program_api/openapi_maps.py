"""Maps, tiles and the legend in the OpenAPI document."""

from gis import filters
from gis.layers import LAYERS, Layer, layer_named
from gis.tiles import MOST_TILE_ZOOM
from gis.wxpacked import UNPACKING
from gis.zooms import MOST_ZOOM
from mini_program_api.map_params import MAP_LAYERS, Form
from mini_program_api.openapi_parts import CRS, Json, filter_of, operation, query

_ZOOM_SCHEMA: Json = {"type": "integer", "minimum": 0, "maximum": MOST_ZOOM}

ZOOM = query("zoom", "地图级别；边界按这一级的一个像素简化", _ZOOM_SCHEMA)

_TEXT: Json = {"type": "string"}
_NUMBER: Json = {"type": "number"}
_INTEGER: Json = {"type": "integer"}
_WORDS = query("q", "名称、编号、坐落中的文字", {"type": "string", "maxLength": 200})
_ANY: Json = {"type": "object"}
_MARKS = ("marker", "cluster", "polygon", "polyline")
_FORM: Json = {"type": "string", "enum": [*Form], "default": Form.PLAIN}
_ROOT: list[Json] = [{"url": "/"}]


def paths() -> Json:
    """The operations; tiles and the style stand outside /api/v1 and say so."""
    found: Json = {
        "/map": {"get": _map()},
        "/identify": {"get": _identify()},
        "/legend": {"get": operation("getLegend", "图例：状态颜色、名称与图标", [], "Legend")},
        "/style.json": {
            "servers": _ROOT,
            "get": operation("getStyle", "MapLibre 样式", [CRS], "Style", 403),
        },
    }
    for layer in LAYERS:
        found[f"/tiles/{layer.name}.json"] = {"servers": _ROOT, "get": _tilejson(layer)}
        found[f"/tiles/{layer.name}/{{z}}/{{x}}/{{y}}.mvt"] = {
            "servers": _ROOT,
            "get": _tile(layer),
        }
    return found


def _map() -> Json:
    box = query(
        "bbox",
        "视野：西,南,东,北（与 crs 相同的坐标系）；宽或高超过 32 个瓦片时只计数",
        _TEXT,
        "120.1,30.8,120.2,30.9",
    )
    form = query(
        "form", "packed：同样的内容，压缩后仍只有三分之一上下的字节，见 PackedMapView", _FORM
    )
    asked = [box | {"required": True}, ZOOM | {"required": True}, form, _layers(), CRS, _WORDS]
    shared = {
        parameter.name: filter_of(parameter)
        for name in MAP_LAYERS
        for parameter in filters.parameters(layer_named(name)).values()
    }
    named = [
        filter_of(parameter)
        | {"name": f"{name}.{parameter.name}", "description": f"{parameter.title}（仅 {name}）"}
        for name in MAP_LAYERS
        for parameter in filters.parameters(layer_named(name)).values()
    ]
    return operation(
        "getMap", "微信 <map> 的一屏", [*asked, *shared.values(), *named], "MapAnswer", 403
    )


def _identify() -> Json:
    longitude: Json = {"type": "number", "minimum": -180, "maximum": 180}
    latitude: Json = {"type": "number", "minimum": -85, "maximum": 85}
    asked = [
        query("lng", "经度", longitude, "120.166") | {"required": True},
        query("lat", "纬度", latitude, "30.872") | {"required": True},
        query(
            "zoom",
            "地图级别，决定允许偏差几米，9 级以下与 9 级相同",
            _ZOOM_SCHEMA | {"default": 16},
        ),
        _layers(),
        CRS,
    ]
    return operation("identify", "点选：这一点上有什么", asked, "Touched", 403)


def _layers() -> Json:
    return query("layers", "图层，逗号分隔", _TEXT | {"default": ",".join(MAP_LAYERS)})


def _tile_query(layer: Layer) -> list[Json]:
    asked = [filter_of(parameter) for parameter in filters.parameters(layer).values()]
    version = query("v", "数据版本，取自 TileJSON；与当前一致时可长期缓存", _TEXT)
    return [CRS, _WORDS, version, *asked]


def _tilejson(layer: Layer) -> Json:
    summary = f"{layer.title}瓦片的 TileJSON"
    return operation(f"tilejson_{layer.name}", summary, _tile_query(layer), "TileJson", 403)


def _tile(layer: Layer) -> Json:
    address = [_part("z", MOST_ZOOM), _part("x", 2**MOST_ZOOM - 1), _part("y", 2**MOST_ZOOM - 1)]
    made = operation(
        f"tile_{layer.name}",
        f"{layer.title}矢量瓦片（最高 {MOST_TILE_ZOOM} 级即可，以上由客户端放大）",
        [*address, *_tile_query(layer)],
        "Tile",
        403,
        404,
    )
    answers = made["responses"]
    assert isinstance(answers, dict)
    whole = answers["200"]
    truncated: Json = {
        "description": "瓦片过大时省去了什么：attributes（属性与标注）或 shapes（最小的图形）",
        "schema": {"type": "string", "enum": ["attributes", "shapes"]},
    }
    whole["headers"] = whole["headers"] | {"X-Tile-Truncated": truncated}
    whole["content"] = {"application/vnd.mapbox-vector-tile": {"schema": {}}}
    answers["204"] = {"description": "这里没有内容", "headers": whole["headers"]}
    return made


def _part(name: str, most: int) -> Json:
    limits: Json = {"type": "integer", "minimum": 0, "maximum": most}
    return {"name": name, "in": "path", "required": True, "schema": limits}


def schemas() -> Json:
    """Schemas of the answers."""
    return {
        "MapAnswer": {
            "oneOf": [
                {"$ref": "#/components/schemas/MapView"},
                {"$ref": "#/components/schemas/PackedMapView"},
            ]
        },
        "MapView": _MAP_VIEW,
        "PackedMapView": _PACKED_VIEW,
        "Touched": _object(
            {
                "crs": _CRS_NAME,
                "dataAsOf": _AS_OF,
                "sites": _list(
                    _object(
                        {
                            "layer": _TEXT,
                            "id": _INTEGER,
                            "distance_m": _NUMBER | {"minimum": 0},
                            "properties": {"type": "object"},
                        }
                    )
                ),
            }
        ),
        "Legend": _object(
            {
                "layers": _map_of(
                    _object({"title": _TEXT, "cluster": _COLOUR, "statuses": _map_of(_SYMBOL)})
                ),
                "cluster": _object({"fill": _COLOUR, "stroke": _COLOUR, "icon": _TEXT}),
                "icon_size": _object({"width": _INTEGER, "height": _INTEGER}),
                "drawing": _object(
                    {
                        name: {"type": "object"}
                        for name in ("marker", "cluster", "polygon", "polyline")
                    }
                ),
                "base_map": {"anyOf": [_BASE_MAP, {"type": "null"}]},
            }
        ),
        "TileJson": {
            "type": "object",
            "required": ["tilejson", "tiles", "vector_layers"],
            "properties": {"tilejson": {"const": "3.0.0"}, "tiles": _list(_TEXT)},
        },
        "Style": {
            "type": "object",
            "required": ["version", "sources", "layers"],
            "properties": {"version": {"const": 8}},
        },
    }


_BASE_MAP: Json = {
    "type": "object",
    "description": "位于 GCJ-02 图形之下的底图；没有配置时为 null",
    "required": ["credit", "sources"],
    "properties": {"credit": _TEXT, "sources": {"type": "object"}},
}


def _object(members: Json) -> Json:
    return {"type": "object", "required": list(members), "properties": members}


def _list(items: Json) -> Json:
    return {"type": "array", "items": items}


def _map_of(values: Json) -> Json:
    return {"type": "object", "additionalProperties": values}


_CRS_NAME: Json = {"type": "string", "enum": ["GCJ-02", "CGCS2000"]}
_COLOUR: Json = {"type": "string", "pattern": "^#[0-9a-f]{8}$"}
_SYMBOL = _object(
    {
        "title": _TEXT,
        "color": {"type": "string", "pattern": "^#[0-9a-f]{6}$"},
        "fill": _COLOUR,
        "stroke": _COLOUR,
        "icon": _TEXT,
    }
)
_AS_OF: Json = {"type": ["string", "null"], "format": "date-time"}
_POINT: Json = {"latitude": _NUMBER, "longitude": _NUMBER}
_MAP_VIEW = _object(
    {
        "crs": _CRS_NAME,
        "mode": {"type": "string", "enum": ["features", "clusters"]},
        "total": _INTEGER,
        "truncated": {"type": "boolean"},
        "version": _TEXT,
        "dataAsOf": _AS_OF,
        "markers": _list(
            _object(
                {
                    "id": _INTEGER,
                    **_POINT,
                    "iconPath": _TEXT,
                    "width": _NUMBER,
                    "height": _NUMBER,
                    "anchor": {"type": "object"},
                    "zIndex": _INTEGER,
                    "label": {"type": "object"},
                }
            )
        ),
        "polygons": _list(
            _object(
                {
                    "points": _list(_object(_POINT)) | {"minItems": 3},
                    "strokeWidth": _NUMBER,
                    "strokeColor": _COLOUR,
                    "fillColor": _COLOUR,
                    "zIndex": _INTEGER,
                    "level": _TEXT,
                }
            )
        ),
        "polygon_ids": _list(_INTEGER),
        "polyline": _list(
            _object(
                {
                    "points": _list(_object(_POINT)),
                    "color": _COLOUR,
                    "width": _NUMBER,
                    "dottedLine": {"type": "boolean"},
                }
            )
        ),
        "items": _list(
            {
                "oneOf": [
                    _object(
                        {
                            "id": _INTEGER,
                            "layer": _TEXT,
                            "code": _TEXT,
                            "name": _TEXT,
                            "status": _TEXT,
                            "status_text": _TEXT,
                            "area_mu": {"type": ["number", "null"]},
                            "cover": {"type": ["string", "null"]},
                        }
                    ),
                    _object(
                        {
                            "id": _INTEGER,
                            "count": _INTEGER,
                            "counts": _map_of(_INTEGER),
                            "bbox": _list(_NUMBER),
                        }
                    ),
                ]
            }
        ),
    }
)
_DIGITS: Json = {"type": "string", "pattern": r"^[#-\[\]-~]*$"}
_SHAPES: Json = {
    "symbols": _list(_list(_TEXT) | {"minItems": 2, "maxItems": 2}),
    **dict.fromkeys(("symbol", "parts", "corners", "points"), _DIGITS),
}
_CELLS = _object(
    {
        **dict.fromkeys(("level", "x0", "y0"), _INTEGER),
        **dict.fromkeys(("edges_x", "edges_y", "column", "row"), _DIGITS),
        "layers": _list(_TEXT),
        **dict.fromkeys(("counts", "centre"), _DIGITS),
    }
)
_PACKED_HEAD: Json = {
    "form": {"const": "packed"},
    "crs": _CRS_NAME,
    "total": _INTEGER,
    "dataAsOf": _AS_OF,
    "version": _TEXT,
    "truncated": {"type": "boolean"},
    "grid": _object({"digit": _INTEGER, "decimals": _INTEGER}),
    **_SHAPES,
}
_PACKED_VIEW: Json = {
    "description": UNPACKING,
    "oneOf": [
        _object(
            _PACKED_HEAD
            | {"mode": {"const": "features"}, "code": _list(_TEXT), "name": _list(_TEXT)}
            | dict.fromkeys(("id", "area", "pin", "pins"), _DIGITS)
        ),
        _object(
            _PACKED_HEAD
            | {
                "mode": {"const": "clusters"},
                "clusters": {"oneOf": [_CELLS, {"type": "null"}]},
            }
        ),
    ],
}
