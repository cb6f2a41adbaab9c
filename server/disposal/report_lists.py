"""What a report lists beside its figures: overdue cases, warnings, and where the cases lie."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from server.disposal.codes import IdleClass, State
from server.disposal.figures import mu

MOST_LISTED = 200
_MOST_POINTS = 3000

_OVERDUE = text(
    """
SELECT c.case_no, p.code, p.name, p.holder_name, r.name AS region_name, c.class, c.state,
    c.deadline_on, :day - c.deadline_on AS days_late, c.responsible_unit,
    c.area_in_class_m2 - c.disposed_area_m2 AS remaining_m2
FROM disposal_cases c JOIN parcels p ON p.id = c.site_id
JOIN regions r ON r.code = c.region_code
WHERE c.region_code LIKE :under || '%' AND c.state NOT IN ('closed', 'rejected')
    AND c.deadline_on < :day AND c.last_on <= :day
ORDER BY c.deadline_on, c.id LIMIT :limit"""
)

_WARNINGS = text(
    """
SELECT DISTINCT ON (w.line_on, w.site_id, w.sub_kind, w.line) p.code, p.name, p.holder_name,
    r.name AS region_name, w.class, w.line, w.line_on, w.line_on - :day AS days_left, w.area_m2
FROM disposal_warnings w JOIN parcels p ON p.id = w.site_id
JOIN regions r ON r.code = w.region_code
WHERE w.region_code LIKE :under || '%' AND w.line_on > :day AND w.raised_on <= :day
    AND (w.cleared_on IS NULL OR w.cleared_on > :day)
ORDER BY w.line_on, w.site_id, w.sub_kind, w.line, w.days_before LIMIT :limit"""
)

_OUTLINES = text(
    """
SELECT code, name, ST_AsGeoJSON(ST_SimplifyPreserveTopology(geom, 0.002), 4) AS outline
FROM regions WHERE geom IS NOT NULL AND (code = :under OR parent_code = :under)
    AND (code <> :under OR NOT EXISTS (
        SELECT FROM regions inner_one
        WHERE inner_one.parent_code = :under AND inner_one.geom IS NOT NULL))
ORDER BY code"""
)

_POINTS = text(
    """
SELECT c.class, round(CAST(ST_X(p.place) AS numeric), 4) AS x,
    round(CAST(ST_Y(p.place) AS numeric), 4) AS y, c.area_in_class_m2 AS area_m2
FROM disposal_cases c
JOIN (SELECT id, ST_PointOnSurface(geom) AS place FROM parcels) p ON p.id = c.site_id
WHERE c.region_code LIKE :under || '%' AND c.discovered_on <= :day
    AND NOT (c.state = 'rejected' AND c.state_since <= :day)
    AND (c.closed_on IS NULL OR c.closed_on > :day)
ORDER BY c.area_in_class_m2 DESC, c.id LIMIT :limit"""
)


def overdue(connection: Connection, under: str, day: date) -> list[dict[str, object]]:
    """Open cases whose deadline had passed on a day, the latest first."""
    asked = {"under": under, "day": day, "limit": MOST_LISTED}
    return [
        {
            **_parcel(dict(row)),
            "case_no": row["case_no"],
            "state_text": State(row["state"]).term,
            "responsible_unit": row["responsible_unit"],
            "deadline_on": row["deadline_on"].isoformat(),
            "days_late": row["days_late"],
            "remaining_mu": mu(row["remaining_m2"]),
        }
        for row in connection.execute(_OVERDUE, asked).mappings()
    ]


def warnings(connection: Connection, under: str, day: date) -> list[dict[str, object]]:
    """Lines that were coming on a day, the nearest first."""
    asked = {"under": under, "day": day, "limit": MOST_LISTED}
    return [
        {
            **_parcel(dict(row)),
            "line": row["line"],
            "line_on": row["line_on"].isoformat(),
            "days_left": row["days_left"],
            "area_mu": mu(row["area_m2"]),
        }
        for row in connection.execute(_WARNINGS, asked).mappings()
    ]


def _parcel(row: Mapping[str, Any]) -> dict[str, object]:
    return {
        "code": row["code"],
        "name": row["name"],
        "holder_name": row["holder_name"],
        "region_name": row["region_name"],
        "class": row["class"],
        "class_text": IdleClass(row["class"]).term,
    }


def outlines_and_cases(connection: Connection, under: str, day: date) -> dict[str, object]:
    """Outlines of the regions below one, or its own, and a point for each open case."""
    shapes = [
        {"code": row.code, "name": row.name, "geometry": json.loads(row.outline)}
        for row in connection.execute(_OUTLINES, {"under": under})
    ]
    asked = {"under": under, "day": day, "limit": _MOST_POINTS}
    points = [
        {"class": row["class"], "x": float(row["x"]), "y": float(row["y"]),
         "area_m2": float(row["area_m2"])}
        for row in connection.execute(_POINTS, asked).mappings()
    ]  # fmt: skip
    return {"outlines": shapes, "cases": points}
