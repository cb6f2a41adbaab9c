"""A map of another house below ours: only when it is set, only from its hosts, named on the map."""

import io
import re
from collections.abc import Iterator

import pytest
from PIL import Image
from playwright.sync_api import Browser, Route, expect

from tests.browser.conftest import Visit, visit
from tests.conftest import served
from tests.databases import Maker

pytestmark = pytest.mark.browser

PARK = "/m/#/?map=14.2/30.868/120.174"
TILES = "https://tiles.example.cn"


def green() -> bytes:
    """A tile of pale green."""
    file = io.BytesIO()
    Image.new("RGB", (8, 8), (206, 234, 200)).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def based(
    chromium: Browser, maker: Maker, demo_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Visit]:
    """A phone at an installation with Tencent's map below its own."""
    log = tmp_path_factory.mktemp("serve") / "serve.log"
    own = {
        "KANDI_BASE_MAP": "tencent",
        "KANDI_BASE_MAP_KEY": "key-1",
        "KANDI_BASE_MAP_TILES": TILES + "/{z}/{x}/{y}?key={key}",
    }
    with maker.copied(demo_template) as url, served(url, log, **own) as base:
        made = visit(chromium, base, viewport={"width": 390, "height": 844})
        made.page.route(f"{TILES}/**", tile)
        yield made
        made.page.context.close()


def tile(route: Route) -> None:
    """A tile as its provider gives it, to pages of any host."""
    route.fulfill(
        body=green(), content_type="image/png", headers={"Access-Control-Allow-Origin": "*"}
    )


def test_the_tiles_of_the_map_below_are_those_of_the_place(based: Visit) -> None:
    based.open(PARK)
    asked = [re.fullmatch(TILES + r"/(\d+)/(\d+)/(\d+)\?key=key-1", one) for one in based.foreign]
    assert len(asked) > 3
    found = {tuple(map(int, one.groups())) for one in asked if one}
    assert len(found) == len(set(based.foreign))
    # 120.174° E, 30.868° N in tiles of 256 px, rows counted from the south as Tencent does.
    assert (15, 27322, (1 << 15) - 1 - 13427) in found
    expect(based.page.get_by_text("© 腾讯地图")).to_be_visible()
    assert based.drawn("shape") > 10
    assert based.complaints == []
    based.screenshot("phone-base-map")


def test_where_none_is_set_its_hosts_are_forbidden(phone: Visit) -> None:
    phone.open(PARK)
    assert phone.foreign == []
    phone.page.route(f"{TILES}/**", tile)
    refused = phone.page.evaluate("(url) => fetch(url).then(() => false, () => true)", TILES + "/1")
    assert refused
    expect(phone.page.locator(".credit")).to_have_count(0)
