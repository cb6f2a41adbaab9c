"""The part of the OpenAPI document about accounts, edits and oversight."""

from collections.abc import Mapping

from pydantic import BaseModel

from gis.layers import LAYERS
from mini_program_api.edits import EditForm
from mini_program_api.openapi_parts import Json, header, query
from mini_program_api.sessions import ConfirmForm, LoginForm
from mini_program_api.users import ChangeForm, GrantForm, PasswordForm, TotpForm, UserForm

_REASONS = {
    400: "参数有误",
    401: "没有登录，或用户名、密码、验证码不正确",
    403: "没有需要的角色，或不在管辖范围，或缺少 X-CSRF-Token",
    404: "没有这条记录或这个用户",
    409: "现有状态不能这样变更（allowed 列出可以的），或用户名已被使用",
    412: "数据已被他人修改，current 是现在的内容",
    422: "内容不能这样用，或 Idempotency-Key 已用于另一个请求",
    428: "缺少 If-Match",
    429: "尝试次数过多，见 Retry-After",
    503: "暂时不可用，见 Retry-After",
}
_TEXT: Json = {"type": "string"}
_OBJECT: Json = {"type": "object"}
_KEY = header("Idempotency-Key", "重试时不变；同一键只生效一次")
_MATCH = header("If-Match", '所见的版本，例如 "3"')
_ID: Json = {
    "name": "id",
    "in": "path",
    "required": True,
    "schema": {"type": "integer", "minimum": 1, "maximum": 2**53},
}


def _operation(
    name: str, summary: str, parameters: list[Json], done: tuple[int, Json | None], *problems: int
) -> Json:
    status, answer = done
    success: Json = {"description": "成功"}
    if answer is not None:
        success["content"] = {"application/json": {"schema": answer}}
    shape = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    refused = {
        str(code): {"description": _REASONS[code], "content": shape}
        for code in sorted({400, 401, 403, 503, *problems})
    }
    return {
        "operationId": name,
        "summary": summary,
        "tags": ["工作人员"],
        "security": [{"staffToken": []}],
        "parameters": parameters,
        "responses": {str(status): success, **refused},
    }


def _bodied(operation: Json, form: str) -> Json:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{form}"}}}
    return operation | {"requestBody": {"required": True, "content": content}}


def paths() -> Json:
    """Addresses of accounts, edits and oversight, by their place below /api/v1."""
    found: Json = {**_sessions(), **_users(), **_oversight()}
    for layer in LAYERS:
        one, title = f"/{layer.name}/{{id}}", layer.title
        found[f"{one}/history"] = {
            "get": _operation(
                f"history_{layer.name}", f"{title}的修改历史", [_ID], (200, _items(_STEP)), 404
            )
        }
        found[f"{one}/transitions"] = {
            "get": _operation(
                f"transitions_{layer.name}", f"{title}可改为的状态", [_ID], (200, _OBJECT), 404
            )
        }
    return found


def edits() -> Mapping[str, Json]:
    """The PATCH of each layer of sites, which shares its path with a public GET."""
    return {
        f"/{layer.name}/{{id}}": _bodied(
            _operation(
                f"edit_{layer.name}",
                f"修改{layer.title}",
                [_ID, _MATCH, _KEY],
                (200, _OBJECT),
                *(404, 409, 412, 422, 428),
            ),
            "SiteEdit",
        )
        for layer in LAYERS
    }


def _sessions() -> Json:
    session: Json = {"$ref": "#/components/schemas/Session"}
    log_in = _bodied(_operation("logIn", "工作人员登录", [], (200, session), 429), "LogIn")
    del log_in["security"]
    confirm = _operation("confirmSession", "再次输入密码，换发令牌", [], (200, session), 429)
    password = _operation("changePassword", "修改自己的密码", [_KEY], (204, None), 422, 429)
    codes = _operation("changeTotp", "启用、确认或停用动态验证码", [_KEY], (200, _OBJECT), 422)
    return {
        "/session": {
            "get": _operation("whoAmI", "当前会话", [], (200, session)),
            "post": log_in,
            "delete": _operation("logOut", "退出", [], (204, None)),
        },
        "/session/confirm": {"post": _bodied(confirm, "OwnConfirmation")},
        "/sessions": {"get": _operation("listSessions", "自己的会话", [], (200, _items(_OBJECT)))},
        "/sessions/{id}": {
            "delete": _operation(
                "endSession", "结束自己的一个会话", [_ID, _KEY], (204, None), 404, 422
            )
        },
        "/session/password": {"post": _bodied(password, "OwnPassword")},
        "/session/totp": {"post": _bodied(codes, "OwnTotp")},
    }


def _users() -> Json:
    user: Json = {"$ref": "#/components/schemas/User"}
    add = _operation("addUser", "添加用户", [_KEY], (201, user), 409, 422)
    alter = _operation("alterUser", "修改用户", [_ID, _KEY], (200, user), 404, 422)
    grants = _operation("grantUser", "授予角色", [_ID, _KEY], (200, user), 404, 422)
    return {
        "/users": {
            "get": _operation("listUsers", "用户", [], (200, _items(user))),
            "post": _bodied(add, "NewUser"),
        },
        "/users/{id}": {"patch": _bodied(alter, "UserChange")},
        "/users/{id}/grants": {"put": _bodied(grants, "UserGrants")},
    }


def _oversight() -> Json:
    asked = [
        query("subject", "对象", _TEXT, "parcels/100123"),
        query("actor", "操作人", _TEXT, "user:officer"),
        query("action", "动作", _TEXT, "site.edited"),
        query("from", "自（含）", _TEXT, "2026-11-01"),
        query("to", "至（不含）", _TEXT, "2026-12-01"),
        query("limit", "一页最多几条", {"type": "integer", "minimum": 1, "maximum": 200}),
        query("cursor", "下一页的位置，取自 next", _TEXT),
    ]
    due = [
        query("within_days", "几天之内到期", {"type": "integer", "minimum": 0, "maximum": 366}),
        query("layer", "图层", {"type": "string", "enum": [layer.name for layer in LAYERS]}),
    ]
    return {
        "/audit": {"get": _operation("readAudit", "审计记录", asked, (200, _items(_ENTRY)))},
        "/freshness": {"get": _operation("listStale", "待核实清单", due, (200, _items(_OBJECT)))},
    }


def _items(one: Json) -> Json:
    return {
        "type": "object",
        "required": ["items", "next", "total"],
        "properties": {
            "items": {"type": "array", "items": one},
            "next": {"type": ["string", "null"]},
            "total": {"type": "integer"},
        },
    }


_LINE: Json = {
    "type": "object",
    "required": ["title", "before", "after"],
    "properties": {
        "title": {"type": "string"},
        "before": {"type": ["string", "null"], "description": "空：原来没有"},
        "after": {"type": ["string", "null"]},
    },
}
_ENTRY: Json = {
    "type": "object",
    "required": ["seq", "at", "actor", "actor_name", "action", "subject", "details", "lines"],
    "properties": {
        "subject_name": {"type": ["string", "null"]},
        "lines": {"type": "array", "items": _LINE, "description": "改了什么，用中文说"},
    },
}
_STEP: Json = {
    "type": "object",
    "required": ["version", "at", "actor", "actor_name", "action", "reason", "changes"],
}
_GRANT: Json = {
    "type": "object",
    "required": ["role", "role_text", "region_code", "region_name"],
}
_WHO: Json = {
    "id": {"type": "integer"},
    "username": _TEXT,
    "name": _TEXT,
    "totp": {"type": "boolean"},
    "grants": {"type": "array", "items": _GRANT},
}


def schemas() -> Json:
    """Schemas that these operations refer to; forms are those that parse the requests."""
    forms: dict[str, type[BaseModel]] = {
        "LogIn": LoginForm,
        "OwnPassword": PasswordForm,
        "OwnConfirmation": ConfirmForm,
        "OwnTotp": TotpForm,
        "UserChange": ChangeForm,
        "SiteEdit": EditForm,
    }
    found: Json = {name: form.model_json_schema() for name, form in forms.items()}
    grants: Json = {"type": "array", "items": _grant(), "maxItems": 50}
    new = UserForm.model_json_schema()
    new.pop("$defs", None)
    new["properties"]["grants"] = grants
    found["NewUser"], found["UserGrants"] = new, grants
    shown = _WHO | {"first_password": {"type": "boolean", "description": "还没有改成自己的密码"}}
    found["User"] = {"type": "object", "required": list(shown), "properties": shown}
    found["Session"] = {
        "type": "object",
        "required": ["csrf", "expires_at", "totp_required", "password_change_required", "user"],
        "properties": {
            "token": _TEXT,
            "csrf": _TEXT,
            "expires_at": {"type": "string", "format": "date-time"},
            "totp_required": {"type": "boolean"},
            "password_change_required": {
                "type": "boolean",
                "description": "管理员给的密码：先用 POST /session/password 改成自己的",
            },
            "user": {"type": "object", "required": list(_WHO), "properties": _WHO},
        },
    }
    return found


def _grant() -> Json:
    """The form of a grant without a reference to definitions of its own."""
    found = GrantForm.model_json_schema()
    found["properties"]["role"] = found.pop("$defs")["Role"]
    return found
