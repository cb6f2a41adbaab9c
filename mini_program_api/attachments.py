"""Attachments over HTTP: lists, the files themselves, uploads by staff."""

import json
from typing import IO
from urllib.parse import quote

from flask import Blueprint, Response, g, request

from gis import filters
from gis.layers import LAYERS, Layer, UnknownLayer
from gis.query import BadQuery
from mini_program_api import params
from mini_program_api.attachment_answers import attachment
from mini_program_api.writes import Reply, Write, change
from server.accounts import guard
from server.accounts.guard import AccountUnready
from server.accounts.principals import Role, Unauthenticated
from server.files import attachments, documents, photos
from server.files.attachments import Attached, AttachmentKind, Found, UnknownAttachment
from server.files.documents import EXTENSIONS
from server.files.photos import FileRefused, PhotoLimits, Variant
from server.people.services import services
from server.request import connection, settings

bp = Blueprint("attachments", __name__, url_prefix="/api/v1")

_KEEPERS = (Role.OFFICER, Role.GIS, Role.REVIEWER)
_SITE = "<layer:layer>/<int(max=9223372036854775807):site_id>/attachments"
_ONE = "attachments/<int(max=9223372036854775807):number>"
_FIELDS = {"title", "kind", "public", "link"}
_MB = 1 << 20


def _is_staff_of(layer: Layer, site_id: int) -> bool:
    """Whether staff of the site's region ask; a wrong token is no reason to refuse the public's."""
    try:
        who = guard.staff()
    except (Unauthenticated, AccountUnready):
        return False
    return who.may((), attachments.region_of(connection(), layer, site_id))


@bp.get(f"/{_SITE}")
def listed(layer: Layer, site_id: int) -> Response:
    """What is attached to a site: to staff of its region all of it, to others what is public."""
    params.once(request.args, ())
    staff = _is_staff_of(_of_sites(layer), site_id)
    found = attachments.listed(connection(), _of_sites(layer), site_id, staff=staff)
    items = [attachment(one, staff=staff) for one in found]
    response = Response(
        _json({"items": items, "next": None, "total": len(items)}), content_type="application/json"
    )
    response.headers["Cache-Control"] = "private, no-store" if staff else "no-cache"
    return response


def _json(body: object) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


@bp.get(f"/{_ONE}/<any(original, large, thumb):variant>")
def content(number: int, variant: str) -> Response:
    """The bytes: what anybody may have may be kept for ever, for it never changes."""
    params.once(request.args, ())
    found = attachments.one(connection(), number)
    shown = attachments.is_shown(connection(), found)
    evidence = found.kind == AttachmentKind.PHOTO and variant == Variant.ORIGINAL
    if (not shown or evidence) and not _may_see(found):
        raise UnknownAttachment(number)
    return _file(found, Variant(variant), public=shown and not evidence)


def _may_see(found: Found) -> bool:
    """Staff of the region alone have what is not public, and photos as the camera wrote them."""
    layer = next(layer for layer in LAYERS if layer.name == found.layer)
    return _is_staff_of(layer, found.site_id)


def _file(found: Found, variant: Variant, *, public: bool) -> Response:
    if found.kind == AttachmentKind.PANORAMA:
        raise UnknownAttachment(found.id)
    if found.kind == AttachmentKind.PHOTO and variant is not Variant.ORIGINAL:
        body, mime = services().blobs.get(f"{found.sha256}-{variant}"), "image/jpeg"
    elif variant is Variant.ORIGINAL:
        body, mime = services().blobs.get(found.sha256), found.mime
    else:
        raise UnknownAttachment(found.id)
    response = Response(body, content_type=mime)
    # What was uploaded must never run as a page of ours, whatever it holds.
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    cache = "public, max-age=86400" if public else "private, no-store"
    response.headers["Cache-Control"] = cache
    if mime != "image/jpeg" or variant is Variant.ORIGINAL:
        name = quote(f"{found.title}{EXTENSIONS.get(mime, '')}")
        response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return response


@bp.post(f"/{_SITE}")
def add(layer: Layer, site_id: int) -> Response:
    """Attach a photo, a document or a panorama to a site in a region of one's own.

    The file is received, checked and stored before a transaction begins.
    """
    params.once(request.args, ())
    who = guard.staff(*_KEEPERS)
    region = attachments.region_of(connection(), _of_sites(layer), site_id)
    who.require(_KEEPERS, region)
    request.max_content_length = (max(settings().photo_mb, settings().document_mb) + 1) * _MB
    g.attached = _attached()
    return _added(layer, site_id)


@change(*_KEEPERS)
def _added(write: Write, layer: Layer, site_id: int) -> Reply:
    number = attachments.add(write.connection, write.actor, layer, site_id, g.attached)
    return Reply(attachment(attachments.one(write.connection, number), staff=True), 201)


def _attached() -> Attached:
    form = params.named(request.form)
    unknown = set(form) - _FIELDS
    if unknown:
        raise BadQuery(min(unknown)[:40], f"没有这一项，可用：{'、'.join(sorted(_FIELDS))}、file")
    title = filters.clean_text("title", form.get("title", ""))
    public = {"true": True, "false": False}.get(form.get("public", "true"))
    if public is None:
        raise BadQuery("public", "应为 true 或 false")
    config, blobs = settings(), services().blobs
    match form.get("kind"):
        case AttachmentKind.PHOTO:
            limits = PhotoLimits(config.photo_mb * _MB, config.photo_megapixels * 1_000_000)
            return Attached(title, public, photos.store_photo(blobs, _sent(), limits))
        case AttachmentKind.DOCUMENT:
            most = config.document_mb * _MB
            return Attached(title, public, documents.store_document(blobs, _sent(), most))
        case AttachmentKind.PANORAMA:
            link = documents.checked_panorama(form.get("link", ""), config.panorama_host_list)
            return Attached(title, public, link)
    raise BadQuery("kind", "应为 photo、document 或 panorama")


def _sent() -> IO[bytes]:
    file = request.files.get("file")
    if file is None:
        raise FileRefused("file-missing", "请选择要上传的文件")
    return file.stream


@bp.delete(f"/{_ONE}")
@change(*_KEEPERS)
def remove(write: Write, number: int) -> Reply:
    """Show an attachment no more."""
    params.once(request.args, ())
    found = attachments.one(write.connection, number)
    layer = next(layer for layer in LAYERS if layer.name == found.layer)
    region = attachments.region_of(write.connection, layer, found.site_id)
    write.who.require(_KEEPERS, region)
    attachments.remove(write.connection, write.actor, found)
    return Reply()


def _of_sites(layer: Layer) -> Layer:
    if layer not in LAYERS:
        raise UnknownLayer(layer.name)
    return layer
