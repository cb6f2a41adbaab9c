"""What made first-time investors hesitate on a phone, and does so no more."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit, visit

pytestmark = pytest.mark.browser

PARK = "/m/#/?map=14.2/30.868/120.174"
RANKED = (
    "/m/#/pages/siting/results?layers=parcels&status=available,announced,planned"
    "&area_mu_min=15&near_motorway_exit_m_max=5000&want.area_mu=around(30,12)*3"
)
CLIPBOARD = (
    "delete Navigator.prototype.share;"
    "const copy = async (text) => { window.copied = text; };"
    "if (navigator.clipboard) navigator.clipboard.writeText = copy;"
)


def sites(phone: Visit, layer: str, count: int, query: str = "") -> list[dict[str, Any]]:
    """So many sites of a layer as the API tells of them."""
    found: list[dict[str, Any]] = phone.ask(f"/api/v1/{layer}?limit={count}{query}")["features"]
    return found


def biggest_cluster(phone: Visit) -> int:
    found: int = phone.page.evaluate(
        """() => window.kandiMap.queryRenderedFeatures({ layers: ["cluster"] })
            .sort((a, b) => b.properties.count - a.properties.count)[0].properties.id"""
    )
    return found


def test_two_taps_lead_from_the_city_to_its_land(phone: Visit) -> None:
    phone.open()
    for _tap in range(2):
        phone.tap_on(biggest_cluster(phone))
    assert phone.drawn("tag") > 3


def test_the_way_back_from_a_shared_site_shows_the_land(phone: Visit, chromium: Any) -> None:
    page = phone.page
    page.add_init_script(CLIPBOARD)
    phone.open(f"/m/#/pages/site/index?layer=parcels&id={sites(phone, 'parcels', 1)[0]['id']}")
    page.get_by_role("button", name="分享").tap()
    page.wait_for_function("() => window.copied")
    link = page.evaluate("() => window.copied")
    other = visit(chromium, phone.base, viewport={"width": 390, "height": 844}, has_touch=True)
    other.page.goto(link)
    other.settle()
    expect(other.page.get_by_role("heading", level=2)).to_be_visible()
    other.page.go_back()
    other.settle()
    expect(other.page.locator(".sheet-title")).to_be_visible()
    other.settle()
    assert other.page.evaluate("() => window.kandiMap.getZoom()") > 7
    other.page.context.close()


def test_a_pasted_address_shows_its_own_site(phone: Visit) -> None:
    first, second = sites(phone, "parcels", 1)[0], sites(phone, "plants", 1)[0]
    phone.open(f"/m/#/pages/site/index?layer=parcels&id={first['id']}")
    phone.page.goto(f"{phone.base}/m/#/pages/site/index?layer=plants&id={second['id']}")
    name = second["properties"]["name"]
    expect(phone.page.get_by_role("heading", level=2)).to_have_text(name)
    expect(phone.page).to_have_title(f"{name} · 看地")


def test_a_pasted_map_shows_its_own_view(phone: Visit) -> None:
    phone.open(PARK)
    phone.page.goto(f"{phone.base}/m/#/?map=11.0/30.700/120.300&parcels.status=available")
    expect(phone.page.locator(".filter-button .badge")).to_have_text("1")
    phone.settle()
    assert phone.page.evaluate("() => window.kandiMap.getZoom()") == pytest.approx(11, abs=0.1)


def test_the_map_shows_what_the_button_counted(phone: Visit) -> None:
    phone.open(PARK)
    phone.page.locator(".filter-button").tap()
    phone.page.get_by_role("checkbox", name="可供", exact=True).tap()
    phone.page.get_by_role("checkbox", name="30–60").tap()
    button = phone.page.locator(".panel-foot .button")
    expect(button).to_have_text(re.compile(r"查看 \d+ 宗"))
    count = int(re.sub(r"\D", "", button.inner_text()))
    button.tap()
    phone.settle()
    expect(phone.page.locator(".sheet-title .num").first).to_have_text(f"此区域 {count} 处")
    expect(phone.page.locator(".filter-button .badge")).to_have_text("2")


def test_words_are_found_beyond_the_view(phone: Visit) -> None:
    phone.open("/m/#/?map=15/31.1/119.6")
    code = sites(phone, "parcels", 1)[0]["properties"]["code"]
    phone.page.locator(".search-input input").fill(code)
    phone.page.keyboard.press("Enter")
    expect(phone.page.locator(".sheet-list .site").first).to_contain_text(code)


def test_the_map_marks_the_site_one_came_from(phone: Visit) -> None:
    site = sites(phone, "plants", 1)[0]
    phone.open(f"/m/#/pages/site/index?layer=plants&id={site['id']}")
    phone.named("button", "地图").tap()
    phone.settle()
    expect(phone.page.locator(".glance")).to_contain_text(site["properties"]["code"])
    phone.page.locator(".glance").get_by_role("link", name="详情").tap()
    expect(phone.page.get_by_role("heading", level=2)).to_be_visible()


def test_the_code_to_scan_lies_in_sight_on_the_smallest_phone(small_phone: Visit) -> None:
    page = small_phone.page
    page.set_viewport_size({"width": 320, "height": 568})
    small_phone.open(
        f"/m/#/pages/site/index?layer=parcels&id={sites(small_phone, 'parcels', 1)[0]['id']}"
    )
    small_phone.named("button", "小程序码").tap()
    small_phone.settle()
    expect(page.get_by_role("img", name="这一页的小程序码")).to_be_in_viewport(ratio=1)
    width = "(one) => one.querySelector('img').naturalWidth"
    assert page.get_by_role("img", name="这一页的小程序码").evaluate(width) > 100
    small_phone.screenshot("small-code")


def test_a_park_tells_what_it_has_and_the_map_shows_just_that(phone: Visit) -> None:
    park = sites(phone, "parks", 1)[0]
    code = park["properties"]["code"]
    wanted = f"&park_code={code}&status=available,announced,planned&fields=code"
    count = phone.ask(f"/api/v1/parcels?limit=1{wanted}")["numberMatched"]
    assert count > 0
    phone.open(f"/m/#/pages/site/index?layer=parks&id={park['id']}")
    offer = phone.named("link", "可供地块")
    expect(offer).to_contain_text(f"{count} 宗")
    phone.screenshot("phone-park")
    offer.tap()
    phone.settle()
    expect(phone.page.locator(".sheet-title .num").first).to_have_text(f"此区域 {count} 处")


def test_a_site_that_is_gone_leads_on(phone: Visit) -> None:
    phone.open("/m/#/pages/site/index?layer=parcels&id=99999999")
    assert phone.page.get_by_role("button", name="重试").count() == 0
    phone.named("button", "去地图看看").tap()
    phone.settle()
    expect(phone.page.locator(".sheet-title")).to_be_visible()


def test_needs_without_wishes_are_ranked_by_more_than_size(phone: Visit) -> None:
    phone.open("/m/#/pages/siting/index")
    phone.page.get_by_role("radio", name="30", exact=True).tap()
    phone.named("checkbox", "5 km 内").tap()
    phone.settle()
    phone.page.locator(".foot-bar:visible .button").tap()
    phone.settle()
    expect(phone.page.locator(".rank").first).to_be_visible()
    figures = [int(text) for text in phone.page.locator(".score-figure").all_inner_texts()]
    assert min(figures) > 0


def test_a_shared_question_tells_conditions_that_nobody_can_choose(phone: Visit) -> None:
    phone.open("/m/#/pages/siting/results?layers=parcels&region_code=330502&area_mu_max=90")
    told = phone.page.locator(".asked")
    expect(told).to_contain_text("行政区划属于 吴兴区 · 面积不大于 90 亩")
    expect(told).to_contain_text("看重：距最近高速出口")


def test_what_violates_a_constraint_is_told_once(phone: Visit) -> None:
    phone.open(RANKED)
    told = phone.page.locator(".rank").filter(has=phone.page.locator(".reason.bad"))
    expect(told.first).to_be_visible()
    text = told.first.locator(".reason.bad").first.inner_text().strip()
    kind = text.split("：")[0]
    expect(told.first.locator(".reason").filter(has_text=kind)).to_have_count(1)


def test_three_sites_stand_side_by_side_with_their_size(phone: Visit) -> None:
    three = sites(phone, "parcels", 3, "&status=available")
    path = ",".join(f"parcels/{site['id']}" for site in three)
    phone.open(f"/m/#/pages/compare/index?sites={path}")
    expect(phone.page.get_by_role("rowheader", name="面积", exact=True)).to_be_visible()
    last = phone.page.get_by_role("columnheader").last.bounding_box()
    assert last is not None
    assert last["x"] + last["width"] <= 391


def test_a_mended_form_stops_complaining_and_a_visit_needs_no_words(phone: Visit) -> None:
    site = sites(phone, "parcels", 1, "&status=available")[0]["id"]
    phone.open(f"/m/#/pages/enquiry/new?layer=parcels&id={site}&kind=appointment&name=x")
    phone.named("button", "提交预约").tap()
    expect(phone.page.get_by_text("请填写称呼，方便回复").last).to_be_visible()
    assert phone.page.get_by_text("请写下想了解的内容").count() == 0
    phone.page.get_by_role("textbox", name="称呼").fill("王经理")
    expect(phone.page.locator(".wrong-one").filter(has_text="请填写称呼")).to_have_count(0)


def test_a_server_in_trouble_is_told_in_words_and_the_last_view_stays(phone: Visit) -> None:
    trouble = re.compile(r"/api/v1/(map|parcels)")
    phone.open(PARK)
    shown = phone.drawn("shape")
    phone.page.route(trouble, lambda route: route.fulfill(status=500, body="<h1>Oops</h1>"))
    phone.page.reload()
    expect(phone.page.get_by_role("alert")).to_contain_text(
        re.compile("服务器暂时出错（500）.*现在显示的是.*的数据")
    )
    phone.settle()
    phone.screenshot("phone-trouble")
    assert phone.drawn("shape") == shown
