"""Land that a person found idle: checked, made a case, audited."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection, select

from gis import audit
from gis.tables import SITES
from server.accounts.principals import Principal, Role
from server.disposal.codes import IdleClass, Source
from server.disposal.discovery import Discovery, Finder, Found, UnknownSite, discover_all
from server.disposal.fields import InvalidInputs

_FINDERS = (Role.OFFICER, Role.REVIEWER)
_BY_PEOPLE = (Source.PATROL, Source.SATELLITE, Source.REPORT)


@dataclass(frozen=True)
class Seen:
    """What a person saw; the whole parcel where no area is given, today where no day is."""

    site_id: int
    idle_class: IdleClass
    source: Source
    area_m2: Decimal | None
    found_on: date | None
    idle_since: date | None
    is_legal: bool | None
    note: str


def register(connection: Connection, seen: Seen, who: Principal, today: date) -> Found:
    """The case of what was seen: UnknownSite, Forbidden or InvalidInputs."""
    parcels = SITES["parcels"]
    row = connection.execute(
        select(parcels.c.region_code, parcels.c.area_m2).where(
            parcels.c.id == seen.site_id, parcels.c.retired_at.is_(None)
        )
    ).first()
    if row is None or row.region_code is None:
        raise UnknownSite(seen.site_id)
    who.require(_FINDERS, row.region_code)
    found_on = seen.found_on or today
    _check(seen, found_on, today, row.area_m2)
    area = row.area_m2 if seen.area_m2 is None else round(seen.area_m2, 2)
    finding = Discovery(
        seen.site_id,
        seen.idle_class,
        area,
        found_on,
        seen.source,
        None,
        {"note": seen.note},
        seen.idle_since,
        seen.is_legal,
    )
    role = next(role for role in _FINDERS if who.may((role,), row.region_code))
    by = Finder(who.actor, who.user_id, role.value, seen.note)
    found = discover_all(connection, [finding], by)[0]
    if found.is_new:
        details = {
            "site_id": seen.site_id,
            "class": seen.idle_class.value,
            "source": seen.source.value,
            "area_m2": f"{area:f}",
            "note": seen.note,
        }
        subject = f"disposal_cases/{found.case_id}"
        audit.record(connection, who.actor, audit.Action.CASE_FOUND, subject, details)
    return found


def _check(seen: Seen, found_on: date, today: date, parcel_area_m2: Decimal) -> None:
    wrong = {}
    if seen.source not in _BY_PEOPLE:
        wrong["source"] = "人工登记的来源应为巡查、卫片或举报"
    if found_on > today or (seen.idle_since or found_on) > found_on:
        wrong["found_on"] = "发现日期不能晚于今天，起算日期不能晚于发现日期"
    if seen.area_m2 is not None and not 0 < round(seen.area_m2, 2) <= parcel_area_m2:
        wrong["area_m2"] = f"面积应大于 0 且不大于地块面积 {parcel_area_m2} 平方米"
    if seen.is_legal and seen.idle_class not in (IdleClass.GEWY, IdleClass.YEWJ):
        wrong["legal"] = "法定闲置程序只用于供而未用和用而未尽"
    if wrong:
        raise InvalidInputs(wrong)
