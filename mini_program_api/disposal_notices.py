"""Notices of idle land that the law shows to everyone; no session is asked for."""

from flask import Blueprint, Response, json, request

from mini_program_api import disposal_params as asked
from mini_program_api import params
from server.disposal import clocks, notices
from server.disposal.notices import Notice
from server.request import connection

bp = Blueprint("disposal_notices", __name__, url_prefix="/api/v1")

_MOST_NOTICES = 500


@bp.get("/disposal-notices")
def notice_list() -> Response:
    """Idle land in law, from its publication until it is disposed of (53号令第十一条)."""
    values = params.once(request.args, ("region", "limit", "cursor"))
    limit = params.limit(values.get("limit", "100"), _MOST_NOTICES)
    after = params.cursor(values["cursor"]) if "cursor" in values else 0
    day = clocks.today()
    found = notices.page(connection(), day, asked.region(values), limit, after)
    following = params.cursor_of(found[limit - 1].place) if len(found) > limit else None
    items = [_notice(one) for one in found[:limit]]
    text = json.dumps({"items": items, "next": following, "law": "闲置土地处置办法第十一条"})
    response = Response(text, content_type="application/json")
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


def _notice(one: Notice) -> dict[str, object]:
    told: dict[str, object] = {
        "location": one.location,
        "holder_name": one.holder_name,
        "idle_since": one.idle_since and one.idle_since.isoformat(),
        "idle_time": notices.idle_time(one.idle_since, clocks.today()),
        "published_on": one.published_on.isoformat(),
    }
    return told if one.cause is None else {**told, "cause": one.cause}
