"""The layer registry: every published layer, found by name."""

from gis.layers.model import Audience, Column, Kind, Layer
from gis.layers.parcels import PARCELS
from gis.layers.parks import PARKS
from gis.layers.plants import PLANTS

LAYERS: tuple[Layer, ...] = (PARKS, PARCELS, PLANTS)
"""In the order in which they are loaded: a park before what stands in it."""

_BY_NAME = {layer.name: layer for layer in LAYERS}


class UnknownLayer(LookupError):
    """No layer has that name."""


def layer_named(name: str) -> Layer:
    """The layer of that name; :class:`UnknownLayer` if there is none."""
    try:
        return _BY_NAME[name]
    except KeyError:
        raise UnknownLayer(name) from None


__all__ = ["LAYERS", "Audience", "Column", "Kind", "Layer", "UnknownLayer", "layer_named"]
