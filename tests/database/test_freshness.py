"""Edits reach every worker within the promised time and no answer lies about its version."""

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.multiprocess import MultiProcessCollector

from server.config import Settings
from server.db import job_engine
from tests.bench import freshness, servers
from tests.bench.freshness import Verdict
from tests.redis_server import RedisServer

EDITS = int(os.environ.get("KANDI_SOAK_EDITS", "200"))
SHARED_EDITS = min(EDITS, 100)
CONTROL_EDITS = 3
WORKERS = 2


@contextmanager
def _load(url: str, threads: int = 3) -> Iterator[None]:
    """Readers that keep asking for many views while the block lasts."""
    ending = threading.Event()

    def ask(number: int) -> None:
        connection = HTTPConnection(urlsplit(url).netloc, timeout=20)
        turn = number
        while not ending.is_set():
            turn += threads
            west = 119.5 + turn % 97 / 100
            box = f"{west:.3f},30.5,{west + 0.2:.3f},30.9"
            connection.request("GET", f"/api/v1/parcels?bbox={box}&limit=300")
            connection.getresponse().read()
        connection.close()

    running = [threading.Thread(target=ask, args=(number,)) for number in range(threads)]
    for thread in running:
        thread.start()
    try:
        yield
    finally:
        ending.set()
        for thread in running:
            thread.join()


@contextmanager
def _served(target: str, database_url: str, log: Path, redis_url: str) -> Iterator[str]:
    """A server of that target, whose workers count into files beside the log."""
    port = servers.free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", target]
    command += ["--workers", str(WORKERS), "--blocking-threads", "4", "--port", str(port)]
    environment = {"KANDI_DATABASE_URL": database_url, "KANDI_REDIS_URL": redis_url}
    environment["PROMETHEUS_MULTIPROC_DIR"] = str(_metrics(log))
    with servers.started(command, port, "/readyz", environment, log.name) as served:
        yield served.url


def _metrics(log: Path) -> Path:
    folder = log.with_suffix(".metrics")
    folder.mkdir(exist_ok=True)
    return folder


def _counted(log: Path, name: str, **labels: str) -> float:
    """What the workers of a server counted together."""
    registry = CollectorRegistry()
    MultiProcessCollector(registry, str(_metrics(log)))  # type: ignore[no-untyped-call]
    return registry.get_sample_value(name, labels) or 0.0


def _heard(log: Path, by: str) -> float:
    """How many changes the workers of a server learned of in one of two ways."""
    return _counted(log, "kandi_changes_heard_total", by=by)


def _verdict(target: str, database_url: str, log: Path, edits: int, redis_url: str = "") -> Verdict:
    engine = job_engine(Settings(database_url=database_url))
    with _served(target, database_url, log, redis_url) as url, _load(url):
        return freshness.measure(engine, url, edits=edits, workers=WORKERS)


@pytest.mark.database
def test_no_worker_gives_an_old_answer_after_the_bound(demo_copy_url: str, tmp_path: Path) -> None:
    found = _verdict("server.wsgi:create", demo_copy_url, tmp_path / "fresh", EDITS)
    assert found.workers == WORKERS
    assert len(found.visible_ms) == EDITS
    assert found.false == 0
    assert found.stale == 0
    # Now and then a worker asks in the very moment of a commit; else it was told.
    assert _heard(tmp_path / "fresh", "notify") > _heard(tmp_path / "fresh", "asked")


@pytest.mark.database
def test_the_control_is_caught(demo_copy_url: str, tmp_path: Path) -> None:
    """A cache that trusts a clock, in the same test: it has to show old answers."""
    found = _verdict("tests.bench.naive:create", demo_copy_url, tmp_path / "naive", CONTROL_EDITS)
    assert found.stale > 0
    assert found.p99_ms > freshness.BOUND_S * 1000


@pytest.mark.database
def test_nor_does_one_that_shares_answers_with_others(
    demo_copy_url: str, tmp_path: Path, redis_server: RedisServer
) -> None:
    log = tmp_path / "shared"
    found = _verdict("server.wsgi:create", demo_copy_url, log, SHARED_EDITS, redis_server.url)
    assert found.workers == WORKERS
    assert len(found.visible_ms) == SHARED_EDITS
    assert (found.false, found.stale) == (0, 0)
    # Else nothing was shared, and nothing shown. How many is the machine's: a busy one keeps
    # workers from Redis for longer than they wait for it.
    assert _counted(log, "kandi_shared_cache_total", result="hit") > 0
    assert _counted(log, "kandi_shared_cache_total", result="stale") > 0


@pytest.mark.database
def test_the_control_that_trusts_a_name_is_caught(
    demo_copy_url: str, tmp_path: Path, redis_server: RedisServer
) -> None:
    log, target = tmp_path / "trusting", "tests.bench.trusting:create"
    found = _verdict(target, demo_copy_url, log, CONTROL_EDITS, redis_server.url)
    assert found.false > 0
