"""The privacy notice in force, and who agreed to it when."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, Select, func, select
from sqlalchemy.dialects.postgresql import insert

from gis.audit import Action, record
from server.people.tables import consents, privacy_notices


class ConsentRequired(PermissionError):
    """Personal data was about to be stored of somebody who has not agreed to the notice."""

    def __init__(self, version: str) -> None:
        super().__init__(version)
        self.version = version


class OtherNotice(ValueError):
    """Consent was given to a text that is not the one in force."""

    def __init__(self, version: str) -> None:
        super().__init__(version)
        self.version = version


@dataclass(frozen=True)
class Notice:
    """What investors are told about their data."""

    version: str
    effective_from: date
    text: str


def current_version() -> Select[str]:
    """The version in force on this day in China."""
    row = privacy_notices.c
    return (
        select(row.version)
        .where(row.effective_from <= func.current_date())
        .order_by(row.effective_from.desc(), row.version.desc())
        .limit(1)
    )


def current(connection: Connection) -> Notice:
    """The notice in force."""
    row = privacy_notices.c
    asked = select(row.version, row.effective_from, row.text)
    found = connection.execute(
        asked.where(row.version == current_version().scalar_subquery())
    ).one()
    return Notice(found.version, found.effective_from, found.text)


def agree(connection: Connection, investor_id: int, version: str) -> None:
    """Record that the investor agreed; :class:`OtherNotice` if that is not the text in force."""
    in_force = connection.execute(current_version()).scalar_one()
    if version != in_force:
        raise OtherNotice(in_force)
    given = insert(consents).values(investor_id=investor_id, version=version)
    if connection.execute(given.on_conflict_do_nothing()).rowcount:
        subject = f"investors/{investor_id}"
        actor = f"investor:{investor_id}"
        record(connection, actor, Action.CONSENT_GIVEN, subject, {"version": version})


def require_consent(connection: Connection, investor_id: int) -> None:
    """:class:`ConsentRequired` unless the investor agreed to the notice in force."""
    in_force = connection.execute(current_version()).scalar_one()
    agreed = select(consents.c.at).where(
        consents.c.investor_id == investor_id, consents.c.version == in_force
    )
    if connection.execute(agreed).first() is None:
        raise ConsentRequired(in_force)
