"""A worker beside the web server: started with it, started again if it dies, ended with it."""

import logging
import subprocess
import sys
import threading
from dataclasses import dataclass, field

from server import parent

logger = logging.getLogger(__name__)

_AGAIN_S = 1.0
_PATIENCE_S = 20.0


@dataclass
class WorkerProcess:
    """``kandi worker`` as a child; it also ends by itself when this process is gone."""

    _child: "subprocess.Popen[bytes] | None" = None
    _ending: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> "WorkerProcess":
        """Start it, and watch it from a thread."""
        self._child = self._start()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        """End it; one that does not end in time is killed, which loses nothing."""
        self._ending.set()
        child = self._child
        if child is not None:
            child.terminate()
            try:
                child.wait(_PATIENCE_S)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        if self._thread is not None:
            self._thread.join()

    @staticmethod
    def _start() -> "subprocess.Popen[bytes]":
        # Its standard input is a pipe that ends when we do, however we end.
        return subprocess.Popen(
            [sys.executable, "-m", "server.cli", "worker", "--until-eof"],
            stdin=subprocess.PIPE,
            env=parent.told(),
        )

    def _watch(self) -> None:
        while self._child is not None and not self._ending.is_set():
            code = self._child.wait()
            if self._ending.wait(_AGAIN_S):
                return
            logger.warning("worker ended with %d, starting another", code)
            self._child = self._start()
