"""Questions far wider than any screen or finger are answered from counts, or not looked for."""

import itertools

import pytest
import shapely
from flask.testing import FlaskClient
from sqlalchemy import Engine, func, select

from gis import identify, views
from gis.crs import Crs
from gis.layers import layer_named
from gis.query import BBox, ItemsQuery
from gis.tables import TILES
from gis.zooms import degrees, pixel_m
from tests.api.answers import exact
from tests.conftest import QueryCounter

WIDE = {
    "world": "-180,-90,180,90",
    "half": "0,0,180,90",
    "china": "73,3,136,54",
    "province": "117,28,121,32",
    "strip": "-180,30.8,180,30.8001",
    "pole to pole": "120.1,-90,120.1001,90",
}
SITES = 12 + 490 + 200
READS_SHAPES = "parcels_tiles.geom"


@pytest.mark.parametrize(("name", "zoom"), [*itertools.product(WIDE, (12, 13, 16, 18, 20, 22))])
@pytest.mark.parametrize("asked", ["", "&area_mu_min=1"])
def test_a_view_wider_than_any_screen_is_counted(
    client: FlaskClient, count_queries: QueryCounter, name: str, zoom: int, asked: str
) -> None:
    with count_queries() as statements:
        answer = exact(client.get(f"/api/v1/map?bbox={WIDE[name]}&zoom={zoom}{asked}"))
    # 32 tiles at zoom 12 are 2.8 degrees: all of these are wider.
    assert answer["mode"] == "clusters"
    assert not any(READS_SHAPES in statement for statement in statements)
    assert len(answer["items"]) <= 100
    assert answer["total"] == sum(item["count"] for item in answer["items"])
    if name in ("world", "half", "china", "province") and not asked:
        assert answer["total"] == SITES


def test_a_screen_reads_shapes(client: FlaskClient, count_queries: QueryCounter) -> None:
    """The control: what a phone or a wall shows is looked through."""
    for zoom, width in ((12, 0.3), (12, 2.7), (16, 0.17)):
        box = f"{120.1 - width / 2},30.85,{120.1 + width / 2},30.86"
        with count_queries() as statements:
            exact(client.get(f"/api/v1/map?bbox={box}&zoom={zoom}"))
        assert any(READS_SHAPES in statement for statement in statements)


@pytest.mark.parametrize("zoom", [0, 3, 6, 8])
def test_a_finger_never_touches_a_province(
    client: FlaskClient, zoom: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/api/v1/identify?lng=120.166&lat=30.872&layers=parks&zoom={zoom}"
    near = {site["id"] for site in exact(client.get(path))["sites"]}
    at_nine = exact(client.get(path.replace(f"zoom={zoom}", "zoom=9")))["sites"]
    assert near == {site["id"] for site in at_nine}
    assert all(site["distance_m"] < 1300 for site in at_nine)
    if zoom < 6:
        # The control: without that limit it reaches them all.
        monkeypatch.setattr(identify, "FARTHEST_ZOOM", 0)
        assert len(exact(client.get(path))["sites"]) == 12 > len(near)


def test_the_limit_is_wider_than_any_screen() -> None:
    # A wall of 7680 dots, its zoom rounded down by almost one.
    assert views.WIDEST_TILES * 512 > 7680 * 2


def test_shapes_of_many_corners_are_read_to_a_pixel(demo_engine: Engine) -> None:
    table = TILES["parcels"]
    place = select(table.c.id, table.c.x, table.c.y).order_by(table.c.id).limit(1)
    with demo_engine.connect() as connection:
        one = connection.execute(place).one()
        west, south = degrees(one.x - 500, one.y - 500)
        east, north = degrees(one.x + 500, one.y + 500)
        layer = layer_named("parcels")
        view = BBox(west, south, east, north)
        asked = views.MapQuery(Crs.GCJ02, view, 17, ((layer, ItemsQuery(Crs.GCJ02)),))
        before = {site.id: site.shape for site in views.sites(connection, asked, 200)}
        dense = func.ST_Segmentize(table.c.geom, 0.05)
        connection.execute(table.update().where(table.c.id == one.id).values(geom=dense))
        held = select(func.ST_NPoints(table.c.geom)).where(table.c.id == one.id)
        assert connection.execute(held).scalar_one() > 5000
        after = {site.id: site.shape for site in views.sites(connection, asked, 200)}
    assert set(after) == set(before)
    assert shapely.get_num_coordinates(after[one.id]) <= 5000
    assert shapely.hausdorff_distance(after[one.id], before[one.id]) <= pixel_m(17)
    others = set(before) - {one.id}
    assert others
    assert all(shapely.equals_exact(after[site_id], before[site_id]) for site_id in others)
