"""What is attached to sites: added by staff, removed but not forgotten, shown by who asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy import func as sql_func

from gis.audit import Action, record
from gis.features import UnknownFeature
from gis.layers import Layer
from gis.tables import PUBLICATIONS, SITES
from server.files.documents import StoredDocument
from server.files.photos import StoredPhoto
from server.files.tables import attachments

MOST_OF_SITE = 100


class AttachmentKind(StrEnum):
    """What is attached."""

    PHOTO = "photo"
    DOCUMENT = "document"
    PANORAMA = "panorama"


class UnknownAttachment(LookupError):
    """There is nothing of that number that the asker may see."""


class TooManyAttachments(RuntimeError):
    """The site has as many as it may have."""


Found = Row[*tuple[Any, ...]]


@dataclass(frozen=True)
class Attached:
    """What shall be attached: a stored file, or the text of a link."""

    title: str
    public: bool
    content: StoredPhoto | StoredDocument | str

    @property
    def columns(self) -> dict[str, object]:
        """The row of it, without where it belongs."""
        match self.content:
            case StoredPhoto() as photo:
                return {"kind": AttachmentKind.PHOTO.value, **vars(photo)}
            case StoredDocument() as document:
                return {"kind": AttachmentKind.DOCUMENT.value, **vars(document)}
            case link:
                return {"kind": AttachmentKind.PANORAMA.value, "link": link}


def region_of(connection: Connection, layer: Layer, site_id: int) -> str | None:
    """The region of a site; :class:`UnknownFeature` if there is no such site."""
    row = SITES[layer.name].c
    found = connection.execute(select(row.region_code).where(row.id == site_id)).one_or_none()
    if found is None:
        raise UnknownFeature(layer.name, site_id)
    return None if found.region_code is None else str(found.region_code)


def add(connection: Connection, actor: str, layer: Layer, site_id: int, attached: Attached) -> int:
    """Attach it, with its audit row; its number."""
    row = attachments.c
    here = (row.layer == layer.name, row.site_id == site_id, row.removed_at.is_(None))
    counted = select(sql_func.count()).select_from(attachments).where(*here)
    if connection.execute(counted).scalar_one() >= MOST_OF_SITE:
        raise TooManyAttachments
    made = insert(attachments).values(
        layer=layer.name,
        site_id=site_id,
        title=attached.title,
        public=attached.public,
        actor=actor,
        **attached.columns,
    )
    number = int(connection.execute(made.returning(row.id)).scalar_one())
    details = {
        "attachment": number,
        "kind": attached.columns["kind"],
        "sha256": attached.columns.get("sha256"),
        "public": attached.public,
    }
    record(connection, actor, Action.ATTACHMENT_ADDED, f"{layer.name}/{site_id}", details)
    return number


def listed(connection: Connection, layer: Layer, site_id: int, *, staff: bool) -> Sequence[Found]:
    """What is attached to a site: to the public what is public of a site that it sees."""
    if staff:
        region_of(connection, layer, site_id)
    else:
        _require_public(connection, layer, site_id)
    row = attachments.c
    asked = select(attachments).where(
        row.layer == layer.name, row.site_id == site_id, row.removed_at.is_(None)
    )
    shown = asked if staff else asked.where(row.public)
    return connection.execute(shown.order_by(row.id)).all()


def _require_public(connection: Connection, layer: Layer, site_id: int) -> None:
    public = PUBLICATIONS[layer.name].c
    if connection.execute(select(public.id).where(public.id == site_id)).first() is None:
        raise UnknownFeature(layer.name, site_id)


def one(connection: Connection, number: int) -> Found:
    """An attachment that was not removed; :class:`UnknownAttachment`."""
    row = attachments.c
    asked = select(attachments).where(row.id == number, row.removed_at.is_(None))
    found = connection.execute(asked).one_or_none()
    if found is None:
        raise UnknownAttachment(number)
    return found


def is_shown(connection: Connection, found: Found) -> bool:
    """Whether the public may have it: it is public, and so is its site."""
    public = PUBLICATIONS[found.layer].c
    site = select(public.id).where(public.id == found.site_id)
    return bool(found.public) and connection.execute(site).first() is not None


def remove(connection: Connection, actor: str, found: Found) -> None:
    """Show it no more; row and file stay, as evidence of what was shown."""
    gone = update(attachments).where(attachments.c.id == found.id)
    connection.execute(gone.values(removed_at=sql_func.now()))
    details = {"attachment": found.id, "kind": found.kind}
    subject = f"{found.layer}/{found.site_id}"
    record(connection, actor, Action.ATTACHMENT_REMOVED, subject, details)
