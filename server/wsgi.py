"""What ``kandi serve`` runs in each worker process: the application behind its fast lane."""

import importlib
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from server import logs, observe, request
from server.app import create_app
from server.config import Settings
from server.config import settings as process_settings
from server.db import connect, job_engine
from server.lane import Lane, Sources
from server.listener import Listener, Versions
from server.observe import Observed
from server.pool import Limits, Pool
from server.shared_cache import SharedCache
from server.shared_links import Links
from server.silence import longest_s
from server.snapshots import Snapshots

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


@dataclass(frozen=True)
class Worker:
    """One worker's application with the threads and connections it holds."""

    app: "WSGIApplication"
    pool: Pool
    threads: tuple[Listener | Snapshots | Links, ...]

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer a request."""
        return self.app(environ, start_response)

    def stop(self) -> None:
        """End the threads and close the connections; tests need it, processes just end."""
        for thread in self.threads:
            thread.stop()
        self.pool.close()


def create(config: Settings | None = None) -> Worker:
    """The WSGI application of one worker; starts the threads that keep its knowledge new."""
    config = config or process_settings()
    # The thread that hears of changes must not wait 5 ms behind those that answer.
    sys.setswitchinterval(0.0005)
    logs.configure(as_json=config.log_json)
    app = create_app(config)
    observe.register(app)
    versions = Versions()
    listener = Listener(versions, lambda: connect(config), config.schema_name)
    snapshots = Snapshots(versions, job_engine(config)) if config.snapshot else None
    engine = request.engine_of(app)
    silence_s = longest_s(config.statement_timeout_ms)
    statement_ms = config.statement_timeout_ms
    limits = Limits(config.pool_size, config.pool_timeout_s, silence_s, statement_ms)
    pool = Pool(lambda: connect(config), engine, limits)
    links = _links(config) if config.redis_url else None
    shared = SharedCache(links, config) if links else None
    lane = Lane(app, config, Sources(pool, versions, snapshots, shared))
    threads = tuple(thread for thread in (listener, snapshots, links) if thread)
    for thread in threads:
        thread.start()
    return Worker(Observed(lane, config), pool, threads)


def _links(config: Settings) -> Links:
    # An optional library: only who shares a cache has it and pays for loading it.
    link = importlib.import_module("server.redis_link").RedisLink
    return Links(lambda: link(config.redis_url), config.pool_size)
