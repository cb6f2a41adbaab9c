"""One connection to Redis whose every exchange ends within the time that it is given.

Imported only where ``KANDI_REDIS_URL`` is set: the library is optional.
"""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from redis.connection import Connection, SSLConnection, UnixDomainSocketConnection, parse_url

from server.shared_links import LinkBroken

_CONNECT_S = 1.0
_OPTIONS = {
    "socket_connect_timeout": _CONNECT_S,
    "socket_timeout": _CONNECT_S,
    # As old a server as there is will do: nothing but GETRANGE and SET is asked.
    "protocol": 2,
    "driver_info": None,
}


class _Hurried:
    """A socket that waits until one moment altogether.

    The library's own limit is for each read: a server that sends a little now and then would be
    waited for without an end.
    """

    def __init__(self, inner: socket.socket) -> None:
        self._inner = inner
        self.until = time.monotonic() + _CONNECT_S

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def sendall(self, sent: bytes) -> None:
        self._hurry()
        self._inner.sendall(sent)

    def recv(self, most: int) -> bytes:
        self._hurry()
        return self._inner.recv(most)

    def recv_into(self, buffer: bytearray) -> int:
        self._hurry()
        return self._inner.recv_into(buffer)

    def _hurry(self) -> None:
        left_s = self.until - time.monotonic()
        if left_s <= 0:
            raise TimeoutError
        self._inner.settimeout(left_s)


class _HurriedConnection:
    hurried: _Hurried

    def _connect(self) -> _Hurried:
        self.hurried = _Hurried(super()._connect())  # type: ignore[misc]
        return self.hurried


class _Tcp(_HurriedConnection, Connection):
    pass


class _Tls(_HurriedConnection, SSLConnection):
    pass


class _Unix(_HurriedConnection, UnixDomainSocketConnection):
    pass


_KINDS = {Connection: _Tcp, SSLConnection: _Tls, UnixDomainSocketConnection: _Unix}


class RedisLink:
    """A connection that was answered on; :class:`LinkBroken` where that fails."""

    def __init__(self, url: str) -> None:
        given = parse_url(url)  # type: ignore[no-untyped-call]
        kind = _KINDS[given.pop("connection_class", Connection)]
        if kind is not _Unix:
            given["socket_keepalive"] = True
        self._connection = kind(**given, **_OPTIONS)
        with self._breaking():
            self._connection.connect()
        # A server that hangs is still connected to; only one that answers is there. PING would
        # need a right that nothing else needs.
        self.ask(_CONNECT_S, "GETRANGE", b"kandi:", 0, 0)

    def ask(self, within_s: float, *command: str | bytes | int) -> bytes | None:
        """What Redis answers; :class:`LinkBroken`, and closed, if it does not in time."""
        self._connection.hurried.until = time.monotonic() + within_s
        with self._breaking():
            self._connection.send_command(*command)
            answer = self._connection.read_response(disable_decoding=True)
            if not isinstance(answer, bytes | None):
                raise TypeError(f"{type(answer).__name__} instead of bytes")
        return answer

    @contextmanager
    def _breaking(self) -> Iterator[None]:
        try:
            yield
        # Whatever the library makes of a server that is no Redis.
        except Exception as error:
            self.close()
            raise LinkBroken(str(error)) from error

    def close(self) -> None:
        """End it; it is never used again."""
        self._connection.disconnect()
