"""Workers that share answers through a Redis, and how often they ask PostgreSQL."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from prometheus_client import REGISTRY
from werkzeug.test import Client, TestResponse

from gis.changes import ChangeLog
from gis.layers import layer_named
from server import wsgi
from server.shared_cache import Result
from server.shared_links import Links

PARCELS = layer_named("parcels")
PAGE = "/api/v1/parcels?limit=20&bbox=119,30,121,31.5"
PACKED = {"Accept-Encoding": "gzip"}

Share = Callable[..., "Asked"]
"""Makes a worker with these settings; without any it shares answers with the others."""


class Asked:
    """A worker of its own memory, and the statements that it has sent for answers."""

    def __init__(self, worker: wsgi.Worker, monkeypatch: pytest.MonkeyPatch) -> None:
        self.worker = worker
        self.client = Client(worker)
        self.statements: list[object] = []
        honest = worker.pool.rows

        def rows(statement: Any, arguments: Any) -> Any:
            self.statements.append(statement)
            return honest(statement, arguments)

        monkeypatch.setattr(worker.pool, "rows", rows)

    def get(self, path: str, **headers: str) -> TestResponse:
        """The answer, and ``statements`` are those of this question alone."""
        self.statements.clear()
        found = self.client.get(path, headers=PACKED | headers)
        assert found.status_code == 200, found.text
        return found

    @property
    def links(self) -> Links:
        return next(thread for thread in self.worker.threads if isinstance(thread, Links))

    @property
    def lane(self) -> Any:
        app: Any = self.worker.app
        return app._app

    @property
    def log(self) -> ChangeLog | None:
        found: ChangeLog | None = self.lane._versions.log(PARCELS)
        return found

    def hears(self, version: int) -> None:
        until(lambda: self.log is not None and self.log.now.version == version)


def until(true: Callable[[], object], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def count(result: Result) -> float:
    name = "kandi_shared_cache_total"
    return REGISTRY.get_sample_value(name, {"result": result.value}) or 0.0
