"""The packed form of GET /api/v1/map: what clients make of it is the plain form."""

import gzip
import json
import os
import random
import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import shapely
from flask.testing import FlaskClient

from gis import wxmap, wxpacked, wxplain
from gis.crs import Crs
from gis.layers import Layer, layer_named
from gis.layers.symbols import symbols
from gis.query import BBox, ItemsQuery
from gis.views import Cluster, MapQuery, Site, cluster_level
from gis.wxscreen import Screen, is_outline
from gis.zooms import plane
from mini_program_api.map_params import MAP_LAYERS
from tests.api.answers import Json, conforms, problem

PHONE = Path(__file__).resolve().parents[2] / "client/phone"
LAYERS = [layer_named(name) for name in MAP_LAYERS]
CENTRE = plane(120.1, 30.8)

built = pytest.mark.skipif(
    not (PHONE / "node_modules/esbuild").exists(), reason="make client brings what bundles the core"
)


def unpacked(client: FlaskClient, views: Sequence[Json], folder: Path) -> None:
    """The clients' own decoder gives the plain form of each view."""
    file = folder / "views.json"
    legend = client.get("/api/v1/legend").json
    file.write_text(json.dumps({"legend": legend, "views": views}), "utf-8")
    done = subprocess.run(
        ["node", "test-core.mjs", "packed"],
        cwd=PHONE,
        env=os.environ | {"KANDI_VIEWS": str(file)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    assert "# skipped 0" in done.stdout


def both(screen: Screen) -> Json:
    return {
        "plain": json.loads(wxplain.text(screen)),
        "packed": json.loads(wxpacked.text(screen)),
    }


def asked_by(chance: random.Random) -> str:
    """A view of the demo city as a phone asks it."""
    zoom = chance.choice([8, 10, 11, 12, 13, 14, 15, 16, 17, 18, 20])
    width = 390 * 360 / 512 / 2**zoom
    x, y = chance.uniform(120.05, 120.25), chance.uniform(30.80, 30.95)
    extra = chance.choice(["", "", "&layers=parcels", "&layers=parks,plants", "&status=available"])
    return f"bbox={x:.6f},{y:.6f},{x + width:.6f},{y + 1.6 * width:.6f}&zoom={zoom}{extra}"


@built
def test_random_views_of_the_city_unpack_to_the_plain_form(
    client: FlaskClient, staff_client: FlaskClient, tmp_path: Path
) -> None:
    chance = random.Random(4)
    views = []
    for number in range(150):
        query = asked_by(chance)
        asker = client
        if number % 10 == 0:
            asker, query = staff_client, f"{query}&crs=cgcs2000"
        plain = asker.get(f"/api/v1/map?{query}").json
        packed = asker.get(f"/api/v1/map?{query}&form=packed").json
        views.append({"plain": plain, "packed": packed})
    modes = {view["plain"]["mode"] for view in views if view["plain"]}
    assert modes == {"features", "clusters"}
    unpacked(client, views, tmp_path)


def odd_site(number: int, chance: random.Random) -> Site:
    """A site of any layer, of a few parts of any size, some with holes."""
    layer = chance.choice(LAYERS)
    parts = []
    for _ in range(chance.choice([1, 1, 2, 3])):
        at = np.array(CENTRE) + [chance.uniform(-2500, 2500) for _ in "xy"]
        radius = chance.choice([0.3, 1, 5, 80, 600])
        ring = shapely.Point(at).buffer(radius, quad_segs=chance.randint(1, 6))
        parts.append(ring.difference(shapely.Point(at).buffer(radius / 3)))
    shape = shapely.union_all(parts)
    if isinstance(shape, shapely.Polygon):
        shape = shapely.MultiPolygon([shape])
    assert isinstance(shape, shapely.MultiPolygon)
    x, y = shape.representative_point().coords[0]
    status = chance.choice([*symbols(layer)])
    code = chance.choice(["NX-", "东迁“街道”𠮷", 'a"\\']) + str(number) * chance.randint(1, 4)
    area_mu = round(chance.choice([0.0, 0.5, 48.5, chance.uniform(0, 2000)]), 1)
    return Site(layer, 100_000 + number * 7, code, f"{code}号", status, area_mu, x, y, shape)


def odd_view(chance: random.Random) -> MapQuery:
    half = chance.choice([0.0005, 0.003, 0.02, 0.1])
    box = BBox(120.1 - half, 30.8 - half, 120.1 + half, 30.8 + half)
    layers: tuple[tuple[Layer, ItemsQuery], ...] = tuple(
        (layer, ItemsQuery(Crs.GCJ02)) for layer in LAYERS
    )
    return MapQuery(Crs.GCJ02, box, chance.randint(5, 20), layers)


def odd_screen(chance: random.Random) -> Screen | None:
    view = odd_view(chance)
    sites = [odd_site(number, chance) for number in range(chance.randint(0, 30))]
    if chance.random() < 0.6:
        return wxmap.features(sites, view, "3-abc", len(sites) + chance.choice([0, 9]))
    level = cluster_level(view.zoom, view.box)
    size = min(2**level, 5)
    cells = [(x, y) for x in range(size) for y in range(size) if chance.random() < 0.7]
    base = chance.choice([0, 2**level - size])
    counted = [
        Cluster(level, base + x, base + y, (("parcels", chance.randint(1, 10**6)),), CENTRE)
        for x, y in cells
    ]
    return wxmap.clusters(counted, [site for site in sites if is_outline(site)], view, "3-abc")


@built
def test_odd_shapes_specks_and_holes_unpack_to_the_plain_form(
    client: FlaskClient, tmp_path: Path
) -> None:
    chance = random.Random(11)
    screens = [screen for screen in (odd_screen(chance) for _ in range(200)) if screen]
    fine = [part for s in screens for part in s.parts if part.grid != s.grid]
    assert len(fine) > 20
    assert any(part.site.layer.name == "parks" for s in screens for part in s.parts)
    unpacked(client, [both(screen) for screen in screens], tmp_path)


@pytest.mark.parametrize("zoom", [9, 14, 17])
def test_a_packed_view_is_what_our_schema_says(client: FlaskClient, zoom: int) -> None:
    document = client.get("/api/v1/openapi.json").json
    assert document is not None
    path = f"/api/v1/map?bbox=120.12,30.84,120.20,30.94&zoom={zoom}&form=packed"
    conforms(client.get(path).json, document, "PackedMapView")


def test_a_packed_view_is_two_fifths_of_the_plain_one_at_most(client: FlaskClient) -> None:
    path = "/api/v1/map?bbox=120.12,30.84,120.20,30.94&zoom=14"
    plain, packed = client.get(path).data, client.get(f"{path}&form=packed").data
    assert len(plain) > 20_000
    assert len(gzip.compress(packed)) < len(gzip.compress(plain)) * 0.4


def test_each_form_has_a_tag_of_its_own(client: FlaskClient) -> None:
    path = "/api/v1/map?bbox=120.12,30.84,120.20,30.94&zoom=14"
    plain, packed = client.get(path), client.get(f"{path}&form=packed")
    assert plain.headers["ETag"] != packed.headers["ETag"]
    held = {"If-None-Match": packed.headers["ETag"]}
    assert client.get(f"{path}&form=packed", headers=held).status_code == 304
    assert client.get(path, headers=held).status_code == 200


def test_another_form_is_refused(client: FlaskClient) -> None:
    path = "/api/v1/map?bbox=120.12,30.84,120.20,30.94&zoom=14&form=xml"
    problem(client.get(path), 400, "invalid-parameter")
