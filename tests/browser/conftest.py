"""A real Chromium on a phone's screen, and the demo city to look at."""

import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Locator,
    Page,
    Playwright,
    Request,
    Response,
    expect,
    sync_playwright,
)

from server import demo_users
from server.config import Settings
from server.db import job_engine
from tests.conftest import served
from tests.databases import Maker

SCREENSHOTS = Path(__file__).resolve().parents[2] / "var" / "screenshots"
SETTLE_S = 30.0
expect.set_options(timeout=SETTLE_S * 1000)  # a busy machine is slow, not wrong
MAP_STANDS_STILL = """() => {
    const shown = [...document.querySelectorAll(".maplibregl-map")].some((one) => one.offsetParent);
    if (!shown) return !document.querySelector(".canvas:not(.maplibregl-map)");
    return Boolean(window.kandiMap?.loaded() && !window.kandiMap.isMoving());
}"""
CHROMIUM = os.environ.get("KANDI_CHROMIUM", "/usr/bin/chromium")

if "KANDI_BROWSER_URL" in os.environ:  # look at a server that runs already

    @pytest.fixture(scope="session")
    def demo_url() -> str:
        return os.environ["KANDI_BROWSER_URL"]

else:

    @pytest.fixture(scope="session")
    def demo_url(
        maker: Maker, demo_template: str, tmp_path_factory: pytest.TempPathFactory
    ) -> Iterator[str]:
        """Address of a live server on the demo city with its demo users."""
        log = tmp_path_factory.mktemp("serve") / "serve.log"
        with maker.copied(demo_template) as url:
            demo_users.load(job_engine(Settings(database_url=url)), lambda _line: None)
            with served(url, log) as address:
                yield address


@pytest.fixture(scope="session")
def _playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def chromium(_playwright: Playwright) -> Iterator[Browser]:
    """The distribution's Chromium; its software WebGL draws the map."""
    browser = _playwright.chromium.launch(
        executable_path=CHROMIUM,
        args=[
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--disable-component-update",
            "--no-first-run",
            # Debian asks for the graphics card, which here is software and takes longer than none.
            "--disable-gpu-rasterization",
            "--disable-gpu-compositing",
        ],
    )
    yield browser
    browser.close()


@dataclass
class Visit:
    """A page, what it asked for and what it complained of."""

    page: Page
    base: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    pending: set[Request] = field(default_factory=set)

    def asked(self, request: Request) -> None:
        self.requests.append(request.url)
        self.pending.add(request)

    def complained(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            said = message.text
            is_busy = "status of 503" in said
            self.complaints.append(_busy(message.location["url"]) if is_busy else said)

    def answered(self, response: Response) -> None:
        """A busy machine may say 503 at any time; that is right if it answers when asked again."""
        busy = _busy(response.url)
        if response.ok and busy in self.complaints:
            self.complaints.remove(busy)

    def ask(self, path: str) -> dict[str, Any]:
        """What the API answers to the same question."""
        with urlopen(self.base + path) as response:
            found: dict[str, Any] = json.load(response)
        return found

    def open(self, path: str = "/m/") -> None:
        """Open an address and wait until what it shows stands still."""
        self.page.goto(self.base + path)
        self.settle()

    def go(self, route: str) -> None:
        """Another page of the app, as its own links lead there."""
        self.page.evaluate("(route) => { location.hash = route; }", route)
        self.settle()

    def settle(self) -> None:
        """Wait until nothing is under way and the map, if there is one, is drawn."""
        deadline = time.monotonic() + SETTLE_S
        quiet = 0
        while quiet < 3:
            self.page.wait_for_timeout(70)
            still = not self.pending and self.page.evaluate(MAP_STANDS_STILL)
            quiet = quiet + 1 if still else 0
            assert time.monotonic() < deadline, f"still under way: {self.pending}"

    def drawn(self, *layers: str) -> int:
        """How many different sites or clusters the map shows in these layers of its style."""
        found: int = self.page.evaluate(
            """(layers) => new Set(window.kandiMap.queryRenderedFeatures({ layers })
                .map((f) => f.properties.id)).size""",
            list(layers),
        )
        return found

    def tap_on(self, site_id: int) -> None:
        """Tap the map on a site's tag, as a finger would."""
        at = self.page.evaluate(
            """async (id) => {
                const map = window.kandiMap;
                const { features } = await map.getSource("points").getData();
                const site = features.find((one) => one.properties.id === id);
                const { x, y } = map.project(site.geometry.coordinates);
                const { left, top } = map.getCanvas().getBoundingClientRect();
                return { x: x + left, y: y + top };
            }""",
            site_id,
        )
        self.page.touchscreen.tap(at["x"], at["y"])
        self.settle()

    def free_site(self) -> int:
        """A parcel whose tag is drawn and lies under nothing else, nearest to the middle."""
        found: int = self.page.evaluate(
            """() => {
                const map = window.kandiMap;
                const { width, height } = map.getCanvas().getBoundingClientRect();
                const far = ({ x, y }) => Math.hypot(x - width / 2, y - height / 2);
                return map.queryRenderedFeatures({ layers: ["tag"] })
                    .filter((one) => one.properties.layer === "parcels")
                    .map(({ properties, geometry }) => ({
                        id: properties.id, at: map.project(geometry.coordinates),
                    }))
                    .sort((a, b) => far(a.at) - far(b.at))[0].id;
            }"""
        )
        return found

    def named(self, role: str, name: str) -> Locator:
        """The one shown control of that role and name; hidden pages stay in the document."""
        return self.page.locator(f"[role={role}]:visible").filter(has_text=name).first

    def overflow(self) -> list[str]:
        """Elements that reach beyond the right edge of the screen, except in what scrolls."""
        found: list[str] = self.page.evaluate(
            """() => [...document.querySelectorAll("uni-page-body *")].filter((one) => {
                const box = one.getBoundingClientRect();
                return box.width && box.right > innerWidth + 1
                    && !one.closest(".uni-scroll-view, .maplibregl-map, uni-swiper, uni-picker");
            }).map((one) => `${one.className} ${one.textContent.slice(0, 20)}`).slice(0, 5)"""
        )
        return found

    def screenshot(self, name: str) -> None:
        """Keep what the page looks like for people to judge."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.wait_for_timeout(300)
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png")

    @property
    def foreign(self) -> list[str]:
        """Requests that went to another host than ours."""
        own = urlsplit(self.base).netloc
        return [
            url
            for url in self.requests
            if urlsplit(url.removeprefix("blob:")).netloc not in ("", own)
        ]


def _busy(url: str) -> str:
    return f"503 and never answered: {url}"


def visit(browser: Browser, base: str, **screen: Any) -> Visit:
    """A new visitor, whose cache is empty; with a service worker only if asked for."""
    context = browser.new_context(**{"locale": "zh-CN", "service_workers": "block"} | screen)
    made = Visit(context.new_page(), base.rstrip("/"))
    made.page.on("request", lambda request: made.asked(request))
    made.page.on("requestfinished", lambda request: made.pending.discard(request))
    made.page.on("requestfailed", lambda request: made.pending.discard(request))
    made.page.on("pageerror", lambda error: made.complaints.append(str(error)))
    made.page.on("console", made.complained)
    made.page.on("response", made.answered)
    return made


@pytest.fixture
def phone(_playwright: Playwright, chromium: Browser, demo_url: str) -> Iterator[Visit]:
    """An iPhone 13; software WebGL is slow at its own three pixels a point."""
    screen = dict(_playwright.devices["iPhone 13"], device_scale_factor=1)
    screen.pop("default_browser_type")
    made = visit(chromium, demo_url, **screen)
    yield made
    made.page.context.close()


@pytest.fixture
def small_phone(chromium: Browser, demo_url: str) -> Iterator[Visit]:
    """The narrowest screen that is still in use."""
    made = visit(
        chromium, demo_url, viewport={"width": 320, "height": 640}, has_touch=True, is_mobile=True
    )
    yield made
    made.page.context.close()


@pytest.fixture
def desktop(chromium: Browser, demo_url: str) -> Iterator[Visit]:
    """An office screen."""
    made = visit(chromium, demo_url, viewport={"width": 1280, "height": 800})
    yield made
    made.page.context.close()
