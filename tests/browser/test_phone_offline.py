"""The app opens without a network: its own files are kept, what the server says is not."""

import re
import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Visit, visit
from tests.browser.test_phone_officer import log_in

pytestmark = pytest.mark.browser

PARK = "/m/#/?map=14.2/30.868/120.174"
KEPT = """async () => {
    const found = [];
    for (const name of await caches.keys()) {
        for (const one of await (await caches.open(name)).keys()) found.push(one.url);
    }
    return found;
}"""
BUILD = Path(__file__).resolve().parents[2] / "client/phone/dist/build/h5"
WAITING = "() => navigator.serviceWorker.ready.then(({ waiting }) => Boolean(waiting))"
READY = "() => navigator.serviceWorker.ready.then(({ active }) => active.state)"


@pytest.fixture
def keeper(chromium: Browser, demo_url: str) -> Iterator[Visit]:
    """A phone whose browser may keep the app."""
    screen: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
    made = visit(chromium, demo_url, service_workers="allow", is_mobile=True, **screen)
    yield made
    made.page.context.close()


def kept(made: Visit) -> None:
    """Wait until the app is kept, and come again, now by way of the worker."""
    made.page.wait_for_function(READY)
    made.page.reload()
    made.settle()
    assert made.page.evaluate("() => Boolean(navigator.serviceWorker.controller)")


def test_the_app_and_its_last_view_open_without_a_network(keeper: Visit) -> None:
    keeper.open(PARK)
    kept(keeper)
    keeper.page.locator(".grip").tap()
    keeper.settle()
    cards = keeper.page.locator(".sheet-list .site").count()
    shown = keeper.drawn("shape")
    title = keeper.page.locator(".sheet-title .num").first.inner_text()
    assert cards > 3
    assert shown > 10

    keeper.page.context.set_offline(True)
    keeper.page.reload()
    expect(keeper.page.get_by_role("alert").first).to_contain_text(
        re.compile("网络不通.*现在显示的是.*的数据")
    )
    keeper.settle()
    assert keeper.drawn("shape") == shown
    expect(keeper.page.locator(".sheet-title .num").first).to_have_text(title)
    keeper.page.locator(".grip").tap()
    expect(keeper.page.locator(".sheet-list .site")).to_have_count(cards)
    keeper.screenshot("phone-offline")
    keeper.go("#/pages/siting/index")
    expect(keeper.named("button", "机械加工")).to_be_visible()

    keeper.go(PARK.removeprefix("/m/"))
    expect(keeper.page.get_by_role("alert").first).to_contain_text("网络不通")
    keeper.page.context.set_offline(False)
    expect(keeper.page.get_by_role("alert")).to_have_count(0)


def test_nothing_that_the_server_says_is_kept_by_the_worker(keeper: Visit) -> None:
    log_in(keeper)
    kept(keeper)
    keeper.go("#/pages/enquiry/list")
    files = keeper.page.evaluate(KEPT)
    assert len(files) > 20
    assert [one for one in files if not one.startswith(f"{keeper.base}/m/")] == []
    assert [one for one in files if "/api/" in one] == []


class Quiet(SimpleHTTPRequestHandler):
    """Files as they are."""

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A server with the app alone, and the directory of its build, to put another one there."""
    shutil.copytree(BUILD, tmp_path / "m")
    handler = partial(Quiet, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", tmp_path / "m"
        server.shutdown()


def test_a_new_build_is_there_at_the_next_visit(
    chromium: Browser, installed: tuple[str, Path]
) -> None:
    """The page comes from the network; the new worker takes over when no old page is open."""
    base, root = installed
    made = visit(chromium, base, service_workers="allow")
    made.page.goto(f"{base}/m/")
    made.page.wait_for_function(READY)
    old = made.page.evaluate("() => caches.keys()")
    page, worker = root / "index.html", root / "sw.js"
    page.write_text(page.read_text("utf-8").replace("<head>", '<head><meta name="newer">'), "utf-8")
    worker.write_text(re.sub('BUILD = "[0-9a-f]+"', 'BUILD = "newer"', worker.read_text("utf-8")))
    made.page.reload()
    expect(made.page.locator("meta[name=newer]")).to_have_count(1)
    made.page.evaluate("() => navigator.serviceWorker.ready.then((one) => one.update())")
    made.page.wait_for_function(WAITING)
    assert made.page.evaluate("() => caches.keys()") == [*old, "kandi-newer"]
    made.page.goto("about:blank")
    made.page.goto(f"{base}/m/")
    made.page.wait_for_function("async () => (await caches.keys()).join() === 'kandi-newer'")
    made.page.context.close()
