"""Work that several people finish together: a case to its end, an enquiry, a monthly report."""

import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Browser, expect

from server.disposal import clocks
from tests.browser.office import Screen, screen
from tests.unit.files.pictures import photo

pytestmark = pytest.mark.browser

TODAY = clocks.today()
LAST_MONTH = TODAY.replace(day=1) - timedelta(days=1)
MONTH = f"{LAST_MONTH.year}年{LAST_MONTH.month}月"


def _choose(person: Screen, label: str, name: str) -> None:
    """Choose from a list of the dialog that is open."""
    person.page.get_by_role("dialog").get_by_role("combobox", name=label, exact=True).press("Enter")
    person.page.get_by_role("option", name=name, exact=True).locator("visible=true").click()


def _act(person: Screen, action: str, given: dict[str, str], state: str) -> None:
    """Do one action of the case that is open, by its form; the state that it comes to."""
    person.button(action).click()
    dialog = person.page.get_by_role("dialog")
    for label, value in given.items():
        if value.startswith("="):
            _choose(person, label, value[1:])
        else:
            dialog.get_by_label(label).fill(value)
    person.visit.screenshot(f"console-case-{action}")
    person.button(f"确认{action}").click()
    expect(person.page.locator("[data-test=state]")).to_have_text(state)


def _photographed(officer: Screen, folder: Path) -> None:
    picture = folder / "现场.jpg"
    picture.write_bytes(photo())
    officer.page.get_by_label("选择照片或材料").set_input_files(picture)
    officer.button("上传").click()
    expect(officer.page.get_by_text("1 份", exact=True)).to_be_visible()


def test_three_people_bring_a_case_from_detection_to_its_end(
    chromium: Browser, office_url: str, tmp_path: Path
) -> None:
    day = TODAY.isoformat()
    with (
        screen(chromium, office_url, "officer") as officer,
        screen(chromium, office_url, "reviewer") as reviewer,
        screen(chromium, office_url, "leader") as leader,
    ):
        officer.open("/disposal/board?class=jewt")
        officer.page.locator(".card .title").nth(3).click()
        expect(officer.page.locator("[data-test=state]")).to_have_text("已发现")
        path = officer.page.url.partition("/console")[2]
        _act(officer, "建档", {"责任单位": "八里店自然资源所"}, "已建档")
        _photographed(officer, tmp_path)
        _act(officer, "现场核查", {"核查日期": day, "核查记录": "厂房建成，未投产"}, "核查中")
        waits = "下一步：认定，由县局复核办理"
        expect(officer.page.get_by_role("main")).to_contain_text(waits)

        reviewer.open(path)
        _act(reviewer, "认定", {"原因": "=市场原因"}, "已认定")
        officer.open(path)
        plan = {"处置措施": "=投产认定", "计划完成日期": (TODAY + timedelta(days=90)).isoformat()}
        _act(officer, "提交处置方案", plan, "拟定方案")
        leader.open(path)
        approval = {"批准文号": "湖政〔2026〕9号", "批准日期": day}
        _act(leader, "批准处置方案", approval, "方案已批")
        officer.open(path)
        _act(
            officer,
            "送达决定，开始处置",
            {"文号": "湖自然资〔2026〕21号", "送达日期": day},
            "处置中",
        )
        area = _area(officer)
        report = {"日期": day, "面积": area, "说明": "全部投产"}
        _act(officer, "填报进展", report, "处置中")
        proof = {"投产认定日期": day, "用电量": "120000", "税收": "35.5"}
        _act(officer, "申请销号", proof, "待验收")
        expect(officer.button("验收通过，销号")).to_have_count(0)
        reviewer.open(path)
        _act(reviewer, "验收通过，销号", {"意见": "现场已投产，符合销号条件"}, "已销号")
        told = reviewer.page.get_by_role("main")
        expect(told).to_contain_text("投产认定：近三个月用电量（千瓦时）")
        expect(told.get_by_role("button", name="重新立案")).to_be_visible()
        reviewer.still()
        reviewer.visit.screenshot("console-case-closed")
        assert reviewer.serious() == []


def _area(person: Screen) -> str:
    """The area in m² of the case that is open, as the API tells it."""
    found: dict[str, Any] = person.page.evaluate(
        "(id) => fetch(`/api/v1/disposal-cases/${id}`).then((one) => one.json())",
        person.page.url.rsplit("/", 1)[1],
    )
    return str(found["area_in_class_m2"])


@dataclass(frozen=True)
class Guest:
    """An investor in a browser, over the API."""

    base: str
    token: str

    def ask(self, path: str, body: object = None) -> Any:
        """What the API answers; a body makes it a change."""
        return _ask(self.base, path, body, {"Authorization": f"Bearer {self.token}"})


def _ask(base: str, path: str, body: object, headers: dict[str, str]) -> Any:
    sent = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json", **headers}
    with urlopen(Request(f"{base}/api/v1{path}", sent, headers)) as answer:
        return json.loads(answer.read() or "null")


def _enquired(base: str, message: str) -> tuple[Guest, int]:
    """A guest who asks about a parcel; the number of the enquiry."""
    guest = Guest(base, _ask(base, "/session/guest", {}, {})["token"])
    guest.ask("/me/consent", {"version": guest.ask("/privacy-notice")["version"]})
    (site,) = guest.ask("/parcels?status=available&region_code=330502&limit=1")["features"]
    asked = {
        "layer": "parcels",
        "site_id": site["id"],
        "kind": "appointment",
        "message": message,
        "contact_name": "沈女士",
        "phone": "13800138000",
        "visit_on": (TODAY + timedelta(days=14)).isoformat(),
    }
    return guest, guest.ask("/me/enquiries", asked)["id"]


def test_an_enquiry_is_given_to_an_officer_answered_and_ended(
    chromium: Browser, office_url: str
) -> None:
    guest, number = _enquired(office_url, "请问这块地通天然气吗？想带设备方来看。")
    with screen(chromium, office_url, "reviewer") as reviewer:
        reviewer.open(f"/enquiries/{number}")
        reviewer.pick("改派给", "李土地", "李土地（演示）")
        reviewer.button("改派").click()
        expect(reviewer.page.get_by_text("已改派", exact=True)).to_be_visible()
        expect(reviewer.page.get_by_label("内容", exact=True)).to_contain_text("李土地")
        reviewer.visit.screenshot("console-enquiry-assigned")
    with screen(chromium, office_url, "officer") as officer:
        page = officer.page
        officer.open("/enquiries?mine=true")
        page.get_by_label("咨询列表").get_by_text("沈女士").first.click()
        reader = page.get_by_label("内容", exact=True)
        expect(reader).to_contain_text("请问这块地通天然气吗？")
        expect(reader).to_contain_text("13800138000")
        page.get_by_label("回复内容").fill("已通天然气，日供 2 万方。")
        officer.button("回复").click()
        expect(reader.locator("li.staff")).to_contain_text("已通天然气")
        page.get_by_label("看地时间").fill(f"{(TODAY + timedelta(days=15)).isoformat()}T09:30")
        officer.button("约定看地").click()
        expect(reader).to_contain_text("已约定")
        officer.visit.screenshot("console-enquiry")
        assert officer.serious() == []
        page.get_by_label("办结说明").fill("已现场看地")
        officer.button("办结").click()
        expect(reader).to_contain_text("已办结")
        expect(officer.button("回复")).to_have_count(0)
    told = guest.ask(f"/me/enquiries/{number}")
    assert told["state"] == "closed"
    assert "已通天然气，日供 2 万方。" in [one["text"] for one in told["messages"]]


def test_a_monthly_report_is_frozen_once_and_printed(chromium: Browser, office_url: str) -> None:
    with screen(chromium, office_url, "leader") as leader:
        page = leader.page
        leader.open("/disposal/reports")
        expect(page.get_by_label("月份")).to_have_value(LAST_MONTH.isoformat()[:7])
        leader.button("固化通报").click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("固化后数字不再改变")
        leader.visit.screenshot("console-report-sure")
        dialog.get_by_role("button", name="固化", exact=True).click()
        expect(leader.row(MONTH)).to_have_count(1)
        expect(page.get_by_role("status").filter(has_text=f"{MONTH}已固化")).to_be_visible()
        expect(leader.button("固化通报")).to_be_disabled()
        expect(page.get_by_role("link", name="PDF")).to_be_visible(timeout=60_000)
        leader.visit.screenshot("console-report")
        assert leader.serious() == []
        for name, begins in (("Excel", b"PK"), ("PDF", b"%PDF")):
            with page.expect_download() as download:
                page.get_by_role("link", name=name).click()
            assert Path(download.value.path()).read_bytes().startswith(begins)
