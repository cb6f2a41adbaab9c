"""Ends exchanges with PostgreSQL that nobody answers.

``statement_timeout`` is the server's own, and the limits of TCP do not help when a proxy or a
stopped server takes what we send and never says a word: a request would wait for ever. So whoever
asks says until when he waits, and a thread shuts the connection of who has waited too long.
"""

import contextlib
import os
import socket
import threading
import time

import psycopg2
from psycopg2 import extensions

_STEP_S = 0.1


class Silences:
    """Exchanges under way, and until when each may take."""

    def __init__(self) -> None:
        self._until: dict[extensions.connection, float] = {}
        self._start = threading.Lock()
        self._thread: threading.Thread | None = None

    def begin(self, connection: extensions.connection, longest_s: float) -> None:
        """The connection was asked something; an exchange that is under way begins anew."""
        self._until[connection] = time.monotonic() + longest_s
        if self._thread is None:
            with self._start:
                if self._thread is None:
                    self._thread = threading.Thread(
                        target=self._watch, name="kandi-silences", daemon=True
                    )
                    self._thread.start()

    def end(self, connection: extensions.connection) -> None:
        """It was answered, or it failed."""
        self._until.pop(connection, None)

    def _watch(self) -> None:
        while True:
            time.sleep(_STEP_S)
            now = time.monotonic()
            for connection, until in list(self._until.items()):
                if now > until and self._until.pop(connection, None) is not None:
                    _shut(connection)


def _shut(connection: extensions.connection) -> None:
    """Let whoever waits for the connection find it closed; close() itself would wait, too."""
    with contextlib.suppress(OSError, psycopg2.Error):
        # A commit says when it begins and not when it ends.
        if connection.get_transaction_status() != extensions.TRANSACTION_STATUS_ACTIVE:
            return
        with socket.socket(fileno=os.dup(connection.fileno())) as same:
            same.shutdown(socket.SHUT_RDWR)


silences = Silences()


def longest_s(statement_timeout_ms: int) -> float:
    """How long to wait for an answer: a statement may take its time, and a moment to be told so.

    With the time that a request waits for a connection it is less than 5 s.
    """
    return statement_timeout_ms / 1000 + 0.8
