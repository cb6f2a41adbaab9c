"""Files of cases: evidence that comes in from phones, documents that are made and downloaded."""

from datetime import date, datetime
from pathlib import PurePath
from typing import Annotated
from urllib.parse import quote

from flask import Blueprint, Response, request
from pydantic import Field

from gis.filters import clean_text
from gis.query import BadQuery
from mini_program_api import bodies, params
from mini_program_api import disposal_case_answers as answers
from mini_program_api.bodies import Body
from mini_program_api.disposal_cases import CASE, readable
from mini_program_api.staff_answers import private
from mini_program_api.writes import Reply, Write, change
from server.accounts import guard
from server.accounts.principals import Role
from server.disposal import documents, evidence, listing, offers
from server.disposal.case import load
from server.disposal.clocks import today
from server.disposal.codes import CAUSE_GROUNDS, Cause
from server.disposal.documents import Wanted
from server.disposal.evidence import Archive, Kind, PhoneCrs, Upload
from server.disposal.texts import DocumentKind
from server.files.blobs import blobs
from server.files.documents import DOCX
from server.request import connection, settings

bp = Blueprint("disposal_files", __name__, url_prefix="/api/v1")

_FORM = ("taken_at", "longitude", "latitude", "crs", "note", "kind")
_LONGEST_NAME, _LONGEST_NOTE = 200, 2000
_FILE = "<int(max=9223372036854775807):file_id>"


@bp.get(f"/disposal-cases/{CASE}/evidence")
def evidence_list(case_id: int) -> Response:
    """Photos and papers of a case."""
    who = guard.staff()
    params.once(request.args, ())
    readable(connection(), case_id, who)
    return private(
        {"items": [answers.evidence(r) for r in listing.evidence(connection(), case_id)]}
    )


@bp.post(f"/disposal-cases/{CASE}/evidence")
@change(Role.OFFICER, Role.REVIEWER)
def upload(write: Write, case_id: int) -> Reply:
    """Keep a photo or paper with where and when it was taken."""
    params.once(request.args, ())
    found = readable(write.connection, case_id, write.who)
    sent = request.files.get("file")
    if sent is None or len(request.files) != 1:
        raise BadQuery("file", "请选择一个要上传的文件")
    archive = Archive(write.connection, blobs(settings()))
    kept = evidence.keep(archive, found, sent.stream, _upload(sent.filename or ""), write.who)
    rows = listing.evidence(write.connection, case_id)
    shown = next(answers.evidence(row) for row in rows if row["id"] == kept.id)
    return Reply(shown, 201 if kept.is_new else 200)


def _upload(file_name: str) -> Upload:
    values = params.once(request.form, _FORM)
    kind, crs = values.get("kind", "photo"), values.get("crs", "gcj02")
    if kind not in list(Kind):
        raise BadQuery("kind", f"应为 {'、'.join(Kind)}")
    if crs not in list(PhoneCrs):
        raise BadQuery("crs", "应为 gcj02、wgs84 或 cgcs2000")
    name = "".join(c for c in PurePath(file_name.replace("\\", "/")).name if c.isprintable())
    note = values.get("note", "").strip()
    if len(note) > _LONGEST_NOTE:
        raise BadQuery("note", f"不能超过 {_LONGEST_NOTE} 字")
    return Upload(
        Kind(kind),
        name[-_LONGEST_NAME:] or kind,
        _instant(values.get("taken_at", "")),
        _position(values),
        PhoneCrs(crs),
        clean_text("note", note) if note else None,
    )


def _position(values: dict[str, str]) -> tuple[float, float] | None:
    given = [name for name in ("longitude", "latitude") if values.get(name)]
    if not given:
        return None
    if len(given) == 1:
        raise BadQuery(given[0], "经度和纬度应同时给出")
    longitude = params.coordinate("longitude", values["longitude"], 180)
    return longitude, params.coordinate("latitude", values["latitude"], 90)


def _instant(value: str) -> datetime | None:
    if not value:
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise BadQuery("taken_at", "应为带时区的时间，例如 2026-03-01T09:30:00+08:00")
    return found


@bp.get(f"/disposal-cases/{CASE}/evidence/{_FILE}")
@bp.get(f"/disposal-cases/{CASE}/evidence/{_FILE}/<any(large, thumb):variant>")
def evidence_file(case_id: int, file_id: int, variant: str | None = None) -> Response:
    """A file of the evidence as it came, or a photo to look at."""
    who = guard.staff()
    params.once(request.args, ())
    readable(connection(), case_id, who)
    found = evidence.file_of(connection(), case_id, file_id)
    is_drawn = variant is not None and found.kind == Kind.PHOTO
    name = f"{found.sha256}-{variant}" if is_drawn else found.sha256
    content = blobs(settings()).get(name)
    return download(content, "image/jpeg" if is_drawn else found.mime, found.file_name)


class DocumentForm(Body):
    """A document that someone wants; a 认定书 names the cause before it is decided."""

    kind: DocumentKind
    issued_on: date | None = None
    cause: Cause | None = None
    cause_ground: Annotated[str, Field(max_length=40)] | None = None


@bp.get(f"/disposal-cases/{CASE}/documents")
def document_list(case_id: int) -> Response:
    """Documents that were made of a case, and those that the asker may make now."""
    who = guard.staff()
    params.once(request.args, ())
    case = readable(connection(), case_id, who)
    rows = listing.documents(connection(), case_id)
    kinds = [answers.document_kind(one) for one in documents.offered(case, who)]
    return private({"items": [answers.document(row) for row in rows], "kinds": kinds})


@bp.post(f"/disposal-cases/{CASE}/documents")
@change(Role.OFFICER, Role.REVIEWER)
def make_document(write: Write, case_id: int) -> Reply:
    """Make a document from the case, with the next number of its series."""
    params.once(request.args, ())
    form, on = bodies.parse(DocumentForm), today()
    if form.cause_ground is not None and form.cause_ground not in CAUSE_GROUNDS:
        raise BadQuery("cause_ground", f"应为 {'、'.join(CAUSE_GROUNDS)}")
    if form.issued_on is not None and form.issued_on > on:
        raise BadQuery("issued_on", "不能晚于今天")
    found = load(write.connection, case_id, lock=True)
    if form.issued_on is not None and form.issued_on < found.discovered_on:
        raise BadQuery("issued_on", f"不能早于发现日期（{found.discovered_on}）")
    wanted = Wanted(form.kind, form.issued_on or on, form.cause, form.cause_ground)
    desk = offers.desk(write.connection, found, write.who, wanted.issued_on)
    made = documents.make(write.connection, desk, wanted)
    rows = listing.documents(write.connection, case_id)
    shown = next(answers.document(row) for row in rows if row["id"] == made)
    return Reply(shown, 201, {"Location": str(shown["url"])})


@bp.get(f"/disposal-cases/{CASE}/documents/{_FILE}")
def document_file(case_id: int, file_id: int) -> Response:
    """A document as it was issued, as a Word file."""
    who = guard.staff()
    params.once(request.args, ())
    readable(connection(), case_id, who)
    found = documents.file_of(connection(), case_id, file_id)
    answer = download(bytes(found["body"]), DOCX, found["file_name"])
    answer.set_etag(found["sha256"])
    return answer


def download(content: bytes, mime: str, name: str) -> Response:
    """Bytes that staff save under a name."""
    answer = Response(content, content_type=mime)
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
