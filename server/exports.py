"""Exports by staff: each writes one file, and one row of audit that says who took what."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import Connection

from gis.audit import Action, record
from gis.exporting.model import Export, Written
from gis.exporting.writing import write


def export(
    connection: Connection, wanted: Export, asked: Mapping[str, str], folder: Path, actor: str
) -> Written:
    """Write the export and its audit row; ``asked`` are the parameters as the person gave them.

    The row counts when the caller commits: no file may leave before.
    """
    written = write(connection, wanted, folder)
    with written.path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    details = {
        "format": wanted.format.value,
        "system": wanted.system,
        "asked": dict(asked),
        "count": written.count,
        "sha256": digest,
    }
    record(connection, actor, Action.EXPORT, f"layer/{wanted.layer.name}", details)
    return written
