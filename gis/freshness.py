"""Freshness: how long a listing may go without anybody looking, and what becomes of it then.

A stale listing is taken from the publication by a daily job; staff see it as waiting to be verified
(待核实) until somebody verifies it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ColumnElement,
    Connection,
    Date,
    Identity,
    Index,
    Integer,
    Select,
    Table,
    Text,
    bindparam,
    case,
    func,
    or_,
    select,
    text,
    update,
)

from gis.layers import LAYERS, Layer
from gis.publish import publish
from gis.scope import under
from gis.tables import SITES, metadata

listing_expiry = Table(
    "listing_expiry",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("layer", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("days", Integer, nullable=False),
    Column("region_code", Text, nullable=False, server_default=text("''")),
    Column("effective_from", Date, nullable=False),
    Column("source", Text, nullable=False),
    CheckConstraint("days > 0", name="days"),
    Index("uq_listing_expiry", "layer", "status", "region_code", "effective_from", unique=True),
)
"""After how many days without verification a listing of a status is stale: the rule of the nearest
region counts, and of its rules the newest that has begun."""


@dataclass(frozen=True)
class Expiring:
    """A listing that is stale or soon will be: ``days_left`` until then, 0 and less when it is."""

    layer: str
    id: int
    code: str
    name: str
    status: str
    region_code: str | None
    verified_at: datetime | None
    days_left: int
    stale: bool


def expires_at(layer: Layer, day: date) -> ColumnElement[datetime]:
    """When a site becomes stale by the rules of a day; null: never.

    What nobody ever verified counts from when it was entered.
    """
    site, rule = SITES[layer.name].c, listing_expiry.c
    days = (
        select(rule.days)
        .where(
            rule.layer == layer.name,
            rule.status == site.status,
            rule.effective_from <= day,
            or_(rule.region_code == "", func.starts_with(site.region_code, rule.region_code)),
        )
        .order_by(func.length(rule.region_code).desc(), rule.effective_from.desc())
        .limit(1)
        .correlate(SITES[layer.name])
        .scalar_subquery()
    )
    seen = func.coalesce(site.verified_at, site.created_at)
    return seen + func.make_interval(0, 0, 0, days)


def refresh(connection: Connection, decimals: int, now: datetime) -> dict[str, tuple[int, int]]:
    """Hide what has become stale and show what no longer is; how many of each by layer.

    One transaction of the caller's: the flag and the publication change together.
    """
    return {layer.name: _refresh(connection, layer, decimals, now) for layer in LAYERS}


def _refresh(connection: Connection, layer: Layer, decimals: int, now: datetime) -> tuple[int, int]:
    site = SITES[layer.name]
    expired = func.coalesce(expires_at(layer, now.date()) < now, False)
    turned = expired.is_distinct_from(site.c.stale_since.is_not(None))
    changed = connection.execute(
        update(site)
        .where(site.c.retired_at.is_(None), turned)
        .values(stale_since=case((expired, now)))
        .returning(site.c.id, site.c.stale_since)
    ).all()
    if changed:
        publish(connection, layer, decimals, chosen([row.id for row in changed]))
    hidden = sum(row.stale_since is not None for row in changed)
    return hidden, len(changed) - hidden


def chosen(ids: Sequence[int]) -> Select[int]:
    """These ids as a statement, as publishing wants them."""
    return select(text("id")).select_from(
        text("unnest(CAST(:ids AS bigint[])) AS id").bindparams(bindparam("ids", list(ids)))
    )


def expiring(
    connection: Connection, layer: Layer, prefixes: Sequence[str], now: datetime, within_days: int
) -> list[Expiring]:
    """Listings in these regions that are stale or will be within so many days, oldest first."""
    site = SITES[layer.name]
    at = expires_at(layer, now.date()).label("expires_at")
    rows = connection.execute(
        select(site, at)
        .where(
            site.c.retired_at.is_(None),
            under(site.c.region_code, prefixes),
            at < now + func.make_interval(0, 0, 0, within_days),
        )
        .order_by(at, site.c.id)
    )
    return [
        Expiring(
            layer.name,
            row.id,
            row.code,
            row.name,
            row.status,
            row.region_code,
            row.verified_at,
            (row.expires_at - now).days,
            row.stale_since is not None,
        )
        for row in rows
    ]
