"""Revisions: what a site was before each change, kept exactly, and read back as history."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from gis.layers import Layer
from gis.tables import SITES

Row = Mapping[str, Any]

_GEOMETRIES = ("geom", "geom_gcj02")
_MOST = 500


def row_json(layer: Layer) -> str:
    """SQL of a site's row ``t`` as JSON, exactly: geometry as EWKB, numbers as decimals."""
    names = [c.name for c in SITES[layer.name].c if c.name not in _GEOMETRIES]
    exact = ", ".join(f"'{name}', ST_AsHEXEWKB(t.{name})" for name in _GEOMETRIES)
    plain = ", ".join(f"t.{name}" for name in names)
    return f"(SELECT to_jsonb(r) FROM (SELECT {plain}) r) || jsonb_build_object({exact})"


@dataclass(frozen=True)
class Revising:
    """Who changes a site and why, as its history tells."""

    actor: str
    action: str
    reason: str


def keep(connection: Connection, layer: Layer, site_id: int, version: int, by: Revising) -> None:
    """Store the row of a site that is about to change, if it still is of that version."""
    connection.execute(
        text(
            f"INSERT INTO revisions (layer, site_id, version, row, actor, action, reason)"
            f" SELECT :layer, t.id, t.version, {row_json(layer)}, :actor, :action, :reason"
            f" FROM {layer.name} t WHERE t.id = :id AND t.version = :version"
        ),
        {
            "layer": layer.name,
            "id": site_id,
            "version": version,
            "actor": by.actor,
            "action": by.action,
            "reason": by.reason,
        },
    )


@dataclass(frozen=True)
class Step:
    """One change of a site: who made version ``version`` of what was there before, and when.

    ``before`` is None where the change made the site.
    """

    version: int
    at: datetime
    actor: str
    action: str
    reason: str
    before: Row | None
    after: Row


def steps(connection: Connection, layer: Layer, site_id: int) -> list[Step]:
    """The changes of a site that are known, the newest first."""
    kept = connection.execute(
        text(
            "SELECT r.version, r.row, r.replaced_at, r.reason, i.id AS run, i.file_name,"
            " coalesce(r.actor, i.asked_by, i.actor, 'system') AS actor,"
            " coalesce(r.action, 'import') AS action"
            " FROM revisions r LEFT JOIN import_runs i ON i.id = r.import_id"
            " WHERE r.layer = :layer AND r.site_id = :id ORDER BY r.version DESC LIMIT :most"
        ),
        {"layer": layer.name, "id": site_id, "most": _MOST},
    ).all()
    now = connection.execute(
        text(
            f"SELECT {row_json(layer)} AS row, i.id AS run, i.file_name, t.created_at AS at,"
            f" coalesce(i.asked_by, i.actor, 'system') AS actor FROM {layer.name} t"
            f" LEFT JOIN import_runs i ON i.id = t.created_import_id WHERE t.id = :id"
        ),
        {"id": site_id},
    ).one()
    found, after = [], now.row
    for row in kept:
        reason = row.reason or _of_run(row.run, row.file_name)
        version = int(after["version"])
        found.append(Step(version, row.replaced_at, row.actor, row.action, reason, row.row, after))
        after = row.row
    if len(kept) < _MOST:
        reason = _of_run(now.run, now.file_name)
        version = int(after["version"])
        found.append(Step(version, now.at, now.actor, "created", reason, None, after))
    return found


def _of_run(run_id: int | None, file_name: str | None) -> str:
    return f"导入批次 {run_id}：{file_name}" if run_id else ""
