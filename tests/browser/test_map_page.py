"""The map page as a person meets it: a phone, a finger, a bad connection."""

import json
import re
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser

# Chromium's own words for a request that a test made fail on purpose.
ON_PURPOSE = re.compile(r"Failed to load resource")


def last_query(visit: Visit, layer: str) -> str:
    """The page's newest question about a layer."""
    asked = [url for url in visit.requests if urlsplit(url).path == f"/api/v1/{layer}"]
    parts = urlsplit(asked[-1])
    return f"{parts.path}?{parts.query}"


def test_a_first_visit_loads_without_errors_and_from_this_host_only(phone: Visit) -> None:
    phone.open()
    phone.screenshot("phone-1-city")
    assert phone.complaints == []
    assert phone.foreign == []
    expect(phone.page.locator("#demo")).to_be_visible()
    expect(phone.page.locator("#as-of")).to_contain_text(re.compile(r"数据截至 \d{4}-\d\d-\d\d"))
    assert phone.drawn("parks-dot") > 0
    assert phone.drawn("county-fill") > 0


def test_plants_are_not_asked_for_at_the_scale_of_a_city(phone: Visit) -> None:
    phone.open()
    assert not [url for url in phone.requests if "/api/v1/plants" in url]


def test_three_layers_are_drawn(phone: Visit) -> None:
    phone.open_park()
    phone.screenshot("phone-2-park")
    assert phone.drawn("parks-fill") > 0
    assert phone.drawn("parcels-fill") > 0
    assert phone.drawn("plants-fill", "plants-dot") > 0
    assert phone.drawn("parcels-label") > 0


def test_a_layer_can_be_switched_off(phone: Visit) -> None:
    phone.open_park()
    phone.page.locator("#layers [data-layer=parcels]").tap()
    phone.settle()
    assert phone.drawn("parcels-fill") == 0
    assert phone.drawn("parks-fill") > 0
    assert "layers=plants,parks" in phone.page.url


def test_the_list_is_what_the_api_finds_in_view(phone: Visit) -> None:
    phone.open_park()
    phone.page.locator("#handle").tap()
    phone.settle()
    phone.screenshot("phone-3-list")
    matched = phone.ask(last_query(phone, "parcels"))["numberMatched"]
    expect(phone.page.locator("#list .card")).to_have_count(matched)
    expect(phone.page.locator("#summary")).to_have_text(f"视野内共 {matched} 条")
    expect(phone.page.locator("#tabs [data-list=parcels]")).to_contain_text(str(matched))


def test_a_tapped_parcel_tells_its_details(phone: Visit) -> None:
    phone.open_park()
    boxed = phone.ask(last_query(phone, "parcels"))["features"]
    # Not where the bar or a building lies on it: the parcel nearest to the middle of the map.
    site_id: int = phone.page.evaluate(
        """async (ids) => {
            const map = await window.kandiIdle;
            const { width, height } = map.getCanvas().getBoundingClientRect();
            const top = (at) => map.queryRenderedFeatures(at,
                { layers: ["plants-fill", "plants-dot", "parcels-fill"] })[0];
            const { features } = await map.getSource("parcels-points").getData();
            return features
                .map((f) => ({ id: f.id, at: map.project(f.geometry.coordinates) }))
                .filter(({ id, at }) => ids.includes(id) && top(at)?.id === id)
                .sort((a, b) => Math.hypot(a.at.x - width / 2, a.at.y - height / 2)
                              - Math.hypot(b.at.x - width / 2, b.at.y - height / 2))[0].id;
        }""",
        [feature["id"] for feature in boxed],
    )
    phone.tap_on(site_id)
    details = phone.page.locator("#details")
    expect(details).to_be_visible()
    phone.settle()
    phone.screenshot("phone-4-details")
    told = phone.ask(f"/api/v1/parcels/{site_id}")["properties"]
    expect(details.locator("h2")).to_have_text(told["name"])
    expect(details.locator(".details-size b")).to_have_text(f"{round(told['area_mu'], 2):,}")
    expect(details.locator(".details-size")).to_contain_text("亩")
    expect(details.locator("dt", has_text="容积率")).to_be_visible()
    assert f"open=parcels/{site_id}" in phone.page.url
    details.locator("[data-close]").tap()
    expect(details).to_be_hidden()


def test_a_card_flies_to_its_site(phone: Visit) -> None:
    phone.open_park()
    phone.page.locator("#handle").tap()
    phone.settle()
    card = phone.page.locator("#list .card").nth(0)
    site_id = int(str(card.get_attribute("data-id")))
    card.tap()
    expect(phone.page.locator("#details")).to_be_visible()
    phone.settle()
    zoom, latitude, longitude = map(
        float,
        re.search(r"map=([\d.]+)/([\d.]+)/([\d.]+)", phone.page.url).groups(),  # type: ignore[union-attr]
    )
    box = f"{longitude - 1e-4},{latitude - 1e-4},{longitude + 1e-4},{latitude + 1e-4}"
    near = phone.ask(f"/api/v1/parcels?bbox={box}&fields=name")["features"]
    assert zoom > 14
    assert site_id in [feature["id"] for feature in near]


def test_a_status_filter_changes_the_list_and_the_address(phone: Visit) -> None:
    phone.open_park()
    phone.page.locator("#handle").tap()
    phone.settle()
    everything = phone.page.locator("#list .card").count()
    phone.page.locator("#legend [data-status=available]").tap()
    phone.settle()
    assert parse_qs(urlsplit(last_query(phone, "parcels")).query)["status"] == ["available"]
    matched = phone.ask(last_query(phone, "parcels"))["numberMatched"]
    assert 0 < matched < everything
    expect(phone.page.locator("#list .card")).to_have_count(matched)
    expect(phone.page.locator("#list .pill", has_text="可供")).to_have_count(matched)
    assert "parcels.status=available" in phone.page.url
    phone.page.reload()
    phone.settle()
    phone.page.locator("#handle").tap()
    phone.settle()
    expect(phone.page.locator("#list .card")).to_have_count(matched)
    phone.page.locator("#clear").tap()
    phone.settle()
    assert phone.page.locator("#list .card").count() > matched


def test_area_and_words_are_the_apis_own_filters(phone: Visit) -> None:
    phone.open_park()
    phone.page.locator("#handle").tap()
    phone.page.locator("#minimum").fill("60")
    phone.page.locator("#q").fill("吴兴 & <b>")
    phone.settle()
    asked = parse_qs(urlsplit(last_query(phone, "parcels")).query)
    assert (asked["area_mu_min"], asked["q"]) == (["60"], ["吴兴 & <b>"])
    expect(phone.page.locator("#summary")).to_contain_text("没有符合条件的")
    phone.page.reload()
    phone.settle()
    expect(phone.page.locator("#q")).to_have_value("吴兴 & <b>")
    expect(phone.page.locator("#minimum")).to_have_value("60")


def test_a_failure_is_said_in_chinese_and_can_be_retried(phone: Visit) -> None:
    phone.open_park()
    parcels = re.compile(r"/api/v1/parcels\?")
    phone.page.route(parcels, lambda route: route.abort())
    phone.page.locator("#legend [data-status=available]").tap()
    banner = phone.page.locator("#banner")
    expect(banner).to_contain_text("网络不通，请检查网络后重试")
    phone.screenshot("phone-5-error")
    phone.page.unroute(parcels)
    phone.page.locator("#retry").tap()
    expect(banner).to_be_hidden()
    phone.settle()
    assert phone.drawn("parcels-fill") > 0
    assert all(ON_PURPOSE.match(said) for said in phone.complaints)


def test_a_problem_is_shown_in_its_own_words(phone: Visit) -> None:
    phone.open_park()

    def refuse(route: Route) -> None:
        body = json.dumps({"title": "服务暂时不可用", "detail": "<i>请稍后</i>再试"})
        route.fulfill(status=503, content_type="application/problem+json", body=body)

    phone.page.route(re.compile(r"/api/v1/parks\?"), refuse)
    phone.page.locator("#legend [data-status=sold]").tap()
    expect(phone.page.locator("#banner-text")).to_have_text("<i>请稍后</i>再试")


def test_text_from_the_data_is_never_markup(phone: Visit) -> None:
    evil = "<img src=x onerror=alert(1)>"

    def poison(route: Route) -> None:
        answer = route.fetch()
        page = answer.json()
        for feature in page["features"]:
            feature["properties"] |= {"name": evil, "status_text": evil}
        route.fulfill(response=answer, json=page)

    phone.page.route(re.compile(r"/api/v1/parcels\?"), poison)
    phone.open_park()
    expect(phone.page.locator("#list .card-name").nth(0)).to_have_text(evil)
    assert phone.page.locator("#list img").count() == 0
    assert phone.complaints == []


def test_a_list_that_is_cut_says_so(phone: Visit) -> None:
    def many(route: Route) -> None:
        answer = route.fetch()
        page = answer.json()
        route.fulfill(response=answer, json=page | {"numberMatched": 4321})

    phone.page.route(re.compile(r"/api/v1/parcels\?"), many)
    phone.open_park()
    shown = phone.page.locator("#list .card").count()
    expect(phone.page.locator("#summary")).to_contain_text(f"共 4321 条，显示 {shown} 条")


@pytest.mark.parametrize("stop", ["peek", "half", "details"])
def test_a_small_phone_never_scrolls_sideways(small_phone: Visit, stop: str) -> None:
    small_phone.open_park()
    if stop != "peek":
        small_phone.page.locator("#handle").tap()
    small_phone.settle()
    if stop == "details":
        small_phone.page.locator("#list .card").nth(0).tap()
        expect(small_phone.page.locator("#details")).to_be_visible()
    small_phone.settle()
    small_phone.screenshot(f"small-phone-{stop}")
    wide = small_phone.page.evaluate(
        """() => ["documentElement", "body"].map((of) => document[of].scrollWidth).concat(
            [...document.querySelectorAll("#sheet, #results, #details")].map((e) => e.scrollWidth),
            [...document.querySelectorAll(".bar-row, .bar-row *, #layers *, .tabs *, .card *, dd")]
                .map((e) => Math.floor(e.getBoundingClientRect().right)))"""
    )
    assert max(wide) <= 320


def test_nothing_is_written_smaller_than_12_pixels(phone: Visit) -> None:
    phone.open_park()
    phone.page.locator("#handle").tap()
    phone.settle()
    phone.page.locator("#list .card").nth(0).tap()
    expect(phone.page.locator("#details")).to_be_visible()
    smallest = phone.page.evaluate(
        """() => Math.min(...[...document.querySelectorAll("body *")]
            .filter((e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()))
            .map((e) => parseFloat(getComputedStyle(e).fontSize)))"""
    )
    assert smallest >= 12


def test_every_button_and_field_has_a_name(phone: Visit) -> None:
    phone.open_park()
    phone.page.locator("#handle").tap()
    nameless = phone.page.evaluate(
        """() => [...document.querySelectorAll("button, input")].filter((e) =>
            !(e.ariaLabel || e.textContent.trim() || e.title || e.labels?.length))
            .map((e) => e.outerHTML)"""
    )
    assert nameless == []


def test_a_keyboard_reaches_a_site_and_comes_back(desktop: Visit) -> None:
    desktop.open_park()
    card = desktop.page.locator("#list .card").nth(0)
    card.focus()
    desktop.page.keyboard.press("Enter")
    expect(desktop.page.locator("#details")).to_be_focused()
    desktop.page.keyboard.press("Escape")
    expect(desktop.page.locator("#details")).to_be_hidden()
    assert desktop.page.evaluate("document.activeElement.className") == "card"


def test_on_a_wide_screen_the_sheet_stands_beside_the_map(desktop: Visit) -> None:
    desktop.open_park(14.6)
    desktop.screenshot("desktop-1-park")
    sheet = desktop.page.locator("#sheet").bounding_box()
    canvas = desktop.page.locator("#map").bounding_box()
    assert sheet is not None
    assert canvas is not None
    assert sheet["x"] + sheet["width"] <= canvas["x"]
    desktop.page.locator("#list .card").nth(0).click()
    expect(desktop.page.locator("#details")).to_be_visible()
    desktop.settle()
    desktop.screenshot("desktop-2-details")
    assert desktop.complaints == []


def test_the_interface_description_opens(desktop: Visit) -> None:
    desktop.page.goto(desktop.base + "/api/v1/docs")
    operations = desktop.page.locator(".opblock")
    expect(operations.nth(0)).to_be_visible(timeout=20_000)
    assert operations.count() >= 8
    desktop.screenshot("desktop-3-docs")
    assert desktop.foreign == []
    assert desktop.complaints == []


def test_the_sheet_follows_a_finger_to_its_nearest_stop(phone: Visit) -> None:
    phone.open_park()
    handle = phone.page.locator("#handle").bounding_box()
    assert handle is not None
    x, y = handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2
    for to, stop in ((120, "full"), (360, "half"), (640, "peek")):
        phone.page.mouse.move(x, y)
        phone.page.mouse.down()
        phone.page.mouse.move(x, to, steps=5)
        phone.page.mouse.up()
        expect(phone.page.locator("body")).to_have_attribute("data-stop", stop)
        phone.page.wait_for_timeout(350)
        handle = phone.page.locator("#handle").bounding_box()
        assert handle is not None
        y = handle["y"] + handle["height"] / 2


def test_what_a_first_visit_transfers_is_small_and_kept(demo_url: str) -> None:
    names = ("static/map.js", "static/canvas.js", "static/sheet.js", "static/sites.js")
    total = 0
    for name in (*names, "vendor/maplibre-gl.js"):
        request = Request(f"{demo_url.rstrip('/')}/{name}", headers={"Accept-Encoding": "gzip"})
        with urlopen(request) as response:
            total += len(response.read())
            request.add_header("If-None-Match", response.headers["ETag"])
        with pytest.raises(HTTPError) as unchanged:
            urlopen(request)
        assert unchanged.value.code == 304
        unchanged.value.close()
    assert total < 320_000


@pytest.mark.parametrize("name", ["vendor/package.json", "static/../web.py", "static/nothing.js"])
def test_no_other_file_can_be_had(demo_url: str, name: str) -> None:
    with pytest.raises(HTTPError) as refused:
        urlopen(f"{demo_url.rstrip('/')}/{name}")
    assert refused.value.code == 404
    refused.value.close()
