"""The part of the OpenAPI document about investors, enquiries and attachments."""

from dataclasses import dataclass, field
from typing import Any

from gis.layers import LAYERS
from mini_program_api.bodies import Body
from mini_program_api.enquiries import ActionForm, EnquiryForm, MessageForm
from mini_program_api.investor_sessions import CodeForm
from mini_program_api.me import ConsentForm, PhoneForm, SubscriptionForm
from mini_program_api.openapi_parts import Json, header, query
from mini_program_api.openapi_people_schemas import SCHEMAS, ref
from mini_program_api.searches import SearchForm
from mini_program_api.shares import ShareForm
from server.people.enquiry_states import State

_INVESTOR: list[Json] = [{"investorSession": []}]
_STAFF: list[Json] = [{"staffSession": []}]

SECURITY: Json = {
    "investorSession": {
        "type": "http",
        "scheme": "bearer",
        "description": "投资人会话，由 POST /session/wechat 或 POST /session/guest 取得",
    }
}

_REASONS = {
    400: "参数有误",
    401: "没有登录，或会话已结束",
    403: "需要同意个人信息保护说明、没有需要的角色，或不在管辖范围",
    404: "没有这条记录",
    409: "现在不能这样做，或数量已满",
    422: "内容不能接受，见 detail",
    429: "请求过于频繁，见 Retry-After",
    503: "暂时不可用，见 Retry-After",
    507: "服务器磁盘空间不足",
}
_KEY = header("Idempotency-Key", "重试时不变的键：同一请求只生效一次")
_TRUE_FALSE: Json = {"type": "boolean"}


@dataclass(frozen=True)
class Operation:
    """One operation; ``answer`` names its schema, is a media type, or None for an empty answer."""

    id: str
    summary: str
    who: list[Json] = field(default_factory=list)
    answer: str | None = None
    body: type[Body] | Json | None = None
    parameters: tuple[Json, ...] = ()
    status: int = 200
    problems: tuple[int, ...] = ()

    def described(self, placed: list[Json], *, changes: bool) -> Json:
        """As the document has it; ``placed`` are the parameters of its path."""
        said: Json = {"description": "成功"}
        if self.answer is not None:
            said["content"] = _content(self.answer)
        codes = {400, 503, *self.problems} | ({401} if self.who else set())
        codes |= {422} if changes else set()
        keyed = [_KEY] if changes and self.who else []
        found: Json = {
            "operationId": self.id,
            "summary": self.summary,
            "tags": ["投资人与咨询"],
            "parameters": [*placed, *self.parameters, *keyed],
            "responses": {str(self.status): said, **{str(c): _refused(c) for c in sorted(codes)}},
        }
        if self.who:
            found["security"] = self.who
        if self.body is not None:
            found["requestBody"] = {"required": True, "content": _body(self.body)}
        return found


def _content(answer: str) -> Json:
    if "/" in answer:
        return {answer: {"schema": {"type": "string", "format": "binary"}}}
    return {"application/json": {"schema": ref(answer)}}


def _body(body: type[Body] | Json) -> Json:
    if isinstance(body, dict):
        return {"multipart/form-data": {"schema": body}}
    return {"application/json": {"schema": ref(body.__name__)}}


def _refused(code: int) -> Json:
    return {
        "description": _REASONS[code],
        "content": {"application/problem+json": {"schema": ref("Problem")}},
    }


def _number(name: str) -> Json:
    schema: Json = {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}
    return {"name": name, "in": "path", "required": True, "schema": schema}


_CODE: Json = {
    "name": "code",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "pattern": "^[0-9A-Za-z]{8,12}$"},
}
_UPLOAD: Json = {
    "type": "object",
    "required": ["title", "kind"],
    "properties": {
        "file": {"type": "string", "format": "binary", "description": "照片或文档"},
        "title": {"type": "string", "minLength": 1, "maxLength": 200},
        "kind": {"enum": ["photo", "document", "panorama"]},
        "public": {"enum": ["true", "false"], "default": "true"},
        "link": {"type": "string", "description": "全景链接（kind=panorama）"},
    },
}
_DESK = (
    query("state", "状态", {"enum": [state.value for state in State]}),
    query("overdue", "只看（或不看）逾期未首次答复的", _TRUE_FALSE),
    query("mine", "只看派给自己的", _TRUE_FALSE),
    query("region", "只看这个行政区划及其下级", {"type": "string"}, "330502"),
    query("limit", "一页最多几条", {"type": "integer", "minimum": 1, "maximum": 200}),
    query("cursor", "下一页的位置，取自 next", {"type": "string"}),
)
_VARIANT: Json = {
    "name": "variant",
    "in": "path",
    "required": True,
    "schema": {"enum": ["original", "large", "thumb"]},
}
_ME, _MINE = "/me", "/me/enquiries"

_OPERATIONS: dict[tuple[str, str], Operation] = {
    ("/session/wechat", "post"): Operation(
        "logInByWechat", "微信登录；同一 code 重试得到同一会话", answer="InvestorSession",
        body=CodeForm, problems=(403, 429),
    ),
    ("/session/guest", "post"): Operation(
        "logInAsGuest", "浏览器访客会话", answer="InvestorSession", problems=(429,)
    ),
    ("/privacy-notice", "get"): Operation(
        "getPrivacyNotice", "现行个人信息保护说明", answer="PrivacyNotice"
    ),
    ("/me/session", "delete"): Operation("logOutInvestor", "退出", _INVESTOR, status=204),
    (_ME, "get"): Operation("getMe", "本人的全部数据", _INVESTOR, "Me"),
    (_ME, "delete"): Operation(
        "eraseMe", "注销并删除本人数据，只留不含个人信息的统计", _INVESTOR, status=204
    ),
    ("/me/consent", "post"): Operation(
        "consent", "同意个人信息保护说明", _INVESTOR, body=ConsentForm, status=204, problems=(409,)
    ),
    ("/me/phone", "post"): Operation(
        "givePhone", "用微信手机号凭证登记电话", _INVESTOR, "Phone", PhoneForm, problems=(403, 429)
    ),
    ("/me/subscriptions", "post"): Operation(
        "subscribe", "登记一次订阅消息授权", _INVESTOR, body=SubscriptionForm, status=204
    ),
    ("/me/favourites", "get"): Operation("listFavourites", "收藏", _INVESTOR, "FavouriteList"),
    ("/me/searches", "get"): Operation("listSearches", "订阅的条件", _INVESTOR, "SearchList"),
    ("/me/searches", "post"): Operation(
        "saveSearch", "订阅条件，有新地块时提醒", _INVESTOR, "Search", SearchForm,
        status=201, problems=(409,),
    ),
    ("/me/searches/{id}", "delete"): Operation(
        "removeSearch", "取消订阅", _INVESTOR, status=204, problems=(404,)
    ),
    ("/me/searches/{id}/matches", "get"): Operation(
        "listMatches", "未看过的新匹配", _INVESTOR, "MatchList", problems=(404,)
    ),
    ("/me/searches/{id}/seen", "post"): Operation(
        "markSeen", "新匹配已看过", _INVESTOR, status=204, problems=(404,)
    ),
    ("/visit-days", "get"): Operation(
        "listVisitDays", "可预约看地的日期：最近的工作日（含调休）", answer="VisitDays"
    ),
    (_MINE, "get"): Operation("listMyEnquiries", "本人的咨询", _INVESTOR, "EnquiryList"),
    (_MINE, "post"): Operation(
        "enquire", "咨询或预约看地；回答是回执，留言见 GET", _INVESTOR, "Enquiry", EnquiryForm,
        status=201, problems=(403, 404, 409, 422, 429),
    ),
    (f"{_MINE}/{{id}}", "get"): Operation(
        "getMyEnquiry", "一个咨询及全部留言", _INVESTOR, "Enquiry", problems=(404,)
    ),
    (f"{_MINE}/{{id}}/messages", "post"): Operation(
        "addMessage", "补充留言", _INVESTOR, "Enquiry", MessageForm, problems=(404, 409)
    ),
    (f"{_MINE}/{{id}}/cancel", "post"): Operation(
        "cancelEnquiry", "撤回咨询", _INVESTOR, "Enquiry", problems=(404, 409)
    ),
    ("/enquiries", "get"): Operation(
        "listEnquiries", "辖区内的咨询", _STAFF, "EnquiryList", parameters=_DESK, problems=(403,)
    ),
    ("/enquiries/{id}", "get"): Operation(
        "getEnquiry", "一个咨询及全部留言", _STAFF, "Enquiry", problems=(403, 404)
    ),
    ("/enquiries/{id}/actions", "post"): Operation(
        "actOnEnquiry", "回复、改派、约定时间或办结", _STAFF, "Enquiry", ActionForm,
        problems=(403, 404, 409),
    ),
    ("/shares", "post"): Operation(
        "share", "生成分享码", _INVESTOR, "Share", ShareForm, status=201
    ),
    ("/shares/{code}", "get"): Operation(
        "getShare", "分享码对应的页面", answer="SharedPath", problems=(404,)
    ),
    ("/shares/{code}/wxacode.jpg", "get"): Operation(
        "getMiniProgramCode", "小程序码图片", answer="image/jpeg", problems=(404,)
    ),
    ("/attachments/{id}/{variant}", "get"): Operation(
        "getAttachment", "照片或文档；照片原件仅供工作人员",
        answer="application/octet-stream", problems=(404,),
    ),
    ("/attachments/{id}", "delete"): Operation(
        "removeAttachment", "撤下附件", _STAFF, status=204, problems=(403, 404)
    ),
}  # fmt: skip


def paths() -> Json:
    """Every address of these blueprints, by its place below /api/v1."""
    found: dict[str, dict[str, object]] = {}
    for (path, method), one in (_OPERATIONS | _of_layers()).items():
        placed = [_number("id")] if "{id}" in path else []
        placed += [_CODE] if "{code}" in path else []
        placed += [_VARIANT] if "{variant}" in path else []
        described = one.described(placed, changes=method != "get")
        found.setdefault(path, {})[method] = described
    return dict(found)


def _of_layers() -> dict[tuple[str, str], Operation]:
    found: dict[tuple[str, str], Operation] = {}
    for layer in LAYERS:
        kept, held = f"/me/favourites/{layer.name}/{{id}}", f"/{layer.name}/{{id}}/attachments"
        found |= {
            (kept, "put"): Operation(
                f"keep_{layer.name}", f"收藏{layer.title}", _INVESTOR,
                status=204, problems=(404, 409),
            ),
            (kept, "delete"): Operation(
                f"drop_{layer.name}", f"取消收藏{layer.title}", _INVESTOR, status=204
            ),
            (held, "get"): Operation(
                f"listAttachments_{layer.name}", f"{layer.title}的照片、文档与全景",
                answer="AttachmentList", problems=(404,),
            ),
            (held, "post"): Operation(
                f"attach_{layer.name}", f"给{layer.title}添加照片、文档或全景", _STAFF,
                "Attachment", _UPLOAD, status=201, problems=(403, 404, 409, 507),
            ),
        }  # fmt: skip
    return found


def schemas() -> Json:
    """Every schema that these operations refer to."""
    bodies = [one.body for one in _OPERATIONS.values() if isinstance(one.body, type)]
    found: Json = dict(SCHEMAS)
    for form in bodies:
        made: dict[str, Any] = form.model_json_schema(ref_template="#/components/schemas/{model}")
        found |= made.pop("$defs", {})
        found[form.__name__] = made
    return found
