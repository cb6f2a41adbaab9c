"""Starts ``server.metrics`` beside the web workers; does not import what it starts."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def metrics_process(host: str, port: int) -> Iterator[None]:
    """``/metrics`` of all workers that are started inside the block; port 0 is for none."""
    if not port:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="kandi-metrics-") as files:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = files
        command = [sys.executable, "-m", "server.metrics", host, str(port)]
        child = subprocess.Popen(command)  # noqa: S603
        try:
            yield
        finally:
            child.terminate()
            child.wait()
            del os.environ["PROMETHEUS_MULTIPROC_DIR"]
