"""Saved searches: evaluated when the data changed; each new match is told of once."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from server.outbox import Kind, post
from server.people.quota import Kept, require_room
from server.people.tables import search_matches, searches

Match = tuple[str, int]
"""Name of the layer and number of a site."""


@dataclass(frozen=True)
class Asked:
    """What a path asks: ``stamp`` names the versions of the data, ``matches`` finds the sites."""

    stamp: Callable[[Connection], str]
    matches: Callable[[Connection], Sequence[Match]]


Codec = Callable[[str], Asked]
"""Parses the path of a search as the API parses its own; raises what a bad one raises there."""


class UnknownSearch(LookupError):
    """The investor has no search of that number."""


@dataclass(frozen=True)
class Wish:
    """What an investor wants to be told of."""

    name: str
    path: str
    notify: bool


@dataclass(frozen=True)
class Saved:
    """A saved search, and how many of its matches its owner has not seen."""

    id: int
    name: str
    path: str
    notify: bool
    created_at: datetime
    new_matches: int


def save(connection: Connection, codec: Codec, investor_id: int, wish: Wish) -> int:
    """Save a search; what it finds today is not new."""
    asked = codec(wish.path)
    require_room(connection, Kept.SEARCHES, investor_id)
    # The stamp first: a change in between is looked at again.
    stamp, found = asked.stamp(connection), asked.matches(connection)
    made = insert(searches).values(
        investor_id=investor_id,
        name=wish.name,
        path=wish.path,
        notify=wish.notify,
        evaluated=stamp,
    )
    search_id = int(connection.execute(made.returning(searches.c.id)).scalar_one())
    _remember(connection, search_id, found, seen=True)
    return search_id


def listed(connection: Connection, investor_id: int) -> list[Saved]:
    """The searches of an investor, the newest first."""
    row, match = searches.c, search_matches.c
    unseen = (
        select(func.count())
        .where(match.search_id == row.id, match.seen_at.is_(None))
        .scalar_subquery()
    )
    asked = select(
        row.id, row.name, row.path, row.notify, row.created_at, unseen.label("new_matches")
    ).where(row.investor_id == investor_id)
    return [Saved(*found) for found in connection.execute(asked.order_by(row.id.desc()))]


def remove(connection: Connection, investor_id: int, search_id: int) -> None:
    """Forget a search; :class:`UnknownSearch` if the investor has none of that number."""
    row = searches.c
    mine = delete(searches).where(row.id == search_id, row.investor_id == investor_id)
    if connection.execute(mine).rowcount == 0:
        raise UnknownSearch(search_id)


def new_matches(connection: Connection, investor_id: int, search_id: int) -> list[Match]:
    """Matches that the owner has not seen, the newest first."""
    _require(connection, investor_id, search_id)
    match = search_matches.c
    asked = select(match.layer, match.site_id).where(
        match.search_id == search_id, match.seen_at.is_(None)
    )
    rows = connection.execute(asked.order_by(match.found_at.desc(), match.site_id))
    return [(row.layer, row.site_id) for row in rows]


def mark_seen(connection: Connection, investor_id: int, search_id: int) -> None:
    """The owner has seen what there is."""
    _require(connection, investor_id, search_id)
    match = search_matches.c
    unseen = update(search_matches).where(match.search_id == search_id, match.seen_at.is_(None))
    connection.execute(unseen.values(seen_at=func.now()))


def _require(connection: Connection, investor_id: int, search_id: int) -> None:
    row = searches.c
    mine = select(row.id).where(row.id == search_id, row.investor_id == investor_id)
    if connection.execute(mine).first() is None:
        raise UnknownSearch(search_id)


def due(connection: Connection, stamps: Sequence[str], after_id: int, most: int) -> Sequence[int]:
    """Numbers of searches that are true of other versions than these, which are today's."""
    row = searches.c
    asked = select(row.id).where(row.evaluated.not_in(stamps), row.id > after_id)
    return connection.execute(asked.order_by(row.id).limit(most)).scalars().all()


def evaluate(connection: Connection, codec: Codec, search_id: int) -> int:
    """Look at a search again if the data changed since; how many matches are new.

    Its row is held, so two workers never tell of the same match; a new match and the message that
    tells of it are one transaction.
    """
    row = searches.c
    found = connection.execute(
        select(row.path, row.evaluated, row.notify)
        .where(row.id == search_id)
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if found is None:
        return 0
    asked = codec(found.path)
    stamp = asked.stamp(connection)
    if stamp == found.evaluated:
        return 0
    fresh = _remember(connection, search_id, asked.matches(connection), seen=False)
    connection.execute(update(searches).where(row.id == search_id).values(evaluated=stamp))
    if fresh and found.notify:
        payload = {"search_id": search_id, "count": fresh}
        post(connection, Kind.NEW_MATCHES, payload, f"search-{search_id}-{stamp}")
    return fresh


def _remember(connection: Connection, search_id: int, found: Iterable[Match], *, seen: bool) -> int:
    """Store what was never found before; how many."""
    rows = [
        {"search_id": search_id, "layer": layer, "site_id": site_id} for layer, site_id in found
    ]
    if not rows:
        return 0
    fresh = (
        upsert(search_matches)
        .values(seen_at=func.now() if seen else None)
        .on_conflict_do_nothing()
        .returning(search_matches.c.site_id)
    )
    return len(connection.execute(fresh, rows).all())
