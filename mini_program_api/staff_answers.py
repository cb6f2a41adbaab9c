"""Answers for staff: JSON that nobody else may keep, and users as JSON."""

import json
from collections.abc import Sequence

from flask import Response
from sqlalchemy import Connection

from gis import regions
from server.accounts import users
from server.accounts.principals import ROLE_TITLES, Grant, Principal

Json = dict[str, object]

EVERYWHERE = "全部"


def private(body: object, status: int = 200) -> Response:
    """JSON that is for the one who asked."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    response = Response(text, status, content_type="application/json")
    response.headers["Cache-Control"] = "private, no-store"
    return response


def user(connection: Connection, who: Principal) -> Json:
    """Who is logged in."""
    return {
        "id": who.user_id,
        "username": who.username,
        "name": who.name,
        "totp": users.of(connection, who.user_id).has_totp,
        "grants": grants(connection, who.grants),
    }


def grants(connection: Connection, granted: Sequence[Grant]) -> list[Json]:
    """Roles in regions, in words."""
    names = regions.names(connection, {one.region_code for one in granted}) | {"": EVERYWHERE}
    return [
        {
            "role": one.role.value,
            "role_text": ROLE_TITLES[one.role],
            "region_code": one.region_code,
            "region_name": names.get(one.region_code, one.region_code),
        }
        for one in granted
    ]
