"""A MapLibre style of the tiles, coloured by the legend; without glyphs, so devices draw labels."""

from gis.crs import Crs
from gis.layers import LAYERS, Layer
from gis.layers.symbols import CLUSTERS, OTHER, symbols
from server.base_map import BaseMap

Json = dict[str, object]

_FILL_OPACITY = {"parks": 0.08, "parcels": 0.4, "plants": 0.85}
_CLUSTER_SHIFT_PX = {"parks": [-18, -12], "parcels": [0, 0], "plants": [18, 14]}
"""Circles of layers stand side by side where their sites stand together."""
_LINE_WIDTH = {"parks": 1.8, "parcels": 1.4, "plants": 0.6}


def document(base: str, crs: Crs, below: BaseMap | None = None) -> Json:
    """The style; ``base`` is the address of the server without a path, ``below`` a map under it."""
    asked = "" if crs is Crs.GCJ02 else f"?crs={crs}"
    sources: Json = {
        layer.name: {"type": "vector", "url": f"{base}/tiles/{layer.name}.json{asked}"}
        for layer in LAYERS
    }
    layers: list[Json] = [
        {"id": "ground", "type": "background", "paint": {"background-color": "#f3f1ea"}}
    ]
    if below:
        rasters = below.sources()
        sources |= rasters
        layers += [{"id": name, "type": "raster", "source": name} for name in rasters]
    if crs is Crs.GCJ02:
        # Outlines of counties are known in the public system only.
        outlines = f"{base}/api/v1/regions?level=county"
        sources["counties"] = {"type": "geojson", "data": outlines}
        layers.append(
            {
                "id": "counties-line",
                "type": "line",
                "source": "counties",
                "paint": {"line-color": "#aab6c2", "line-width": 1.2, "line-dasharray": [4, 2]},
            }
        )
    layers += [_fill(layer) for layer in LAYERS] + [_line(layer) for layer in LAYERS]
    for layer in LAYERS:
        layers += [_circle(layer), _count(layer), _label(layer)]
    return {"version": 8, "name": "看地 Kandi", "sources": sources, "layers": layers}


def _by_status(layer: Layer) -> list[object]:
    pairs = [part for s in symbols(layer).values() for part in (s.status, s.colour)]
    return ["match", ["get", "status"], *pairs, OTHER]


def _drawn(layer: Layer, kind: str, part: str, source_layer: str) -> Json:
    return {
        "id": f"{layer.name}-{part}",
        "type": kind,
        "source": layer.name,
        "source-layer": source_layer,
    }


def _fill(layer: Layer) -> Json:
    paint = {"fill-color": _by_status(layer), "fill-opacity": _FILL_OPACITY[layer.name]}
    return _drawn(layer, "fill", "fill", layer.name) | {"paint": paint}


def _line(layer: Layer) -> Json:
    paint: Json = {"line-color": _by_status(layer), "line-width": _LINE_WIDTH[layer.name]}
    if layer.name == "parks":
        paint["line-dasharray"] = [3, 1.5]
    return _drawn(layer, "line", "line", layer.name) | {"paint": paint}


def _circle(layer: Layer) -> Json:
    radius = ["interpolate", ["linear"], ["ln", ["get", "count"]], 0, 9, 5, 17, 10, 26]
    paint = {
        "circle-radius": radius,
        "circle-color": CLUSTERS[layer.name],
        "circle-opacity": 0.85,
        "circle-stroke-color": "#ffffff",
        "circle-stroke-width": 1.5,
        "circle-translate": _CLUSTER_SHIFT_PX[layer.name],
    }
    return _drawn(layer, "circle", "cluster", f"{layer.name}_cluster") | {"paint": paint}


def _count(layer: Layer) -> Json:
    layout = {
        "text-field": ["to-string", ["get", "count"]],
        "text-size": 12,
        "text-allow-overlap": True,
    }
    return _drawn(layer, "symbol", "count", f"{layer.name}_cluster") | {
        "layout": layout,
        "paint": {"text-color": "#ffffff", "text-translate": _CLUSTER_SHIFT_PX[layer.name]},
    }


def _label(layer: Layer) -> Json:
    name: list[object] = ["get", "name" if layer.name == "parks" else "code"]
    if layer.name == "parcels":
        name = ["concat", name, "\n", ["get", "area_mu"], "亩"]
    layout = {"text-field": name, "text-size": 12, "text-max-width": 9}
    paint = {"text-color": "#1e293b", "text-halo-color": "#ffffffe6", "text-halo-width": 1.6}
    return _drawn(layer, "symbol", "label", f"{layer.name}_label") | {
        "layout": layout,
        "paint": paint,
    }
