"""A real Chromium on a phone's screen, and the demo city to look at."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

SCREENSHOTS = Path(__file__).resolve().parents[2] / "var" / "screenshots"
CHROMIUM = os.environ.get("KANDI_CHROMIUM", "/usr/bin/chromium")

if "KANDI_BROWSER_URL" in os.environ:  # look at a server that runs already

    @pytest.fixture(scope="session")
    def demo_url() -> str:
        return os.environ["KANDI_BROWSER_URL"]


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

    def ask(self, path: str) -> dict[str, Any]:
        """What the API answers to the same question."""
        with urlopen(self.base + path) as response:
            found: dict[str, Any] = json.load(response)
        return found

    def open_park(self, zoom: float = 13.6) -> None:
        """Open the map in the first park that has parcels to offer, others, and plants."""
        for park in self.ask("/api/v1/parks?limit=100")["features"]:
            ring = park["geometry"]["coordinates"][0][0]
            longitude = (min(p[0] for p in ring) + max(p[0] for p in ring)) / 2
            latitude = (min(p[1] for p in ring) + max(p[1] for p in ring)) / 2
            near = (
                f"bbox={longitude - 0.01},{latitude - 0.005},{longitude + 0.01},{latitude + 0.005}"
            )
            asked = ("plants?", "parcels?status=available&", "parcels?status=sold&")
            if all(self.ask(f"/api/v1/{of}{near}")["numberMatched"] for of in asked):
                self.open(f"/#map={zoom}/{latitude}/{longitude}")
                return
        raise AssertionError("no park of the demo city has plants and parcels to offer")

    def open(self, path: str = "/") -> None:
        """Open an address and wait until its map stands still."""
        self.page.goto(self.base + path)
        self.settle()

    def settle(self) -> None:
        """Wait until nothing is under way and the map is drawn."""
        self.page.wait_for_function("() => window.kandiIdle")
        # Work that a click starts may begin in the next task; a settled page stays settled.
        self.page.evaluate(
            """async () => {
                let seen;
                while (seen !== window.kandiIdle) {
                    await (seen = window.kandiIdle);
                    await new Promise((resolve) => setTimeout(resolve, 60));
                }
            }"""
        )

    def drawn(self, *layers: str) -> int:
        """How many different sites the map shows in these layers of its style."""
        found: int = self.page.evaluate(
            """async (layers) => {
                const map = await window.kandiIdle;
                return new Set(map.queryRenderedFeatures({ layers }).map((f) => f.id)).size;
            }""",
            list(layers),
        )
        return found

    def tap_on(self, site_id: int) -> None:
        """Tap the map in the middle of a parcel's label, as a finger would."""
        at = self.page.evaluate(
            """async (id) => {
                const map = await window.kandiIdle;
                const source = map.getSource("parcels-points");
                const site = (await source.getData()).features.find((f) => f.id === id);
                const { x, y } = map.project(site.geometry.coordinates);
                const { left, top } = map.getCanvas().getBoundingClientRect();
                return { x: x + left, y: y + top };
            }""",
            site_id,
        )
        self.page.touchscreen.tap(at["x"], at["y"])

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


def visit(browser: Browser, base: str, **screen: object) -> Visit:
    """A new visitor, whose cache is empty."""
    context = browser.new_context(locale="zh-CN", **screen)  # type: ignore[arg-type]
    made = Visit(context.new_page(), base.rstrip("/"))
    made.page.on("request", lambda request: made.requests.append(request.url))
    made.page.on("pageerror", lambda error: made.complaints.append(str(error)))
    made.page.on(
        "console",
        lambda message: made.complaints.append(message.text) if message.type == "error" else None,
    )
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
    made = visit(chromium, demo_url, viewport={"width": 320, "height": 568}, has_touch=True)
    yield made
    made.page.context.close()


@pytest.fixture
def desktop(chromium: Browser, demo_url: str) -> Iterator[Visit]:
    """An office screen."""
    made = visit(chromium, demo_url, viewport={"width": 1280, "height": 800})
    yield made
    made.page.context.close()
