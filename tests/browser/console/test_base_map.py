"""天地图 below the console's land: exact places on exact tiles; without a key nothing foreign."""

import io
import json
import math
import re
from collections.abc import Iterator
from typing import Any
from urllib.request import urlopen

import pytest
from PIL import Image
from playwright.sync_api import Browser, Route, expect

from server import demo_users
from server.config import Settings
from server.db import job_engine
from tests.browser.office import Screen, screen
from tests.conftest import served
from tests.databases import Maker

pytestmark = pytest.mark.browser

CODE = "WX-2026-003"
TIANDITU = re.compile(
    r"https://t[0-7]\.tianditu\.gov\.cn/(vec|cva)_w/wmts\?.*"
    r"&TILEMATRIX=(\d+)&TILEROW=(\d+)&TILECOL=(\d+)&tk=key-1"
)
CHOSEN = """async () => {
    const { features } = await window.kandiMap.getSource("chosen").getData();
    const corner = features[0].geometry.coordinates[0][0][0];
    const { x, y } = window.kandiMap.project(window.kandiMap.getCenter());
    const tiles = window.kandiMap.queryRenderedFeatures([x, y], { layers: ["parcels-fill"] });
    return { corner, id: features[0].id, below: tiles.map(({ id }) => id),
        centre: window.kandiMap.getCenter().toArray() };
}"""


@pytest.fixture(scope="module")
def surveyed(
    maker: Maker, demo_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """An installation with a key of 天地图."""
    log = tmp_path_factory.mktemp("serve") / "serve.log"
    own = {"KANDI_BASE_MAP": "tianditu", "KANDI_BASE_MAP_KEY": "key-1"}
    with maker.copied(demo_template) as url:
        demo_users.load(job_engine(Settings(database_url=url)), lambda _line: None)
        with served(url, log, **own) as base:
            yield base


def _tile(route: Route) -> None:
    file = io.BytesIO()
    Image.new("RGB", (8, 8), (206, 234, 200)).save(file, "PNG")
    allowed = {"Access-Control-Allow-Origin": "*"}
    route.fulfill(body=file.getvalue(), content_type="image/png", headers=allowed)


def _choose(viewer: Screen) -> dict[str, Any]:
    """Choose a parcel in the list; what its map draws then."""
    viewer.login("viewer")
    viewer.open(f"/land/parcels?q={CODE}")
    viewer.row(CODE).click()
    viewer.page.wait_for_function("() => window.kandiMap?.getZoom() > 13")
    viewer.still()
    found: dict[str, Any] = viewer.page.evaluate(CHOSEN)
    return found


def _public(base: str) -> tuple[int, list[float]]:
    """The parcel's number and its first corner in GCJ-02, as everyone reads it."""
    with urlopen(f"{base}/api/v1/parcels?code={CODE}") as answer:
        (found,) = json.load(answer)["features"]
    return found["id"], found["geometry"]["coordinates"][0][0][0]


def test_tianditu_lies_exactly_below_the_land_of_staff(chromium: Browser, surveyed: str) -> None:
    with screen(chromium, surveyed) as viewer:
        viewer.page.route("https://*.tianditu.gov.cn/**", _tile)
        drawn = _choose(viewer)
        site, shifted = _public(surveyed)
        assert drawn["below"] == [site], "the shape of the row lies on the shape of the tile"
        east = drawn["corner"][0] - shifted[0]
        assert -0.006 < east < -0.003, "the exact place, some 450 m west of the public one"
        tiles = [TIANDITU.fullmatch(url) for url in viewer.visit.requests if "tianditu" in url]
        found = {tuple(map(int, one.groups()[1:])) for one in tiles if one}
        assert len(found) > 3
        assert {one.group(1) for one in tiles if one} == {"vec", "cva"}
        zoom = max(zoom for zoom, _, _ in found)
        assert (zoom, *_row_and_column(zoom, *drawn["centre"])) in found
        expect(viewer.page.get_by_text("天地图")).to_be_visible()
        expect(viewer.page.get_by_role("application", name="地图（CGCS2000）")).to_be_visible()
        viewer.page.get_by_text("只列地图范围内").click()
        expect(viewer.page.locator("[data-test=count]")).to_contain_text("共 1 条")
        assert all(host.endswith(".tianditu.gov.cn") for host in viewer.foreign)
        assert viewer.visit.complaints == []
        viewer.visit.screenshot("console-tianditu")


def _row_and_column(zoom: int, longitude: float, latitude: float) -> tuple[int, int]:
    """The tile of a place in Web Mercator, rows counted from the north."""
    angle = math.radians(latitude)
    row = (1 - math.asinh(math.tan(angle)) / math.pi) / 2
    return int(row * 2**zoom), int((longitude + 180) / 360 * 2**zoom)


def test_without_a_key_the_map_is_the_public_one_and_nothing_is_foreign(
    chromium: Browser, office_url: str
) -> None:
    with screen(chromium, office_url) as viewer:
        drawn = _choose(viewer)
        site, shifted = _public(office_url)
        assert drawn["below"] == [site]
        assert drawn["corner"] == pytest.approx(shifted, abs=2e-6)
        expect(viewer.page.get_by_role("application", name="地图（GCJ-02）")).to_be_visible()
        viewer.page.get_by_text("只列地图范围内").click()
        expect(viewer.page.locator("[data-test=count]")).to_contain_text("共 1 条")
        assert viewer.foreign == []
