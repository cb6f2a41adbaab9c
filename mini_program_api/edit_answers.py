"""What edits answer: history in words, and statuses that may follow."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, select

from gis.layers import Layer
from gis.revisions import Row, Step
from gis.tables import SITES, regions
from gis.words import NOTHING, OUTLINE, in_words
from server.accounts import names as actors
from server.accounts.transitions import Allowed, Standing

Json = dict[str, object]

_ACTIONS = {"edit": "修改", "import": "导入", "created": "新增"}


def transitions(site: Standing, version: int, found: Sequence[Allowed]) -> Json:
    """The present status and those that may follow."""
    titles = site.layer.column("status").choices or {}
    return {
        "status": site.status,
        "title": titles[site.status],
        "version": version,
        "allowed": allowed(found),
    }


def allowed(found: Sequence[Allowed]) -> list[Json]:
    """Statuses with their titles and the rules that allow them."""
    return [{"status": one.status, "title": one.title, "source": one.source} for one in found]


def history(connection: Connection, layer: Layer, steps: Sequence[Step]) -> Json:
    """Changes in words: titles of columns, terms of codes, names of regions and people."""
    people = actors.names(connection, (step.actor for step in steps))
    places = _places(connection, steps)
    return {
        "items": [
            {
                "version": step.version,
                "at": step.at.isoformat(timespec="seconds"),
                "actor": step.actor,
                "actor_name": people[step.actor],
                "action": step.action,
                "action_text": _ACTIONS.get(step.action, step.action),
                "reason": step.reason,
                "changes": _changes(layer, step, places),
            }
            for step in steps
        ],
        "next": None,
        "total": len(steps),
    }


def _changes(layer: Layer, step: Step, places: Mapping[str, str]) -> list[Json]:
    before, after = step.before, step.after
    if before is None:
        return []
    found: list[Json] = [
        {
            "column": column.name,
            "title": column.title,
            "before": before.get(column.name),
            "after": after.get(column.name),
            "before_text": in_words(column, before.get(column.name), places),
            "after_text": in_words(column, after.get(column.name), places),
        }
        for column in layer.columns
        if before.get(column.name) != after.get(column.name)
    ]
    if before.get("geom") != after.get("geom"):
        found.append(_unwritten("geom", OUTLINE, _area(before), _area(after)))
    if before.get("retired_at") != after.get("retired_at"):
        found.append(_unwritten("retired_at", "状况", "现行", "已分割或合并"))
    return found


def _unwritten(column: str, title: str, before: str, after: str) -> Json:
    return {
        "column": column,
        "title": title,
        "before": None,
        "after": None,
        "before_text": before,
        "after_text": after,
    }


def _area(row: Row) -> str:
    area = row.get("area_planar_m2")
    return NOTHING if area is None else f"图形 {area} m²"


def _places(connection: Connection, steps: Sequence[Step]) -> dict[str, str]:
    """Names of every region and park that stands in the steps."""
    rows = [row for step in steps for row in (step.before, step.after) if row is not None]
    found: dict[str, str] = {}
    for column, table in (("region_code", regions), ("park_code", SITES["parks"])):
        codes = {row[column] for row in rows if row.get(column)}
        named = select(table.c.code, table.c.name).where(table.c.code.in_(sorted(codes)))
        found |= {row.code: row.name for row in connection.execute(named)}
    return found
