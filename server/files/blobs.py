"""Where the bytes of photos and documents are: this machine's disk, or an S3-compatible storage.

A name is ``<sha256>`` or ``<sha256>-<variant>``: what has a name never changes, so putting it
twice is harmless.
"""

import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from server.config import Settings
from server.files.s3 import S3, Bucket
from server.uploads import Uploads

_NAME = re.compile(r"[0-9a-f]{64}(-[a-z]{1,12})?")


class BlobMissing(LookupError):
    """No bytes are stored under that name."""


class Blobs(Protocol):
    """A storage of bytes by name."""

    def put(self, name: str, content: bytes) -> None:
        """Store the bytes for good before it returns."""

    def get(self, name: str) -> bytes:
        """The bytes of that name; :class:`BlobMissing` if there are none."""

    def remove(self, name: str) -> None:
        """Forget the bytes of that name, if there are any."""


def checked(name: str) -> str:
    """The name, if it is one of ours; ValueError otherwise, so that none leads out."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"no name of a blob: {name[:80]!r}")
    return name


@dataclass(frozen=True)
class Disk:
    """``<directory>/files/ab/<name>``, readable by this system user alone."""

    directory: Path

    def put(self, name: str, content: bytes) -> None:
        """Store the bytes; a loss of power leaves all of them or none."""
        path = self._path(name)
        if path.exists():
            return
        Uploads(self.directory).require_room(len(content))
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, fresh = tempfile.mkstemp(dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(fresh).replace(path)
        except BaseException:
            Path(fresh).unlink(missing_ok=True)
            raise
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def get(self, name: str) -> bytes:
        """The bytes of that name."""
        try:
            return self._path(name).read_bytes()
        except FileNotFoundError:
            raise BlobMissing(name) from None

    def remove(self, name: str) -> None:
        """Delete the file of that name."""
        self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self.directory / "files" / checked(name)[:2] / name


@dataclass(frozen=True)
class Remote:
    """Objects ``files/<name>`` of a bucket."""

    s3: S3

    def put(self, name: str, content: bytes) -> None:
        """Store the object."""
        self.s3.put(f"files/{checked(name)}", content)

    def get(self, name: str) -> bytes:
        """The object of that name."""
        found = self.s3.get(f"files/{checked(name)}")
        if found is None:
            raise BlobMissing(name)
        return found

    def remove(self, name: str) -> None:
        """Delete the object of that name."""
        self.s3.remove(f"files/{checked(name)}")


def blobs(config: Settings) -> Blobs:
    """The storage of an installation."""
    if config.s3_endpoint is None:
        return Disk(config.data_dir)
    secret = config.s3_secret_key.get_secret_value() if config.s3_secret_key else ""
    bucket = Bucket(config.s3_endpoint, config.s3_bucket, config.s3_region)
    return Remote(S3(bucket, config.s3_access_key, secret))
