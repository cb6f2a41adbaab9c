"""Facts of the legal track as a case keeps them: read from JSON, begun from the parcel."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, select

from gis.tables import SITES
from server.disposal.case import Case
from server.disposal.codes import Cause, IdleClass
from server.disposal.fields import Value, plain
from server.disposal.legal import Facts

_DATES = (
    "supplement_start_on",
    "contract_start_on",
    "delivered_on",
    "restarted_start_on",
    "started_on",
    "stopped_on",
    "supervision_recorded_on",
)
_NUMBERS = (
    "due_area_m2",
    "developed_m2",
    "total_wan",
    "invested_wan",
    "price_wan",
)
_TRUTHS = ("mortgaged", "hoarding", "price_fully_paid", "funds_secured")

_OF_PARCEL = {
    "start_due_on": "contract_start_on",
    "delivered_on": "delivered_on",
    "started_on": "started_on",
    "developed_m2": "developed_m2",
    "invested_wan": "invested_wan",
    "investment_total_wan": "total_wan",
    "contract_price_wan": "price_wan",
    "area_m2": "due_area_m2",
}


def facts_of(case: Case) -> Facts:
    """What the case knows of the law's questions."""
    return facts(case.idle_class, case.cause, case.legal or {})


def facts(idle_class: IdleClass, cause: Cause | None, kept: Mapping[str, Any]) -> Facts:
    """Facts from JSON as :func:`server.disposal.fields.plain` wrote it."""
    dates = {name: day(kept, name) for name in _DATES}
    numbers = {name: None if kept.get(name) is None else Decimal(kept[name]) for name in _NUMBERS}
    truths = {name: kept.get(name) == "yes" for name in _TRUTHS}
    ground = kept.get("cause_ground")
    known: dict[str, Any] = {**dates, **numbers, **truths}
    return Facts(idle_class=idle_class, cause=cause, cause_ground=ground, **known)


def day(kept: Mapping[str, Any] | None, name: str) -> date | None:
    """A date that a case keeps in JSON."""
    found = (kept or {}).get(name)
    return None if found is None else date.fromisoformat(found)


def of_parcel(connection: Connection, site_id: int) -> dict[str, object]:
    """What the parcel's own record says, as the first facts of a case."""
    parcels = SITES["parcels"]
    columns = [parcels.c[name].label(fact) for name, fact in _OF_PARCEL.items()]
    row = connection.execute(select(*columns).where(parcels.c.id == site_id)).mappings().one()
    values: dict[str, Value | None] = dict(row)
    return plain(values)
