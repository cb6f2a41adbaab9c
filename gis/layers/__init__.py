"""The layer registry: every published layer, found by name."""

from gis.layers.constraints import CONSTRAINTS
from gis.layers.facilities import FACILITIES
from gis.layers.model import Audience, Column, Kind, Layer, Shape
from gis.layers.parcels import PARCELS
from gis.layers.parks import PARKS
from gis.layers.plants import PLANTS

LAYERS: tuple[Layer, ...] = (PARKS, PARCELS, PLANTS)
"""Sites, in the order in which they are loaded: a park before what stands in it."""

SURROUNDINGS: tuple[Layer, ...] = (FACILITIES, CONSTRAINTS)
"""What sites are judged by; imported and read like them, but not drawn as sites."""

REGISTRY = LAYERS + SURROUNDINGS
"""Every layer that can be imported and read."""

_BY_NAME = {layer.name: layer for layer in REGISTRY}


class UnknownLayer(LookupError):
    """No layer has that name."""


def layer_named(name: str) -> Layer:
    """The layer of that name; :class:`UnknownLayer` if there is none."""
    try:
        return _BY_NAME[name]
    except KeyError:
        raise UnknownLayer(name) from None


__all__ = [
    "LAYERS",
    "REGISTRY",
    "SURROUNDINGS",
    "Audience",
    "Column",
    "Kind",
    "Layer",
    "Shape",
    "UnknownLayer",
    "layer_named",
]
