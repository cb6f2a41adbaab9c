"""What the import API answers: runs, findings, differences and profiles as JSON."""

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import numpy as np
from flask import Response, send_file

from gis.crs import Crs, to_gcj02
from gis.importing.differences import Difference
from gis.importing.findings import Finding
from gis.importing.listing import Listed
from gis.importing.originals import Original
from gis.importing.profiles import Profile
from gis.importing.reports import CodeCount
from gis.importing.states import TITLES, wishes
from gis.layers import Layer, layer_named

Json = dict[str, object]


def respond(body: Json, status: int = 200, location: str | None = None) -> Response:
    """JSON that nobody may keep: it is for staff, and changes while they look."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    response = Response(text, status, content_type="application/json")
    response.cache_control.no_store = True
    if location is not None:
        response.headers["Location"] = location
    return response


def attachment(path: Path, name: str) -> Response:
    """A file to keep, streamed; the caller may remove it at once, it stays open until sent."""
    response = send_file(path.open("rb"), as_attachment=True, download_name=name, max_age=0)
    response.content_length = path.stat().st_size
    response.cache_control.no_store = True
    return response


def path_of(run_id: int) -> str:
    """Address of a run."""
    return f"/api/v1/imports/{run_id}"


def _moment(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None


def run(listed: Listed, counts: Sequence[CodeCount] | None = None) -> Json:
    """A run; ``findings`` counts by code stand in it where it is asked for alone."""
    progress = listed.progress
    found: Json = {
        "id": listed.id,
        "href": path_of(listed.id),
        "layer": listed.layer,
        "layerTitle": layer_named(listed.layer).title,
        "state": listed.state.value,
        "stateTitle": TITLES[listed.state],
        "actions": [wish.value for wish in wishes(listed.state)],
        "fileName": listed.file_name,
        "sha256": listed.file_sha256,
        "actor": listed.actor,
        "createdAt": _moment(listed.times["created_at"]),
        "stagedAt": _moment(listed.times["staged_at"]),
        "appliedAt": _moment(listed.times["applied_at"]),
        "rolledBackAt": _moment(listed.times["rolled_back_at"]),
        "counts": listed.counts,
        "problem": listed.problem,
        "progress": progress
        and {
            "step": progress.step,
            "done": progress.done,
            "total": progress.total,
            "at": _moment(progress.at),
        },
    }
    if counts is not None:
        found["options"] = listed.options
        found["evidence"] = listed.evidence
        found["findings"] = [
            {"code": one.code, "severity": one.severity.value, "count": one.count} for one in counts
        ]
    return found


def finding(one: Finding, crs: Crs) -> Json:
    """One finding of one row; ``place`` is longitude and latitude in the system asked for."""
    place = one.place
    if place is not None and crs is Crs.GCJ02:
        longitude, latitude = to_gcj02(np.array([place]))[0].tolist()
        place = (round(longitude, 7), round(latitude, 7))
    return {
        "row": one.row,
        "code": one.code,
        "severity": one.severity.value,
        "message": one.message,
        "field": one.field,
        "value": one.value,
        "place": place,
    }


def difference(one: Difference, layer: Layer) -> Json:
    """One field that would change, or did."""
    titles = {column.name: column.title for column in layer.columns}
    return {
        "row": one.row,
        "code": one.code,
        "column": one.column,
        "title": titles.get(one.column, "图形"),
        "before": one.before,
        "after": one.after,
    }


def original(one: Original) -> Json:
    """One row as it stands in its file."""
    fields = {
        name: value if isinstance(value, str | int | float | bool | None) else str(value)
        for name, value in one.fields.items()
    }
    return {"row": one.row, "table": one.table, "fields": fields, "wkt": one.wkt}


def profile(one: Profile) -> Json:
    """One saved mapping."""
    return {
        "name": one.name,
        "layer": one.layer.name,
        "mapping": one.mapping,
        "updatedAt": _moment(one.updated_at),
    }
