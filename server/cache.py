"""Answers kept in this worker: packed bodies, found while nothing they depend on has changed."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from gis.changes import ChangeLog, LayerState
from mini_program_api.questions import Facts, Fresh, Question
from server.encoding import Encoding, pack, unpack

_OVERHEAD = 700
"""Bytes that an entry takes beside its bodies, about."""


@dataclass(frozen=True)
class Answer:
    """An answer in one state of its layer: its tag, and its body in the encodings asked for."""

    epoch: int
    state: LayerState
    facts: Facts
    tag: str
    head_bytes: int
    bodies: dict[Encoding, tuple[bytes, Encoding]]

    def body(self, encoding: Encoding) -> tuple[bytes, Encoding]:
        """The body for who wants that encoding, and the encoding that it has."""
        packed = self.bodies.get(encoding)
        if packed is None:
            other = next(iter(self.bodies.values()))
            packed = self.bodies[encoding] = pack(unpack(*other), encoding)
        return packed


def answer(question: Question, epoch: int, fresh: Fresh, encoding: Encoding) -> Answer:
    """The answer that the database's word makes."""
    tag = question.tag(fresh.state, fresh.facts)
    head = question.head(fresh.state, fresh.facts)
    bodies = {encoding: pack(head + fresh.rest, encoding)}
    return Answer(epoch, fresh.state, fresh.facts, tag or "", len(head), bodies)


def moved(question: Question, old: Answer, state: LayerState, encoding: Encoding) -> Answer:
    """The answer in a later state that changed nothing it depends on: only its head is new."""
    rest = unpack(*old.body(encoding))[old.head_bytes :]
    return answer(question, old.epoch, Fresh(state, old.facts, rest), encoding)


class Cache:
    """Answers by question, the least recently used of them dropped beyond ``budget_bytes``.

    Nothing is ever removed because it is old: an answer says which state it was read in, and
    whoever asks says what is known to have happened since.
    """

    def __init__(self, budget_bytes: int) -> None:
        self._budget_bytes = budget_bytes
        self._bytes = 0
        self._answers: OrderedDict[str, tuple[Answer, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, question: Question, log: ChangeLog, encoding: Encoding) -> Answer | None:
        """An answer that is true in the newest state that is known."""
        with self._lock:
            kept = self._answers.get(question.key)
            if kept is None:
                return None
            self._answers.move_to_end(question.key)
        found, now = kept[0], log.now
        if found.epoch != log.epoch:
            return None
        if found.state.version >= now.version:
            return found
        if not log.outlives(question.scope, found.state.version, now):
            return None
        newer = moved(question, found, now, encoding)
        self.put(question, newer)
        return newer

    def put(self, question: Question, kept: Answer) -> None:
        """Keep an answer, unless a newer one is here or it would fill the cache alone."""
        size = _OVERHEAD + 2 * len(question.key) + sum(len(b) for b, _ in kept.bodies.values())
        if size > self._budget_bytes // 8:
            return
        with self._lock:
            old = self._answers.pop(question.key, None)
            if old is not None:
                self._bytes -= old[1]
                if old[0].epoch == kept.epoch and old[0].state.version > kept.state.version:
                    kept, size = old
            self._answers[question.key] = (kept, size)
            self._bytes += size
            while self._bytes > self._budget_bytes:
                _, (_, dropped) = self._answers.popitem(last=False)
                self._bytes -= dropped

    @property
    def size_bytes(self) -> int:
        """How much is kept."""
        return self._bytes


Brought = TypeVar("Brought")


class _Flight(Generic[Brought]):
    def __init__(self) -> None:
        self.done = threading.Event()
        self.brought: Brought | None = None
        self.error: Exception | None = None


class Flights(Generic[Brought]):
    """One reader at a time for one question; the others take what it brings."""

    def __init__(self) -> None:
        self._flights: dict[str, _Flight[Brought]] = {}
        self._lock = threading.Lock()

    def read(
        self,
        question: Question,
        read: Callable[[], Brought],
        still_true: Callable[[Brought], bool],
    ) -> Brought:
        """What ``read`` gives here or gave to the one who asked first.

        Another's answer is taken only if ``still_true``: it may have been read before this question
        was asked, and a change may lie between.
        """
        # Naming its type here would take longer than making it.
        mine: _Flight[Brought] = _Flight()
        with self._lock:
            flight = self._flights.setdefault(question.key, mine)
        if flight is not mine:
            flight.done.wait()
            if flight.error is not None:
                raise flight.error
            if flight.brought is not None and still_true(flight.brought):
                return flight.brought
            return read()
        try:
            brought = mine.brought = read()
            return brought
        except Exception as error:
            mine.error = error
            raise
        finally:
            with self._lock:
                del self._flights[question.key]
            mine.done.set()
