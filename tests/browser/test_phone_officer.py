"""An officer in the field: a photo taken without a network arrives once, with its place."""

import io
import json
import re
from typing import Any
from urllib.request import Request, urlopen

import pytest
from PIL import Image
from playwright.sync_api import Route, expect

from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser

PASSWORD = "kandi-demo-2026"
FIRST, OWN = "管理员给的密码-2026", "自己设的密码-2026"
API = re.compile(r"/api/v1/")
EVIDENCE = re.compile(r"/api/v1/disposal-cases/\d+/evidence$")


def staff(visit: Visit, method: str, path: str, body: object = None, token: str = "") -> Any:
    """What the API answers to staff."""
    headers = {"Content-Type": "application/json"}
    if token:
        headers |= {"Authorization": f"Bearer {token}", "Idempotency-Key": f"test-{path}"}
    sent = None if body is None else json.dumps(body).encode()
    with urlopen(Request(visit.base + path, sent, headers, method=method)) as answer:
        return json.load(answer)


def photo() -> bytes:
    packed = io.BytesIO()
    Image.effect_noise((640, 480), 60).convert("RGB").save(packed, "JPEG")
    return packed.getvalue()


@pytest.fixture
def case(phone: Visit) -> dict[str, Any]:
    """A case to work on."""
    return open_case(phone)


def open_case(phone: Visit) -> dict[str, Any]:
    """An open case of a parcel in the officer's region, found on patrol, with a token to look."""
    login = {"username": "officer", "password": PASSWORD}
    token = staff(phone, "POST", "/api/v1/session", login)["token"]
    parcel = phone.ask("/api/v1/parcels?status=sold&limit=1&fields=code")["features"][0]
    known = staff(phone, "GET", f"/api/v1/disposal-cases?site={parcel['id']}", token=token)["items"]
    found = {"site_id": parcel["id"], "class": "gewy", "note": "现场巡查未动工"}
    made = known[0] if known else staff(phone, "POST", "/api/v1/disposal-cases", found, token)
    return {"id": made["id"], "token": token, "parcel": parcel["id"]}


def evidence(visit: Visit, case: dict[str, Any]) -> list[dict[str, Any]]:
    path = f"/api/v1/disposal-cases/{case['id']}/evidence"
    items: list[dict[str, Any]] = staff(visit, "GET", path, token=case["token"])["items"]
    return items


def enter(visit: Visit, username: str, password: str) -> None:
    visit.open("/m/#/officer/login")
    visit.page.get_by_role("textbox", name="用户名").fill(username)
    visit.page.get_by_role("textbox", name="密码").fill(password)
    visit.named("button", "登录").tap()


def log_in(visit: Visit) -> None:
    enter(visit, "officer", PASSWORD)
    expect(visit.page.get_by_text("离我近")).to_be_visible()
    visit.settle()


def test_a_photo_without_a_network_arrives_once_with_its_place(
    phone: Visit, case: dict[str, Any]
) -> None:
    page = phone.page
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"longitude": 120.0935, "latitude": 30.8672})
    log_in(phone)
    phone.screenshot("officer-1-tasks")
    phone.go(f"#/officer/edit?layer=parcels&id={case['parcel']}&case={case['id']}")
    phone.screenshot("officer-2-edit")
    before = len(evidence(phone, case))

    page.route(API, lambda route: route.abort())
    with page.expect_file_chooser() as chooser:
        phone.named("button", "拍照取证").tap()
    chooser.value.set_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo()})
    expect(page.get_by_text(re.compile(r"位置 120\.09350, 30\.86720"))).to_be_visible()
    phone.go("#/officer/outbox")
    expect(page.locator("[data-key]")).to_have_count(1)

    page.reload()
    phone.settle()
    expect(page.locator("[data-key]")).to_have_count(1)
    phone.screenshot("officer-3-outbox")
    page.unroute(API)

    def lose_the_answer(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route(EVIDENCE, lose_the_answer)
    phone.named("button", "立即发送").tap()
    phone.settle()
    expect(page.locator("[data-key]")).to_have_count(1)
    page.unroute(EVIDENCE)
    phone.named("button", "立即发送").tap()
    expect(page.get_by_text("全部已发送")).to_be_visible()

    kept = evidence(phone, case)
    assert len(kept) == before + 1
    newest = kept[-1] if kept[-1]["id"] > kept[0]["id"] else kept[0]
    assert newest["longitude"] is not None


def test_two_people_change_one_parcel_and_nothing_is_lost_unseen(phone: Visit) -> None:
    page = phone.page
    token = staff(phone, "POST", "/api/v1/session", {"username": "gis", "password": PASSWORD})[
        "token"
    ]
    parcel = phone.ask("/api/v1/parcels?status=planned&limit=1&fields=code")["features"][0]["id"]
    path = f"/api/v1/parcels/{parcel}"
    log_in(phone)
    phone.go(f"#/officer/edit?layer=parcels&id={parcel}")
    before = phone.ask(path)["properties"]["version"]
    change = {"changes": {}, "reason": "先核实的人", "verified": True}
    headers = {
        "Content-Type": "application/json",
        "Authorization": f"Bearer {token}",
        "If-Match": f'"{before}"',
    }
    sent = Request(phone.base + path, json.dumps(change).encode(), headers, method="PATCH")
    with urlopen(sent) as answer:
        theirs = json.load(answer)["version"]
    assert theirs > before

    phone.named("button", "核实无变化").tap()
    expect(page.get_by_role("alertdialog")).to_contain_text("别人先改了这宗地")
    expect(page.get_by_role("alertdialog")).to_contain_text(f"第 {theirs} 版")
    phone.screenshot("officer-4-conflict")
    phone.named("button", "仍用我的").tap()
    expect(page.get_by_text(re.compile(rf"第 {theirs + 1} 版"))).to_be_visible()
    expect(page.get_by_role("alertdialog")).to_have_count(0)
    assert phone.ask(path)["properties"]["version"] > theirs
    assert [one for one in phone.complaints if "412" not in one] == []


def test_what_is_stale_is_verified_with_one_tap(phone: Visit) -> None:
    log_in(phone)
    phone.named("tab", "待核实").tap()
    card = phone.page.locator("[data-stale]").filter(has_text="核实无变化").first
    expect(card).to_be_visible()
    named = card.get_attribute("data-stale")
    card.scroll_into_view_if_needed()
    phone.screenshot("officer-5-stale")
    card.locator("[role=button]").tap()
    expect(phone.page.locator(f'[data-stale="{named}"]')).to_have_count(0)
    login = {"username": "officer", "password": PASSWORD}
    token = staff(phone, "POST", "/api/v1/session", login)["token"]
    left = staff(phone, "GET", "/api/v1/freshness", token=token)["items"]
    assert named not in {f"{one['layer']}/{one['id']}" for one in left}


def test_a_first_password_is_changed_before_anything_is_seen(phone: Visit) -> None:
    login = {"username": "admin", "password": PASSWORD}
    token = staff(phone, "POST", "/api/v1/session", login)["token"]
    grants = [{"role": "officer", "region_code": "330503"}]
    form = {"username": "field", "name": "外业", "password": FIRST, "grants": grants}
    staff(phone, "POST", "/api/v1/users", form, token)
    page = phone.page
    enter(phone, "field", FIRST)
    expect(page.get_by_text("请设置自己的密码")).to_be_visible()
    phone.screenshot("officer-6-first-password")
    page.get_by_role("textbox", name="新密码，至少十位").fill(OWN)
    page.get_by_role("textbox", name="再输入一次新密码").fill("不是同一个密码")
    phone.named("button", "修改并进入").tap()
    expect(page.get_by_text("两次输入不一致")).to_be_visible()
    for name in ("新密码，至少十位", "再输入一次新密码"):
        page.get_by_role("textbox", name=name).fill(FIRST)
    phone.named("button", "修改并进入").tap()
    expect(page.get_by_text("新密码不能与现在的密码相同")).to_be_visible()
    assert page.evaluate("localStorage.getItem('kandi.staff')") is None
    for name in ("新密码，至少十位", "再输入一次新密码"):
        page.get_by_role("textbox", name=name).fill(OWN)
    phone.named("button", "修改并进入").tap()
    expect(page.get_by_text("离我近")).to_be_visible()
    now = staff(phone, "POST", "/api/v1/session", {"username": "field", "password": OWN})
    assert now["password_change_required"] is False


def wait_with_a_photo(phone: Visit, case: dict[str, Any]) -> None:
    """Take a photo where there is no network."""
    phone.go(f"#/officer/edit?layer=parcels&id={case['parcel']}&case={case['id']}")
    phone.page.route(API, lambda route: route.abort())
    with phone.page.expect_file_chooser() as chooser:
        phone.named("button", "拍照取证").tap()
    chooser.value.set_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo()})
    expect(phone.page.get_by_text(re.compile("^位置 |没有定位")).first).to_be_visible()
    expect(phone.page.get_by_text("照片已存本机")).to_be_visible()


FILES = """() => new Promise((done) => {
    const asked = indexedDB.open("kandi", 1);
    asked.onsuccess = () => {
        const count = asked.result.transaction("files").objectStore("files").count();
        count.onsuccess = () => { asked.result.close(); done(count.result); };
    };
})"""


def test_nothing_unsent_stays_on_the_phone_of_who_logs_out(
    phone: Visit, case: dict[str, Any]
) -> None:
    page = phone.page
    log_in(phone)
    wait_with_a_photo(phone, case)
    phone.go("#/pages/me/index")
    phone.named("button", "退出登录").tap()
    expect(page.get_by_text("还有 1 条没有发送")).to_be_visible()
    phone.screenshot("officer-7-logout")
    page.get_by_text("先发送", exact=True).tap()
    expect(page.get_by_text("还有 1 条没有送达")).to_be_visible()
    expect(phone.named("button", "退出登录")).to_be_visible()
    assert page.evaluate(FILES) == 1
    assert "cgcs2000" in page.evaluate("JSON.stringify(localStorage)")
    phone.named("button", "退出登录").tap()
    page.get_by_text("取消", exact=True).tap()
    expect(page.get_by_text("不能恢复")).to_be_visible()
    page.get_by_text("放弃", exact=True).tap()
    expect(phone.named("link", "工作人员登录")).to_be_visible()
    assert page.evaluate(FILES) == 0
    kept = page.evaluate("JSON.stringify(localStorage)")
    assert "evidence" not in kept
    assert "cgcs2000" not in kept
    assert "/transitions" not in kept


def test_what_waits_when_a_session_ends_is_sent_by_its_owner_alone(
    phone: Visit, case: dict[str, Any]
) -> None:
    page = phone.page
    before = len(evidence(phone, case))
    log_in(phone)
    wait_with_a_photo(phone, case)
    page.unroute(API)
    page.evaluate("localStorage.removeItem('kandi.staff')")
    page.reload()
    phone.settle()
    phone.open("/m/#/officer/outbox")
    expect(page.get_by_text("本机有 1 条更新属于退出前的账号")).to_be_visible()
    expect(page.locator("[data-key]")).to_have_count(0)
    phone.screenshot("officer-8-sealed")
    enter(phone, "reviewer", PASSWORD)
    expect(page.get_by_text("离我近")).to_be_visible()
    phone.settle()
    phone.go("#/officer/outbox")
    expect(page.get_by_text("本机有 1 条更新属于另一个账号")).to_be_visible()
    expect(page.locator("[data-key]")).to_have_count(0)
    assert len(evidence(phone, case)) == before
    phone.go("#/pages/me/index")
    phone.named("button", "退出登录").tap()
    expect(phone.named("link", "工作人员登录")).to_be_visible()
    assert page.evaluate(FILES) == 1
    log_in(phone)
    phone.go("#/officer/outbox")
    expect(page.get_by_text("全部已发送")).to_be_visible()
    assert len(evidence(phone, case)) == before + 1
    assert page.evaluate(FILES) == 0
