"""Exported heads of the audit chain: a file with one line of JSON a day, to be kept elsewhere."""

import json
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from gis.audit_chain import Exported, Head, head
from server.nightly import CHINA


class UnreadableHeads(ValueError):
    """A file of heads that is none."""


def export(connection: Connection, schema: str, path: Path) -> Head:
    """Add the present head as a line of the file; the head."""
    found = head(connection)
    line = Exported(datetime.now(CHINA), schema, found).members()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line, ensure_ascii=False) + "\n")
    return found


def read(path: Path, schema: str) -> list[Head]:
    """The heads of a schema in a file."""
    try:
        lines = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
        return [Head(int(one["seq"]), str(one["hash"])) for one in lines if one["schema"] == schema]
    except (ValueError, KeyError, TypeError) as error:
        raise UnreadableHeads(f"{path} 不是链头文件") from error
