"""Turns: heavy answers are made few at a time, so that those who wait are served in order.

Sixteen sitings at once share two cores a slice each, and all end late; few at a time end as soon in
the mean and sooner at the 99th percentile (see docs/siting.md).
"""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from threading import Event, Lock
from typing import ParamSpec, TypeVar

from server.pool import PoolFull
from server.request import settings

_P = ParamSpec("_P")
_R = TypeVar("_R")


class Turns:
    """At most so many at once; who came first goes first, which a semaphore does not promise."""

    def __init__(self, at_once: int) -> None:
        self._free = at_once
        self._lock = Lock()
        self._waiting: deque[Event] = deque()

    @contextmanager
    def one(self, timeout_s: float) -> Iterator[None]:
        """A turn for as long as the block lasts; :class:`PoolFull` if none comes in time."""
        self._take(timeout_s)
        try:
            yield
        finally:
            self._give()

    def _take(self, timeout_s: float) -> None:
        with self._lock:
            if self._free:
                self._free -= 1
                return
            mine = Event()
            self._waiting.append(mine)
        if mine.wait(timeout_s):
            return
        with self._lock:
            # It may have been given in the last moment: then it is passed on.
            if mine in self._waiting:
                self._waiting.remove(mine)
                raise PoolFull
        self._give()
        raise PoolFull

    def _give(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._free += 1


SITING = Turns(1)
"""Of one process; a turn is taken before a connection, so none is held while waiting."""


def in_turn(view: Callable[_P, _R]) -> Callable[_P, _R]:
    """The view once it has a turn; 503 after the time that a request may wait for a connection."""

    @wraps(view)
    def waited(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        with SITING.one(settings().pool_timeout_s):
            return view(*args, **kwargs)

    return waited
