"""The phone app for everyone: small screens, large text, screen readers, slow networks."""

from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser

AXE = Path(__file__).resolve().parents[2] / "client/phone/node_modules/axe-core/axe.min.js"
PARK = "#/?map=14.2/30.868/120.174"
PAGES = [
    PARK,
    "#/pages/siting/index",
    "#/pages/siting/results?layers=parcels&area_mu_min=30&want.area_mu=around(50,20)*3",
    "#/pages/saved/index",
    "#/pages/me/index",
    "#/pages/enquiry/new?layer=parcels&id=100014&kind=appointment&name=x",
    "#/pages/enquiry/list",
    "#/pages/privacy/index",
    "#/officer/login",
]
CONTROLS = ("button", "link", "checkbox", "radio", "tab", "switch")
MOST_SCRIPT_BYTES = 350_000
MOST_DATA_REQUESTS = 5


def pages(visit: Visit) -> list[str]:
    """Every page, and two that need the number of a real parcel."""
    first, second = visit.ask("/api/v1/parcels?limit=2&status=available&fields=code")["features"]
    sites = f"parcels/{first['id']},parcels/{second['id']}"
    return [
        *PAGES,
        f"#/pages/site/index?layer=parcels&id={first['id']}",
        f"#/pages/compare/index?sites={sites}",
    ]


def named(page: str) -> str:
    return page.split("?")[0].strip("#/").replace("/", "-") or "map"


def test_320_pixels_are_enough(small_phone: Visit) -> None:
    small_phone.open()
    for page in pages(small_phone):
        small_phone.go(page)
        small_phone.screenshot(f"small-{named(page)}")
        width = small_phone.page.evaluate("() => document.documentElement.scrollWidth")
        assert (page, width <= 320, small_phone.overflow()) == (page, True, [])


def test_text_of_twice_the_size_stays_readable(small_phone: Visit) -> None:
    small_phone.open("/m/#/pages/me/index")
    small_phone.page.get_by_role("radio", name="最大").tap()
    for page in pages(small_phone):
        small_phone.go(page)
        small_phone.screenshot(f"large-{named(page)}")
        assert (page, small_phone.overflow()) == (page, [])


def test_fingers_find_every_control(small_phone: Visit) -> None:
    """44 CSS pixels in at least one direction and never under 40 in the other."""
    small_phone.open()
    for page in pages(small_phone):
        small_phone.go(page)
        small = small_phone.page.evaluate(
            """(controls) => [...document.querySelectorAll(controls)]
                .map((one) => ({
                    box: one.getBoundingClientRect(), text: one.textContent || one.ariaLabel,
                }))
                .filter(({ box }) => box.width && (box.height < 43.5 || box.width < 39.5))
                .map(({ box, text }) => `${text} ${box.width}x${box.height}`)""",
            ",".join(f"[role={role}]" for role in CONTROLS),
        )
        assert (page, small) == (page, [])


@pytest.mark.skipif(not AXE.exists(), reason="make client brings axe-core")
def test_screen_readers_and_keyboards_find_their_way(phone: Visit) -> None:
    phone.open()
    script = AXE.read_text("utf-8")
    for page in pages(phone):
        phone.go(page)
        phone.page.evaluate(script)
        found = phone.page.evaluate(
            """async () => (await axe.run(document, { resultTypes: ["violations"] })).violations
                .filter(({ impact }) => impact === "serious" || impact === "critical")
                .map(({ id, nodes }) =>
                    [id, ...nodes.slice(0, 3).map((n) => n.html.slice(0, 99))])"""
        )
        assert (page, found) == (page, [])


def test_the_keyboard_presses_what_says_it_is_a_button(desktop: Visit) -> None:
    desktop.open(f"/m/{PARK}")
    desktop.page.locator(".filter-button").focus()
    desktop.page.keyboard.press("Enter")
    expect(desktop.page.get_by_role("dialog")).to_be_visible()
    desktop.screenshot("desktop-filter")


def test_a_desk_shows_map_and_list_side_by_side(desktop: Visit) -> None:
    desktop.open(f"/m/{PARK}")
    expect(desktop.page.locator(".sheet-list .site").first).to_be_visible()
    desktop.settle()
    desktop.screenshot("desktop-map")
    assert desktop.drawn("shape") > 10


def test_the_first_view_is_light(phone: Visit) -> None:
    """Bytes of scripts as gzip, which every phone takes, and questions to the server."""
    phone.open()
    sizes = {}
    for url in {one for one in phone.requests if urlsplit(one).path.endswith(".js")}:
        with urlopen(Request(url, headers={"Accept-Encoding": "gzip"})) as answer:
            sizes[url] = len(answer.read())
    data = [
        url
        for url in phone.requests
        if urlsplit(url).path.startswith(("/api/", "/tiles/", "/style.json"))
    ]
    assert sum(sizes.values()) <= MOST_SCRIPT_BYTES, sizes
    assert len(data) <= MOST_DATA_REQUESTS, data
