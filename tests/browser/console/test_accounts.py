"""Accounts in the console: a first password, one-time codes, and where one is logged in."""

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import create_engine, text

from server.accounts import totp
from server.demo_users import PASSWORD
from tests.browser.office import Screen, screen
from tests.conftest import served

pytestmark = pytest.mark.browser

FIRST, SECOND = "第一个密码-2026", "换过的密码-2026"


def test_a_first_password_leads_to_ones_own_and_then_to_where_one_was_going(
    chromium: Browser, office_url: str
) -> None:
    with screen(chromium, office_url, "admin") as admin:
        _begin_user(admin, "clerk", "周干部")
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


def _begin_user(admin: Screen, username: str, name: str) -> None:
    admin.open("/system/users")
    admin.button("新建用户").click()
    admin.page.get_by_label("用户名", exact=True).fill(username)
    admin.page.get_by_label("姓名").fill(name)
    admin.page.get_by_label("初始密码").fill(FIRST)


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


def _enrol(clerk: Screen, then: str | None = None) -> str:
    """Turn one-time codes on; the secret that the page tells. Then a page may come by itself."""
    clerk.button("启用动态口令").click()
    secret = clerk.page.locator("[data-test=secret]").inner_text().replace(" ", "")
    clerk.page.get_by_label("应用显示的 6 位数字").fill("000000")
    clerk.button("确认启用").click()
    expect(clerk.page.get_by_role("alert").filter(has_text="请输入应用现在显示的")).to_be_visible()
    code = totp.code(secret, int(time.time() // totp.STEP_S))
    clerk.page.get_by_label("应用显示的 6 位数字").fill(code)
    clerk.visit.screenshot("console-enrol")
    clerk.button("确认启用").click()
    if then:
        expect(clerk.page.get_by_role("heading", name=then)).to_be_visible()
    else:
        expect(clerk.page.get_by_text("已启用", exact=True)).to_be_visible()
    return secret


@pytest.fixture
def strict_url(
    office_url: str, office_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The same office, where those who oversee must use one-time codes."""
    log = tmp_path_factory.mktemp("strict") / "serve.log"
    with served(office_database, log, KANDI_TOTP_ROLES="viewer") as base:
        yield base


def test_a_role_that_must_have_codes_sets_them_up_at_its_first_login(
    chromium: Browser, strict_url: str
) -> None:
    with screen(chromium, strict_url, "admin") as admin:
        _begin_user(admin, "watcher", "吴督查")
        admin.page.get_by_role("combobox", name="角色").press("Enter")
        admin.page.get_by_role("option", name="督查").click()
        admin.pick("区域", "南浔", "南浔区")
        admin.button("保存").click()
        expect(admin.row("吴督查")).to_contain_text("未改初始密码")
    with screen(chromium, strict_url) as watcher:
        watcher.open("/disposal/warnings")
        watcher.enter("watcher", FIRST)
        _change_password(watcher)
        expect(watcher.page.get_by_text("您的角色必须使用动态口令")).to_be_visible()
        watcher.page.get_by_role("link", name="统计与排名").click()
        expect(watcher.page.get_by_role("heading", name="我的账号")).to_be_visible()
        watcher.visit.screenshot("console-codes-required")
        _enrol(watcher, then="统计与排名")
    with screen(chromium, strict_url, "admin") as admin:
        admin.open("/system/users")
        expect(admin.row("吴督查")).to_contain_text("已启用")
        expect(admin.row("吴督查")).not_to_contain_text("未改初始密码")


def test_one_sees_where_one_is_logged_in_and_ends_it(chromium: Browser, office_url: str) -> None:
    with screen(chromium, office_url, "reviewer") as left_open:
        with screen(chromium, office_url, "reviewer") as here:
            here.open("/system/account")
            places = here.page.get_by_role("listitem").filter(has_text="最近使用")
            expect(places).to_have_count(2)
            expect(places.filter(has_text="本次登录")).to_have_count(1)
            here.button("结束").click()
            here.visit.screenshot("console-sessions")
            here.button("结束会话").click()
            expect(places).to_have_count(1)
            expect(places).to_contain_text("本次登录")
        left_open.open("/disposal/board")
        expect(left_open.page).to_have_url(re.compile("/console/login"))


def test_administration_asks_for_the_password_again(
    chromium: Browser, office_url: str, office_database: str
) -> None:
    with screen(chromium, office_url, "admin") as admin:
        _leave_alone(office_database)
        admin.open("/disposal/law")
        admin.button("新增一行：权利人书面答复").click()
        admin.page.get_by_label("期限（天）").fill("26")
        admin.pick("适用区域", "德清", "德清县")
        admin.page.get_by_label("依据文件").fill("德清政办发〔2026〕7号")
        admin.page.get_by_label("条款").fill("第二条")
        admin.button("新增").click()
        asked = admin.page.get_by_role("dialog", name="请再次输入密码")
        expect(asked).to_be_visible()
        admin.visit.screenshot("console-password-again")
        assert admin.serious() == []
        asked.get_by_role("textbox").fill("不是这个密码")
        asked.get_by_role("button", name="确认").click()
        expect(admin.page.get_by_text("用户名、密码或验证码不正确")).to_be_visible()
        expect(admin.page.get_by_label("期限（天）")).to_have_value("26")
        admin.button("新增").click()
        asked.get_by_role("textbox").fill(PASSWORD)
        asked.get_by_role("button", name="确认").click()
        expect(admin.row("德清政办发〔2026〕7号")).to_contain_text("起作用")
        _leave_alone(office_database)
        admin.open("/system/targets")
        admin.pick("区域", "长兴", "长兴县")
        admin.page.get_by_label("任务（亩）").fill("180")
        admin.page.get_by_label("依据文件").fill("湖政办发〔2026〕13号")
        admin.button("保存").click()
        asked.get_by_role("textbox").fill(PASSWORD)
        asked.get_by_role("button", name="确认").click()
        expect(admin.row("长兴县")).to_contain_text("180")


def _leave_alone(database_url: str) -> None:
    """Let everybody have given their password longer ago than it counts."""
    engine = create_engine(database_url)
    with engine.begin() as connection:
        old = "UPDATE kandi.sessions SET confirmed_at = now() - interval '11 minutes'"
        connection.execute(text(old))
    engine.dispose()
