"""The cockpit: numbers, groups and trends of a region on one day, each from its SQL definition."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from urllib.parse import urlencode

from sqlalchemy import Connection, RowMapping, text

from gis.layers import layer_named
from server.cockpit_metrics import METRICS, Metric
from server.disposal.codes import IdleClass, State

Json = dict[str, object]

_HERE = "coalesce(region_code, '') ^@ ANY(:prefixes)"
_OPEN = "state NOT IN ('closed', 'rejected')"

STATUSES = f"""
SELECT status AS code, count(*) AS count, coalesce(sum(area_m2), 0) * 3 / 2000 AS mu FROM parcels
WHERE retired_at IS NULL AND {_HERE} GROUP BY status"""  # noqa: S608

CLASSES = f"""
SELECT class AS code, count(*) AS count,
    coalesce(sum(area_in_class_m2 - disposed_area_m2), 0) * 3 / 2000 AS mu
FROM disposal_cases WHERE {_OPEN} AND {_HERE} GROUP BY class"""  # noqa: S608

STATES = f"""
SELECT state AS code, count(*) AS count,
    coalesce(sum(area_in_class_m2 - disposed_area_m2), 0) * 3 / 2000 AS mu
FROM disposal_cases WHERE {_HERE} GROUP BY state"""  # noqa: S608

COUNTIES = f"""
SELECT r.code, r.name AS title, count(c.id) AS count,
    coalesce(sum(c.area_in_class_m2 - c.disposed_area_m2), 0) * 3 / 2000 AS mu
FROM disposal_cases c JOIN regions r ON r.code = left(c.region_code, 6)
WHERE c.{_OPEN} AND {_HERE.replace("region_code", "c.region_code")}
GROUP BY r.code, r.name ORDER BY mu DESC, r.code"""  # noqa: S608

MONTHS = f"""
SELECT to_char(m, 'YYYY-MM') AS month,
    (SELECT count(*) FROM disposal_cases WHERE {_HERE}
        AND discovered_on >= m AND discovered_on < m + interval '1 month') AS found,
    (SELECT count(*) FROM disposal_cases WHERE {_HERE}
        AND closed_on >= m AND closed_on < m + interval '1 month') AS closed
FROM generate_series(date_trunc('month', CAST(:today AS date)) - interval '11 months',
    date_trunc('month', CAST(:today AS date)), interval '1 month') AS m ORDER BY m"""  # noqa: S608

DAYS = f"""
SELECT to_char(d, 'YYYY-MM-DD') AS day,
    (SELECT count(*) FROM enquiries
        WHERE {_HERE} AND (created_at AT TIME ZONE 'Asia/Shanghai')::date = d) AS asked,
    (SELECT count(*) FROM enquiries
        WHERE {_HERE} AND (first_responded_at AT TIME ZONE 'Asia/Shanghai')::date = d) AS answered
FROM generate_series(CAST(:today AS date) - 13, CAST(:today AS date), interval '1 day') AS d
ORDER BY d"""  # noqa: S608


@dataclass(frozen=True)
class View:
    """Whose numbers: prefixes of regions, the region asked for, and the day in China."""

    prefixes: tuple[str, ...]
    region: str
    today: date

    @property
    def values(self) -> Mapping[str, object]:
        """Parameters of every definition."""
        return {"prefixes": list(self.prefixes), "today": self.today}


def metrics(connection: Connection, view: View) -> list[Json]:
    """Every number, in the order of the screen."""
    return [_metric(one, value(connection, one, view), view) for one in METRICS]


def value(connection: Connection, metric: Metric, view: View) -> Decimal | int | None:
    """What the definition gives; None where nothing can be said."""
    found: Decimal | int | None = connection.execute(text(metric.sql), _used(metric, view)).scalar()
    return found


def _used(metric: Metric, view: View) -> dict[str, object]:
    return {name: given for name, given in view.values.items() if f":{name}" in metric.sql}


def _metric(metric: Metric, found: Decimal | int | None, view: View) -> Json:
    return {
        "id": metric.id,
        "group": metric.group.value,
        "title": metric.title,
        "value": _plain(found),
        "unit": metric.unit,
        "href": address(metric.page, metric.query, metric.region_as, view.region),
        "definition": metric.definition,
    }


def address(page: str, query: Mapping[str, str], region_as: str, region: str) -> str:
    """The page behind a number, in the same region."""
    asked = {**query, **({region_as: region} if region else {})}
    return f"{page}?{urlencode(asked, safe=',')}" if asked else page


def series(connection: Connection, view: View) -> Json:
    """What charts show: by status, class, state and county, and twelve months."""
    status = layer_named("parcels").column("status").choices or {}
    classes = {one.value: one.term for one in IdleClass}
    states = {one.value: one.term for one in State}
    land, board = "/console/land/parcels", "/console/disposal/board"
    return {
        "parcels_by_status": _groups(
            connection, STATUSES, status, view, (land, "status", "region_code")
        ),
        "cases_by_class": _groups(connection, CLASSES, classes, view, (board, "class", "region")),
        "cases_by_state": _groups(connection, STATES, states, view, (board, "state", "region")),
        "cases_by_county": [
            {
                **_row(row._mapping),
                "href": address(board, {"region": row.code}, "region", ""),
            }
            for row in connection.execute(text(COUNTIES), {"prefixes": list(view.prefixes)})
        ],
        "enquiries_by_day": [
            _row(row._mapping) for row in connection.execute(text(DAYS), view.values)
        ],
        "cases_by_month": [
            _row(row._mapping) for row in connection.execute(text(MONTHS), view.values)
        ],
    }


def _groups(
    connection: Connection,
    sql: str,
    titles: Mapping[str, str],
    view: View,
    behind: tuple[str, str, str],
) -> Sequence[Json]:
    """A group for each title, in their order, those without rows left out."""
    page, name, region_as = behind
    found = {
        row.code: row._mapping
        for row in connection.execute(text(sql), {"prefixes": list(view.prefixes)})
    }
    return [
        {
            **_row(found[code]),
            "title": title,
            "href": address(page, {name: code}, region_as, view.region),
        }
        for code, title in titles.items()
        if code in found
    ]


def _row(row: RowMapping) -> Json:
    return {str(name): _plain(found) for name, found in row.items()}


def _plain(found: object) -> object:
    return round(float(found), 2) if isinstance(found, Decimal) else found
