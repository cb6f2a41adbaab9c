"""Turns are given in the order in which they were asked for, and none is lost."""

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import pytest

from mini_program_api.turns import Turns
from server.pool import PoolFull

PATIENCE_S = 20.0


def crowd(turn: Callable[[], AbstractContextManager[None]], people: int) -> tuple[int, list[int]]:
    """How many were inside at once at the most, and in which order they came in."""
    order: list[int] = []
    inside, most = [0], [0]
    counting = threading.Lock()

    def one(number: int) -> None:
        with turn():
            with counting:
                order.append(number)
                inside[0] += 1
                most[0] = max(most[0], inside[0])
            time.sleep(0.01)
            with counting:
                inside[0] -= 1

    threads = [threading.Thread(target=one, args=(number,)) for number in range(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    return most[0], order


@pytest.mark.parametrize("at_once", [1, 3])
def test_no_more_than_may_are_inside_and_all_come_in(at_once: int) -> None:
    turns = Turns(at_once)
    most, order = crowd(lambda: turns.one(PATIENCE_S), 12)
    assert most <= at_once
    assert sorted(order) == list(range(12))


def test_without_turns_the_crowd_is_inside_at_once() -> None:
    most, _ = crowd(nullcontext, 12)
    assert most > 3


def test_who_came_first_goes_first() -> None:
    turns, order = Turns(1), []

    def one(number: int) -> None:
        with turns.one(PATIENCE_S):
            order.append(number)

    with turns.one(PATIENCE_S):
        threads = []
        for number in range(8):
            threads.append(threading.Thread(target=one, args=(number,)))
            threads[-1].start()
            deadline = time.monotonic() + PATIENCE_S
            while len(turns._waiting) <= number and time.monotonic() < deadline:
                time.sleep(0.001)
    for thread in threads:
        thread.join(PATIENCE_S)
    assert order == list(range(8))


def test_who_waits_too_long_is_told_and_the_turn_is_not_lost() -> None:
    turns = Turns(1)
    with turns.one(PATIENCE_S), pytest.raises(PoolFull), turns.one(0.01):
        pytest.fail("two turns at once")
    assert crowd(lambda: turns.one(PATIENCE_S), 4)[0] == 1
