"""What those who oversee look at: the log of changes, and listings that nobody verified."""

import re
from datetime import datetime

from flask import Blueprint, Response, request

from gis import audit_log, freshness
from gis.audit_log import AuditQuery, Entry
from gis.freshness import Expiring
from gis.layers import LAYERS, layer_named
from gis.query import BadQuery
from mini_program_api import audit_words, params
from mini_program_api.access import prefixes
from mini_program_api.staff_answers import private
from server import nightly
from server.accounts import guard
from server.accounts import names as actors
from server.accounts.principals import Role
from server.request import connection

bp = Blueprint("oversight", __name__, url_prefix="/api/v1")

Json = dict[str, object]

_MOST_DAYS = 366
_ASKED = ("subject", "actor", "action", "from", "to", "limit", "cursor")


@bp.get("/audit")
def audit() -> Response:
    """Rows of the log, the newest first: all of them, so for those who oversee everywhere."""
    who = guard.staff(Role.ADMIN, Role.VIEWER, Role.LEADER)
    who.require((Role.ADMIN, Role.VIEWER, Role.LEADER), None)
    values = params.once(request.args, _ASKED)
    limit = params.limit(values.get("limit", "50"), 200)
    query = AuditQuery(
        subject=_word("subject", values),
        actor=_word("actor", values),
        action=_word("action", values),
        since=_instant("from", values),
        until=_instant("to", values),
        before=params.cursor(values["cursor"]) if "cursor" in values else None,
    )
    found = audit_log.page(connection(), query, limit + 1)
    names = actors.names(connection(), (one.actor for one in found))
    following = params.cursor_of(found[limit - 1].seq) if len(found) > limit else None
    known = audit_words.load(connection(), found[:limit])
    shown = [
        _entry(one, names[one.actor])
        | {"subject_name": known.subjects.get(one.subject), "lines": audit_words.lines(one, known)}
        for one in found[:limit]
    ]
    return private(
        {"items": shown, "next": following, "total": audit_log.count(connection(), query)}
    )


def _word(name: str, values: dict[str, str]) -> str | None:
    value = values.get(name)
    if value is not None and not re.fullmatch(r"[A-Za-z0-9_.:/@-]{1,100}", value):
        raise BadQuery(name, "格式不对，例如 parcels/100123、user:officer、site.edited")
    return value


def _instant(name: str, values: dict[str, str]) -> datetime | None:
    value = values.get(name)
    if value is None:
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        raise BadQuery(name, "应为日期或时间，例如 2026-11-22T08:00+08:00") from None
    if not 1900 <= found.year <= 2200:
        raise BadQuery(name, "年份应在 1900 到 2200 之间")
    return found if found.tzinfo else found.replace(tzinfo=nightly.CHINA)


def _entry(one: Entry, actor_name: str) -> Json:
    return {
        "seq": one.seq,
        "at": one.at.isoformat(timespec="seconds"),
        "actor": one.actor,
        "actor_name": actor_name,
        "action": one.action,
        "subject": one.subject,
        "details": one.details,
        "hash": one.hash,
    }


@bp.get("/freshness")
def waiting() -> Response:
    """Listings of one's regions that are stale, or will be within so many days."""
    mine = prefixes(guard.staff())
    values = params.once(request.args, ("within_days", "layer"))
    days = _days(values.get("within_days", "14"))
    layers = [layer for layer in LAYERS if values.get("layer", layer.name) == layer.name]
    if not layers:
        raise BadQuery("layer", f"应为：{'、'.join(layer.name for layer in LAYERS)}")
    now = datetime.now(nightly.CHINA)
    found = [
        _expiring(one)
        for layer in layers
        for one in freshness.expiring(connection(), layer, mine, now, days)
    ]
    return private({"items": found, "next": None, "total": len(found)})


def _days(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,3}", value) or int(value) > _MOST_DAYS:
        raise BadQuery("within_days", f"应为 0 到 {_MOST_DAYS} 的整数")
    return int(value)


def _expiring(one: Expiring) -> Json:
    titles = layer_named(one.layer).column("status").choices or {}
    return {
        "layer": one.layer,
        "id": one.id,
        "code": one.code,
        "name": one.name,
        "status": one.status,
        "status_text": titles.get(one.status, one.status),
        "region_code": one.region_code,
        "verified_at": one.verified_at and one.verified_at.isoformat(timespec="seconds"),
        "days_left": one.days_left,
        "pending_verification": one.stale,
    }
