"""What can be read: the layers with their columns and filters, for machines and for people."""

from collections.abc import Sequence

from flask import json

from gis import filters
from gis.features import LayerSummary
from gis.layers import LAYERS, Audience, Column


def layers(summaries: Sequence[LayerSummary]) -> str:
    """The layers as JSON text."""
    return json.dumps({"layers": [_layer(summary) for summary in summaries]}, ensure_ascii=False)


def _layer(summary: LayerSummary) -> dict[str, object]:
    layer = summary.layer
    return {
        "name": layer.name,
        "title": layer.title,
        "description": layer.description,
        "href": f"/api/v1/{layer.name}",
        "count": summary.count,
        "drawn": layer in LAYERS,
        "extent": summary.extent,
        "coordSys": "GCJ-02",
        "dataVersion": summary.version,
        "dataAsOf": summary.changed_at,
        "minZoom": layer.zooms[0],
        "maxZoom": layer.zooms[1],
        "columns": [_column(column) for column in layer.readable(Audience.PUBLIC)],
        "filters": [
            {"name": p.name, "column": p.column.name, "title": p.title, "unit": p.unit}
            for p in filters.parameters(layer).values()
        ],
    }


def _column(column: Column) -> dict[str, object]:
    return {
        "name": column.name,
        "title": column.title,
        "kind": column.kind,
        "unit": column.unit,
        "inLists": column.summary,
        "choices": [{"code": k, "title": v} for k, v in (column.choices or {}).items()] or None,
    }
