"""What the errors of files, WeChat and investors mean to a caller."""

import logging
from collections.abc import Callable
from typing import Any

from flask import Flask, Response

from server.errors import unavailable
from server.files.attachments import MOST_OF_SITE, TooManyAttachments, UnknownAttachment
from server.files.blobs import BlobMissing
from server.files.photos import FileRefused
from server.files.s3 import StorageAway
from server.people.assignment import NoSuchOfficer
from server.people.enquiries import UnknownEnquiry
from server.people.enquiry_states import ACT_TITLES, STATE_TITLES, IllegalAct
from server.people.limits import WINDOW_S, TooMany
from server.people.login import LoginOver
from server.people.notices import ConsentRequired, OtherNotice
from server.people.phones import BadPhone
from server.people.quota import QuotaReached
from server.people.searches import UnknownSearch
from server.people.shares import BadPath, UnknownShare
from server.people.texts import RiskyText
from server.people.visits import NoVisit, NoVisitDay
from server.problems import Problem
from server.sealing import KeysMissing, Unreadable
from server.wechat.client import BLOCKED_USER, INVALID_CODE, TOO_OFTEN, USED_CODE
from server.wechat.transport import WechatAway, WechatRefused

logger = logging.getLogger(__name__)


def _wechat_refused(error: WechatRefused) -> Problem:
    match error.errcode:
        case code if code in (INVALID_CODE, USED_CODE):
            detail = "微信凭证无效或已用过，请重新打开小程序再试"
            return Problem("wechat-code", 422, "微信凭证无效", detail)
        case code if code == TOO_OFTEN:
            return _too_many()
        case code if code == BLOCKED_USER:
            return Problem("wechat-blocked", 403, "不能登录", "微信判定该账号有风险，暂不能登录")
    logger.error("wechat refused what it should take: %d", error.errcode)
    return _wechat_away()


def _wechat_away() -> Problem:
    return unavailable("微信服务暂时连不上，请稍后再试")


def _too_many() -> Problem:
    detail = "尝试过于频繁，请一分钟后再试"
    headers = {"Retry-After": str(WINDOW_S)}
    return Problem("too-many-requests", 429, "请求过于频繁", detail, headers=headers)


def _consent_required(error: ConsentRequired) -> Problem:
    detail = "请先阅读并同意个人信息保护说明"
    return Problem("consent-required", 403, "需要您的同意", detail, {"version": error.version})


def _other_notice(error: OtherNotice) -> Problem:
    detail = "个人信息保护说明已更新，请重新阅读后同意"
    return Problem("notice-changed", 409, "说明已更新", detail, {"version": error.version})


def _quota(detail: str) -> Problem:
    return Problem("quota-reached", 409, "数量已满", detail)


def _bad(parameter: str, detail: str) -> Problem:
    text = f"参数 {parameter}：{detail}"
    return Problem("invalid-parameter", 400, "参数有误", text, {"parameter": parameter})


def _illegal_act(error: IllegalAct) -> Problem:
    acts = [{"action": act.value, "title": ACT_TITLES[act]} for act in error.legal]
    members = {"state": error.state.value, "legal": acts}
    detail = f"该咨询{STATE_TITLES[error.state]}，不能这样处理"
    return Problem("illegal-enquiry-action", 409, "现在不能这样做", detail, members)


def _no_visit_day(error: NoVisitDay) -> Problem:
    members = {"days": [day.isoformat() for day in error.days]}
    detail = "这一天不安排看地，请在最近的工作日里另选一天"
    return Problem("no-visit-day", 422, "这一天不能看地", detail, members)


def _unreadable(error: Unreadable) -> Problem:
    logger.error("no key of KANDI_PRIVACY_KEYS opens what is stored as %s", error)
    return Problem(
        "unreadable", 503, "加密的数据不能读取", "密钥与数据不符，请联系系统管理员恢复密钥"
    )


def _keys_missing(error: KeysMissing) -> Problem:
    logger.error("%s", error)
    return unavailable("服务尚未配置完成，请联系管理员")


PROBLEMS: dict[type[Exception], Callable[[Any], Problem]] = {
    FileRefused: lambda e: Problem(
        "file-refused", 422, "不能使用这个文件", str(e), {"reason": e.code}
    ),
    BlobMissing: lambda _: Problem("source-missing", 404, "没有这个文件", "文件已不在服务器上"),
    StorageAway: lambda _: unavailable("文件存储暂时连不上，请稍后再试"),
    WechatRefused: _wechat_refused,
    WechatAway: lambda _: _wechat_away(),
    TooMany: lambda _: _too_many(),
    LoginOver: lambda _: Problem(
        "wechat-code", 422, "微信凭证无效", "该次登录已结束，请重新打开小程序再试"
    ),
    ConsentRequired: _consent_required,
    QuotaReached: lambda e: _quota(f"{e.title}最多 {e.most} 个，请先清理不需要的"),
    TooManyAttachments: lambda _: _quota(f"每个点位最多 {MOST_OF_SITE} 个附件，请先删除一些"),
    RiskyText: lambda _: Problem(
        "risky-text", 422, "内容未通过审核", "内容可能违法或不当，请修改后再提交"
    ),
    IllegalAct: _illegal_act,
    NoVisit: lambda _: Problem(
        "no-visit", 409, "不能预约看地", "这处已不可供，不能预约看地；可以留言咨询相近的"
    ),
    NoVisitDay: _no_visit_day,
    BadPhone: lambda _: _bad("phone", "不是有效的电话号码，例如 13800138000"),
    BadPath: lambda _: _bad("path", "应为本站页面的路径，例如 /parcels?status=available"),
    NoSuchOfficer: lambda e: Problem(
        "no-such-officer", 422, "不能改派", f"用户 {e.args[-1]} 不是该辖区的土地干部"
    ),
    UnknownSearch: lambda e: Problem(
        "unknown-search", 404, "没有这个订阅", f"没有编号为 {e.args[-1]} 的订阅"
    ),
    UnknownShare: lambda _: Problem("unknown-share", 404, "没有这个分享", "分享码无效"),
    UnknownEnquiry: lambda e: Problem(
        "unknown-enquiry", 404, "没有这个咨询", f"没有编号为 {e.args[-1]} 的咨询"
    ),
    UnknownAttachment: lambda e: Problem(
        "unknown-attachment", 404, "没有这个附件", f"附件 {e.args[-1]} 不存在，或不公开"
    ),
    OtherNotice: _other_notice,
    KeysMissing: _keys_missing,
    Unreadable: _unreadable,
}


def _answering(problem: Callable[[Any], Problem]) -> Callable[[Exception], Response]:
    return lambda error: problem(error).response()


def register(app: Flask) -> None:
    """Make these errors answer with problems."""
    for kind, problem in PROBLEMS.items():
        app.register_error_handler(kind, _answering(problem))
