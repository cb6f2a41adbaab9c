"""Errors as answers: the one table from exceptions to statuses, and the one problem shape.

RFC 9457 ``application/problem+json`` with a Chinese title and detail that a person can act on.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import Flask, Response, json, request
from psycopg2 import errorcodes
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from gis.features import UnknownFeature
from gis.layers import UnknownLayer
from gis.query import BadQuery

logger = logging.getLogger(__name__)

RETRY_AFTER_S = 2


@dataclass(frozen=True)
class Problem:
    """One answer that says what went wrong: stable ``code``, status, Chinese title and detail."""

    code: str
    status: int
    title: str
    detail: str
    members: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> Response:
        """The problem as an HTTP response."""
        body = {
            "type": f"urn:kandi:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": request.path,
            **self.members,
        }
        response = Response(
            json.dumps(body, ensure_ascii=False),
            self.status,
            dict(self.headers),
            content_type="application/problem+json",
        )
        response.cache_control.no_store = True
        return response


class StaffOnly(PermissionError):
    """The request asks for what only staff may have."""


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


def _staff_only(_error: StaffOnly) -> Problem:
    detail = "crs=cgcs2000 的精确坐标仅供工作人员使用，公众请用 crs=gcj02"
    return Problem("staff-only", 403, "没有权限", detail)


def _database(error: DBAPIError) -> Problem:
    code = getattr(error.orig, "pgcode", None)
    if code == errorcodes.QUERY_CANCELED:
        return unavailable("查询用时过长已中止，请缩小范围或减少条件后再试")
    if code is not None and not isinstance(error, OperationalError):
        logger.error("unexpected database error", exc_info=error)
        return _INTERNAL
    logger.warning("database unavailable: %s", error.orig)
    return unavailable("数据库暂时连不上，请稍后再试")


def _busy(_error: PoolTimeout) -> Problem:
    return unavailable("当前访问人数较多，请稍后再试")


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


def register(app: Flask) -> None:
    """Make every exception of the application answer with a problem."""
    app.register_error_handler(BadQuery, lambda error: _bad_query(error).response())
    app.register_error_handler(UnknownLayer, lambda error: _unknown_layer(error).response())
    app.register_error_handler(UnknownFeature, lambda error: _unknown_feature(error).response())
    app.register_error_handler(StaffOnly, lambda error: _staff_only(error).response())
    app.register_error_handler(DBAPIError, lambda error: _database(error).response())
    app.register_error_handler(PoolTimeout, lambda error: _busy(error).response())
    app.register_error_handler(HTTPException, lambda error: _http(error).response())
    app.register_error_handler(Exception, _unexpected)


def _unexpected(error: Exception) -> Response:
    logger.error("unexpected error", exc_info=error)
    return _INTERNAL.response()
