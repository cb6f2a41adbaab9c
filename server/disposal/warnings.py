"""Warnings: lines that parcels are about to cross, step by step, until they cross or are safe."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from server.disposal.findings import Finding

_ROWS = """jsonb_to_recordset(CAST(:rows AS jsonb)) AS f(site_id bigint, region_code text,
    class text, sub_kind text, line text, line_on date, days_before integer, area_m2 numeric,
    rule_id bigint, inputs jsonb)"""

_CLEAR = text(
    f"""
UPDATE disposal_warnings w SET cleared_on = :day
WHERE w.cleared_on IS NULL AND (:under = '' OR w.region_code LIKE :under || '%')
    AND NOT EXISTS (SELECT FROM {_ROWS} WHERE f.site_id = w.site_id
        AND f.sub_kind = w.sub_kind AND f.line = w.line AND f.line_on = w.line_on)"""  # noqa: S608
)

_RAISE = text(
    f"""
INSERT INTO disposal_warnings (site_id, region_code, class, sub_kind, line, line_on, days_before,
    area_m2, rule_id, inputs, raised_on)
SELECT site_id, region_code, class, sub_kind, line, line_on, days_before, area_m2, rule_id,
    inputs, :day FROM {_ROWS} ORDER BY site_id, sub_kind, line
ON CONFLICT ON CONSTRAINT uq_disposal_warnings_step
    DO UPDATE SET cleared_on = NULL WHERE disposal_warnings.cleared_on IS NOT NULL"""  # noqa: S608
)


def keep(connection: Connection, coming: Sequence[Finding], day: date, under: str) -> None:
    """Raise what is new, clear what has passed or is no longer true, below a region."""
    rows = [
        {
            "site_id": one.site_id,
            "region_code": one.region_code,
            "class": one.kind.idle_class.value,
            "sub_kind": one.kind.value,
            "line": one.line,
            "line_on": one.line_on and one.line_on.isoformat(),
            "days_before": one.days_before,
            "area_m2": str(one.area_m2),
            "rule_id": one.rule_id,
            "inputs": dict(one.inputs),
        }
        for one in coming
    ]
    asked = {"rows": json.dumps(rows), "day": day, "under": under}
    connection.execute(_CLEAR, asked)
    connection.execute(_RAISE, {"rows": asked["rows"], "day": day})


@dataclass(frozen=True)
class WarningsQuery:
    """Which warnings: below regions, of a class, of at most some days; ``limit`` from a place on.

    ``after`` is the place of the last one seen: its day and id.
    """

    day: date
    prefixes: tuple[str, ...]
    idle_class: str | None = None
    within_days: int | None = None
    limit: int = 100
    after: tuple[date, int] | None = None


_CURRENT = """
    SELECT DISTINCT ON (w.site_id, w.sub_kind, w.line, w.line_on) w.*
    FROM disposal_warnings w
    WHERE w.cleared_on IS NULL AND w.line_on > :day
        AND w.region_code LIKE ANY(:prefixes) AND (CAST(:class AS text) IS NULL OR class = :class)
        AND (CAST(:within AS int) IS NULL OR w.line_on - :day <= :within)
    ORDER BY w.site_id, w.sub_kind, w.line, w.line_on, w.days_before"""

_PAGE = text(
    f"""
SELECT w.id, w.site_id, p.code, p.name, w.region_code, r.name AS region_name,
    coalesce(nullif(p.holder_name, ''), '') AS holder_name, w.class, w.sub_kind, w.line,
    w.line_on, w.line_on - :day AS days_left, w.days_before, w.area_m2, w.raised_on, w.inputs,
    w.rule_id, c.title AS rule_title, c.source AS rule_source, c.article AS rule_article,
    c.version AS rule_version
FROM ({_CURRENT}) w JOIN parcels p ON p.id = w.site_id
JOIN regions r ON r.code = w.region_code JOIN classification_rules c ON c.id = w.rule_id
WHERE CAST(:after_on AS date) IS NULL OR (w.line_on, w.id) > (:after_on, :after_id)
ORDER BY w.line_on, w.id LIMIT :limit"""  # noqa: S608
)

_COUNT = text(f"SELECT count(*) FROM ({_CURRENT}) w")  # noqa: S608


def page(connection: Connection, query: WarningsQuery) -> tuple[int, list[Mapping[str, Any]]]:
    """How many warnings there are, and a page of them with one more row if there is a next."""
    after_on, after_id = query.after or (None, None)
    asked = {
        "day": query.day,
        "prefixes": [f"{prefix}%" for prefix in query.prefixes],
        "class": query.idle_class,
        "within": query.within_days,
    }
    total = connection.execute(_COUNT, asked).scalar_one()
    place = {"after_on": after_on, "after_id": after_id, "limit": query.limit + 1}
    rows = connection.execute(_PAGE, {**asked, **place}).mappings().all()
    return total, [dict(row) for row in rows]
