"""How a child process learns that its parent is gone, however that ended."""

import os
import select

_VARIABLE = "KANDI_PARENT_PID"
_LOOK_EVERY_S = 1.0


def told() -> dict[str, str]:
    """The environment in which a child of this process knows its parent from the beginning."""
    return os.environ | {_VARIABLE: str(os.getpid())}


def wait_for_end() -> None:
    """Until standard input ends or the process has another parent.

    A killed server's own children may hold our standard input open, so its end alone says little.
    Read without Python's buffer, whose lock a thread would hold while the interpreter ends.
    """
    parent = int(os.environ.get(_VARIABLE) or os.getppid())
    while os.getppid() == parent:
        ready, _, _ = select.select([0], [], [], _LOOK_EVERY_S)
        if ready and not os.read(0, 4096):
            return
