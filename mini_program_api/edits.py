"""Edits of sites by staff: change, see what may follow, read the history."""

import json
from typing import Annotated

from flask import Blueprint, Response, request
from pydantic import Field

from gis import editing, features, revisions
from gis.layers import Audience, Layer
from gis.scope import covers, region_of
from mini_program_api import bodies, edit_answers, params
from mini_program_api.access import prefixes
from mini_program_api.bodies import Body
from mini_program_api.staff_answers import private
from mini_program_api.writes import Reply, Write, change, if_match
from server import nightly
from server.accounts import editing as deciding
from server.accounts import guard, transitions
from server.accounts.editing import EDITORS, Wanted
from server.accounts.principals import Forbidden
from server.accounts.transitions import Standing
from server.request import connection, settings

bp = Blueprint("edits", __name__, url_prefix="/api/v1")


class EditForm(Body):
    """An edit: columns with their new values, and why."""

    changes: Annotated[dict[str, object], Field(max_length=100)] = Field(default_factory=dict)
    reason: Annotated[str, Field(min_length=2, max_length=500, pattern=r"\S")]
    verified: bool = False


@bp.patch("/<drawn:layer>/<int:site_id>")
@change(*EDITORS)
def edit(write: Write, layer: Layer, site_id: int) -> Reply:
    """Change columns of a site, of the version that ``If-Match`` names."""
    params.once(request.args, ())
    form = bodies.parse(EditForm)
    wanted = Wanted(layer, site_id, if_match(), form.changes, form.reason.strip(), form.verified)
    decimals = settings().public_decimals
    after = deciding.edit(write.connection, write.who, wanted, decimals, nightly.today())
    feature = features.feature(write.connection, layer, Audience.STAFF, site_id)
    own = json.loads(feature.text)["properties"]
    return Reply({"id": site_id, **own}, headers={"ETag": f'"{after["version"]}"'})


@bp.get("/<drawn:layer>/<int:site_id>/transitions")
def may_follow(layer: Layer, site_id: int) -> Response:
    """Statuses that the asker may set."""
    params.once(request.args, ())
    _require_mine(layer, site_id)
    row = editing.current(connection(), layer, site_id)
    site = Standing(layer, row["status"], row["region_code"])
    found = transitions.allowed(connection(), guard.staff(), site, nightly.today())
    return private(edit_answers.transitions(site, row["version"], found))


@bp.get("/<drawn:layer>/<int:site_id>/history")
def history(layer: Layer, site_id: int) -> Response:
    """Every known change of a site in words, the newest first."""
    params.once(request.args, ())
    _require_mine(layer, site_id)
    found = revisions.steps(connection(), layer, site_id)
    return private(edit_answers.history(connection(), layer, found))


def _require_mine(layer: Layer, site_id: int) -> None:
    """Raise ``Forbidden`` where the site lies in no region of the asker's."""
    mine = prefixes(guard.staff())
    region_code = region_of(connection(), layer, site_id)
    if not covers(mine, region_code):
        raise Forbidden(region_code)
