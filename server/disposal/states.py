"""The life of a case as one table: (state, action) -> transition."""

from dataclasses import dataclass

from server.accounts.principals import Role
from server.disposal.actions import Action, Step
from server.disposal.codes import CAUSE_GROUNDS, CAUSE_TITLES, SUSPENSION_TITLES, State
from server.disposal.fields import Field, FieldKind
from server.disposal.measures import MEASURE_TITLES


@dataclass(frozen=True)
class Transition:
    """Where an action leads, who may, what it asks for, which clock starts.

    ``to`` None leads back to where a suspended case came from; ``step`` None leaves the clock.
    ``not_by`` are the actions of this round whose last actor may not do this one (four eyes).
    """

    to: State | None
    roles: tuple[Role, ...]
    requires: tuple[Field, ...] = ()
    step: Step | None = None
    not_by: tuple[Action, ...] = ()
    legal_only: bool = False
    starts_round: bool = False


_OFFICER, _REVIEWER = (Role.OFFICER,), (Role.REVIEWER,)
_STAFF, _LEADER = (Role.OFFICER, Role.REVIEWER), (Role.LEADER,)
_YES_NO = {"yes": "是", "no": "否"}


def _on(name: str, title: str, *, required: bool = True, ahead: bool = False) -> Field:
    return Field(name, title, FieldKind.DATE, required, ahead=ahead)


def _number(name: str, title: str, *, required: bool = True, signed: bool = False) -> Field:
    return Field(name, title, FieldKind.NUMBER, required, signed=signed)


def _choice(name: str, title: str, choices: dict[str, str], *, required: bool = True) -> Field:
    return Field(name, title, FieldKind.CHOICE, required, choices)


_REASON = Field("reason", "理由")
_PHOTO = Field("photo", "带定位的现场照片", FieldKind.PHOTO)
_SERVED = _on("served_on", "送达日期")
_CAUSE_CHOICES = {cause.value: title for cause, title in CAUSE_TITLES.items()}
_GROUND_CHOICES = {ground.value: title for ground, title in SUSPENSION_TITLES.items()}

_REGISTER = Transition(
    State.REGISTERED,
    _OFFICER,
    (
        Field("responsible_unit", "责任单位"),
        Field("officer", "经办人", FieldKind.USER, required=False),
        _choice("cause", "初判原因", _CAUSE_CHOICES, required=False),
    ),
    Step.VERIFY,
)
_VERIFY = Transition(
    State.VERIFYING,
    _OFFICER,
    (_on("inspected_on", "核查日期"), Field("record", "核查记录"), _PHOTO),
    Step.CLASSIFY,
)
_FACTS = (
    _on("supplement_start_on", "补充协议约定动工日期", required=False, ahead=True),
    _on("contract_start_on", "合同约定动工日期", required=False, ahead=True),
    _on("delivered_on", "实际交地日期", required=False),
    _on("started_on", "实际动工日期", required=False),
    _on("stopped_on", "中止开发日期", required=False),
    _number("due_area_m2", "应动工开发面积（平方米）", required=False),
    _number("developed_m2", "已动工开发面积（平方米）", required=False),
    _number("total_wan", "总投资额（万元，不含地价税费）", required=False),
    _number("invested_wan", "已投资额（万元，不含地价税费）", required=False),
    _number("price_wan", "出让或划拨价款（万元）", required=False),
    _on("supervision_recorded_on", "录入动态监测监管系统日期", required=False),
    _choice("mortgaged", "是否抵押", _YES_NO, required=False),
    Field("mortgagee", "抵押权人", required=False),
    _choice("hoarding", "是否恶意囤地", _YES_NO, required=False),
    _choice("price_fully_paid", "价款是否缴清", _YES_NO, required=False),
    _choice("funds_secured", "后续资金是否落实", _YES_NO, required=False),
)
_CLASSIFY = Transition(
    State.CLASSIFIED,
    _REVIEWER,
    (
        _choice("cause", "原因", _CAUSE_CHOICES),
        _choice("cause_ground", "政府原因的具体情形（第八条）", CAUSE_GROUNDS, required=False),
        _on("idle_since", "起算日期"),
        _number("area_m2", "认定面积（平方米）"),
        Field("decision_no", "认定书文号（闲置土地必填）", required=False),
        _on("decided_on", "认定日期", required=False),
        _on("served_on", "认定书送达日期（闲置土地必填）", required=False),
    ),
    Step.PLAN,
    not_by=(Action.REGISTER, Action.VERIFY, Action.ISSUE_NOTICE),
)
_PLAN = (
    Field("measures", "处置措施", FieldKind.CHOICES, choices=MEASURE_TITLES),
    _on("target_on", "计划完成日期", ahead=True),
    _number("target_area_m2", "计划处置面积（平方米）"),
    Field("responsible_unit", "责任单位", required=False),
    Field("plan", "方案要点", required=False),
    _on("extend_until_on", "延长后的动工日期（延期措施必填）", required=False, ahead=True),
    _on("temporary_until_on", "临时使用期满日期（临时使用必填）", required=False, ahead=True),
)
_ACCEPTED = (Field("opinion", "验收意见"), Field("members", "参加人员", required=False))

TRANSITIONS: dict[tuple[State, Action], Transition] = {
    (State.DISCOVERED, Action.REGISTER): _REGISTER,
    # A new round is a new file: its own number, officer and facts.
    (State.REOPENED, Action.REGISTER): _REGISTER,
    (State.REGISTERED, Action.VERIFY): _VERIFY,
    (State.VERIFYING, Action.REJECT): Transition(
        State.REJECTED, _REVIEWER, (_REASON,), not_by=(Action.REGISTER, Action.VERIFY)
    ),
    (State.VERIFYING, Action.CLASSIFY): _CLASSIFY,
    (State.VERIFYING, Action.ISSUE_NOTICE): Transition(
        State.VERIFYING,
        _OFFICER,
        (Field("notice_no", "调查通知书文号"), _on("issued_on", "印发日期"), _SERVED),
        Step.REPLY,
        legal_only=True,
    ),
    (State.VERIFYING, Action.RECORD_REPLY): Transition(
        State.VERIFYING,
        _OFFICER,
        (_on("replied_on", "答复日期"), Field("reply", "答复要点")),
        Step.CLASSIFY,
        legal_only=True,
    ),
    (State.CLASSIFIED, Action.DRAFT_PLAN): Transition(
        State.PLAN_DRAFTING, _STAFF, _PLAN, Step.APPROVE
    ),
    (State.PLAN_DRAFTING, Action.REVISE_PLAN): Transition(State.PLAN_DRAFTING, _STAFF, _PLAN),
    (State.PLAN_DRAFTING, Action.NOTIFY_MORTGAGEE): Transition(
        State.PLAN_DRAFTING, _STAFF, (Field("mortgagee", "抵押权人"), _SERVED), legal_only=True
    ),
    (State.PLAN_DRAFTING, Action.NOTIFY_HEARING): Transition(
        State.PLAN_DRAFTING,
        _STAFF,
        (Field("notice_no", "听证告知书文号"), _SERVED),
        legal_only=True,
    ),
    (State.PLAN_DRAFTING, Action.REQUEST_HEARING): Transition(
        State.PLAN_DRAFTING, _STAFF, (_on("requested_on", "申请日期"),), legal_only=True
    ),
    (State.PLAN_DRAFTING, Action.HOLD_HEARING): Transition(
        State.PLAN_DRAFTING,
        _STAFF,
        (_on("held_on", "听证日期"), Field("record", "听证笔录要点")),
        legal_only=True,
    ),
    (State.PLAN_DRAFTING, Action.APPROVE_PLAN): Transition(
        State.PLAN_APPROVED,
        _LEADER,
        (Field("approval_no", "批准文号"), _on("approved_on", "批准日期")),
        Step.SERVE,
        not_by=(Action.DRAFT_PLAN, Action.REVISE_PLAN),
    ),
    (State.PLAN_DRAFTING, Action.RETURN_PLAN): Transition(
        State.CLASSIFIED, _LEADER, (_REASON,), Step.PLAN
    ),
    (State.PLAN_APPROVED, Action.EXECUTE): Transition(
        State.EXECUTING,
        _STAFF,
        (Field("decision_no", "决定书或协议文号"), _SERVED),
        Step.PROGRESS,
    ),
    (State.EXECUTING, Action.PROGRESS): Transition(
        State.EXECUTING,
        _OFFICER,
        (
            _on("on_date", "进展日期"),
            _number("delta_m2", "本次处置面积（平方米，更正可为负）", signed=True),
            Field("note", "进展说明"),
            _choice("measure", "所用措施", MEASURE_TITLES, required=False),
            Field("photo", "现场照片", FieldKind.PHOTO, required=False),
        ),
        Step.PROGRESS,
    ),
    (State.EXECUTING, Action.PAY_FEE): Transition(
        State.EXECUTING,
        _STAFF,
        (
            _on("paid_on", "缴款日期"),
            _number("paid_wan", "缴款金额（万元）"),
            Field("voucher_no", "缴款凭证号"),
        ),
        Step.PROGRESS,
        legal_only=True,
    ),
    (State.EXECUTING, Action.DEREGISTER): Transition(
        State.EXECUTING,
        _STAFF,
        (
            _on("deregistered_on", "注销日期"),
            Field("deregistration_no", "注销登记文号"),
            _choice("by", "注销方式", {"holder": "使用权人申请", "notice": "公告注销（第十八条）"}),
        ),
        Step.PROGRESS,
        legal_only=True,
    ),
    (State.EXECUTING, Action.APPLY_COURT): Transition(
        State.EXECUTING,
        _REVIEWER,
        (_on("applied_on", "申请日期"), Field("court", "受理法院")),
        legal_only=True,
    ),
    (State.EXECUTING, Action.REPLAN): Transition(
        State.PLAN_DRAFTING, _REVIEWER, (_REASON,), Step.APPROVE
    ),
    (State.EXECUTING, Action.APPLY_ACCEPTANCE): Transition(
        State.ACCEPTANCE, _OFFICER, (), Step.ACCEPT
    ),
    (State.ACCEPTANCE, Action.ACCEPT): Transition(
        State.CLOSED, _REVIEWER, _ACCEPTED, not_by=(Action.APPLY_ACCEPTANCE,)
    ),
    (State.ACCEPTANCE, Action.FAIL_ACCEPTANCE): Transition(
        State.EXECUTING, _REVIEWER, _ACCEPTED, Step.PROGRESS
    ),
    (State.SUSPENDED, Action.RESUME): Transition(None, _REVIEWER, (_REASON,)),
    (State.CLOSED, Action.REOPEN): Transition(
        State.REOPENED,
        _REVIEWER,
        (_REASON, _number("area_m2", "面积（平方米）")),
        starts_round=True,
    ),
}

_LIVE = tuple(s for s in State if s.is_open and s is not State.SUSPENDED)
_BEFORE_EXECUTION = (State.VERIFYING, State.CLASSIFIED, State.PLAN_DRAFTING)
_PUBLIC_STATES = (*_BEFORE_EXECUTION[1:], State.PLAN_APPROVED, State.EXECUTING)

TRANSITIONS |= {
    (state, Action.SUSPEND): Transition(
        State.SUSPENDED,
        _REVIEWER,
        (
            _choice("ground", "中止原因", _GROUND_CHOICES),
            Field("document_no", "依据文书"),
            _on("expected_end_on", "预计恢复日期", ahead=True),
        ),
        Step.REVIEW,
    )
    for state in _LIVE
}
TRANSITIONS |= {
    (state, Action.ASSIGN): Transition(
        state,
        _REVIEWER,
        (
            Field("officer", "经办人", FieldKind.USER),
            Field("responsible_unit", "责任单位", required=False),
        ),
    )
    for state in _LIVE
}
TRANSITIONS |= {
    (state, Action.RECORD_FACTS): Transition(state, _STAFF, _FACTS, legal_only=True)
    for state in _BEFORE_EXECUTION
}
TRANSITIONS |= {
    (state, Action.PUBLISH): Transition(
        state,
        _STAFF,
        (_on("published_on", "公开日期"), Field("place", "公开网址或载体")),
        legal_only=True,
    )
    for state in _PUBLIC_STATES
}
TRANSITIONS |= {
    (state, Action.RETURN_TO_VERIFYING): Transition(
        State.VERIFYING, _REVIEWER, (_REASON,), Step.CLASSIFY
    )
    for state in (State.CLASSIFIED, State.PLAN_DRAFTING)
}
"""Every step that there is; what is not here is illegal. Drawn in docs/disposal.md."""


def actions_from(state: State) -> dict[Action, Transition]:
    """What the table allows in a state, in the order of the table."""
    return {action: found for (at, action), found in TRANSITIONS.items() if at is state}


_LIFE = tuple(State)[: tuple(State).index(State.CLOSED) + 1]


def onward(state: State) -> Action | None:
    """The action that leads a case on from a state; None where it ends."""
    ahead = _LIFE[_LIFE.index(state) + 1 :] if state in _LIFE else _LIFE
    found = actions_from(state)
    return next((one for one, way in found.items() if way.to in ahead or way.to is None), None)
