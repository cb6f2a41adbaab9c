"""The console as staff meet it: an officer's day, an import with errors, two officers at once."""

import json
import re
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, expect

from server.disposal import clocks
from tests.browser.office import Screen, screen
from tests.unit.files.pictures import photo

pytestmark = pytest.mark.browser

# Chromium's own words for what the server refused and the page then tells.
REFUSED = re.compile(r"Failed to load resource")


def test_a_wrong_password_is_told_and_a_right_one_leads_on(
    chromium: Browser, office_url: str
) -> None:
    with screen(chromium, office_url) as made:
        made.open("/disposal/board")
        expect(made.page).to_have_url(re.compile(r"/console/login\?next="))
        made.page.get_by_label("用户名").fill("officer")
        made.page.get_by_label("密码").fill("不是这个")
        made.button("登录").click()
        expect(made.page.get_by_role("alert")).to_be_visible()
        made.visit.screenshot("console-login")
        made.page.get_by_label("密码").fill("kandi-demo-2026")
        made.button("登录").click()
        expect(made.page.get_by_role("heading", name="五未处置")).to_be_visible()
        assert made.foreign == []
        assert [said for said in made.visit.complaints if not REFUSED.search(said)] == []


def test_an_officer_finds_a_parcel_and_changes_its_status(officer: Screen) -> None:
    page = officer.page
    expect(page.get_by_label("查找", exact=True)).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("WX-2025-002")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("count").or_(page.locator("[data-test=count]"))).to_contain_text(
        "共 1 条"
    )
    expect(page.get_by_label("查找", exact=True)).to_have_value("WX-2025-002")
    officer.row("WX-2025-002").click()
    officer.still()
    officer.visit.screenshot("console-land")
    officer.row("WX-2025-002").get_by_role("button").click()
    officer.button("修改").click()
    page.get_by_role("dialog").locator("label select").first.select_option(index=1)
    page.get_by_label("修改原因").fill("收储方案已批复")
    expect(page.locator("[data-test=changed]")).to_have_text("改动 1 项")
    officer.visit.screenshot("console-edit")
    officer.button("保存").click()
    expect(page.get_by_text("已保存")).to_be_visible()
    page.get_by_role("tab", name="修改记录").click()
    expect(page.get_by_text("“收储方案已批复”")).to_be_visible()
    officer.visit.screenshot("console-history")
    with urlopen(f"{officer.visit.base}/api/v1/parcels?code=WX-2025-002") as answer:
        assert json.load(answer)["features"][0]["properties"]["version"] == 2


def test_rows_and_map_go_together(officer: Screen) -> None:
    officer.open("/land/parcels")
    expect(officer.page.locator("[data-test=count]")).to_contain_text("共")
    officer.still()
    before = officer.page.evaluate("() => window.kandiMap.getZoom()")
    officer.page.get_by_role("row").nth(3).click()
    officer.page.wait_for_function(f"() => window.kandiMap.getZoom() > {before} + 2")
    officer.still()
    officer.page.get_by_text("只列地图范围内").click()
    expect(officer.page).to_have_url(re.compile(r"box="))
    counted = officer.page.locator("[data-test=count] b")
    expect(counted).not_to_have_text("500")
    assert 0 < int(counted.inner_text()) < 500


def test_a_case_is_opened_registered_and_verified_with_a_photo(
    officer: Screen, tmp_path: Path
) -> None:
    page = officer.page
    officer.open("/disposal/board?class=gewy")
    officer.page.locator(".card").first.wait_for()
    officer.visit.screenshot("console-board")
    # Nothing has a number before it is registered, and says so.
    expect(page.locator(".card").first).to_contain_text("未建档")
    page.locator(".card .title").first.click()
    expect(page.locator("[data-test=state]")).to_have_text("已发现")
    expect(page.get_by_role("heading", level=1)).to_contain_text("未建档")
    officer.button("建档").click()
    expect(officer.button("确认建档")).to_be_disabled()
    page.get_by_label("责任单位").fill("八里店自然资源所")
    officer.button("确认建档").click()
    expect(page.locator("[data-test=state]")).to_have_text("已建档")
    picture = tmp_path / "现场.jpg"
    picture.write_bytes(photo())
    page.get_by_label("选择照片或材料").set_input_files(picture)
    officer.button("上传").click()
    expect(page.get_by_text("1 份", exact=True)).to_be_visible()
    officer.button("现场核查").click()
    page.get_by_label("核查日期").fill(clocks.today().isoformat())
    page.get_by_label("核查记录").fill("围墙已建，未动工")
    officer.visit.screenshot("console-action")
    officer.button("确认现场核查").click()
    expect(page.locator("[data-test=state]")).to_have_text("核查中")
    officer.still()
    officer.visit.screenshot("console-case")
    # Whoever verified may not classify: the button is not there.
    expect(officer.button("认定")).to_have_count(0)


def test_gis_imports_a_table_with_errors_and_takes_it_back(
    chromium: Browser, office_url: str, tmp_path: Path
) -> None:
    with urlopen(f"{office_url}/api/v1/parks?limit=100") as answer:
        codes = [one["properties"]["code"] for one in json.load(answer)["features"]]
    lines = ["编号,名称,规上企业数,备用列", *(f"{code},更名{code},7,x" for code in codes)]
    table = tmp_path / "园区台账.csv"
    table.write_bytes("\n".join([*lines, f"{codes[0]}x,坏行,多少,x"]).encode("gb18030"))
    with screen(chromium, office_url, "gis") as gis:
        page = gis.page
        gis.open("/imports")
        page.get_by_role("radiogroup", name="导入到").get_by_text("园区").click()
        page.locator("#file").set_input_files(table)
        gis.visit.screenshot("console-upload")
        gis.button("上传并检查").click()
        expect(page.locator("[data-test=state]")).to_have_text("待确认")
        expect(page.locator("[data-test=counts]")).to_contain_text(f"更新{len(codes)}")
        page.get_by_label("级别").select_option("error")
        expect(page.get_by_role("cell", name="规上企业数：多少")).to_be_visible()
        page.get_by_role("button", name="原始行").first.click()
        expect(page.get_by_role("dialog")).to_contain_text("坏行")
        page.keyboard.press("Escape")
        page.get_by_role("tab", name="字段对应").click()
        expect(page.get_by_label("备用列 对应到")).to_have_value("")
        page.get_by_role("tab", name="更新内容").click()
        expect(page.get_by_text(f"更名{codes[0]}", exact=True)).to_be_visible()
        gis.visit.screenshot("console-import")
        gis.button("应用到正式数据").click()
        page.get_by_role("dialog").get_by_role("button", name="应用到正式数据").click()
        expect(page.locator("[data-test=state]")).to_have_text("已应用")
        gis.button("撤回").click()
        page.get_by_role("dialog").get_by_role("button", name="撤回").click()
        expect(page.locator("[data-test=state]")).to_have_text("已撤回")


def test_a_table_that_would_change_nothing_is_not_applied(
    chromium: Browser, office_url: str, tmp_path: Path
) -> None:
    table = tmp_path / "没有这些园区.csv"
    table.write_bytes("编号,名称,规上企业数\nP-1,甲,多少\n".encode("gb18030"))
    with screen(chromium, office_url, "gis") as gis:
        gis.open("/imports")
        gis.page.get_by_role("radiogroup", name="导入到").get_by_text("园区").click()
        gis.page.locator("#file").set_input_files(table)
        gis.button("上传并检查").click()
        expect(gis.page.locator("[data-test=state]")).to_have_text("待确认")
        expect(gis.page.get_by_text("没有可应用的内容")).to_be_visible()
        expect(gis.button("应用到正式数据")).to_be_disabled()
        gis.button("取消导入").click()
        gis.page.get_by_role("dialog").get_by_role("button", name="取消这次导入").click()
        expect(gis.page.locator("[data-test=state]")).to_have_text("已取消")


def test_two_officers_in_one_parcel_choose_field_by_field(
    chromium: Browser, office_url: str
) -> None:
    with (
        screen(chromium, office_url, "officer") as one,
        screen(chromium, office_url, "reviewer") as two,
    ):
        for person, name, kva in ((one, "甲改的坐落", "6300"), (two, "乙改的坐落", None)):
            person.open("/land/parcels?q=WX-2026-003")
            person.row("WX-2026-003").get_by_role("button").click()
            person.button("修改").click()
            person.page.get_by_label("坐落", exact=True).fill(name)
            if kva:
                person.page.get_by_label("供电容量（kVA）", exact=True).fill(kva)
            person.page.get_by_label("修改原因").fill("现场核实")
        two.button("保存").click()
        expect(two.page.get_by_text("已保存", exact=True)).to_be_visible()
        one.button("保存").click()
        clash = one.page.locator("[data-test=conflict]")
        expect(clash).to_contain_text("乙改的坐落")
        expect(clash).to_contain_text("6,300 kVA")
        expect(one.button("按此保存")).to_be_disabled()
        one.visit.screenshot("console-conflict")
        clash.get_by_label("我的").check()
        one.button("按此保存").click()
        expect(one.page.get_by_text("已保存", exact=True)).to_be_visible()
        with urlopen(f"{office_url}/api/v1/parcels?code=WX-2026-003") as answer:
            told = json.load(answer)["features"][0]["properties"]
        assert (told["address"], told["power_kva"]) == ("甲改的坐落", 6300)


def test_the_wall_screen_shows_numbers_that_lead_to_their_lists(
    chromium: Browser, office_url: str
) -> None:
    with screen(chromium, office_url, "leader") as leader:
        leader.page.set_viewport_size({"width": 1920, "height": 1080})
        leader.open("/cockpit")
        number = leader.page.locator("[data-metric=cases]")
        expect(number).to_be_visible()
        leader.still()
        leader.visit.screenshot("console-cockpit")
        assert leader.serious() == []
        shown = int(number.locator("b").inner_text().rstrip("宗").replace(",", ""))
        number.click()
        expect(leader.page.locator("[data-test=total]")).to_contain_text(f"共 {shown} 宗")
        assert shown > 0
