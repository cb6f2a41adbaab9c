"""Which status may follow which, by whom: dated, regional rules with a source, kept as rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, func, or_, select

from gis.layers import Layer
from server.accounts.principals import Principal, Role
from server.accounts.tables import status_transitions


@dataclass(frozen=True)
class Allowed:
    """A status that may come next, and the rule that says so."""

    status: str
    title: str
    source: str


class IllegalTransition(RuntimeError):
    """The status may not become that, or not by who asks; ``allowed`` is what may be."""

    def __init__(self, wanted: str, allowed: Sequence[Allowed]) -> None:
        super().__init__(wanted)
        self.wanted = wanted
        self.allowed = tuple(allowed)


@dataclass(frozen=True)
class Standing:
    """Where a site stands: its layer, its status, its region."""

    layer: Layer
    status: str
    region_code: str | None


def allowed(connection: Connection, who: Principal, site: Standing, day: date) -> list[Allowed]:
    """What may follow by the rules of a day for who asks, in the order of the layer's statuses."""
    roles = [role for role in Role if who.may((role,), site.region_code)]
    rule = status_transitions.c
    rows = connection.execute(
        select(rule.to_status, func.min(rule.source))
        .where(
            rule.layer == site.layer.name,
            rule.from_status == site.status,
            rule.role.in_([role.value for role in roles]),
            or_(
                rule.region_code == "",
                func.starts_with(site.region_code or "", rule.region_code),
            ),
            rule.effective_from <= day,
            or_(rule.effective_until.is_(None), rule.effective_until > day),
        )
        .group_by(rule.to_status)
    )
    sources = {row[0]: row[1] for row in rows}
    titles = site.layer.column("status").choices or {}
    return [
        Allowed(status, titles[status], sources[status]) for status in titles if status in sources
    ]


def require(connection: Connection, who: Principal, site: Standing, wanted: str, day: date) -> None:
    """Raise :class:`IllegalTransition` unless the status may become ``wanted`` by who asks."""
    found = allowed(connection, who, site, day)
    if wanted not in {one.status for one in found}:
        raise IllegalTransition(wanted, found)
