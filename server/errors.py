"""Errors as answers: the one table from exceptions to statuses, and the one problem shape.

RFC 9457 ``application/problem+json`` with a Chinese title and detail that a person can act on.
"""

import logging
from collections.abc import Callable
from typing import Any

import psycopg2
from flask import Flask, Response, request
from psycopg2 import errorcodes
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from gis.carriers.model import CarrierError
from gis.exporting.model import ExportRefused
from gis.features import UnknownFeature
from gis.importing.fields import BadMapping
from gis.importing.originals import UnknownRow
from gis.importing.profiles import UnknownProfile
from gis.importing.queue import RunBusy
from gis.importing.runs import UnknownRun, WrongState
from gis.importing.states import TITLES, State, wishes
from gis.layers import UnknownLayer
from gis.query import BadQuery
from server import errors_accounts, errors_disposal, errors_disposal_scan
from server.imports import ImportRefused, KeyReused
from server.pool import PoolFull
from server.problems import Problem
from server.uploads import SourceMissing, StorageFull

logger = logging.getLogger(__name__)

RETRY_AFTER_S = 2


def unavailable(detail: str) -> Problem:
    """503: nothing is wrong with the request, it should be sent again."""
    return Problem(
        "unavailable",
        503,
        "服务暂时不可用",
        detail,
        headers={"Retry-After": str(RETRY_AFTER_S)},
    )


def _bad_query(error: BadQuery) -> Problem:
    return Problem(
        "invalid-parameter",
        400,
        "参数有误",
        f"参数 {error.parameter}：{error.detail}",
        {"parameter": error.parameter},
    )


def _unknown_layer(error: UnknownLayer) -> Problem:
    return Problem("unknown-layer", 404, "没有这个图层", f"图层 {error} 不存在，见 /api/v1/layers")


def _unknown_feature(error: UnknownFeature) -> Problem:
    detail = f"编号 {error.args[1]} 不存在，或已不公开"
    return Problem("unknown-feature", 404, "没有这条记录", detail)


_CONFLICTS = frozenset({"stale-preview", "later-edits", "wrong-state", "still-referenced"})
"""Refusals that are about the state of the data, not about the file."""


def _import_refused(error: ImportRefused) -> Problem:
    status = 409 if error.code in _CONFLICTS else 422
    return Problem(error.code, status, "不能这样导入", str(error), error.members)


def _conflict(code: str, error: WrongState | RunBusy) -> Problem:
    title = TITLES[State(error.state)]
    members = {"state": error.state, "actions": wishes(State(error.state))}
    return Problem(code, 409, "现在不能这样做", f"{error}（{title}）", members)


# Stable codes of what importing and exporting refuse; a lookup error's last argument names it.
_IMPORTING: dict[type[Exception], Callable[[Any], Problem]] = {
    ImportRefused: _import_refused,
    CarrierError: lambda e: Problem(e.code, 422, "文件不能读取", e.message),
    BadMapping: lambda e: Problem("bad-mapping", 422, "字段对应有误", str(e)),
    WrongState: lambda e: _conflict("wrong-state", e),
    RunBusy: lambda e: _conflict("run-busy", e),
    KeyReused: lambda e: Problem(
        "idempotency-key-reused", 422, "重复的 Idempotency-Key", "这个键已用于另一个文件，请换一个"
    ),
    StorageFull: lambda e: Problem(
        "storage-full", 507, "服务器空间不足", "请联系管理员清理磁盘后再试"
    ),
    SourceMissing: lambda e: Problem("source-missing", 404, "没有原文件", "原文件已不在服务器上"),
    UnknownRun: lambda e: Problem(
        "unknown-import", 404, "没有这个导入批次", f"没有批次 {e.args[-1]}"
    ),
    UnknownRow: lambda e: Problem(
        "unknown-row", 404, "没有这一行", f"文件中没有第 {e.args[-1]} 行"
    ),
    UnknownProfile: lambda e: Problem(
        "unknown-profile", 404, "没有这个字段方案", f"没有名为 {e.args[-1]} 的字段方案"
    ),
    ExportRefused: lambda e: Problem(e.code, 422, "不能这样导出", str(e)),
}


def _answering(problem: Callable[[Any], Problem]) -> Callable[[Exception], Response]:
    return lambda error: problem(error).response()


def database_problem(error: Exception) -> Problem:
    """What a failed read means to the reader: of psycopg2, or of a pool that stayed full."""
    if not isinstance(error, psycopg2.Error):
        return unavailable("当前访问人数较多，请稍后再试")
    if error.pgcode == errorcodes.QUERY_CANCELED:
        return unavailable("查询用时过长已中止，请缩小范围或减少条件后再试")
    if error.pgcode is not None and not isinstance(error, psycopg2.OperationalError):
        logger.error("unexpected database error", exc_info=error)
        return _INTERNAL
    logger.warning("database unavailable: %s", str(error).strip())
    return unavailable("数据库暂时连不上，请稍后再试")


def _database(error: DBAPIError) -> Problem:
    return database_problem(error.orig or error)


_INTERNAL = Problem("internal", 500, "服务器内部错误", "已记录，请稍后再试或联系管理员")

# What werkzeug raises by itself, in the words of our users.
_HTTP = {
    400: ("bad-request", "请求有误", "请求格式不正确，请检查后重试"),
    404: ("not-found", "没有这个地址", "请检查网址，接口目录见 /api/v1/docs"),
    405: ("method-not-allowed", "不支持的请求方法", "这个地址不支持 {method}"),
    406: ("not-acceptable", "不支持的返回格式", "本接口返回 GeoJSON 或 JSON"),
    413: ("too-large", "内容过大", "请减小上传内容后重试"),
    414: ("uri-too-long", "网址过长", "请减少条件后重试"),
    415: ("unsupported-media-type", "不支持的内容类型", "请按接口说明设置 Content-Type"),
}


def _http(error: HTTPException) -> Problem:
    status = error.code or 500
    code, title, detail = _HTTP.get(status, ("http-error", "请求未能完成", error.name))
    kept = {k: v for k, v in error.get_headers() if k in ("Allow", "Retry-After", "Location")}
    return Problem(code, status, title, detail.format(method=request.method), headers=kept)


def _problems() -> dict[type[Exception], Callable[[Any], Problem]]:
    return (
        _IMPORTING
        | errors_accounts.PROBLEMS
        | errors_disposal.PROBLEMS
        | errors_disposal_scan.PROBLEMS
    )


def register(app: Flask) -> None:
    """Make every exception of the application answer with a problem."""
    app.register_error_handler(BadQuery, lambda error: _bad_query(error).response())
    app.register_error_handler(UnknownLayer, lambda error: _unknown_layer(error).response())
    app.register_error_handler(UnknownFeature, lambda error: _unknown_feature(error).response())
    for kind, problem in _problems().items():
        app.register_error_handler(kind, _answering(problem))
    app.register_error_handler(DBAPIError, lambda error: _database(error).response())
    for full in (PoolTimeout, PoolFull):
        app.register_error_handler(full, lambda error: database_problem(error).response())
    app.register_error_handler(HTTPException, lambda error: _http(error).response())
    app.register_error_handler(Exception, _unexpected)


def _unexpected(error: Exception) -> Response:
    logger.error("unexpected error", exc_info=error)
    return _INTERNAL.response()
