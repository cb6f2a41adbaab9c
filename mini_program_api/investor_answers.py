"""Answers for investors: their own things as JSON."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection, select

from mini_program_api.enquiry_answers import enquiry_of_investor
from server.people import enquiry_lists, favourites, investors, searches
from server.people.favourites import Favourite
from server.people.investors import Investor, masked
from server.people.notices import Notice
from server.people.searches import Saved
from server.people.tables import consents, subscriptions
from server.people.tables import investors as investors_table
from server.sealing import Sealer

Json = dict[str, object]

__all__ = ["everything", "favourite", "listed", "masked", "notice", "search"]


def instant(at: datetime | None) -> str | None:
    """A time as RFC 3339 text."""
    return None if at is None else at.isoformat(timespec="seconds")


def listed(items: Sequence[Json]) -> Json:
    """A whole list, which has no further pages."""
    return {"items": list(items), "next": None, "total": len(items)}


def notice(found: Notice) -> Json:
    """The privacy notice in force."""
    return {
        "version": found.version,
        "effective_from": found.effective_from.isoformat(),
        "text": found.text,
    }


def favourite(one: Favourite) -> Json:
    """A kept site."""
    status = one.layer.column("status").choices or {}
    return {
        "layer": one.layer.name,
        "id": one.site_id,
        "code": one.code,
        "name": one.name,
        "status": one.status,
        "status_text": status.get(one.status or ""),
        "area_mu": None if one.area_m2 is None else _mu(one.area_m2),
        "added_at": instant(one.added_at),
        "gone": one.gone,
    }


def _mu(area_m2: Decimal) -> float:
    return round(float(area_m2 * 3 / 2000), 4)


def search(one: Saved) -> Json:
    """A saved search."""
    return {
        "id": one.id,
        "name": one.name,
        "path": one.path,
        "notify": one.notify,
        "created_at": instant(one.created_at),
        "new_matches": one.new_matches,
    }


def everything(connection: Connection, sealer: Sealer, who: Investor) -> Json:
    """All that is stored of an investor, in full: it is theirs."""
    row = investors_table.c
    created_at = connection.execute(select(row.created_at).where(row.id == who.id)).scalar_one()
    standing = investors.standing(connection, who)
    found = enquiry_lists.of_investor(connection, who.id)
    said = enquiry_lists.said(connection, sealer, [one.id for one in found])
    agreed = select(consents.c.version, consents.c.at).where(consents.c.investor_id == who.id)
    allowed = select(subscriptions.c.kind, subscriptions.c.used_at)
    mine = allowed.where(subscriptions.c.investor_id == who.id)
    return {
        "id": who.id,
        "created_at": instant(created_at),
        "openid": investors.openid_of(connection, sealer, who.id),
        "phone": investors.phone_of(connection, sealer, who.id),
        "has_phone": standing.has_phone,
        "consented": standing.consented,
        "consents": [
            {"version": one.version, "at": instant(one.at)} for one in connection.execute(agreed)
        ],
        "subscriptions": [
            {"kind": one.kind, "used_up": one.used_at is not None}
            for one in connection.execute(mine)
        ],
        "favourites": [favourite(one) for one in favourites.listed(connection, who.id)],
        "searches": [search(one) for one in searches.listed(connection, who.id)],
        "enquiries": [enquiry_of_investor(sealer, one, said[one.id]) for one in found],
    }
