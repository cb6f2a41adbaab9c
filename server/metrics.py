"""``python -m server.metrics HOST PORT``: the metrics of all workers, on a port of their own.

A process beside the workers: prometheus_client decides at its first import, by
PROMETHEUS_MULTIPROC_DIR, to keep its numbers in files, and this process adds them up.
"""

import os
import sys
import time

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.multiprocess import MultiProcessCollector


def main() -> None:
    """Serve until the parent is gone."""
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    parent = os.getppid()
    start_http_server(int(sys.argv[2]), sys.argv[1], registry)
    while os.getppid() == parent:
        time.sleep(1)


if __name__ == "__main__":
    main()
