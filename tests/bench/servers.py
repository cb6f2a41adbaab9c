"""Servers to measure: ours in its variants, peers that pip can bring, and nginx as the limit."""

import json
import os
import socket
import subprocess
import sys
import time
import venv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from server.config import ROOT
from tests.bench.database import Bench
from tests.bench.measure import cpu_s, family
from tests.bench.views import script

VAR = ROOT / "var" / "bench"
_PEERS = VAR / "peers"
_PACKAGES = ["tipg==1.6.1", "pygeoapi==0.21.0", "uvicorn[standard]", "gunicorn", "psycopg2-binary"]
_PACKAGES += ["geoalchemy2", "sqlalchemy<2.1"]
_START_S = 60


@dataclass(frozen=True)
class Served:
    """A server that answers."""

    url: str
    pid: int

    def processes(self) -> list[int]:
        """All processes of the server."""
        return family(self.pid)


@contextmanager
def started(
    command: Sequence[str], port: int, ready: str, environment: Mapping[str, str], log: str
) -> Iterator[Served]:
    """The server for as long as the block lasts."""
    VAR.mkdir(parents=True, exist_ok=True)
    with (VAR / f"{log}.log").open("w") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | dict(environment), stdout=output, stderr=output
        )
        try:
            _wait(f"http://127.0.0.1:{port}{ready}", process, VAR / f"{log}.log")
            yield Served(f"http://127.0.0.1:{port}", process.pid)
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + _START_S
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urlopen(url, timeout=10):
                return
        except HTTPError:
            return
        except (URLError, OSError):
            time.sleep(0.2)
    raise RuntimeError(f"{url} does not answer:\n{log.read_text()[-3000:]}")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@contextmanager
def kandi(bench: Bench, **settings: str) -> Iterator[Served]:
    """``kandi serve`` as an operator starts it."""
    port = free_port()
    environment = {"KANDI_DATABASE_URL": bench.text_url, **settings}
    command = [sys.executable, "-m", "server.cli", "serve", "--without-worker", "--port", str(port)]
    with started(command, port, "/readyz", environment, "kandi") as served:
        _settle(served)
        yield served


def _settle(served: Served) -> None:
    """Wait until its threads have heard from the database once, and its snapshots are loaded."""
    time.sleep(1)
    for _ in range(180):
        before = cpu_s(served.processes())
        time.sleep(1)
        if cpu_s(served.processes()) - before < 0.15:
            return


@contextmanager
def flask_only(bench: Bench) -> Iterator[Served]:
    """Our application without its fast lane."""
    with _granian(bench, "server.app:create_app", "/readyz", "flask") as served:
        yield served


@contextmanager
def control(bench: Bench) -> Iterator[Served]:
    """What most would write: Flask, ORM, shapely, jsonify."""
    with _granian(bench, "tests.bench.control:create_app", "/", "control") as served:
        yield served


@contextmanager
def _granian(bench: Bench, target: str, ready: str, log: str) -> Iterator[Served]:
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", target]
    command += ["--workers", "2", "--blocking-threads", "4", "--port", str(port)]
    with started(command, port, ready, {"KANDI_DATABASE_URL": bench.text_url}, log) as served:
        yield served


def install_peers() -> Path:
    """The folder of programs of the peers' own virtual environment; made at the first call."""
    programs = _PEERS / "bin"
    if not (programs / "tipg-installed").exists():
        venv.create(_PEERS, with_pip=True)
        subprocess.run([programs / "pip", "install", "-q", *_PACKAGES], check=True)
        (programs / "tipg-installed").touch()
    return programs


@contextmanager
def tipg(bench: Bench, *, workers: int) -> Iterator[Served]:
    """tipg on uvicorn."""
    port = free_port()
    environment = {
        "DATABASE_URL": bench.asyncpg_url,
        "TIPG_DB_SCHEMAS": '["peers"]',
        "TIPG_MAX_FEATURES_PER_QUERY": "10000",
    }
    command = [str(install_peers() / "uvicorn"), "tipg.main:app", "--port", str(port)]
    command += ["--workers", str(workers), "--no-access-log"]
    with started(command, port, "/healthz", environment, "tipg") as served:
        yield served


@contextmanager
def pygeoapi(bench: Bench, *, workers: int) -> Iterator[Served]:
    """pygeoapi on gunicorn."""
    port = free_port()
    config, document = VAR / "pygeoapi.yml", VAR / "pygeoapi-openapi.yml"
    config.write_text(json.dumps(_pygeoapi_config(bench, port)))
    environment = {"PYGEOAPI_CONFIG": str(config), "PYGEOAPI_OPENAPI": str(document)}
    programs = install_peers()
    generate: list[str | Path] = [programs / "pygeoapi", "openapi", "generate", config]
    generate += ["--output-file", document]
    subprocess.run(generate, check=True, env=os.environ | environment, capture_output=True)
    command = [str(programs / "gunicorn"), "pygeoapi.flask_app:APP", "-b", f"127.0.0.1:{port}"]
    command += ["-w", str(workers), "-k", "gthread", "--threads", "4"]
    ready = "/collections/parcels"
    with started(command, port, ready, environment, "pygeoapi") as served:
        yield served


def _pygeoapi_config(bench: Bench, port: int) -> dict[str, object]:
    host = bench.url.query.get("host", bench.url.host or "localhost")
    west, south, east, north = 70.0, 10.0, 140.0, 60.0
    return {
        "server": {
            "bind": {"host": "127.0.0.1", "port": port},
            "url": f"http://127.0.0.1:{port}",
            "mimetype": "application/json; charset=UTF-8",
            "encoding": "utf-8",
            "language": "en-US",
            "limits": {"default_items": 10, "max_items": 1000},
            "map": {"url": "http://localhost", "attribution": ""},
        },
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": {
                "title": "bench",
                "description": "bench",
                "keywords": ["bench"],
                "keywords_type": "theme",
                "terms_of_service": "none",
                "url": "http://localhost",
            },
            "license": {"name": "none", "url": "http://localhost"},
            "provider": {"name": "bench", "url": "http://localhost"},
            "contact": {"name": "bench", "email": "bench@example.org"},
        },
        "resources": {
            "parcels": {
                "type": "collection",
                "title": "parcels",
                "description": "parcels",
                "keywords": ["parcels"],
                "links": [],
                "extents": {
                    "spatial": {
                        "bbox": [west, south, east, north],
                        "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
                    }
                },
                "providers": [
                    {
                        "type": "feature",
                        "name": "PostgreSQL",
                        "data": {
                            "host": host,
                            "port": bench.url.port or 5432,
                            "dbname": bench.url.database,
                            "user": bench.url.username,
                            "password": bench.url.password or "none",
                            "search_path": ["peers", "public"],
                        },
                        "id_field": "id",
                        "table": "parcels",
                        "geom_field": "geom",
                    }
                ],
            }
        },
    }


@contextmanager
def nginx(body: bytes) -> Iterator[Served]:
    """nginx with one body in a file: nobody answers faster with these bytes."""
    port = free_port()
    folder = VAR / "nginx"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "body.json").write_bytes(body)
    config = folder / "nginx.conf"
    config.write_text(
        f"worker_processes 2; daemon off; pid {folder}/pid; error_log {folder}/error.log;"
        " events {worker_connections 256;} http { access_log off; sendfile on; tcp_nodelay on;"
        f" server {{ listen 127.0.0.1:{port}; root {folder}; default_type application/json; }}}}\n"
    )
    command = ["nginx", "-p", str(folder), "-c", str(config)]
    with started(command, port, "/body.json", {}, "nginx") as served:
        yield served


@contextmanager
def naive(bench: Bench) -> Iterator[Served]:
    """Our application behind a cache that trusts a clock: what must show stale answers."""
    with _granian(bench, "tests.bench.naive:create", "/readyz", "naive") as served:
        time.sleep(2)
        yield served


@contextmanager
def pushed(served: Served, boxes: Sequence[str]) -> Iterator[None]:
    """The server under the load of wrk for as long as the block lasts."""
    paths = [f"/api/v1/parcels?bbox={box}&limit=200" for box in boxes[:500]]
    made = script(VAR, "push", paths)
    command = ["wrk", "-t1", "-c8", "-d3600s", "-s", str(made), served.url]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.kill()
        process.wait()
