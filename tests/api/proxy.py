"""A door in front of PostgreSQL that a test can shut, or leave open with nobody behind it."""

import contextlib
import selectors
import socket
import threading
from types import TracebackType

from sqlalchemy import make_url


class Door:
    """Forwards a TCP port of this machine to the server of a database URL."""

    def __init__(self, database_url: str) -> None:
        url = make_url(database_url)
        host = str(url.query.get("host") or url.host or "localhost")
        port = url.port or 5432
        self._behind: str | tuple[str, int] = (
            f"{host}/.s.PGSQL.{port}" if host.startswith("/") else (host, port)
        )
        self._open_sockets: list[socket.socket] = []
        self._silent = False
        self._speaking = threading.Event()
        self._speaking.set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._port = self._listener.getsockname()[1]
        self.url = (
            url.set(host="127.0.0.1", port=self._port)
            .difference_update_query(["host"])
            .render_as_string(hide_password=False)
        )
        self._serve()

    def __enter__(self) -> "Door":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.shut()

    def shut(self) -> None:
        """Refuse new connections and cut those that are there."""
        self._close(self._listener)
        self._thread.join()
        for one in self._open_sockets:
            self._close(one)
        self._open_sockets.clear()

    def cut(self) -> None:
        """Cut every connection that is there; new ones are welcome."""
        for one in self._open_sockets:
            self._close(one)

    def hush(self) -> None:
        """Take everything from now on, on connections old and new, and pass nothing on."""
        self._speaking.clear()

    def speak(self) -> None:
        """Pass on what was held back, and all that comes."""
        self._speaking.set()

    def open(self, *, silent: bool = False) -> None:
        """Accept again; ``silent``: take connections and never answer."""
        self._silent = silent
        self._listener = socket.create_server(("127.0.0.1", self._port))
        self._serve()

    def _serve(self) -> None:
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self) -> None:
        while True:
            try:
                front, _ = self._listener.accept()
            except OSError:
                return
            self._open_sockets.append(front)
            if not self._silent:
                family = socket.AF_UNIX if isinstance(self._behind, str) else socket.AF_INET
                back = socket.socket(family)
                back.connect(self._behind)
                self._open_sockets.append(back)
                threading.Thread(target=self._carry, args=(front, back), daemon=True).start()

    def _carry(self, front: socket.socket, back: socket.socket) -> None:
        with selectors.DefaultSelector() as selector, contextlib.suppress(OSError, ValueError):
            selector.register(front, selectors.EVENT_READ, back)
            selector.register(back, selectors.EVENT_READ, front)
            while True:
                for key, _ in selector.select():
                    self._speaking.wait()
                    received = key.fileobj.recv(65536)  # type: ignore[union-attr]
                    if not received:
                        return self._close(front, back)
                    key.data.sendall(received)
        return self._close(front, back)

    @staticmethod
    def _close(*sockets: socket.socket) -> None:
        for one in sockets:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
