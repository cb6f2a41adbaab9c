"""Attachments as JSON."""

from server.files.attachments import AttachmentKind, Found

Json = dict[str, object]


def attachment(found: Found, *, staff: bool) -> Json:
    """One attachment; where a photo was taken (WGS 84) is for staff alone."""
    base = f"/api/v1/attachments/{found.id}"
    photo = found.kind == AttachmentKind.PHOTO
    shown: Json = {
        "id": found.id,
        "kind": found.kind,
        "title": found.title,
        "url": found.link or f"{base}/{'large' if photo else 'original'}",
        "thumb_url": f"{base}/thumb" if photo else None,
        "mime": "image/jpeg" if photo else found.mime,
        "size": None if photo else found.size,
        "width": found.width,
        "height": found.height,
        "taken_at": found.taken_at and found.taken_at.isoformat(timespec="seconds"),
    }
    if not staff:
        return shown
    return shown | {
        "public": found.public,
        "longitude": found.longitude,
        "latitude": found.latitude,
        "original_url": f"{base}/original" if found.sha256 else None,
        "sha256": found.sha256,
        "actor": found.actor,
        "created_at": found.created_at.isoformat(timespec="seconds"),
    }
