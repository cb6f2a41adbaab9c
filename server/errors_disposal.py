"""What goes wrong with cases of disposal, as answers."""

from collections.abc import Callable
from typing import Any

from server.disposal.acting import StaleCase
from server.disposal.case import UnknownCase
from server.disposal.discovery import UnknownSite
from server.disposal.evidence import UnknownFile
from server.disposal.fields import InvalidInputs
from server.disposal.offers import IllegalAction
from server.problems import Problem


def _illegal(error: IllegalAction) -> Problem:
    case = error.case
    members = {
        "state": case.state.value,
        "state_text": case.state.term,
        "version": case.version,
        "legal": [{"action": one.action.value, "title": one.action.term} for one in error.legal],
    }
    return Problem("illegal-action", 409, "现在不能这样做", str(error), members)


def _stale(error: StaleCase) -> Problem:
    case = error.case
    current = {"version": case.version, "state": case.state.value, "state_text": case.state.term}
    detail = f"案件已被他人更新（现为“{case.state.term}”），请刷新后再试"
    return Problem("stale-version", 412, "内容已过期", detail, {"current": current})


PROBLEMS: dict[type[Exception], Callable[[Any], Problem]] = {
    IllegalAction: _illegal,
    StaleCase: _stale,
    InvalidInputs: lambda e: Problem(
        "invalid-inputs", 422, "填写有误", str(e), {"fields": e.fields}
    ),
    UnknownCase: lambda e: Problem("unknown-case", 404, "没有这个案件", f"没有案件 {e.args[-1]}"),
    UnknownFile: lambda e: Problem(
        "unknown-file", 404, "没有这个文件", f"本案没有编号 {e.args[-1]} 的文件"
    ),
    UnknownSite: lambda e: Problem(
        "unknown-feature", 404, "没有这条记录", f"没有地块 {e.args[-1]}，或它不在任何行政区内"
    ),
}
