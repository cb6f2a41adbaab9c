"""The console without a mouse, without eyes, and with a thousand rows."""

import json
import re
from pathlib import Path
from statistics import median
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, expect

from server.demo_users import PASSWORD
from tests.browser.office import Screen, screen

pytestmark = pytest.mark.browser

OFFICER = [
    "/land/parcels",
    "/land/plants",
    "/land/parks",
    "/disposal/board",
    "/disposal/board?view=table",
    "/disposal/cases/1",
    "/disposal/warnings",
    "/disposal/scan",
    "/disposal/statistics",
    "/disposal/reports",
    "/disposal/rules",
    "/disposal/law",
    "/enquiries",
    "/system/freshness",
    "/system/targets",
    "/system/account",
    "/nowhere",
]
PAGES = [
    *(("officer", path) for path in OFFICER),
    ("gis", "/imports"),
    ("admin", "/disposal/law?book=offices"),
    ("admin", "/system/users"),
    ("admin", "/system/audit"),
    ("leader", "/system/targets"),
]
# Drawing what is in sight must stay far below drawing all of it.
LEAST_GAIN = 4.0


@pytest.mark.parametrize("user", sorted({user for user, _ in PAGES}))
def test_nothing_serious_keeps_people_out(chromium: Browser, office_url: str, user: str) -> None:
    with screen(chromium, office_url, user) as made:
        found = {}
        for path in (path for whose, path in PAGES if whose == user):
            made.open(path)
            made.page.wait_for_load_state("networkidle")
            found[path] = made.serious()
        assert {path: told for path, told in found.items() if told} == {}


def test_dialogs_and_drawers_keep_nobody_out(chromium: Browser, office_url: str) -> None:
    with screen(chromium, office_url, "admin") as admin:
        admin.open("/system/users")
        admin.button("新建用户").click()
        expect(admin.page.get_by_role("dialog")).to_be_visible()
        assert admin.serious() == []
        admin.open("/disposal/law")
        admin.button("新增一行：权利人书面答复").click()
        expect(admin.page.get_by_role("dialog")).to_be_visible()
        assert admin.serious() == []
    with screen(chromium, office_url, "officer") as officer:
        officer.open("/land/parcels?q=WX-2026-009")
        officer.row("WX-2026-009").get_by_role("button").click()
        officer.button("修改").click()
        expect(officer.page.get_by_label("修改原因")).to_be_visible()
        assert officer.serious() == []


def test_what_is_only_read_keeps_nobody_out(chromium: Browser, office_url: str) -> None:
    with screen(chromium, office_url, "viewer") as viewer:
        viewer.open("/land/parcels?q=WX-2024-004")
        viewer.row("WX-2024-004").get_by_role("button").click()
        drawer = viewer.page.get_by_role("dialog")
        expect(drawer).to_contain_text("界址点")
        expect(viewer.button("修改")).to_have_count(0)
        assert viewer.serious() == []
        for tab in ("修改记录", "五未档案"):
            drawer.get_by_role("tab", name=tab).click()
            viewer.page.wait_for_load_state("networkidle")
            assert viewer.serious() == []


def test_an_import_with_errors_keeps_nobody_out(
    chromium: Browser, office_url: str, tmp_path: Path
) -> None:
    table = tmp_path / "台账.csv"
    table.write_bytes("编号,名称,规上企业数,备用列\n330502-P01,甲,7,x\nP-9,乙,多少,x\n".encode())
    with screen(chromium, office_url, "gis") as gis:
        page = gis.page
        gis.open("/imports")
        page.get_by_role("radiogroup", name="导入到").get_by_text("园区").click()
        page.locator("#file").set_input_files(table)
        gis.button("上传并检查").click()
        expect(page.locator("[data-test=state]")).to_have_text("待确认")
        assert gis.serious() == []
        for tab in page.get_by_role("tab").all():
            tab.click()
            page.wait_for_load_state("networkidle")
            assert gis.serious() == []
        gis.visit.screenshot("console-import-errors")


def test_a_parcel_is_found_and_changed_by_keys_alone(chromium: Browser, office_url: str) -> None:
    with screen(chromium, office_url) as made:
        keys = made.page.keyboard
        made.open("/login")
        expect(made.page.get_by_label("用户名")).to_be_focused()
        keys.type("officer")
        keys.press("Tab")
        keys.type(PASSWORD)
        keys.press("Enter")
        expect(made.page.locator("[data-test=count]")).to_contain_text("500")
        keys.press("/")
        keys.type("WX-2025-005")
        keys.press("Enter")
        expect(made.page.locator("[data-test=count]")).to_contain_text("共 1 条")
        keys.press("j")
        keys.press("Enter")
        expect(made.page.get_by_role("dialog")).to_contain_text("WX-2025-005")
        _tab_to(made, "修改")
        keys.press("Enter")
        field = made.page.get_by_label("坐落", exact=True)
        _tab_until(made, "坐落")
        expect(field).to_be_focused()
        keys.press("Control+A")
        keys.type("键盘录入的坐落")
        _tab_until(made, "修改原因")
        keys.type("只用键盘")
        _tab_to(made, "保存")
        keys.press("Enter")
        expect(made.page.get_by_text("已保存", exact=True)).to_be_visible()
        with urlopen(f"{office_url}/api/v1/parcels?code=WX-2025-005") as answer:
            told = json.load(answer)["features"][0]["properties"]
        assert told["address"] == "键盘录入的坐落"


FOCUSED = """() => {
    const at = document.activeElement;
    return [at.textContent.trim(), at.getAttribute("aria-label"),
        at.labels?.[0]?.textContent.trim()].filter(Boolean);
}"""


def _tab_to(made: Screen, button: str) -> None:
    _tab_until(made, button)


def _tab_until(made: Screen, name: str, most: int = 150) -> None:
    """Press Tab until what is called so has the focus."""
    seen: list[list[str]] = []
    for _ in range(most):
        made.page.keyboard.press("Tab")
        seen.append(made.page.evaluate(FOCUSED))
        if any(text.startswith(name) for text in seen[-1]):
            return
    raise AssertionError(f"{name} is not reached by Tab: {seen[-20:]}")


def test_a_table_of_a_thousand_rows_scrolls_and_holds_few_of_them(officer: Screen) -> None:
    def thousand(page_text: str) -> str:
        page = json.loads(page_text)
        first = page["features"]
        page["features"] = [
            one | {"id": 900_000 + number * 1000 + place}
            for number in range(1000 // len(first) + 1)
            for place, one in enumerate(first)
        ][:1000]
        return json.dumps(page)

    officer.page.route(
        re.compile(r"/api/v1/parcels\?.*limit=1000"),
        lambda route: route.fulfill(response=(got := route.fetch()), body=thousand(got.text())),
    )
    officer.open("/land/parcels")
    table = officer.page.get_by_role("table", name="地块")
    expect(table).to_have_attribute("aria-rowcount", "1001")
    assert officer.page.locator("[data-id]").count() < 80
    officer.still()
    steps, whole = officer.page.evaluate(
        """async () => {
            const table = document.querySelector("[role=table]");
            const steps = [];
            for (let step = 0; step < 20; step += 1) {
                const began = performance.now();
                table.scrollTop += 1600;
                table.dispatchEvent(new Event("scroll"));
                await Promise.resolve();
                table.querySelector("[data-id]").getBoundingClientRect();
                steps.push(performance.now() - began);
            }
            const row = table.querySelector("[data-id]");
            const all = document.createElement("div");
            const began = performance.now();
            for (let n = 0; n < 1000; n += 1) all.append(row.cloneNode(true));
            table.append(all);
            all.getBoundingClientRect();
            const whole = performance.now() - began;
            all.remove();
            return [steps, whole];
        }"""
    )
    expect(officer.page.locator("[aria-rowindex='960']")).to_be_attached()
    print(f"a step {median(steps):.1f} ms, all rows at once {whole:.1f} ms")
    assert median(steps) * LEAST_GAIN < whole
    assert officer.page.locator("[data-id]").count() < 80
