"""What can be done to a case, and the clocks that its steps start."""

from enum import StrEnum


class Action(StrEnum):
    """What can be done to a case, besides finding it."""

    REGISTER = "register"
    VERIFY = "verify"
    RECORD_FACTS = "record_facts"
    ISSUE_NOTICE = "issue_notice"
    RECORD_REPLY = "record_reply"
    REJECT = "reject"
    CLASSIFY = "classify"
    PUBLISH = "publish"
    RETURN_TO_VERIFYING = "return_to_verifying"
    DRAFT_PLAN = "draft_plan"
    REVISE_PLAN = "revise_plan"
    NOTIFY_MORTGAGEE = "notify_mortgagee"
    NOTIFY_HEARING = "notify_hearing"
    REQUEST_HEARING = "request_hearing"
    HOLD_HEARING = "hold_hearing"
    APPROVE_PLAN = "approve_plan"
    RETURN_PLAN = "return_plan"
    EXECUTE = "execute"
    PROGRESS = "progress"
    PAY_FEE = "pay_fee"
    DEREGISTER = "deregister"
    APPLY_COURT = "apply_court"
    REPLAN = "replan"
    APPLY_ACCEPTANCE = "apply_acceptance"
    ACCEPT = "accept"
    FAIL_ACCEPTANCE = "fail_acceptance"
    SUSPEND = "suspend"
    RESUME = "resume"
    ASSIGN = "assign"
    REOPEN = "reopen"

    @property
    def term(self) -> str:
        """What the button says."""
        return ACTION_TITLES[self.value]


ACTION_TITLES = {
    "discover": "发现",
    "register": "建档",
    "verify": "现场核查",
    "record_facts": "补充法律事实",
    "issue_notice": "送达调查通知书",
    "record_reply": "登记书面答复",
    "reject": "不予认定",
    "classify": "认定",
    "publish": "公开闲置信息",
    "return_to_verifying": "撤回认定，重新核查",
    "draft_plan": "提交处置方案",
    "revise_plan": "修改处置方案",
    "notify_mortgagee": "书面通知抵押权人",
    "notify_hearing": "送达听证告知书",
    "request_hearing": "登记听证申请",
    "hold_hearing": "登记听证结果",
    "approve_plan": "批准处置方案",
    "return_plan": "退回处置方案",
    "execute": "送达决定，开始处置",
    "progress": "填报进展",
    "pay_fee": "登记闲置费缴纳",
    "deregister": "登记注销",
    "apply_court": "申请法院强制执行",
    "replan": "重新拟定方案",
    "apply_acceptance": "申请销号",
    "accept": "验收通过，销号",
    "fail_acceptance": "验收不通过",
    "suspend": "中止",
    "resume": "恢复",
    "assign": "指派",
    "reopen": "重新立案",
}


class Step(StrEnum):
    """What a clock runs for; its length is a row of ``case_deadlines``."""

    REGISTER = "register"
    VERIFY = "verify"
    INVESTIGATE = "investigate"
    REPLY = "reply"
    CLASSIFY = "classify"
    PLAN = "plan"
    APPROVE = "approve"
    HEARING = "hearing"
    SERVE = "serve"
    PAY = "pay"
    DEREGISTER = "deregister"
    PROGRESS = "progress"
    ACCEPT = "accept"
    REVIEW = "review"
