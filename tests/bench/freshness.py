"""From the commit of an edit to the answer of every worker: how long, and is any answer stale."""

import http.client
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from sqlalchemy import Engine, func, select

from gis.layers import layer_named
from gis.publish import publish
from gis.tables import PUBLICATIONS, SITES

BOUND_S = 0.5
"""How long after a commit an answer may be the old one at all: workers ask that often themselves,
should every notification be lost or late."""
_START_S = 30.0
"""How long a worker may take to start beside others that answer already."""


@dataclass
class Verdict:
    """What all readers saw of all edits."""

    visible_ms: list[float] = field(default_factory=list)
    answers: int = 0
    stale: int = 0
    """Answers asked for later than the bound after the commit that were older than it."""
    false: int = 0
    """Answers whose content was not that of the version they name."""
    workers: int = 0

    @property
    def p99_ms(self) -> float:
        """Until the last worker answered the new version, of 99 edits in 100."""
        return sorted(self.visible_ms)[int(len(self.visible_ms) * 0.99)]

    @property
    def p50_ms(self) -> float:
        """The same of every second edit."""
        return sorted(self.visible_ms)[len(self.visible_ms) // 2]


class _Reader:
    """One kept connection, which always meets the same worker."""

    def __init__(self, url: str, path: str, site_id: int) -> None:
        self._id = site_id
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)
        self._path = path
        self.worker = self.read()[0]

    def close(self) -> None:
        """Let the connection go."""
        self._connection.close()

    def read(self) -> tuple[str, int, str]:
        """The worker, the version, and the address of the edited site."""
        self._connection.request("GET", self._path, headers={"Accept-Encoding": "identity"})
        response = self._connection.getresponse()
        body = json.loads(response.read())
        worker = (response.headers["X-Request-ID"] or "").partition("-")[0]
        address = next(
            each["properties"]["address"] for each in body["features"] if each["id"] == self._id
        )
        return worker, body["dataVersion"], address


def _readers(url: str, path: str, site_id: int, workers: int) -> list[_Reader]:
    found: dict[str, _Reader] = {}
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline:
        reader = _Reader(url, path, site_id)
        if found.setdefault(reader.worker, reader) is not reader:
            reader.close()
            time.sleep(0.01)
        if len(found) == workers:
            return list(found.values())
    raise RuntimeError(f"met only {len(found)} of {workers} workers")


def measure(engine: Engine, url: str, *, edits: int, workers: int = 2) -> Verdict:
    """Edit one site so often, and read a view of it through every worker after each commit."""
    parcels = layer_named("parcels")
    site, public = SITES["parcels"], PUBLICATIONS["parcels"]
    with engine.connect() as connection:
        shape = public.c.geom
        site_id, *edges = connection.execute(
            select(
                public.c.id,
                func.ST_XMin(shape),
                func.ST_YMin(shape),
                func.ST_XMax(shape),
                func.ST_YMax(shape),
            )
            .order_by(public.c.id)
            .limit(1)
        ).one()
    box = ",".join(f"{edge:.6f}" for edge in edges)
    readers = _readers(url, f"/api/v1/parcels?bbox={box}", site_id, workers)
    verdict = Verdict(workers=len(readers))
    said: dict[int, str] = {}
    lock = threading.Lock()

    def until_new(reader: _Reader, version: int, committed_at: float) -> float:
        while True:
            asked_at = time.monotonic()
            _, seen, address = reader.read()
            with lock:
                verdict.answers += 1
                verdict.false += seen in said and said[seen] != address
                verdict.stale += seen < version and asked_at > committed_at + BOUND_S
            if seen >= version:
                return time.monotonic() - committed_at

    with ThreadPoolExecutor(len(readers)) as threads, engine.connect() as connection:
        for number in range(edits):
            address = f"第 {number} 次修改 {time.time_ns()}"
            with connection.begin():
                connection.execute(
                    site.update()
                    .where(site.c.id == site_id)
                    .values(address=address, version=site.c.version + 1)
                )
                chosen = select(site.c.id).where(site.c.id == site_id)
                version = publish(connection, parcels, 6, chosen)
                said[version] = address
            committed_at = time.monotonic()
            waits = [threads.submit(until_new, each, version, committed_at) for each in readers]
            verdict.visible_ms.append(1000 * max(wait.result() for wait in waits))
    for reader in readers:
        reader.close()
    return verdict
