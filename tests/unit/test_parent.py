"""A child ends when its parent is gone, and not before."""

import os
import subprocess
import sys

import pytest

from server import parent

WAIT = "from server import parent; print('up', flush=True); parent.wait_for_end()"


def child(environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    made = subprocess.Popen(
        [sys.executable, "-c", WAIT],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert made.stdout is not None
    assert made.stdout.readline() == b"up\n"
    return made


def test_it_waits_while_its_parent_lives_and_ends_with_its_input() -> None:
    with child(parent.told()) as made:
        with pytest.raises(subprocess.TimeoutExpired):
            made.wait(1.5)
        assert made.stdin is not None
        made.stdin.close()
        assert made.wait(20) == 0


def test_a_parent_that_died_before_is_noticed_though_the_input_is_open() -> None:
    another = parent.told() | {"KANDI_PARENT_PID": "999999999"}
    with child(another) as made:
        assert made.wait(20) == 0
