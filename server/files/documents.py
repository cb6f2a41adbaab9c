"""Documents and panoramas: PDF, Word and Excel by content, links by an allow-list of hosts."""

import hashlib
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO
from urllib.parse import urlsplit

from server.files.blobs import Blobs
from server.files.photos import FileRefused, read_at_most

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

EXTENSIONS = {PDF: ".pdf", DOCX: ".docx", XLSX: ".xlsx"}
"""How a file of each type ends when it is saved."""

_MAIN_PART = {"word/document.xml": DOCX, "xl/workbook.xml": XLSX}
_CONTENT_TYPES = "[Content_Types].xml"
_MOST_PARTS = 5_000
_MOST_UNPACKED = 300 << 20
_MOST_LINK = 500


@dataclass(frozen=True)
class StoredDocument:
    """A document that is stored byte for byte under its digest; ``size`` in bytes."""

    sha256: str
    mime: str
    size: int


def store_document(blobs: Blobs, stream: IO[bytes], most_bytes: int) -> StoredDocument:
    """Check by content and store: PDF, docx or xlsx without macros; else :class:`FileRefused`."""
    content = read_at_most(stream, most_bytes)
    mime = _mime_of(content)
    digest = hashlib.sha256(content).hexdigest()
    blobs.put(digest, content)
    return StoredDocument(digest, mime, len(content))


def _mime_of(content: bytes) -> str:
    if content.startswith(b"%PDF-"):
        if b"%%EOF" not in content[-2048:]:
            raise FileRefused("document-broken", "PDF 不完整，请重新导出后再传")
        return PDF
    if content.startswith(b"PK\x03\x04"):
        return _office_type(content)
    raise FileRefused("document-unknown", "只接受 PDF、docx 或 xlsx 文件")


def _office_type(content: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise FileRefused("document-broken", "文件不完整或已损坏，请重新保存后再传") from None
    names = {part.filename for part in parts}
    found = [mime for name, mime in _MAIN_PART.items() if name in names]
    if len(found) != 1 or _CONTENT_TYPES not in names:
        raise FileRefused("document-unknown", "只接受 PDF、docx 或 xlsx 文件")
    if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _MOST_UNPACKED:
        raise FileRefused("document-broken", "文件解开后过大，请拆分后再传")
    if any(name.lower().endswith(("vbaproject.bin", ".exe", ".js")) for name in names):
        raise FileRefused("document-macros", "文件含有宏或程序，请另存为不含宏的 docx 或 xlsx")
    return found[0]


def checked_panorama(link: str, hosts: Sequence[str]) -> str:
    """The link, if it leads by https to one of these hosts or below it; else ``FileRefused``."""
    try:
        parts = urlsplit(link)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    host = (parts.hostname or "").lower()
    allowed = any(host == one or host.endswith(f".{one}") for one in hosts)
    plain = link.isascii() and link.isprintable() and not set(link) & set(" \"'<>\\`{}|^")
    if (
        parts.scheme != "https"
        or not allowed
        or port not in (None, 443)
        or parts.username is not None
        or not plain
        or len(link) > _MOST_LINK
    ):
        offered = "、".join(hosts)
        raise FileRefused("panorama-host", f"全景链接应为 https，且属于 {offered}")
    return link
