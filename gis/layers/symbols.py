"""How sites look on every map: the one source of status colours, titles and icons."""

from dataclasses import dataclass
from functools import lru_cache

from gis.layers.model import Layer

OTHER = "#334155"
CLUSTER = "#1d4ed8"
"""Colour of a circle that stands for sites of several layers."""
CLUSTERS = {"parcels": CLUSTER, "plants": "#15803d", "parks": "#0f766e"}
"""Colour of a circle that stands for several sites of one layer."""

CLUSTER_ICON = "/static/pin/cluster.png"
PIN_PX = (28, 34)
"""Width and height of an icon as it is drawn; its file has twice as many pixels each way."""

# In the order of importance: what can be had comes first, and is drawn above the rest.
_COLOURS = {
    "parcels": {
        "available": "#16a34a",
        "announced": "#ea580c",
        "planned": "#2563eb",
        "secondary_transfer": "#0891b2",
        "reserved": "#7c3aed",
        "awaiting_clearance": "#a16207",
        "sold": "#8592a3",
        "undisclosed": OTHER,
    },
    "plants": {
        "available": "#15803d",
        "partly_available": "#65a30d",
        "under_construction": "#d97706",
        "reserved": "#7c3aed",
        "occupied": "#64748b",
        "undisclosed": OTHER,
    },
    "parks": {
        "open": "#0f766e",
        "planned": "#2563eb",
        "full": "#64748b",
        "undisclosed": OTHER,
    },
}


@dataclass(frozen=True)
class Symbol:
    """How one status of a layer looks; ``rank`` 0 matters most."""

    layer: str
    status: str
    title: str
    colour: str
    rank: int

    @property
    def fill(self) -> str:
        """Colour of an area, as #RRGGBBAA."""
        return f"{self.colour}44"

    @property
    def stroke(self) -> str:
        """Colour of an outline, as #RRGGBBAA."""
        return f"{self.colour}ff"

    @property
    def icon(self) -> str:
        """Path of the pin."""
        return f"/static/pin/{self.layer.removesuffix('s')}-{self.status}.png"


@lru_cache
def symbols(layer: Layer) -> dict[str, Symbol]:
    """The symbol of every status of a layer, what matters most first."""
    titles = layer.column("status").choices or {}
    return {
        status: Symbol(layer.name, status, titles[status], colour, rank)
        for rank, (status, colour) in enumerate(_COLOURS[layer.name].items())
    }
