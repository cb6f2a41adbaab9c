"""Accounts in the console: a first password, one-time codes, and where one is logged in."""

import time

import pytest
from playwright.sync_api import Browser, expect

from server.accounts import totp
from tests.browser.office import Screen, screen

pytestmark = pytest.mark.browser

FIRST, SECOND = "第一个密码-2026", "换过的密码-2026"


def test_a_first_password_leads_to_ones_own_and_then_to_where_one_was_going(
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
        clerk.open("/disposal/board")
        clerk.enter("clerk", FIRST)
        expect(clerk.page.get_by_role("alert")).to_contain_text("请先改成自己的密码")
        clerk.visit.screenshot("console-first-password")
        clerk.page.get_by_role("link", name="地块").click()
        expect(clerk.page.get_by_role("heading", name="我的账号")).to_be_visible()
        _change_password(clerk)
        expect(clerk.page.get_by_role("heading", name="地块")).to_be_visible()
        clerk.open("/system/account")
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
    clerk.page.get_by_label("现在的密码").fill(FIRST)
    clerk.page.get_by_label("新密码（至少 10 位）").fill(SECOND)
    clerk.page.get_by_label("再输入一次").fill("不一样的密码-2026")
    expect(clerk.page.get_by_text("两次输入不一致")).to_be_visible()
    expect(clerk.button("修改")).to_be_disabled()
    for name in ("新密码（至少 10 位）", "再输入一次"):
        clerk.page.get_by_label(name).fill(FIRST)
    clerk.button("修改").click()
    expect(clerk.page.get_by_text("新密码不能与现在的密码相同")).to_be_visible()
    for name in ("新密码（至少 10 位）", "再输入一次"):
        clerk.page.get_by_label(name).fill(SECOND)
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
