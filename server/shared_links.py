"""Connections to the shared cache: a thread makes them, requests take what is there.

So a cache that is away, hangs or answers slowly costs a request one short wait, and then nobody
anything until the thread has reached it again: it alone looks up names, connects and logs in.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable
from typing import Protocol

logger = logging.getLogger(__name__)

LONGEST_S = 0.02
"""How long one exchange may take. A cache near by answers in less than a millisecond."""

PAUSE_S = 5.0
"""How long nobody is asked after a failure."""


class LinkBroken(ConnectionError):
    """The connection could not be made, or failed, or was not answered in time."""


class NoLink(ConnectionError):
    """No connection is free: the cache is away, or all of them are in use."""


class Link(Protocol):
    """One connection."""

    def ask(self, within_s: float, *command: str | bytes | int) -> bytes | None:
        """What is answered; :class:`LinkBroken`, and the link is of no more use, if not in time."""

    def close(self) -> None:
        """End it."""


class Links(threading.Thread):
    """At most ``size`` connections, each used by one thread at a time."""

    def __init__(self, connect: Callable[[], Link], size: int, pause_s: float = PAUSE_S) -> None:
        super().__init__(name="kandi-shared-cache", daemon=True)
        self._connect = connect
        self._size = size
        self._pause_s = pause_s
        self._free: deque[Link] = deque()
        self._wanted = threading.Event()
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._away = False
        self._wanted.set()

    def ask(self, *command: str | bytes | int) -> bytes | None:
        """What is answered; :class:`NoLink` at once, or :class:`LinkBroken` after a short wait."""
        free = self._free
        try:
            link = free.pop()
        except IndexError:
            raise NoLink from None
        try:
            answer = link.ask(LONGEST_S, *command)
        except LinkBroken as error:
            self._lose(error)
            raise
        if free is self._free:
            free.append(link)
        else:
            link.close()
        return answer

    @property
    def up(self) -> bool:
        """Whether there are connections."""
        return not self._wanted.is_set()

    def stop(self) -> None:
        """End the thread and the connections."""
        self._stopped.set()
        self._wanted.set()
        self.join(5)
        self._drop()

    def run(self) -> None:
        """Connect, and again whenever that is lost, for as long as the process lives."""
        while True:
            self._wanted.wait()
            if self._away:
                self._stopped.wait(self._pause_s)
            if self._stopped.is_set():
                return
            try:
                made = self._made()
            except Exception as error:
                self._say_away(error)
            else:
                self._return(made)

    def _made(self) -> deque[Link]:
        made: deque[Link] = deque()
        try:
            while len(made) < self._size:
                made.append(self._connect())
        except BaseException:
            for link in made:
                link.close()
            raise
        return made

    def _return(self, made: deque[Link]) -> None:
        with self._lock:
            was_away, self._away = self._away, False
        if was_away:
            logger.warning("shared cache: answers again")
        # Before anybody can use and lose them.
        self._wanted.clear()
        self._free = made

    def _lose(self, error: LinkBroken) -> None:
        self._say_away(error)
        self._drop()
        self._wanted.set()

    def _say_away(self, error: Exception) -> None:
        with self._lock:
            was_away, self._away = self._away, True
        if not was_away:
            logger.warning(
                "shared cache: %s; PostgreSQL answers instead", str(error) or "no answer"
            )

    def _drop(self) -> None:
        free, self._free = self._free, deque()
        while free:
            free.pop().close()
