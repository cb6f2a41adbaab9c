"""An office with a scanned demo city, served once for all tests of the console."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from server.config import Settings
from server.db import job_engine
from server.disposal import clocks, scan
from server.disposal.scan import Question
from tests.browser.office import Screen, office, screen
from tests.databases import Maker


@pytest.fixture(scope="session")
def office_database(maker: Maker, demo_template: str) -> Iterator[str]:
    with maker.copied(demo_template) as url:
        with job_engine(Settings(database_url=url)).begin() as connection:
            scan.scan(connection, Question(clocks.today(), "3305"), "tests")
        yield url


@pytest.fixture(scope="session")
def office_url(office_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with office(office_database, tmp_path_factory.mktemp("office")) as base:
        yield base


@pytest.fixture
def officer(chromium: Browser, office_url: str) -> Iterator[Screen]:
    with screen(chromium, office_url, "officer") as made:
        yield made
