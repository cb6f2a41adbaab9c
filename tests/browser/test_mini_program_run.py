"""The mini program at work: WeChat's own renderer runs the build against the real server."""

import mimetypes
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Playwright, Route, expect

from server.demo_users import PASSWORD
from tests.browser.conftest import Visit, visit

RENDERER = Path(__file__).resolve().parents[2] / "client/phone/dist/renderer"
PARK = "pages/map/index?map=14.2/30.868/120.174"
ASKED = """() => performance.getEntriesByType("resource").map(({ name }) => name)
    .filter((name) => name.includes("/api/v1/map?")).at(-1)
    .split("?")[1].replace("form=packed&", "")"""
HARMLESS = ("received type-incompatible value", "for-list data is neither")
"""Until uni-app's first setData, fields of a template are undefined; in WeChat as well."""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not RENDERER.exists(), reason="make client builds it"),
]


def serve(route: Route) -> None:
    """A file of the renderer, as if WeChat had it."""
    name = route.request.url.split("/wechat/")[1].split("?")[0] or "index.html"
    kind = mimetypes.guess_type(name)[0]
    route.fulfill(body=(RENDERER / name).read_bytes(), content_type=kind)


@pytest.fixture
def wechat(_playwright: Playwright, chromium: Browser, demo_url: str) -> Iterator[Visit]:
    """WeChat on an iPhone 13, which has the mini program."""
    screen = dict(_playwright.devices["iPhone 13"], device_scale_factor=1)
    screen.pop("default_browser_type")
    made = visit(chromium, demo_url, **screen)
    made.page.route("**/wechat/**", serve)
    made.page.on("console", lambda message: warned(made, message.type, message.text))
    yield made
    made.page.context.close()


def warned(made: Visit, kind: str, text: str) -> None:
    if kind == "warning" and not any(one in text for one in HARMLESS):
        made.complaints.append(text)


def shown(page: Page, selector: str, text: str | re.Pattern[str] = "") -> Locator:
    """The first element in sight of that kind; pages below stay in the document."""
    return page.locator(f"{selector}:visible").filter(has_text=text).first


def drawn(page: Page, part: str) -> list[dict[str, float]]:
    """What the map was given: `markers` or `polygons`."""
    found: list[dict[str, float]] = page.evaluate(
        "(part) => document.querySelector('canvas').parentNode.__wxElement.data[part]", part
    )
    return found


def still(made: Visit) -> None:
    made.page.wait_for_timeout(400)
    made.page.wait_for_function("() => wx.seen().requests === 0")
    made.page.wait_for_timeout(300)


def agreed(made: Visit) -> dict[str, Any]:
    """What the server gives for the view, once the map draws it: a view may still be on its way.

    The app asks for the packed form; the plain one says what had to come out of it.
    """
    for _ in range(50):
        asked = made.page.evaluate(ASKED)
        given: dict[str, Any] = made.ask(f"/api/v1/map?{asked}")
        if drawn(made.page, "polygons") == given["polygons"]:
            break
        made.page.wait_for_timeout(200)
    assert drawn(made.page, "polygons") == given["polygons"], asked
    return given


def start(made: Visit, page: str = "") -> None:
    """Open the mini program at one of its pages."""
    made.page.goto(f"{made.base}/wechat/#{page}")
    still(made)


def tap(made: Visit, selector: str, text: str = "") -> None:
    """Tap the first such thing in sight."""
    shown(made.page, selector, text).tap()
    still(made)


def tab(made: Visit, name: str) -> None:
    made.page.get_by_role("tab", name=name).click()
    still(made)


def tap_marker(made: Visit, which: str) -> int:
    """Tap a marker that lies free in the middle of the map; its id."""
    found: dict[str, float] = made.page.evaluate(
        """(which) => {
            const picture = wx.mapNow();
            const { width, height, top } = picture.box;
            const wanted = (id) => which === "cluster" ? id < 0 : id > 0;
            return picture.node.data.markers.filter(({ id }) => wanted(id))
                .map((one) => ({ ...one, at: picture.project(one) }))
                .map(({ id, at: [x, y], height: tall, anchor }) =>
                    ({ id, x, y: y + top - tall * ((anchor?.y ?? 1) - 0.5) }))
                .sort((a, b) => Math.hypot(a.x - width / 2, a.y - height / 2)
                    - Math.hypot(b.x - width / 2, b.y - height / 2))[0];
        }""",
        which,
    )
    made.page.touchscreen.tap(found["x"], found["y"])
    still(made)
    return int(found["id"])


def test_the_map_shows_the_land_of_the_server(wechat: Visit) -> None:
    page = wechat.page
    start(wechat)
    total = sum(
        wechat.ask(f"/api/v1/{layer}?limit=1")["numberMatched"]
        for layer in ("parcels", "plants", "parks")
    )
    expect(shown(page, ".sheet-title")).to_contain_text(f"此区域 {total} 处")
    assert len([one for one in drawn(page, "markers") if one["id"] < 0]) > 3
    wechat.screenshot("wechat-1-city")
    before = page.evaluate("() => wx.mapNow().at.scale")
    tap_marker(wechat, "cluster")
    page.wait_for_function("(least) => wx.mapNow().at.scale > least", arg=before + 0.5)
    assert wechat.complaints == []
    assert wechat.foreign == []


def test_land_has_its_true_outline_and_can_be_tapped(wechat: Visit) -> None:
    page = wechat.page
    start(wechat, PARK)
    given = agreed(wechat)
    assert len(given["polygons"]) > 10
    number = tap_marker(wechat, "site")
    site = next(one for one in given["items"] if one["id"] == number)
    expect(shown(page, ".glance")).to_contain_text(site["code"])
    wechat.screenshot("wechat-2-land")
    assert wechat.complaints == []


def test_from_needs_to_an_enquiry(wechat: Visit) -> None:
    page = wechat.page
    start(wechat)
    tab(wechat, "选址")
    tap(wechat, ".start", "机械加工")
    expect(shown(page, ".foot-bar .button")).to_have_text(re.compile(r"为 \d+ 处排名"))
    wechat.screenshot("wechat-3-needs")
    tap(wechat, ".foot-bar .button")
    expect(shown(page, ".rank")).to_contain_text("分")
    wechat.screenshot("wechat-4-ranked")
    name = shown(page, ".rank-name").inner_text()
    tap(wechat, ".rank-main")
    expect(shown(page, ".t-xl")).to_contain_text(name)
    wechat.screenshot("wechat-5-site")
    tap(wechat, ".keep", "收藏")
    expect(shown(page, ".keep-on")).to_contain_text("已收藏")
    tap(wechat, ".foot-bar .button", "咨询")
    page.locator("wx-textarea:visible textarea").fill("想建减速机工厂，电力能到多少？")
    page.get_by_role("textbox", name="称呼").fill("王经理")
    tap(wechat, ".consent")
    wechat.screenshot("wechat-6-privacy")
    tap(wechat, ".foot-bar .button", "同意并继续")
    wechat.screenshot("wechat-7-enquiry")
    tap(wechat, ".foot-bar .button", "发送咨询")
    expect(shown(page, ".sent")).to_contain_text("已收到")
    expect(shown(page, ".bubble")).to_have_text("想建减速机工厂，电力能到多少？")
    wechat.screenshot("wechat-8-thread")
    while not page.get_by_role("tab", name="收藏").is_visible():
        page.get_by_role("button", name="返回").last.tap()
        still(wechat)
    tab(wechat, "收藏")
    expect(shown(page, ".kept")).to_contain_text(name)
    wechat.screenshot("wechat-9-saved")
    seen = page.evaluate("() => wx.seen()")
    assert seen["logins"] == 1
    assert wechat.complaints == []


def test_an_officer_verifies_a_listing_under_way(wechat: Visit) -> None:
    """The change is a PATCH, which `wx.request` does not have."""
    page = wechat.page
    parcel = wechat.ask("/api/v1/parcels?status=planned&limit=9&fields=code")["features"][-1]["id"]
    path = f"/api/v1/parcels/{parcel}"
    before = wechat.ask(path)["properties"]["version"]
    start(wechat, "officer/login")
    page.get_by_role("textbox", name="用户名").fill("officer")
    page.get_by_role("textbox", name="密码").fill(PASSWORD)
    tap(wechat, ".button", "登录")
    expect(shown(page, ".head-title")).to_contain_text("任务")
    wechat.screenshot("wechat-tasks")
    start(wechat, f"officer/edit?layer=parcels&id={parcel}")
    page.reload()
    still(wechat)
    wechat.screenshot("wechat-edit")
    tap(wechat, ".button", "核实无变化")
    expect(page.get_by_text(re.compile(rf"第 {before + 1} 版")).first).to_be_visible()
    assert wechat.ask(path)["properties"]["version"] == before + 1
    assert wechat.complaints == []
