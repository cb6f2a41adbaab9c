"""Visits to land: on which days offices show it, and which sites are still worth the way."""

from datetime import date, timedelta

from server.disposal.clocks import is_working_day

OFFERED = 10
"""Working days that an investor may choose from, beginning with the next one."""

_GONE = {
    "parcels": frozenset({"sold", "undisclosed"}),
    "plants": frozenset({"occupied", "undisclosed"}),
    "parks": frozenset({"full", "undisclosed"}),
}
"""Statuses of sites that nobody can have any more: they are asked about, not visited."""


class NoVisit(ValueError):
    """The site can no longer be had."""


class NoVisitDay(ValueError):
    """Nobody shows land on that day; ``days`` are those on which somebody does."""

    def __init__(self, days: tuple[date, ...]) -> None:
        super().__init__(days)
        self.days = days


def days(today: date) -> tuple[date, ...]:
    """The working days that are offered on a day of China, 调休 counted in."""
    found: list[date] = []
    day = today
    while len(found) < OFFERED:
        day += timedelta(days=1)
        if is_working_day(day):
            found.append(day)
    return tuple(found)


def require(layer: str, status: str, wanted: date, today: date) -> None:
    """Raise :class:`NoVisit` or :class:`NoVisitDay` for a visit that cannot be."""
    if status in _GONE[layer]:
        raise NoVisit(layer)
    if wanted not in (offered := days(today)):
        raise NoVisitDay(offered)
