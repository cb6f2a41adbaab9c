"""Evidence of a case: photos and papers, where they say they were taken, how far that is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import IO, Any

import numpy as np
from sqlalchemy import Connection, Row, func, insert, select

from gis import audit
from gis.crs import CGCS2000, from_gcj02
from gis.tables import SITES
from server.accounts.principals import Principal, Role
from server.disposal.case import Case
from server.disposal.parameters import parameters
from server.disposal.tables import disposal_evidence
from server.files.blobs import Blobs
from server.files.documents import store_document
from server.files.photos import store_photo

UPLOADERS = (Role.OFFICER, Role.REVIEWER)
MOST_BYTES = 20 << 20


class UnknownFile(LookupError):
    """The case has no file of that number."""


class Kind(StrEnum):
    """What was uploaded."""

    PHOTO = "photo"
    DOCUMENT = "document"
    ELECTRICITY = "electricity"
    SOCIAL_INSURANCE = "social_insurance"
    TAX = "tax"

    @property
    def term(self) -> str:
        """The Chinese term."""
        return KIND_TITLES[self]


KIND_TITLES = {
    Kind.PHOTO: "现场照片",
    Kind.DOCUMENT: "材料",
    Kind.ELECTRICITY: "用电量证明",
    Kind.SOCIAL_INSURANCE: "社保缴纳证明",
    Kind.TAX: "纳税证明",
}
"""Papers of use, insurance and tax show whether a plant stands still."""


class PhoneCrs(StrEnum):
    """What a phone's position is in: WeChat and Chinese maps give GCJ-02, browsers WGS 84."""

    GCJ02 = "gcj02"
    WGS84 = "wgs84"
    CGCS2000 = "cgcs2000"


@dataclass(frozen=True)
class Upload:
    """What a person says of a file: where and when, in degrees of ``crs``, longitude first."""

    kind: Kind
    file_name: str
    taken_at: datetime | None
    position: tuple[float, float] | None
    crs: PhoneCrs
    note: str | None


@dataclass(frozen=True)
class Kept:
    """Evidence that is kept: its number, and whether the case had the same bytes before."""

    id: int
    is_new: bool


@dataclass(frozen=True)
class _Stored:
    sha256: str
    mime: str
    size_bytes: int
    width: int | None = None
    height: int | None = None
    exif_taken_at: datetime | None = None
    exif: tuple[float, float] | None = None


@dataclass(frozen=True)
class Archive:
    """Where evidence goes: rows in a transaction, bytes in the storage."""

    connection: Connection
    blobs: Blobs


def keep(archive: Archive, case: Case, stream: IO[bytes], upload: Upload, who: Principal) -> Kept:
    """Store the file and what is said of it; the same bytes again are the same evidence.

    Raises Forbidden or FileRefused. A position far from the parcel is kept and marked, for a
    person to judge.
    """
    who.require(UPLOADERS, case.region_code)
    stored = _stored(archive.blobs, stream, upload.kind)
    connection, table = archive.connection, disposal_evidence
    same = select(table.c.id).where(table.c.case_id == case.id, table.c.sha256 == stored.sha256)
    before = connection.execute(same).scalar()
    if before is not None:
        return Kept(before, False)
    declared = None if upload.position is None else _in_storage(upload.position, upload.crs)
    distances = [_distance_m(connection, case.site_id, at) for at in (declared, stored.exif)]
    most = float(parameters(connection, case.region_code, case.last_on)["photo_distance_m"].value)
    row = {
        "case_id": case.id,
        "kind": upload.kind.value,
        "file_name": upload.file_name,
        "sha256": stored.sha256,
        "mime": stored.mime,
        "size_bytes": stored.size_bytes,
        "width": stored.width,
        "height": stored.height,
        "taken_at": upload.taken_at,
        "exif_taken_at": stored.exif_taken_at,
        "position": _point(declared),
        "exif_position": _point(stored.exif),
        "distance_m": distances[0],
        "exif_distance_m": distances[1],
        "is_far": any(d is not None and d > most for d in distances),
        "note": upload.note,
        "actor": who.actor,
        "user_id": who.user_id,
    }
    evidence_id: int = connection.execute(
        insert(table).values(row).returning(table.c.id)
    ).scalar_one()
    details = {name: row[name] for name in ("kind", "file_name", "sha256", "distance_m", "is_far")}
    subject = f"disposal_cases/{case.id}"
    audit.record(
        connection,
        who.actor,
        audit.Action.CASE_EVIDENCE,
        subject,
        {"evidence_id": evidence_id, **details},
    )
    return Kept(evidence_id, True)


def _stored(blobs: Blobs, stream: IO[bytes], kind: Kind) -> _Stored:
    if kind is not Kind.PHOTO:
        paper = store_document(blobs, stream, MOST_BYTES)
        return _Stored(paper.sha256, paper.mime, paper.size)
    photo = store_photo(blobs, stream)
    exif = None
    if photo.longitude is not None and photo.latitude is not None:
        exif = (photo.longitude, photo.latitude)
    return _Stored(
        photo.sha256,
        photo.mime,
        photo.size,
        photo.width,
        photo.height,
        photo.taken_at,
        exif,
    )


def _in_storage(position: tuple[float, float], crs: PhoneCrs) -> tuple[float, float]:
    """The position in CGCS2000; WGS 84 differs from it by centimetres."""
    if crs is not PhoneCrs.GCJ02:
        return position
    longitude, latitude = from_gcj02(np.array([position]))[0]
    return float(longitude), float(latitude)


def _point(position: tuple[float, float] | None) -> Any:
    if position is None:
        return None
    return func.ST_SetSRID(func.ST_MakePoint(*position), CGCS2000)


def _distance_m(
    connection: Connection, site_id: int, position: tuple[float, float] | None
) -> float | None:
    """Metres on the ellipsoid from a position to the parcel, 0 within it."""
    if position is None:
        return None
    parcels = SITES["parcels"]
    distance = func.ST_Distance(func.geography(parcels.c.geom), func.geography(_point(position)))
    found: float = connection.execute(select(distance).where(parcels.c.id == site_id)).scalar_one()
    return found


def file_of(connection: Connection, case_id: int, evidence_id: int) -> Row[Any]:
    """Kind, name, digest and type of one file of a case; :class:`UnknownFile`."""
    table = disposal_evidence
    columns: Sequence[Any] = (table.c.kind, table.c.file_name, table.c.sha256, table.c.mime)
    found = connection.execute(
        select(*columns).where(table.c.case_id == case_id, table.c.id == evidence_id)
    ).first()
    if found is None:
        raise UnknownFile(evidence_id)
    return found
