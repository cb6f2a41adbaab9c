"""What goes wrong with who asks, as answers."""

from collections.abc import Callable
from typing import Any

from gis.editing import NothingChanged, StaleVersion
from server.accounts.credentials import WrongCode
from server.accounts.guard import (
    CodesRequired,
    ConfirmationRequired,
    CsrfMissing,
    PasswordChangeRequired,
)
from server.accounts.lockout import Locked
from server.accounts.login import FirstPasswordExpired, InvalidCredentials, TotpRequired
from server.accounts.passwords import WeakPassword
from server.accounts.principals import Forbidden, StaffOnly, Unauthenticated, VersionMissing
from server.accounts.sessions import UnknownSession
from server.accounts.transitions import IllegalTransition
from server.accounts.users import BadUser, UnknownUser, UserExists
from server.idempotency import KeyReused
from server.problems import Problem

_BEARER = {"WWW-Authenticate": "Bearer"}


def _staff_only(error: StaffOnly) -> Problem:
    detail = str(error) or "crs=cgcs2000 的精确坐标仅供工作人员使用，公众请用 crs=gcj02"
    return Problem("staff-only", 403, "没有权限", detail)


def _forbidden(error: Forbidden) -> Problem:
    where = f"（{error.region_code}）" if error.region_code else ""
    return Problem("out-of-region", 403, "不在管辖范围", f"您没有该行政区{where}的相应权限")


def _locked(error: Locked) -> Problem:
    return Problem(
        "locked",
        429,
        "尝试次数过多",
        f"请在 {error.seconds} 秒后再试，或请管理员解锁",
        {"retry_after_s": error.seconds},
        {"Retry-After": str(error.seconds)},
    )


def _stale(error: StaleVersion) -> Problem:
    members = {"current": {k: v for k, v in error.current.items() if k not in _UNSAID}}
    detail = f"现在已是第 {error.current['version']} 版，请看过最新内容后再修改"
    return Problem("stale-version", 412, "数据已被他人修改", detail, members)


_UNSAID = frozenset({"geom", "geom_gcj02"})


def _illegal(error: IllegalTransition) -> Problem:
    offered = "、".join(one.title for one in error.allowed) or "（无）"
    allowed = [{"status": one.status, "title": one.title} for one in error.allowed]
    return Problem(
        "illegal-transition",
        409,
        "不能这样变更状态",
        f"按现行规则，您可以改为：{offered}",
        {"allowed": allowed},
    )


PROBLEMS: dict[type[Exception], Callable[[Any], Problem]] = {
    StaleVersion: _stale,
    IllegalTransition: _illegal,
    NothingChanged: lambda _: Problem(
        "nothing-changed", 422, "没有任何改变", "所填内容与现在相同；只是核实过请填 verified"
    ),
    StaffOnly: _staff_only,
    Forbidden: _forbidden,
    Locked: _locked,
    Unauthenticated: lambda _: Problem(
        "unauthenticated", 401, "没有登录", "请登录后再试，或重新登录", headers=_BEARER
    ),
    InvalidCredentials: lambda _: Problem(
        "invalid-credentials", 401, "登录失败", "用户名、密码或验证码不正确", headers=_BEARER
    ),
    TotpRequired: lambda _: Problem(
        "totp-required", 401, "需要动态验证码", "请输入验证器中的 6 位数字", headers=_BEARER
    ),
    CsrfMissing: lambda _: Problem(
        "csrf-token-missing", 403, "请求来源不明", "请刷新页面后再试（缺少 X-CSRF-Token）"
    ),
    FirstPasswordExpired: lambda _: Problem(
        "first-password-expired",
        403,
        "初始密码已过期",
        "管理员给的密码没有在期限内使用，请联系本单位系统管理员重新设置一个",
    ),
    PasswordChangeRequired: lambda _: Problem(
        "password-change-required",
        403,
        "请先修改密码",
        "现在的密码是管理员给的，请先在“我的账号”中改成自己的密码",
    ),
    CodesRequired: lambda _: Problem(
        "totp-enrolment-required",
        403,
        "需要启用动态口令",
        "您的角色必须使用动态口令，请先在“我的账号”中启用",
    ),
    ConfirmationRequired: lambda _: Problem(
        "confirmation-required", 403, "请再次输入密码", "此操作需要确认是您本人，请输入密码后重试"
    ),
    UnknownSession: lambda _: Problem(
        "unknown-session", 404, "没有这个会话", "该会话已结束，或不是您的会话"
    ),
    VersionMissing: lambda _: Problem(
        "version-missing", 428, "缺少版本号", '请在 If-Match 请求头中给出所见的版本，例如 "3"'
    ),
    WrongCode: lambda _: Problem(
        "wrong-code",
        422,
        "动态口令不对",
        "请输入应用现在显示的 6 位数字；仍不对时，请核对手机的时间，或重新扫码",
    ),
    WeakPassword: lambda e: Problem("weak-password", 422, "密码不能使用", str(e)),
    BadUser: lambda e: Problem("bad-user", 422, "用户信息有误", str(e)),
    UserExists: lambda _: Problem("user-exists", 409, "用户名已被使用", "请换一个用户名"),
    UnknownUser: lambda e: Problem("unknown-user", 404, "没有这个用户", f"没有用户 {e.args[-1]}"),
    KeyReused: lambda _: Problem(
        "idempotency-key-reused", 422, "重复的 Idempotency-Key", "这个键已用于另一个请求，请换一个"
    ),
}
