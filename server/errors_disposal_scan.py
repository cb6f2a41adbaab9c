"""What goes wrong with rules, scans, reports and registers, as answers."""

from collections.abc import Callable
from typing import Any

from server.disposal.law import BadLawRow, StaleLaw
from server.disposal.register import MOST_FAULTS_TOLD, RegisterRefused
from server.disposal.register_rows import BadRegister
from server.disposal.report_prints import ReportNotPrinted
from server.disposal.reports import BadReport, ReportFrozen, UnknownReport
from server.disposal.rules import BadRule
from server.disposal.targets import BadTarget
from server.problems import Problem

PROBLEMS: dict[type[Exception], Callable[[Any], Problem]] = {
    BadTarget: lambda e: Problem("bad-target", 422, "目标有误", str(e)),
    BadReport: lambda e: Problem("bad-report", 422, "不能这样通报", str(e)),
    ReportFrozen: lambda e: Problem(
        "report-frozen",
        409,
        "本月通报已经印发",
        "印发后不再更改；更正写入下一期通报",
        {"report": f"/api/v1/disposal-reports/{e.report_id}"},
    ),
    UnknownReport: lambda e: Problem(
        "unknown-report", 404, "没有这份通报", f"没有通报 {e.args[-1]}"
    ),
    ReportNotPrinted: lambda e: Problem(
        "report-not-printed",
        503,
        "PDF 正在生成",
        "通报已固化，PDF 由后台生成，请稍后再下载",
        headers={"Retry-After": str(e.retry_after_s)},
    ),
    BadRegister: lambda e: Problem("bad-register", 422, "不能读取这份台账", str(e)),
    RegisterRefused: lambda e: Problem(
        "register-refused",
        422,
        "台账有误，没有导入",
        str(e),
        {"errors": [vars(one) for one in e.faults[:MOST_FAULTS_TOLD]]},
    ),
    BadLawRow: lambda e: Problem("bad-law-row", 422, "法定数值有误", str(e)),
    StaleLaw: lambda e: Problem(
        "stale-version",
        412,
        "内容已过期",
        "别人刚刚也新增了一条，请核对后再保存",
        {"current": {"version": e.version}},
    ),
    BadRule: lambda e: Problem("bad-rule", 422, "规则有误", str(e)),
}
