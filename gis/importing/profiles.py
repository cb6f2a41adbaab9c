"""Saved field mappings: what the fields of one source of files are, to be used again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from gis.importing.fields import suggest
from gis.layers import Layer, layer_named
from gis.tables import import_profiles


class UnknownProfile(LookupError):
    """There is no profile of that name, or it is one of another layer."""


@dataclass(frozen=True)
class Profile:
    """``mapping`` says ``{field: "column[:unit]"}``, or None for a field to leave out."""

    name: str
    layer: Layer
    mapping: Mapping[str, str | None]
    updated_at: datetime | None = None


def save(connection: Connection, profile: Profile) -> None:
    """Keep the profile, in place of one of the same name; ``BadMapping`` if it names no column."""
    suggest(profile.layer, list(profile.mapping), profile.mapping)
    values = {
        "layer": profile.layer.name,
        "mapping": dict(profile.mapping),
        "updated_at": func.now(),
    }
    connection.execute(
        insert(import_profiles)
        .values(name=profile.name, **values)
        .on_conflict_do_update(index_elements=["name"], set_=values)
    )


def load(connection: Connection, name: str) -> Profile:
    """The profile of that name; :class:`UnknownProfile` if there is none."""
    statement = select(import_profiles).where(import_profiles.c.name == name)
    row = connection.execute(statement).one_or_none()
    if row is None:
        raise UnknownProfile(name)
    return Profile(row.name, layer_named(row.layer), row.mapping, row.updated_at)


def listed(connection: Connection) -> list[Profile]:
    """Every profile, by name."""
    rows = connection.execute(select(import_profiles).order_by(import_profiles.c.name))
    return [Profile(r.name, layer_named(r.layer), r.mapping, r.updated_at) for r in rows]


def remove(connection: Connection, name: str) -> None:
    """Forget the profile; :class:`UnknownProfile` if there is none."""
    removed = connection.execute(delete(import_profiles).where(import_profiles.c.name == name))
    if not removed.rowcount:
        raise UnknownProfile(name)
