"""What administrators and leaders do in the console: the law and targets."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.office import screen

pytestmark = pytest.mark.browser


def test_a_newer_row_of_the_law_is_added_with_its_paper(chromium: Browser, office_url: str) -> None:
    with screen(chromium, office_url, "admin") as admin:
        page = admin.page
        admin.open("/disposal/law")
        expect(admin.row("权利人书面答复")).to_contain_text("30 个自然日")
        admin.button("新增一行：权利人书面答复").click()
        page.get_by_label("期限（天）").fill("20")
        page.get_by_role("dialog").get_by_text("按工作日计算").click()
        admin.pick("适用区域", "南浔", "南浔区")
        expect(admin.button("新增")).to_be_disabled()
        page.get_by_label("依据文件").fill("南浔政办发〔2026〕3号")
        page.get_by_label("条款").fill("第四条")
        admin.visit.screenshot("console-law-form")
        admin.button("新增").click()
        expect(admin.row("南浔政办发〔2026〕3号")).to_contain_text("20 个工作日")
        expect(admin.row("南浔政办发〔2026〕3号")).to_contain_text("起作用")
        admin.visit.screenshot("console-law")
        admin.open("/system/audit")
        expect(admin.row("新增期限或数值").first).to_contain_text("环节：权利人书面答复")
        expect(page.locator("tbody")).not_to_contain_text('{"')
        admin.visit.screenshot("console-audit")
    with screen(chromium, office_url, "viewer") as viewer:
        viewer.open("/disposal/law")
        expect(viewer.row("南浔政办发〔2026〕3号")).to_be_visible()
        expect(viewer.page.get_by_text("新增一行")).to_have_count(0)


def test_a_newer_version_of_a_rule_is_entered_in_a_form(chromium: Browser, office_url: str) -> None:
    with screen(chromium, office_url, "admin") as admin:
        page = admin.page
        admin.open("/disposal/rules")
        admin.button("新增一版：批准满两年未供应").click()
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_label("批准满几个月仍未供应")).to_have_value("24")
        expect(admin.button("新增")).to_be_disabled()
        dialog.get_by_label("规则名称").fill("长兴：批准满十八个月未供应")
        dialog.get_by_label("批准满几个月仍未供应").fill("18")
        dialog.get_by_label("年限分段").fill("18、60")
        expect(page.locator("[data-test=changes]")).to_contain_text("24 → 18")
        admin.pick("适用区域", "长兴", "长兴县")
        dialog.get_by_label("出处").fill("长政发〔2026〕5号")
        assert admin.serious() == []
        admin.visit.screenshot("console-rule-form")
        admin.button("新增").click()
        expect(admin.row("长政发〔2026〕5号")).to_contain_text("批准满几个月仍未供应：18 个月")
        expect(admin.row("长政发〔2026〕5号")).to_contain_text("长兴县")
        expect(admin.row("全国").first).to_contain_text("批准满几个月仍未供应：24 个月")
    with screen(chromium, office_url, "viewer") as viewer:
        viewer.open("/disposal/rules")
        expect(viewer.row("长政发〔2026〕5号")).to_be_visible()
        expect(viewer.page.get_by_text("新增一版")).to_have_count(0)


def test_a_wrong_threshold_is_told_and_the_form_kept(chromium: Browser, office_url: str) -> None:
    with screen(chromium, office_url, "admin") as admin:
        admin.open("/disposal/rules")
        admin.button("新增一版：动工后中止开发建设满一年").click()
        dialog = admin.page.get_by_role("dialog")
        dialog.get_by_label("开发建设面积占比低于").fill("三分之一")
        dialog.get_by_label("出处").fill("试用")
        admin.button("新增").click()
        expect(admin.page.get_by_text("应为分数或小数，例如 1/3 或 0.25")).to_be_visible()
        expect(dialog.get_by_label("出处")).to_have_value("试用")


def test_a_clash_of_two_administrators_is_told_and_the_form_kept(
    chromium: Browser, office_url: str
) -> None:
    with (
        screen(chromium, office_url, "admin") as one,
        screen(chromium, office_url, "admin") as two,
    ):
        for person, metres in ((one, "300"), (two, "200")):
            person.open("/disposal/law?book=numbers")
            person.button("新增一行：照片位置距地块超过多远要提醒").click()
            person.page.get_by_role("textbox", name=re.compile("照片位置")).fill(metres)
            person.page.get_by_label("依据文件").fill(f"湖自然资发〔2026〕{metres}号")
            person.page.get_by_label("条款").fill("第二条")
        one.button("新增").click()
        expect(one.row("湖自然资发〔2026〕300号")).to_be_visible()
        two.button("新增").click()
        expect(two.page.get_by_text("别人刚刚也新增了一条")).to_be_visible()
        expect(two.page.get_by_role("dialog")).to_contain_text("300 米")
        two.button("新增").click()
        expect(two.row("湖自然资发〔2026〕200号")).to_contain_text("起作用")


def test_of_two_newer_versions_of_a_rule_the_second_is_told_of_the_first(
    chromium: Browser, office_url: str
) -> None:
    with (
        screen(chromium, office_url, "admin") as one,
        screen(chromium, office_url, "admin") as two,
    ):
        for person, months in ((one, "11"), (two, "10")):
            person.open("/disposal/rules")
            person.button("新增一版：动工后中止开发建设满一年").click()
            dialog = person.page.get_by_role("dialog")
            dialog.get_by_label("中止开发建设满几个月").fill(months)
            dialog.get_by_label("出处").fill(f"湖自然资发〔2026〕{months}号")
        one.button("新增").click()
        expect(one.row("湖自然资发〔2026〕11号")).to_be_visible()
        two.button("新增").click()
        expect(two.page.get_by_text("别人刚刚也新增了一条")).to_be_visible()
        expect(two.page.locator("[data-test=changes]")).to_contain_text("11 → 10")
        two.visit.screenshot("console-rule-clash")
        two.button("新增").click()
        expect(two.row("湖自然资发〔2026〕10号")).to_contain_text("第 3 版")


def test_a_leader_sets_a_target_for_a_region_found_by_name(
    chromium: Browser, office_url: str
) -> None:
    with screen(chromium, office_url, "leader") as leader:
        leader.open("/system/targets")
        leader.pick("区域", "安吉", "安吉县")
        leader.page.get_by_label("任务（亩）").fill("320")
        leader.page.get_by_label("依据文件").fill("湖政办发〔2026〕12号")
        leader.button("保存").click()
        expect(leader.row("安吉县")).to_contain_text("320")
        leader.visit.screenshot("console-targets")
    with screen(chromium, office_url, "officer") as officer:
        officer.open("/system/targets")
        expect(officer.row("安吉县")).to_contain_text("320")
        expect(officer.button("保存")).to_have_count(0)
