"""Fixtures of all tests: databases copied from a migrated template, the demo city, a server."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event

from server import demo, migrate, shared_links
from server.app import create_app
from server.config import ROOT, Settings
from server.db import job_engine
from server.imports import Importing
from tests.api.people import signed_in
from tests.databases import Maker
from tests.redis_server import RedisServer, running

_DATABASE_FIXTURES = {"migrated_template", "demo_template", "demo_url"}
_START_S = 30.0

# A busy machine is no failure.
hypothesis.settings.register_profile("kandi", deadline=None)
hypothesis.settings.load_profile("kandi")

AppMaker = Callable[..., Flask]
QueryCounter = Callable[[], AbstractContextManager[list[str]]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a database, so ``-m 'not database'`` runs without one."""
    for item in items:
        if isinstance(item, pytest.Function) and _DATABASE_FIXTURES & set(item.fixturenames):
            item.add_marker(pytest.mark.database)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how much of what the tests counted: inputs, steps, kills."""
    total: Counter[str] = Counter()
    for report in terminalreporter.stats.get("passed", ()):
        for name, number in getattr(report, "user_properties", ()):
            total[name] += number
    for name, number in total.items():
        terminalreporter.write_line(f"{name}: {number:,}")


@pytest.fixture(scope="session")
def maker() -> Iterator[Maker]:
    """Makes databases on the server of KANDI_DATABASE_URL."""
    made = Maker()
    yield made
    made.drop_left()


@pytest.fixture(scope="session")
def migrated_template(maker: Maker) -> Iterator[str]:
    """URL of a database at the newest revision, empty; nobody connects to it, so it is copied."""
    with maker.copied(maker.postgis_template()) as url:
        config = Settings(database_url=url)
        migrate.upgrade(job_engine(config), config.schema_name)
        yield url


@pytest.fixture(scope="session")
def demo_template(maker: Maker, migrated_template: str) -> Iterator[str]:
    """URL of a database with the demo city; nobody connects to it, so it is copied."""
    with maker.copied(migrated_template) as url:
        work = Importing(job_engine(Settings(database_url=url)), 6, "tests")
        demo.load(work.engine, work, lambda _line: None, lambda _step, _done, _total: None)
        yield url


@pytest.fixture
def database_url(maker: Maker, migrated_template: str) -> Iterator[str]:
    """An empty database at the newest revision, the test's own."""
    with maker.copied(migrated_template) as url:
        yield url


@pytest.fixture(scope="session")
def demo_database_url(maker: Maker, demo_template: str) -> Iterator[str]:
    """The demo city to look at; a test that writes takes ``demo_copy_url``."""
    with maker.copied(demo_template) as url:
        yield url


@pytest.fixture
def demo_copy_url(maker: Maker, demo_template: str) -> Iterator[str]:
    """The demo city, the test's own."""
    with maker.copied(demo_template) as url:
        yield url


@pytest.fixture
def engine(database_url: str) -> Engine:
    """Engine of the empty database, as commands have it."""
    return job_engine(Settings(database_url=database_url))


@pytest.fixture
def demo_engine(demo_copy_url: str) -> Engine:
    """Engine of the test's own demo city, as commands have it."""
    return job_engine(Settings(database_url=demo_copy_url))


@pytest.fixture
def redis_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RedisServer]:
    """A Redis of the test's own, waited for as long as a busy machine takes."""
    monkeypatch.setattr(shared_links, "LONGEST_S", 2.0)
    with running(tmp_path) as server:
        yield server


@contextmanager
def apps() -> Iterator[AppMaker]:
    """A function from settings to an application; their connections end with the block."""
    made: list[Flask] = []

    def make(database_url: str, **settings: Any) -> Flask:
        app = create_app(Settings(database_url=database_url, **settings))
        made.append(app)
        return app

    yield make
    for app in made:
        app.extensions["kandi"][1].dispose()


@pytest.fixture
def make_app() -> Iterator[AppMaker]:
    """Makes applications on any database: ``make_app(url, page_limit=10)``."""
    with apps() as make:
        yield make


@pytest.fixture(scope="session")
def app(demo_database_url: str) -> Iterator[Flask]:
    """The application on the demo city, with the settings of a new installation."""
    with apps() as make:
        yield make(demo_database_url)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Asks the application on the demo city."""
    return app.test_client()


@pytest.fixture
def staff_client(app: Flask) -> FlaskClient:
    """Asks the application on the demo city as an officer of the whole city."""
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = signed_in(app)["Authorization"]
    return client


@pytest.fixture
def count_queries() -> QueryCounter:
    """``with count_queries() as statements:`` collects the SQL that the block sends."""

    @contextmanager
    def counting() -> Iterator[list[str]]:
        statements: list[str] = []

        def remember(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            statements.append(statement)

        event.listen(Engine, "before_cursor_execute", remember)
        try:
            yield statements
        finally:
            event.remove(Engine, "before_cursor_execute", remember)

    return counting


def started(
    database_url: str, log: Path, *flags: str, **environment: str
) -> tuple[str, subprocess.Popen[bytes]]:
    """``kandi serve`` as an operator starts it, ready to answer, in a group of its own."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    kandi = Path(sys.executable).with_name("kandi")
    env = os.environ | {"KANDI_DATABASE_URL": database_url} | environment
    with log.open("w") as output:
        process = subprocess.Popen(
            [kandi, "serve", "--port", str(port), "--workers", "1", *flags],
            cwd=ROOT,
            env=env,
            stdout=output,
            stderr=output,
            process_group=0,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_until_ready(url, process, log)
    except RuntimeError:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise
    return url, process


@contextmanager
def served(database_url: str, log: Path, *flags: str, **environment: str) -> Iterator[str]:
    """A started server; its address, for as long as the block lasts."""
    url, process = started(database_url, log, *flags, **environment)
    try:
        yield url
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_S
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urlopen(f"{url}/readyz"):
                return
        except (URLError, ConnectionError):
            time.sleep(0.1)
    raise RuntimeError(f"kandi serve did not get ready:\n{log.read_text()}")


@pytest.fixture(scope="session")
def demo_url(demo_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a live server on the demo city; no worker changes what other tests look at."""
    log = tmp_path_factory.mktemp("serve") / "serve.log"
    with served(demo_database_url, log, "--without-worker") as url:
        yield url
