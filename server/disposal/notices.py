"""What the public sees of disposal: idle land in law, while the law wants it shown (art. 11).

闲置土地处置办法第十一条: location, holder and idle time, and the cause where it is the
government's; from the publication to the end of the disposal. Nothing else of a case is here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from server.disposal.codes import CAUSE_GROUNDS, CAUSE_TITLES, Cause

_PAGE = text(
    """
SELECT c.id, coalesce(nullif(p.address, ''), p.name) AS address, r.name AS region_name,
    city.name AS city_name, p.holder_name, c.idle_since,
    CAST(c.legal->>'published_on' AS date) AS published_on,
    CASE WHEN c.cause = 'gov' THEN c.cause END AS cause, c.legal->>'cause_ground' AS ground
FROM disposal_cases c JOIN parcels p ON p.id = c.site_id
JOIN regions r ON r.code = left(c.region_code, 6)
LEFT JOIN regions city ON city.code = left(c.region_code, 4)
WHERE c.legal->>'published_on' <= :day AND c.legal->>'withdrawn_on' IS NULL
    AND c.classified_on IS NOT NULL AND c.state NOT IN ('closed', 'rejected')
    AND p.status <> 'undisclosed' AND c.region_code LIKE :under || '%'
    AND c.id > :after_id
ORDER BY c.id LIMIT :limit"""
)


@dataclass(frozen=True)
class Notice:
    """One piece of idle land as the public may see it; ``place`` only pages."""

    place: int
    location: str
    holder_name: str
    idle_since: date | None
    published_on: date
    cause: str | None


def page(
    connection: Connection, day: date, under: str, limit: int, after_id: int = 0
) -> list[Notice]:
    """Notices below a region, one more than ``limit`` if there is a next page."""
    asked = {"day": day.isoformat(), "under": under, "limit": limit + 1, "after_id": after_id}
    return [_notice(dict(row)) for row in connection.execute(_PAGE, asked).mappings()]


def _notice(row: Mapping[str, Any]) -> Notice:
    where = (row["city_name"], row["region_name"], row["address"])
    location = "".join(part for part in where if part)
    cause = None
    if row["cause"] is not None:
        ground = CAUSE_GROUNDS.get(row["ground"] or "", "")
        cause = f"{CAUSE_TITLES[Cause.GOV]}{ground}"
    return Notice(
        row["id"],
        location,
        row["holder_name"] or "",
        row["idle_since"],
        row["published_on"],
        cause,
    )


def idle_time(since: date | None, day: date) -> str:
    """How long land has been idle, in years and months: 2年3个月."""
    if since is None or since > day:
        return "不明"
    months = (day.year - since.year) * 12 + day.month - since.month - (day.day < since.day)
    years, rest = divmod(months, 12)
    return f"{years}年{rest}个月" if years else f"{rest}个月"
