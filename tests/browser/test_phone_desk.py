"""An officer answers on the phone, and each page of officers and of a talk is readable by all."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.test_phone_officer import log_in, open_case

pytestmark = pytest.mark.browser

AXE = Path(__file__).resolve().parents[2] / "client/phone/node_modules/axe-core/axe.min.js"
SERIOUS = """async () => (await axe.run(document, { resultTypes: ["violations"] })).violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => [id, ...nodes.slice(0, 3).map((one) => one.html.slice(0, 120))])"""


def send(base: str, method: str, path: str, body: object, token: str = "") -> Any:
    """What the API answers to an investor."""
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    sent = Request(f"{base}/api/v1{path}", json.dumps(body).encode(), headers, method=method)
    with urlopen(sent) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def asked(phone: Visit, words: str) -> tuple[str, dict[str, Any]]:
    """The token of an investor who asked for a visit, and the enquiry."""
    token = send(phone.base, "POST", "/session/guest", {})["token"]
    version = phone.ask("/api/v1/privacy-notice")["version"]
    send(phone.base, "POST", "/me/consent", {"version": version}, token)
    site = phone.ask("/api/v1/parcels?status=available&limit=1&fields=code")["features"][0]["id"]
    wish = {"layer": "parcels", "site_id": site, "kind": "appointment", "message": words}
    wish |= {"contact_name": "李总", "phone": "13800000000"}
    wish["visit_on"] = phone.ask("/api/v1/visit-days")["days"][2]
    return token, send(phone.base, "POST", "/me/enquiries", wish, token)


def test_an_officer_agrees_on_a_visit_and_replies_even_without_a_network(phone: Visit) -> None:
    page = phone.page
    token, enquiry = asked(phone, "想看周边道路")
    log_in(phone)
    phone.named("tab", "咨询").tap()
    phone.screenshot("officer-6-desk")
    page.locator(f'[data-enquiry="{enquiry["id"]}"]').tap()
    phone.settle()
    phone.named("button", "约定看地").tap()
    phone.settle()
    phone.named("radio", "10:00").tap()
    phone.named("button", "告诉客商这个时间").tap()
    expect(page.get_by_text(re.compile(r"已约定 \d{4}-\d\d-\d\d 10:00"))).to_be_visible()
    page.context.set_offline(True)
    page.get_by_role("textbox", name="回复").fill("周五上午在园区南门见")
    page.locator(".desk-send:visible").tap()
    expect(page.get_by_text("等待网络，联网后自动发送")).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator(".bubble").last).to_have_text("周五上午在园区南门见")
    phone.screenshot("officer-7-replied")
    said = Request(
        f"{phone.base}/api/v1/me/enquiries/{enquiry['id']}",
        headers={"Authorization": f"Bearer {token}"},
    )
    with urlopen(said) as answer:
        told = json.load(answer)
    assert [one["text"] for one in told["messages"]] == ["想看周边道路", "周五上午在园区南门见"]
    assert told["scheduled_for"]


def test_without_a_network_what_is_stale_is_still_told(phone: Visit) -> None:
    log_in(phone)
    phone.named("tab", "待核实").tap()
    expect(phone.page.locator("[data-stale]").first).to_be_visible()
    before = phone.page.locator("[data-stale]").count()
    phone.page.route(re.compile("/api/v1/"), lambda route: route.abort())
    phone.page.reload()
    phone.named("tab", "待核实").tap()
    expect(phone.page.locator("[data-stale]")).to_have_count(before)
    expect(phone.page.get_by_role("alert").first).to_contain_text("现在显示的是")


def test_a_case_says_what_it_is_about_where_it_is_photographed(phone: Visit) -> None:
    case = open_case(phone)
    log_in(phone)
    phone.page.locator(f'[data-id="{case["id"]}"]:visible').tap()
    phone.settle()
    card = phone.page.locator(".case-card")
    expect(card).to_contain_text("涉及面积")
    expect(card).to_contain_text("下一步：")
    phone.screenshot("officer-8-case")


@pytest.mark.skipif(not AXE.exists(), reason="make client brings axe-core")
def test_screen_readers_find_their_way_on_the_pages_of_officers(phone: Visit) -> None:
    _token, enquiry = asked(phone, "想实地看现场")
    script = AXE.read_text("utf-8")
    park = phone.ask("/api/v1/parks?limit=1&fields=code")["features"][0]["id"]
    plant = phone.ask("/api/v1/plants?limit=1&fields=code")["features"][0]["id"]
    parcel = phone.ask("/api/v1/parcels?limit=1&fields=code")["features"][0]["id"]
    log_in(phone)
    for route in (
        "#/officer/tasks",
        f"#/officer/enquiry?id={enquiry['id']}",
        f"#/officer/edit?layer=parcels&id={parcel}",
        "#/officer/outbox",
        f"#/pages/site/index?layer=parks&id={park}",
        f"#/pages/site/index?layer=plants&id={plant}",
    ):
        phone.page.goto("about:blank")
        phone.open(f"/m/{route}")
        phone.page.evaluate(script)
        assert (route, phone.page.evaluate(SERIOUS)) == (route, [])
        assert (route, phone.overflow()) == (route, [])
