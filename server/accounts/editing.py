"""Who may edit which site how, and what is left of it in audit."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from gis import editing
from gis.audit import Action, record
from gis.editing import Edit
from gis.layers import Layer
from gis.revisions import Revising, Row
from server.accounts import transitions
from server.accounts.principals import Principal, Role
from server.accounts.transitions import Standing

EDITORS = (Role.OFFICER, Role.REVIEWER, Role.GIS)
"""Who changes sites one by one; which statuses they may set is for the rules to say."""


@dataclass(frozen=True)
class Wanted:
    """What somebody wants to change of a site: of which version, why, and whether they looked."""

    layer: Layer
    site_id: int
    version: int
    changes: Mapping[str, object]
    reason: str
    verified: bool


def edit(connection: Connection, who: Principal, wanted: Wanted, decimals: int, day: date) -> Row:
    """Change the site; its row afterwards.

    Raises ``UnknownFeature``, ``Forbidden``, ``StaleVersion``, ``IllegalTransition``, ``BadQuery``.
    """
    layer, site_id = wanted.layer, wanted.site_id
    before = editing.current(connection, layer, site_id)
    who.require(EDITORS, before["region_code"])
    if before["version"] != wanted.version:
        raise editing.StaleVersion(site_id, before)
    target = editing.parse(connection, layer, wanted.changes)
    if "region_code" in target:
        who.require(EDITORS, target["region_code"])
    status = target.get("status", before["status"])
    if status is not None and status != before["status"]:
        standing = Standing(layer, before["status"], before["region_code"])
        transitions.require(connection, who, standing, status, day)
    by = Revising(who.actor, "edit", wanted.reason)
    change = Edit(site_id, wanted.version, wanted.changes, wanted.verified, by)
    after, changes = editing.apply(connection, layer, change, decimals)
    details = {
        "version": after["version"],
        "reason": wanted.reason,
        "verified": wanted.verified,
        "changes": changes,
    }
    record(connection, who.actor, Action.SITE_EDITED, f"{layer.name}/{site_id}", details)
    return after
