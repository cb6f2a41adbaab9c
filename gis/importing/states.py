"""The states of an import run, as data: what a person may ask for, and what a worker makes of it.

received -> staged -> applying -> applied -> rolling_back -> rolled_back
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where a run stands; received, applying and rolling_back wait for a worker."""

    RECEIVED = "received"
    STAGED = "staged"
    FAILED = "failed"
    APPLYING = "applying"
    APPLIED = "applied"
    ROLLING_BACK = "rolling_back"
    ROLLED_BACK = "rolled_back"
    CANCELLED = "cancelled"


TITLES: Mapping[State, str] = {
    State.RECEIVED: "等待检查",
    State.STAGED: "待确认",
    State.FAILED: "不能导入",
    State.APPLYING: "正在应用",
    State.APPLIED: "已应用",
    State.ROLLING_BACK: "正在撤回",
    State.ROLLED_BACK: "已撤回",
    State.CANCELLED: "已取消",
}


class Wish(StrEnum):
    """What a person may ask of a run; the names stand in the addresses of the API."""

    RESTAGE = "restage"
    APPLY = "apply"
    ROLL_BACK = "rollback"
    CANCEL = "cancel"


WISH_TITLES: Mapping[Wish, str] = {
    Wish.RESTAGE: "重新检查",
    Wish.APPLY: "应用",
    Wish.ROLL_BACK: "撤回",
    Wish.CANCEL: "取消",
}

WISHES: Mapping[tuple[State, Wish], State] = {
    (State.STAGED, Wish.RESTAGE): State.RECEIVED,
    (State.FAILED, Wish.RESTAGE): State.RECEIVED,
    (State.STAGED, Wish.APPLY): State.APPLYING,
    (State.APPLIED, Wish.ROLL_BACK): State.ROLLING_BACK,
    (State.RECEIVED, Wish.CANCEL): State.CANCELLED,
    (State.STAGED, Wish.CANCEL): State.CANCELLED,
    (State.FAILED, Wish.CANCEL): State.CANCELLED,
    # No worker has begun, else the run is busy: nothing was written that would have to go.
    (State.APPLYING, Wish.CANCEL): State.STAGED,
    (State.ROLLING_BACK, Wish.CANCEL): State.APPLIED,
}
"""State after a wish; what is not here is refused."""


def wishes(state: State) -> tuple[Wish, ...]:
    """What may be asked of a run in that state."""
    return tuple(wish for wish in Wish if (state, wish) in WISHES)


@dataclass(frozen=True)
class Job:
    """A worker's job: the state after it is done, after it is refused, after it crashed too often.

    The last two say what is true of the data: a roll-back that never succeeds leaves it applied.
    """

    done: State
    refused: State
    given_up: State


JOBS: Mapping[State, Job] = {
    State.RECEIVED: Job(State.STAGED, State.FAILED, State.FAILED),
    State.APPLYING: Job(State.APPLIED, State.STAGED, State.FAILED),
    State.ROLLING_BACK: Job(State.ROLLED_BACK, State.APPLIED, State.APPLIED),
}

PREVIEWABLE = frozenset(
    {State.STAGED, State.APPLYING, State.APPLIED, State.ROLLING_BACK, State.ROLLED_BACK}
)
"""States in which the stage table and the plan of a run are there to look at."""
