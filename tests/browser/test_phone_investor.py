"""An investor on a phone: from the map to an enquiry, with the real server behind."""

import json
import re

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser

PARK = "/m/#/?map=14.2/30.868/120.174"


def test_a_first_visit_shows_all_the_land_and_asks_this_host_only(phone: Visit) -> None:
    phone.open()
    phone.screenshot("phone-1-city")
    total = sum(
        phone.ask(f"/api/v1/{layer}?limit=1")["numberMatched"]
        for layer in ("parcels", "plants", "parks")
    )
    expect(phone.page.locator(".sheet-title")).to_contain_text(f"此区域 {total} 处")
    expect(phone.page.locator(".sheet-title")).to_contain_text(
        re.compile(r"数据截至 \d{4}-\d\d-\d\d")
    )
    assert phone.drawn("cluster") > 3
    assert phone.complaints == []
    assert phone.foreign == []


def test_a_cluster_opens_into_what_it_counts(phone: Visit) -> None:
    phone.open()
    before = phone.page.evaluate("() => window.kandiMap.getZoom()")
    cluster: int = phone.page.evaluate(
        """() => window.kandiMap.queryRenderedFeatures({ layers: ["cluster"] })
            .sort((a, b) => b.properties.count - a.properties.count)[0].properties.id"""
    )
    phone.tap_on(cluster)
    assert phone.page.evaluate("() => window.kandiMap.getZoom()") > before + 0.5


def test_filters_count_live_and_stand_in_the_address(phone: Visit) -> None:
    phone.open(PARK)
    everything = phone.page.locator(".sheet-title .num").first.inner_text()
    phone.page.locator(".filter-button").tap()
    phone.page.get_by_role("checkbox", name="可供", exact=True).tap()
    phone.page.get_by_role("checkbox", name="60–100").tap()
    button = phone.page.locator(".panel-foot .button")
    expect(button).to_have_text(re.compile(r"查看 \d+ 宗"))
    phone.screenshot("phone-2-filter")
    count = int(re.sub(r"\D", "", button.inner_text()))
    button.tap()
    phone.settle()
    phone.screenshot("phone-3-list")
    expect(phone.page.locator(".sheet-list .site")).to_have_count(min(count, 20))
    assert phone.page.locator(".sheet-title .num").first.inner_text() != everything
    assert "parcels.status=available" in phone.page.url
    assert "parcels.area_mu_min=60" in phone.page.url
    for pill in phone.page.locator(".sheet-list .pill").all_inner_texts():
        assert pill.strip() == "可供"
    phone.page.reload()
    phone.settle()
    expect(phone.page.locator(".filter-button .badge")).to_have_text("2")
    phone.named("button", "清空筛选").tap()
    phone.settle()
    expect(phone.page.locator(".sheet-title .num").first).to_have_text(everything)


def test_nothing_found_here_says_where_there_is_something(phone: Visit) -> None:
    phone.open("/m/#/?map=15/31.1/119.6")
    phone.page.locator(".filter-button").tap()
    phone.page.get_by_role("checkbox", name="可供", exact=True).tap()
    button = phone.page.locator(".panel-foot .button")
    expect(button).to_have_text(re.compile(r"此区域没有，看全部 \d+ 宗"))
    button.tap()
    phone.settle()
    expect(phone.page.locator(".sheet-list .site").first).to_be_visible()


def test_a_pan_offers_to_search_there(phone: Visit) -> None:
    phone.open(PARK)
    phone.page.mouse.move(200, 400)
    phone.page.mouse.down()
    phone.page.mouse.move(60, 250, steps=8)
    phone.page.mouse.up()
    phone.settle()
    again = phone.named("button", "搜索此区域")
    expect(again).to_be_visible()
    asked = len([url for url in phone.requests if "/api/v1/map?" in url])
    again.tap()
    phone.settle()
    expect(again).to_be_hidden()
    assert len([url for url in phone.requests if "/api/v1/map?" in url]) == asked + 1


def test_the_whole_path_to_an_enquiry(phone: Visit) -> None:
    page = phone.page
    phone.open(PARK)
    site_id = phone.free_site()
    phone.tap_on(site_id)
    phone.screenshot("phone-4-glance")
    told = phone.ask(f"/api/v1/parcels/{site_id}")["properties"]
    expect(page.locator(".glance .site-facts")).to_contain_text("亩")
    page.locator(".glance .site-main").tap()
    phone.settle()
    expect(page.get_by_role("heading", level=2)).to_have_text(told["name"])
    expect(page.get_by_text("周边距离")).to_be_visible()
    phone.screenshot("phone-5-site")
    page.locator(".keep").first.tap()
    expect(page.locator(".keep-on")).to_contain_text("已收藏")
    phone.named("button", "加入对比").tap()

    phone.go("#/pages/siting/index")
    phone.named("button", "机械加工").tap()
    expect(page.locator(".foot-bar:visible .button")).to_have_text(re.compile(r"为 \d+ 处排名"))
    phone.screenshot("phone-6-needs")
    page.locator(".foot-bar:visible .button").tap()
    phone.settle()
    ranked = page.locator(".rank")
    expect(ranked.first).to_contain_text("分")
    phone.screenshot("phone-7-ranked")
    assert ranked.count() > 3
    assert "want.area_mu=around" in page.url
    scores = [int(text) for text in page.locator(".score-figure").all_inner_texts()]
    assert scores == sorted(scores, reverse=True)
    ranked.first.get_by_role("button", name="对比").tap()
    page.locator(".compare-open:visible").tap()
    phone.settle()
    expect(page.locator(".head-row .td")).to_have_count(2)
    expect(page.locator(".best").first).to_be_visible()
    phone.screenshot("phone-8-compare")

    phone.go(f"#/pages/enquiry/new?layer=parcels&id={site_id}&kind=appointment&name=x")
    page.get_by_role("textbox", name="想了解什么").fill("想建减速机工厂，电力能到多少？")
    page.get_by_role("textbox", name="称呼").fill("王经理")
    phone.named("radio", "留言咨询").tap()
    phone.named("button", "发送咨询").tap()
    expect(page.get_by_text("请先阅读并同意隐私说明").first).to_be_visible()
    assert not [url for url in phone.requests if url.endswith("/me/enquiries")]
    page.locator(".consent").tap()
    phone.settle()
    phone.screenshot("phone-9-privacy")
    phone.named("button", "同意并继续").tap()
    expect(page.get_by_text("已同意隐私说明").first).to_be_visible()
    phone.named("button", "发送咨询").tap()
    expect(page.get_by_text("已收到")).to_be_visible()
    phone.settle()
    expect(page.locator(".bubble")).to_have_text("想建减速机工厂，电力能到多少？")
    phone.screenshot("phone-10-enquiry")

    phone.go("#/pages/saved/index")
    expect(page.locator(".kept:visible").first).to_contain_text(told["code"])
    phone.screenshot("phone-11-saved")


def test_a_dead_network_shows_the_last_view_with_its_time(phone: Visit) -> None:
    phone.open(PARK)
    phone.settle()
    shown = phone.drawn("shape")
    phone.page.route(
        re.compile(r"/api/v1/(map|layers|legend|regions)"), lambda route: route.abort()
    )
    phone.page.reload()
    expect(phone.page.get_by_role("alert")).to_contain_text(
        re.compile("网络不通.*现在显示的是.*的数据")
    )
    phone.settle()
    phone.screenshot("phone-12-offline")
    assert phone.drawn("shape") == shown
    phone.page.unroute(re.compile(r"/api/v1/(map|layers|legend|regions)"))
    phone.named("button", "重试").tap()
    expect(phone.page.get_by_role("alert")).to_be_hidden()


def test_text_from_the_data_is_never_markup(phone: Visit) -> None:
    evil = "<img src=x onerror=alert(1)>"

    def poison(route: Route) -> None:
        answer = route.fetch()
        page = answer.json()
        for feature in page["features"]:
            feature["properties"] |= {"name": evil, "status_text": evil}
        route.fulfill(response=answer, body=json.dumps(page))

    phone.page.route(re.compile(r"/api/v1/parcels\?"), poison)
    phone.open(PARK)
    phone.page.locator(".grip").tap()
    phone.settle()
    expect(phone.page.locator(".sheet-list .site-name").first).to_have_text(evil)
    assert phone.page.locator(".sheet-list img").count() == 0
    assert phone.complaints == []


def test_what_is_sold_can_be_asked_about_but_not_visited(phone: Visit) -> None:
    sold = phone.ask("/api/v1/parcels?status=sold&limit=1&fields=code")["features"][0]["id"]
    phone.open(f"/m/#/pages/site/index?layer=parcels&id={sold}")
    expect(phone.named("button", "咨询")).to_be_visible()
    assert phone.page.get_by_text("预约看地").count() == 0
    phone.screenshot("phone-sold")
    phone.named("button", "咨询").tap()
    expect(phone.page.get_by_text("不能预约看地")).to_be_visible()
    assert phone.page.get_by_text("预约看地", exact=True).count() == 0


def test_the_best_of_a_comparison_can_be_had(phone: Visit) -> None:
    sites = [
        phone.ask(f"/api/v1/parcels?status={status}&limit=1&fields=code")["features"][0]["id"]
        for status in ("sold", "available")
    ]
    path = f"/m/#/pages/compare/index?sites=parcels/{sites[0]},parcels/{sites[1]}"
    phone.open(path)
    best = phone.page.get_by_role("columnheader").filter(has_text="综合最优")
    expect(best).to_have_count(1)
    expect(best).to_contain_text("可供")


def test_a_short_address_opens_what_was_shared(phone: Visit) -> None:
    page = phone.page
    site = phone.ask("/api/v1/parcels?status=available&limit=1")["features"][0]
    page.add_init_script(
        "delete Navigator.prototype.share;"
        "const copy = async (text) => { window.copied = text; };"
        "if (navigator.clipboard) navigator.clipboard.writeText = copy;"
    )
    phone.open(f"/m/#/pages/site/index?layer=parcels&id={site['id']}")
    phone.named("button", "小程序码").tap()
    phone.settle()
    expect(page.get_by_role("img", name="这一页的小程序码")).to_be_visible()
    phone.screenshot("phone-share")
    phone.page.get_by_role("button", name="关闭小程序码").tap()
    page.get_by_role("button", name="分享").tap()
    page.wait_for_function("() => window.copied")
    link = page.evaluate("() => window.copied")
    assert re.fullmatch(re.escape(phone.base) + r"/m/\?s=[0-9A-Za-z]{8,12}", link)
    page.goto("about:blank")
    page.goto(link)
    expect(page.get_by_role("heading", level=2)).to_have_text(site["properties"]["name"])
    assert phone.complaints == []


def test_what_the_map_is_filtered_by_can_be_kept(phone: Visit) -> None:
    page = phone.page
    phone.open(f"{PARK}&parcels.status=available&parcels.area_mu_min=30")
    page.locator(".grip").tap()
    phone.settle()
    phone.named("button", "有新的提醒我").tap()
    expect(page.get_by_text("已保存，有新的符合会提醒您")).to_be_visible()
    phone.settle()
    phone.go("#/pages/saved/index")
    phone.named("tab", "保存的搜索").tap()
    phone.settle()
    saved = page.locator(".kept:visible").first
    expect(saved).to_contain_text("地块 · 可供 · 面积 ≥30 亩")
    phone.screenshot("phone-search-kept")
    saved.locator(".kept-main").tap()
    phone.settle()
    expect(page.locator(".filter-button .badge")).to_have_text("2")


def test_visits_are_offered_on_the_days_of_the_server(phone: Visit) -> None:
    site = phone.ask("/api/v1/parcels?status=available&limit=1&fields=code")["features"][0]["id"]
    days = phone.ask("/api/v1/visit-days")["days"]
    phone.open(f"/m/#/pages/enquiry/new?layer=parcels&id={site}&kind=appointment&name=x")
    chips = phone.page.get_by_role("radiogroup", name="看地日期").get_by_role("radio")
    expect(chips).to_have_count(len(days))
    month, day = (int(part) for part in days[0].split("-")[1:])
    expect(chips.first).to_contain_text(f"{month}月{day}日")
