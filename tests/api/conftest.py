"""What tests of the API share: a town with its demo city, in which investors ask."""

from collections.abc import Iterator
from typing import Any

import pytest

from server import wsgi
from server.config import Settings
from tests.api.investors import Town, demo_town
from tests.api.sharing import Asked, Share, until
from tests.databases import Maker
from tests.redis_server import RedisServer


@pytest.fixture(scope="module")
def place(
    maker: Maker, demo_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Town]:
    """The town of one module: what its tests leave there, no other module sees."""
    with demo_town(maker, demo_template, tmp_path_factory.mktemp("people")) as made:
        yield made


@pytest.fixture
def share(
    demo_copy_url: str, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Share]:
    made: list[wsgi.Worker] = []

    def worker(**settings: Any) -> Asked:
        given = {"database_url": demo_copy_url, "redis_url": redis_server.url} | settings
        made.append(wsgi.create(Settings(**given)))
        asked = Asked(made[-1], monkeypatch)
        until(lambda: asked.log is not None)
        if given["redis_url"] == redis_server.url:
            until(lambda: asked.links.up)
        return asked

    yield worker
    for each in made:
        each.stop()
