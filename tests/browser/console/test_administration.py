"""What administrators and leaders do in the console: law, targets, users, their own account."""

import re
import time

import pytest
from playwright.sync_api import Browser, expect

from server.accounts import totp
from tests.browser.office import Screen, screen

pytestmark = pytest.mark.browser

FIRST, SECOND = "第一个密码-2026", "换过的密码-2026"


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
        expect(two.page.get_by_text("别人刚刚也新增了一行")).to_be_visible()
        expect(two.page.get_by_role("dialog")).to_contain_text("300 米")
        two.button("新增").click()
        expect(two.row("湖自然资发〔2026〕200号")).to_contain_text("起作用")


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


def test_a_new_user_changes_the_password_and_turns_codes_on_and_off(
    chromium: Browser, office_url: str
) -> None:
    with screen(chromium, office_url, "admin") as admin:
        admin.open("/system/users")
        admin.button("新建用户").click()
        admin.page.get_by_label("用户名", exact=True).fill("clerk")
        admin.page.get_by_label("姓名").fill("周干部")
        admin.page.get_by_label("初始密码").fill(FIRST)
        expect(admin.button("保存")).to_be_disabled()
        admin.pick("区域", "双林", "双林镇")
        admin.visit.screenshot("console-user")
        admin.button("保存").click()
        expect(admin.row("周干部")).to_contain_text("双林镇")
    with screen(chromium, office_url) as clerk:
        clerk.login("clerk", FIRST)
        _change_password(clerk)
        secret = _enrol(clerk)
        clerk.button("退出").click()
        clerk.page.get_by_label("用户名").fill("clerk")
        clerk.page.get_by_label("密码").fill(SECOND)
        clerk.button("登录").click()
        # The code that confirmed is used up; the next one may come half a minute early.
        later = totp.code(secret, int(time.time() // totp.STEP_S) + 1)
        clerk.page.get_by_label("动态口令").fill(later)
        clerk.visit.screenshot("console-login-code")
        clerk.button("登录").click()
        expect(clerk.page.get_by_role("navigation", name="主导航")).to_be_visible()
        clerk.open("/system/account")
        clerk.page.get_by_label("停用请输入密码").fill(SECOND)
        clerk.button("停用动态口令").click()
        expect(clerk.button("启用动态口令")).to_be_visible()


def _change_password(clerk: Screen) -> None:
    clerk.open("/system/account")
    clerk.page.get_by_label("现在的密码").fill(FIRST)
    clerk.page.get_by_label("新密码（至少 10 位）").fill(SECOND)
    clerk.page.get_by_label("再输入一次").fill("不一样的密码-2026")
    expect(clerk.page.get_by_text("两次输入不一致")).to_be_visible()
    expect(clerk.button("修改")).to_be_disabled()
    clerk.page.get_by_label("再输入一次").fill(SECOND)
    clerk.button("修改").click()
    expect(clerk.page.get_by_text("密码已修改")).to_be_visible()


def _enrol(clerk: Screen) -> str:
    """Turn one-time codes on; the secret that the page tells."""
    clerk.button("启用动态口令").click()
    secret = clerk.page.locator("[data-test=secret]").inner_text().replace(" ", "")
    clerk.page.get_by_label("应用显示的 6 位数字").fill("000000")
    clerk.button("确认启用").click()
    expect(clerk.page.locator(".el-message--error")).to_be_visible()
    code = totp.code(secret, int(time.time() // totp.STEP_S))
    clerk.page.get_by_label("应用显示的 6 位数字").fill(code)
    clerk.visit.screenshot("console-enrol")
    clerk.button("确认启用").click()
    expect(clerk.page.get_by_text("已启用", exact=True)).to_be_visible()
    return secret
