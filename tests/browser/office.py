"""A land office at its screens: the demo city served with users and a worker, and one screen."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Locator, Page, expect

from server import demo_users
from server.config import ROOT, Settings
from server.db import job_engine
from server.demo_users import PASSWORD
from tests.browser.conftest import Visit, visit
from tests.conftest import served

DIST = ROOT / "client" / "console" / "dist"
AXE = ROOT / "client" / "console" / "node_modules" / "axe-core" / "axe.min.js"
_KANDI = Path(sys.executable).with_name("kandi")


@contextmanager
def office(database_url: str, var: Path) -> Iterator[str]:
    """The application on a database of one's own with the demo users, and a worker for imports."""
    assert (DIST / "index.html").is_file(), "build the console first: make client"
    demo_users.load(job_engine(Settings(database_url=database_url)), lambda _line: None)
    own = {"KANDI_VAR": str(var)}
    with served(database_url, var / "serve.log", **own) as base:
        worker = subprocess.Popen(
            [_KANDI, "worker"],
            cwd=ROOT,
            env=os.environ | {"KANDI_DATABASE_URL": database_url} | own,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield base
        finally:
            worker.terminate()
            worker.wait(10)


@dataclass
class Screen:
    """One person at the console."""

    visit: Visit

    @property
    def page(self) -> Page:
        """What the person sees."""
        return self.visit.page

    def open(self, path: str) -> None:
        """Open an address of the console."""
        self.page.goto(f"{self.visit.base}/console{path}")

    def login(self, username: str, password: str = PASSWORD) -> None:
        """Log in, as one of the demo users if no password is given."""
        self.open("/login")
        self.enter(username, password)

    def enter(self, username: str, password: str) -> None:
        """Fill in the page that asks who one is."""
        self.page.get_by_label("用户名").fill(username)
        self.page.get_by_label("密码").fill(password)
        self.page.get_by_role("button", name="登录").click()
        expect(self.page.get_by_role("navigation", name="主导航")).to_be_visible()

    def button(self, name: str) -> Locator:
        """The button that says exactly this."""
        return self.page.get_by_role("button", name=name, exact=True)

    def row(self, word: str) -> Locator:
        """The row of a table that holds a word."""
        return self.page.get_by_role("row").filter(has_text=word)

    def pick(self, label: str, words: str, name: str) -> None:
        """Choose from a list that is searched by words, here within the dialog that is open."""
        field = self.page.get_by_role("combobox", name=label, exact=True).last
        field.click()
        field.fill(words)
        self.page.get_by_role("option", name=name).first.click()

    def still(self) -> None:
        """Wait until the map of the page stands still."""
        self.page.wait_for_function("() => window.kandiMapIdle === true")

    def serious(self) -> list[str]:
        """What axe-core finds that keeps people out, once nothing fades in or out."""
        self.page.wait_for_function(
            """() => document.getAnimations().every((one) => one.playState !== "running"
                || one.effect.getTiming().iterations === Infinity)"""
        )
        # Injected by the test's own protocol, which the policy of the page does not bind.
        self.page.evaluate(AXE.read_text("utf-8"))
        found: list[dict[str, Any]] = self.page.evaluate(
            "async () => (await axe.run(document, { resultTypes: ['violations'] })).violations"
        )
        return [
            f"{one['id']}: {one['nodes'][0]['html'][:160]}"
            for one in found
            if one["impact"] in ("serious", "critical")
        ]

    @property
    def foreign(self) -> list[str]:
        """Requests to another host."""
        own = urlsplit(self.visit.base).netloc
        asked = (urlsplit(url.removeprefix("blob:")).netloc for url in self.visit.requests)
        return [host for host in asked if host not in ("", own)]


@contextmanager
def screen(browser: Browser, base: str, username: str | None = None) -> Iterator[Screen]:
    """A person at an office screen, logged in if a user is named."""
    made = Screen(visit(browser, base, viewport={"width": 1440, "height": 900}))
    if username:
        made.login(username)
    yield made
    made.page.context.close()
