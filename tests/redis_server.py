"""A redis-server of the tests' own: on a socket, keeping nothing, killed and started at will."""

import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

_START_S = 20.0


class RedisServer:
    """One server; its data ends with its process."""

    def __init__(self, folder: Path, *options: str) -> None:
        program = shutil.which("redis-server")
        assert program, "redis-server is missing: bash server/install.sh redis"
        self.path = folder / "redis.sock"
        self._command = [program, "--port", "0", "--unixsocket", str(self.path), "--save", ""]
        self._command += ["--appendonly", "no", "--dir", str(folder), *options]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self.path}"

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + _START_S
        while True:
            try:
                with self.client() as client:
                    client.ping()
                return
            except redis.ConnectionError:
                assert time.monotonic() < deadline
                time.sleep(0.05)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def client(self) -> "redis.Redis":
        return redis.Redis(unix_socket_path=str(self.path))

    def told(self, name: str) -> int:
        """A figure of the server's own INFO."""
        with self.client() as client:
            return int(client.info()[name])

    def values(self) -> dict[bytes, bytes]:
        with self.client() as client:
            return {key: client.get(key) for key in client.scan_iter()}


@contextmanager
def running(folder: Path, *options: str) -> Iterator[RedisServer]:
    """A server for as long as the block lasts."""
    server = RedisServer(folder, *options)
    server.start()
    try:
        yield server
    finally:
        server.kill()


GREETED = b"$0\r\n\r\n"
"""What Redis answers when it is asked for a part of what it has not."""


class Deaf(threading.Thread):
    """Answers the first command of the first connections, and never says another word."""

    def __init__(self, greets: int) -> None:
        super().__init__(daemon=True)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._taken: list[socket.socket] = []
        self._greets = greets
        self.start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self._listening.getsockname()[1]}/0"

    @property
    def connections(self) -> int:
        return len(self._taken)

    @property
    def commands(self) -> int:
        """How many commands stand unanswered on the greeted connections together."""
        return sum(_waiting(taken).count(b"*") for taken in self._taken[: self._greets])

    def run(self) -> None:
        while True:
            try:
                taken, _ = self._listening.accept()
            except OSError:
                return
            if len(self._taken) < self._greets:
                assert taken.recv(1000)
                taken.sendall(GREETED)
            self._taken.append(taken)

    def close(self) -> None:
        # Closing alone does not wake who waits for a connection.
        self._listening.shutdown(socket.SHUT_RDWR)
        self.join()
        for each in (*self._taken, self._listening):
            each.close()


def _waiting(taken: socket.socket) -> bytes:
    try:
        return taken.recv(1_000_000, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return b""
