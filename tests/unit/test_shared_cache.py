"""What is put into a shared cache, and believed of it, while the database becomes another."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from gis.changes import ChangeLog, LayerState
from gis.features import Page
from gis.query import MOST_PAGE_BYTES
from mini_program_api import questions
from mini_program_api.questions import Fresh, Question
from server.cache import Answer, answer
from server.config import Settings
from server.encoding import Encoding
from server.shared_cache import SharedCache

THEN = LayerState(4, "then")
BEFORE = LayerState(3, "before")
GZIP = Encoding.GZIP


@dataclass
class Shelf:
    """Keeps what it is given, and does something else before it answers."""

    kept: dict[bytes, bytes] = field(default_factory=dict)
    meanwhile: Callable[[], object] = lambda: None

    def ask(self, *command: str | bytes | int) -> bytes | None:
        self.meanwhile()
        name = command[1]
        assert isinstance(name, bytes)
        if command[0] == "GETRANGE":
            return self.kept.get(name, b"")
        assert isinstance(command[2], bytes)
        self.kept[name] = command[2]
        return b"OK"


@pytest.fixture
def log() -> ChangeLog:
    made = ChangeLog(LayerState(0, None))
    made.jump(THEN, "origin")
    return made


def _question(path: str = "/api/v1/parcels") -> Question:
    found = questions.parse(path, "", 100, MOST_PAGE_BYTES)
    assert found is not None
    return found


def _answer(epoch: int, state: LayerState = THEN) -> Answer:
    return answer(_question(), epoch, Fresh(state, Page(b"", 0, 0, None), b"]}"), GZIP)


def test_what_is_put_is_found(log: ChangeLog) -> None:
    shelf = Shelf()
    shared, made = SharedCache(shelf, Settings()), _answer(log.epoch)
    shared.put(_question(), log, made, GZIP)
    assert shared.get(_question(), log, GZIP) == made


@pytest.mark.parametrize("now", [(BEFORE, "origin"), (THEN, "another")])
def test_what_was_read_from_another_database_is_not_put(
    log: ChangeLog, now: tuple[LayerState, str]
) -> None:
    shelf, made = Shelf(), _answer(log.epoch)
    log.jump(*now)
    SharedCache(shelf, Settings()).put(_question(), log, made, GZIP)
    assert shelf.kept == {}


def test_an_answer_without_the_time_of_its_state_is_not_put(log: ChangeLog) -> None:
    shelf = Shelf()
    made = _answer(log.epoch, LayerState(4, None))
    SharedCache(shelf, Settings()).put(_question(), log, made, GZIP)
    assert shelf.kept == {}


def test_what_is_found_while_the_database_steps_back_is_void(log: ChangeLog) -> None:
    shelf = Shelf()
    shared = SharedCache(shelf, Settings())
    shared.put(_question(), log, _answer(log.epoch), GZIP)

    def step_back_and_forth() -> None:
        log.jump(BEFORE, "origin")
        log.jump(THEN, "origin")

    shelf.meanwhile = step_back_and_forth
    found = shared.get(_question(), log, GZIP)
    assert found is not None
    assert found.epoch != log.epoch
    shelf.meanwhile = lambda: log.jump(BEFORE, "origin")
    assert shared.get(_question(), log, GZIP) is None


def test_nobody_is_asked_for_an_unknown_database_or_a_single_site(log: ChangeLog) -> None:
    asked: list[int] = []
    shelf = Shelf(meanwhile=lambda: asked.append(1))
    shared, unknown = SharedCache(shelf, Settings()), ChangeLog(THEN)
    assert shared.get(_question(), unknown, GZIP) is None
    shared.put(_question(), unknown, _answer(unknown.epoch), GZIP)
    assert shared.get(_question("/api/v1/parcels/7"), log, GZIP) is None
    assert asked == []
    assert shared.get(_question(), log, GZIP) is None
    assert asked == [1]
