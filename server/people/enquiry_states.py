"""What may happen to an enquiry: one table of (state, action), for investors and for staff."""

from dataclasses import dataclass
from enum import StrEnum

from server.accounts.principals import Role


class State(StrEnum):
    """Where an enquiry stands."""

    WAITING = "waiting"
    ANSWERED = "answered"
    SCHEDULED = "scheduled"
    CLOSED = "closed"
    CANCELLED = "cancelled"


STATE_TITLES = {
    State.WAITING: "待回复",
    State.ANSWERED: "已回复",
    State.SCHEDULED: "已约定",
    State.CLOSED: "已办结",
    State.CANCELLED: "已撤回",
}


class EnquiryKind(StrEnum):
    """What the investor wants."""

    ENQUIRY = "enquiry"
    APPOINTMENT = "appointment"


KIND_TITLES = {EnquiryKind.ENQUIRY: "咨询", EnquiryKind.APPOINTMENT: "预约看地"}


class Side(StrEnum):
    """Who acts."""

    INVESTOR = "investor"
    STAFF = "staff"


class Act(StrEnum):
    """What somebody does with an enquiry."""

    MESSAGE = "message"
    CANCEL = "cancel"
    REPLY = "reply"
    ASSIGN = "assign"
    SCHEDULE = "schedule"
    CLOSE = "close"


ACT_TITLES = {
    Act.MESSAGE: "留言",
    Act.CANCEL: "撤回",
    Act.REPLY: "回复",
    Act.ASSIGN: "改派",
    Act.SCHEDULE: "约定时间",
    Act.CLOSE: "办结",
}

HANDLERS = (Role.OFFICER, Role.REVIEWER)
ASSIGNERS = (Role.REVIEWER, Role.LEADER)
READERS = (Role.OFFICER, Role.REVIEWER, Role.LEADER, Role.VIEWER)

ROLES = {
    Act.REPLY: HANDLERS,
    Act.SCHEDULE: HANDLERS,
    Act.CLOSE: HANDLERS,
    Act.ASSIGN: ASSIGNERS,
}
"""Who of the staff may do what; the other actions are the investor's."""


@dataclass(frozen=True)
class Transition:
    """Where an action leads, and whether it is an answer that the investor waited for."""

    to: State
    answers: bool = False


_OPEN = (State.WAITING, State.ANSWERED, State.SCHEDULED)

TRANSITIONS: dict[tuple[State, Act], Transition] = {
    (State.WAITING, Act.MESSAGE): Transition(State.WAITING),
    (State.ANSWERED, Act.MESSAGE): Transition(State.WAITING),
    (State.SCHEDULED, Act.MESSAGE): Transition(State.SCHEDULED),
    (State.WAITING, Act.REPLY): Transition(State.ANSWERED, answers=True),
    (State.ANSWERED, Act.REPLY): Transition(State.ANSWERED, answers=True),
    (State.SCHEDULED, Act.REPLY): Transition(State.SCHEDULED, answers=True),
    **{(state, Act.ASSIGN): Transition(state) for state in _OPEN},
    **{(state, Act.SCHEDULE): Transition(State.SCHEDULED, answers=True) for state in _OPEN},
    **{(state, Act.CLOSE): Transition(State.CLOSED, answers=True) for state in _OPEN},
    **{(state, Act.CANCEL): Transition(State.CANCELLED) for state in _OPEN},
}


class IllegalAct(RuntimeError):
    """The enquiry is in a state in which this cannot be done; ``legal`` can."""

    def __init__(self, state: State, act: Act, side: Side) -> None:
        super().__init__(f"{state.value}: {act.value}")
        self.state = state
        self.legal = legal(state, side)


def side_of(act: Act) -> Side:
    """Who may do it at all."""
    return Side.STAFF if act in ROLES else Side.INVESTOR


def legal(state: State, side: Side) -> list[Act]:
    """What a side may do in a state."""
    return [act for (at, act) in TRANSITIONS if at is state and side_of(act) is side]


def transition(state: State, act: Act) -> Transition:
    """Where the action leads; :class:`IllegalAct` if nowhere."""
    found = TRANSITIONS.get((state, act))
    if found is None:
        raise IllegalAct(state, act, side_of(act))
    return found
