"""Answers that several machines share: found by one, though another asked PostgreSQL for them.

An entry is believed no more than an answer in memory: this worker must know that the layer was in
that very state, in the same database, and that nothing since has touched the question.
"""

import hashlib
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from gis.changes import ChangeLog
from mini_program_api.questions import Item, Question
from server.cache import Answer, moved
from server.config import ROOT, Settings
from server.encoding import Encoding
from server.observe import SHARED_CACHE
from server.shared_entries import Entry, Spoilt
from server.shared_links import LinkBroken, NoLink

MOST_BYTES = 512 * 1024
"""Of one entry. A tile has at most 500 kB; larger pages cost the network more than they save."""

LIFE_S = 3600
"""Nothing goes wrong by being old. After an hour even a Redis without ``maxmemory`` is rid of what
nobody asks, of other software's answers, and of those of databases that are gone."""

_CODE = ("gis", "server", "mini_program_api")


class Result(StrEnum):
    """What came of asking."""

    HIT = "hit"
    MISS = "miss"
    STALE = "stale"
    SPOILT = "spoilt"
    ERROR = "error"
    AWAY = "away"


_COUNTED = {result: SHARED_CACHE.labels(result.value) for result in Result}


class Store(Protocol):
    """Speaks with Redis."""

    def ask(self, *command: str | bytes | int) -> bytes | None:
        """What it answers; :class:`NoLink` or :class:`LinkBroken`."""


class SharedCache:
    """Public answers in Redis, by question, encoding, database, software and settings."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        page = f"{settings.page_limit}-{settings.page_bytes}"
        self._space = f"{_software(ROOT)}/{page}/{settings.schema_name}"

    def get(self, question: Question, log: ChangeLog, encoding: Encoding) -> Answer | None:
        """An answer that is true in the newest state that is known."""
        # Before all else: should the database step back meanwhile, the answer is void.
        epoch = log.epoch
        entry = self._entry(question, log.origin, encoding)
        if entry is None:
            return None
        result, found = self._looked_up(entry, epoch)
        if found is not None:
            found = self._present(question, log, found, encoding)
            result = Result.HIT if found else Result.STALE
        _COUNTED[result].inc()
        return found

    def put(self, question: Question, log: ChangeLog, made: Answer, encoding: Encoding) -> None:
        """Share an answer that PostgreSQL has just given."""
        entry = self._entry(question, log.origin, encoding)
        # Its epoch is from before it was read: no other database was known in between.
        if entry is None or made.epoch != log.epoch or made.state.changed_at is None:
            return
        value = entry.sealed(made)
        if len(value) > MOST_BYTES:
            return
        try:
            self._store.ask("SET", entry.name, value, "EX", LIFE_S)
        except NoLink:
            _COUNTED[Result.AWAY].inc()
        except LinkBroken:
            _COUNTED[Result.ERROR].inc()

    def _looked_up(self, entry: Entry, epoch: int) -> tuple[Result, Answer | None]:
        try:
            value = self._store.ask("GETRANGE", entry.name, 0, MOST_BYTES)
            return Result.MISS, entry.opened(value, epoch) if value else None
        except NoLink:
            return Result.AWAY, None
        except LinkBroken:
            return Result.ERROR, None
        except Spoilt:
            return Result.SPOILT, None

    def _present(
        self, question: Question, log: ChangeLog, found: Answer, encoding: Encoding
    ) -> Answer | None:
        now = log.now
        if not log.passed(found.state):
            return None
        if found.state.version >= now.version:
            return found
        if not log.outlives(question.scope, found.state.version, now):
            return None
        return moved(question, found, now, encoding)

    def _entry(self, question: Question, origin: str, encoding: Encoding) -> Entry | None:
        # PostgreSQL gives a single site as fast as Redis would, and without the time of its state.
        if isinstance(question, Item) or not origin:
            return None
        text = "\n".join((self._space, origin, encoding, question.key))
        digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=20).hexdigest()
        return Entry(b"kandi:" + digest.encode(), encoding)


def _software(root: Path) -> str:
    """A digest of all that answers are made by: an upgrade need not change the version's number."""
    digest = hashlib.blake2b(digest_size=12)
    for path in sorted(_files(root)):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(root)}\n{len(content)}\n".encode() + content)
    return digest.hexdigest()


def _files(root: Path) -> Iterable[Path]:
    for package in _CODE:
        for path in (root / package).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path
