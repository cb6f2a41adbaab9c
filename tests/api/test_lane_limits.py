"""When the database is slow, gone or busy, the fast lane says so soon and recovers by itself."""

import contextlib
import io
import json
import logging
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.request import urlopen

import pytest
from sqlalchemy import Engine
from werkzeug.test import Client

from server import logs, wsgi
from server.config import ROOT, Settings
from server.db import job_engine
from tests.bench.servers import free_port

Make = Callable[..., wsgi.Worker]
PATH = "/api/v1/parcels?limit=3"


@pytest.fixture
def make(demo_database_url: str) -> Iterator[Make]:
    made: list[wsgi.Worker] = []

    def worker(**settings: Any) -> wsgi.Worker:
        made.append(wsgi.create(Settings(database_url=demo_database_url, **settings)))
        return made[-1]

    yield worker
    for each in made:
        each.stop()


@pytest.fixture
def log() -> Iterator[Callable[[], str]]:
    """Sends the log to memory from the call on; the next call tells what it holds."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    stream = io.StringIO()

    def told() -> str:
        if not stream.getvalue():
            logs.configure(as_json=True)
            handler: Any = root.handlers[0]
            handler.setStream(stream)
        return stream.getvalue()

    yield told
    root.handlers, root.level = handlers, level


def test_a_full_pool_is_503_with_retry_after(make: Make) -> None:
    worker = make(pool_size=1, pool_timeout_s=0.1, cache_mb=0)
    client = Client(worker)
    held = worker.pool._free.get()
    began = time.monotonic()
    response = client.get(PATH)
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0
    assert response.headers["Content-Type"] == "application/problem+json"
    problem: Any = response.json
    assert problem["instance"] == "/api/v1/parcels"
    assert time.monotonic() - began < 1
    worker.pool._free.put(held)
    assert client.get(PATH).status_code == 200


def test_a_slow_statement_is_503(make: Make, demo_database_url: str) -> None:
    client = Client(make(statement_timeout_ms=100, cache_mb=0))
    assert client.get(PATH).status_code == 200
    engine = job_engine(Settings(database_url=demo_database_url))
    with engine.begin() as connection:
        connection.exec_driver_sql("LOCK TABLE parcels_public IN ACCESS EXCLUSIVE MODE")
        began = time.monotonic()
        response = client.get(PATH)
        assert response.status_code == 503
        assert response.headers["Retry-After"]
        assert time.monotonic() - began < 1
    assert client.get(PATH).status_code == 200


def test_cut_connections_are_replaced(make: Make, demo_database_url: str) -> None:
    worker = make(cache_mb=0)
    client = Client(worker)
    assert client.get(PATH).status_code == 200
    place = worker.pool._free.get()
    assert place is not None
    pid = place.connection.info.backend_pid
    worker.pool._free.put(place)
    engine: Engine = worker.pool._engine
    with engine.connect() as connection:
        connection.exec_driver_sql(f"SELECT pg_terminate_backend({pid})")
    assert client.get(PATH).status_code == 200


def test_request_ids(make: Make) -> None:
    client = Client(make())
    given = client.get(PATH, headers={"X-Request-ID": "phone-12345678"})
    assert given.headers["X-Request-ID"] == "phone-12345678"
    for bad in ("short", "a" * 65, "with blank 123", "<script>alert"):
        made = client.get(PATH, headers={"X-Request-ID": bad}).headers["X-Request-ID"]
        assert re.fullmatch(r"[0-9a-f]{10}-[0-9a-f]+", made)
    for path in ("/api/v1/nothing", "/healthz", "/api/v1/parcels?limit=x"):
        assert client.get(path).headers["X-Request-ID"]


def test_log_lines_hold_no_values(make: Make, log: Callable[[], str]) -> None:
    client = Client(make(log_requests=True))
    log()
    client.get("/api/v1/parcels?q=13800000000&limit=2", headers={"X-Request-ID": "canary-000001"})
    client.get("/api/v1/layers?13900000000=1")
    lines = [json.loads(line) for line in log().splitlines()]
    first, second = (line for line in lines if line["event"] == "request")
    assert first["request_id"] == "canary-000001"
    assert first["route"] == "lane"
    assert first["parameters"] == ["limit", "q"]
    assert first["sql_ms"] > 0
    assert second["route"] == "/api/v1/layers"
    assert second["status"] == 400
    assert "13800000000" not in log()
    assert "13900000000" not in log()


def test_metrics_have_a_port_of_their_own(demo_database_url: str) -> None:
    port, metrics_port = free_port(), free_port()
    environment = os.environ | {
        "KANDI_DATABASE_URL": demo_database_url,
        "KANDI_METRICS_PORT": str(metrics_port),
    }
    command = [sys.executable, "-m", "server.cli", "serve", "--without-worker"]
    process = subprocess.Popen(
        [*command, "--port", str(port)],
        cwd=ROOT,
        env=environment,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _answers(f"http://127.0.0.1:{port}/readyz")
        for _ in range(10):
            _answers(f"http://127.0.0.1:{port}{PATH}")
        told = _answers(f"http://127.0.0.1:{metrics_port}/metrics")
        counts = re.findall(
            r'kandi_request_seconds_count\{route="lane",status="200"\} ([\d.]+)', told
        )
        assert sum(map(float, counts)) >= 10
        assert "kandi_sql_seconds_total" in told
        with pytest.raises(OSError, match="404"):
            urlopen(f"http://127.0.0.1:{port}/metrics")
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        # Whatever of it still starts or ends slowly shall not stand beside other tests.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


def _answers(url: str) -> str:
    deadline = time.monotonic() + 30
    while True:
        try:
            with urlopen(url) as response:
                return str(response.read().decode())
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
