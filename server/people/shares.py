"""Share codes: eight characters for a page of ours, which fit into a mini-program code."""

import re
import secrets
import string

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from server.people.tables import shares

ALPHABET = string.digits + string.ascii_letters
CODE = re.compile(r"[0-9A-Za-z]{8,12}")
_LENGTH = 8
LONGEST_PATH = 1000
# A path of our own, never an address of another host: no scheme, no host, no way up.
_PATH = re.compile(r"/(?!/)[A-Za-z0-9\-._~%!$&'()*+,;=:@/?#\[\]{}\"|]*")


class BadPath(ValueError):
    """What shall be shared is no page of ours."""


class UnknownShare(LookupError):
    """There is no such code."""


def share(connection: Connection, path: str) -> str:
    """The code of a path; equal paths have the same code."""
    if len(path) > LONGEST_PATH or not _PATH.fullmatch(path) or "/../" in path or "\\" in path:
        raise BadPath(path[:80])
    row = shares.c
    known = select(row.code).where(row.path == path)
    found = connection.execute(known).scalar()
    if found is not None:
        return str(found)
    code = "".join(secrets.choice(ALPHABET) for _ in range(_LENGTH))
    made = insert(shares).values(code=code, path=path)
    connection.execute(made.on_conflict_do_nothing(index_elements=["path"]))
    return str(connection.execute(known).scalar_one())


def path_of(connection: Connection, code: str) -> str:
    """The path of a code; :class:`UnknownShare`."""
    if not CODE.fullmatch(code):
        raise UnknownShare(code)
    found = connection.execute(select(shares.c.path).where(shares.c.code == code)).scalar()
    if found is None:
        raise UnknownShare(code)
    return str(found)


def scene_of(code: str) -> str:
    """What a mini-program code carries: at most 32 characters, told apart from other scenes."""
    return f"s={code}"
