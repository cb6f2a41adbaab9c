"""GET /api/v1/{layer}?zoom=: the same sites with shapes right to about a pixel."""

import pytest
import shapely
from flask import json
from flask.testing import FlaskClient

from gis.layers import LAYERS, Layer
from tests.api.answers import Json, ids, pages, problem

EACH = pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
SYSTEM = pytest.mark.parametrize("crs", ["gcj02", "cgcs2000"])


def asked(client: FlaskClient, path: str) -> Json:
    response = client.get(path)
    assert response.status_code == 200, response.text
    assert response.json is not None
    return dict(response.json)


@EACH
@SYSTEM
@pytest.mark.parametrize("zoom", [0, 8, 10, 11, 12, 13, 14])
def test_shapes_are_valid_and_right_to_a_pixel(
    staff_client: FlaskClient, layer: Layer, crs: str, zoom: int
) -> None:
    path = f"/api/v1/{layer.name}?limit=1000&crs={crs}"
    exact, simple = asked(staff_client, path), asked(staff_client, f"{path}&zoom={zoom}")
    assert ids(simple) == ids(exact)
    # No band is coarser than zoom 10; bands are made one of the other, so errors may add up.
    pixel = 360 / 512 / 2 ** max(zoom, 10)
    for before, after in zip(exact["features"], simple["features"], strict=True):
        assert after["properties"] == before["properties"]
        shape, whole = (shapely.from_geojson(json.dumps(f["geometry"])) for f in (after, before))
        assert shape.geom_type == "MultiPolygon"
        assert shape.is_valid
        # Outlines only: a pond of a pixel or two may be filled.
        outlines = (shapely.get_exterior_ring(shapely.get_parts(g)) for g in (shape, whole))
        for part, whole_part in zip(*outlines, strict=True):
            apart = shapely.hausdorff_distance(part, whole_part)
            assert apart <= 1.5 * pixel + 1e-5


@EACH
@SYSTEM
@pytest.mark.parametrize("zoom", [15, 22])
def test_high_zooms_are_exact(staff_client: FlaskClient, layer: Layer, crs: str, zoom: int) -> None:
    path = f"/api/v1/{layer.name}?limit=1000&crs={crs}"
    exact, drawn = asked(staff_client, path), asked(staff_client, f"{path}&zoom={zoom}")
    assert drawn["features"] == exact["features"]


def test_a_lower_zoom_takes_fewer_bytes(client: FlaskClient) -> None:
    sizes = [
        len(client.get(f"/api/v1/parks?fields=name&zoom={zoom}").data) for zoom in (15, 14, 12, 10)
    ]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] < sizes[0] / 2


@SYSTEM
def test_it_goes_with_fields_filters_and_paging(staff_client: FlaskClient, crs: str) -> None:
    query = f"crs={crs}&status=available&area_mu_min=30&bbox=119,30,121,32&fields=code"
    whole = asked(staff_client, f"/api/v1/parcels?limit=1000&{query}")
    found = list(pages(staff_client, f"/api/v1/parcels?limit=17&zoom=12&{query}"))
    assert len(found) > 2
    assert [number for page in found for number in ids(page)] == ids(whole)
    assert all(set(f["properties"]) == {"code"} for page in found for f in page["features"])


@pytest.mark.parametrize("zoom", ["23", "-1", "1.5", "", "z", "1e1", "99999999999"])
def test_a_zoom_that_is_none_is_refused(client: FlaskClient, zoom: str) -> None:
    body = problem(client.get(f"/api/v1/parcels?zoom={zoom}"), 400, "invalid-parameter")
    assert body["parameter"] == "zoom"
