"""Reading the multipart body of an upload: the file goes straight to the data directory."""

from dataclasses import dataclass
from pathlib import Path
from typing import IO

from flask import Request
from werkzeug.datastructures import MultiDict
from werkzeug.formparser import FormDataParser

from server.uploads import Uploads

_FORM_BYTES = 1 << 20
_MOST_PARTS = 40
_OVERHEAD_BYTES = 2 << 20


@dataclass(frozen=True)
class Received:
    """The fields of a form and its part ``file``: the name that came with it, and where it is."""

    fields: MultiDict[str, str]
    file_name: str | None
    path: Path | None


def read_form(request: Request, uploads: Uploads, folder: Path, most_bytes: int) -> Received:
    """Read the body into the folder as it arrives.

    Raises werkzeug's 413 for a body that is larger than allowed, and ``StorageFull`` before
    reading one that the disk has no room for.
    """
    uploads.require_room(request.content_length or 0)
    opened: list[IO[bytes]] = []

    def stream(
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        opened.append((folder / str(len(opened))).open("xb+"))
        return opened[-1]

    parser = FormDataParser(
        stream_factory=stream,
        max_form_memory_size=_FORM_BYTES,
        max_content_length=most_bytes + _OVERHEAD_BYTES,
        max_form_parts=_MOST_PARTS,
    )
    try:
        _, fields, files = parser.parse_from_environ(request.environ)
    finally:
        for file in opened:
            file.close()
    sent = files.get("file")
    if sent is None:
        return Received(fields, None, None)
    return Received(fields, sent.filename, Path(sent.stream.name))
