"""Vector tiles read back: features with ids and properties, shapes on the plane of the grid."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import mapbox_vector_tile
import numpy as np
import shapely
from flask.testing import FlaskClient
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gis.zooms import HALF_WORLD_M, WORLD_M, Tile


@dataclass(frozen=True)
class Drawn:
    """One feature of a tile; its shape is in metres on the plane."""

    id: int
    properties: dict[str, object]
    shape: BaseGeometry


def features(content: bytes, at: Tile) -> dict[str, list[Drawn]]:
    """The features of every layer of a tile."""
    box = at.box
    corner = np.array([box.west, box.south])

    def placed(feature: dict[str, Any], units: int) -> BaseGeometry:
        def place(points: NDArray[np.float64]) -> NDArray[np.float64]:
            return np.asarray(points * (box.east - box.west) / units + corner)

        return shapely.transform(_shape(feature["geometry"]), place)

    found = mapbox_vector_tile.decode(content, default_options={"geojson": False})
    return {
        name: [
            Drawn(f["id"], f["properties"], placed(f, layer["extent"])) for f in layer["features"]
        ]
        for name, layer in found.items()
    }


def _shape(geometry: dict[str, object]) -> BaseGeometry:
    shape: BaseGeometry = shapely.geometry.shape(geometry)
    return shape


def tile(client: FlaskClient, layer: str, at: Tile, query: str = "") -> dict[str, list[Drawn]]:
    """A tile of the API, read; nothing where it says that nothing is there."""
    response = client.get(f"/tiles/{layer}/{at.z}/{at.x}/{at.y}.mvt{query}")
    assert response.status_code in (200, 204), response.text
    if response.status_code == 204:
        assert response.data == b""
        return {}
    assert response.data
    assert response.content_type == "application/vnd.mapbox-vector-tile"
    return features(response.data, at)


def covering(zoom: int, bounds: tuple[float, float, float, float]) -> Iterator[Tile]:
    """The tiles of a zoom that meet a box on the plane."""
    size = WORLD_M / 2**zoom
    west, south, east, north = bounds
    for x in range(int((west + HALF_WORLD_M) / size), int((east + HALF_WORLD_M) / size) + 1):
        for y in range(int((HALF_WORLD_M - north) / size), int((HALF_WORLD_M - south) / size) + 1):
            yield Tile(zoom, x, y)
