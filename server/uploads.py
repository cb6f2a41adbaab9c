"""The files of imports: kept as they came, under names of ours that only this system user reads."""

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_OLD_S = 86_400
_SPARE_BYTES = 256 << 20


class StorageFull(RuntimeError):
    """The disk has no room for what is to be stored."""


class SourceMissing(LookupError):
    """The file of a run is not in the data directory."""


@dataclass(frozen=True)
class Uploads:
    """``<directory>/imports/<run id>/source`` is the file of a run; its own name is in the row."""

    directory: Path

    def source(self, run_id: int) -> Path:
        """The file of a run; :class:`SourceMissing` if it was never kept, or was taken away."""
        path = self._place(run_id)
        if not path.is_file():
            raise SourceMissing(run_id)
        return path

    def adopt(self, path: Path, run_id: int) -> Path:
        """Make a file of :meth:`incoming` the file of a run; it survives a loss of power."""
        target = self._place(run_id)
        _private(target.parent)
        path.chmod(0o600)
        _synced(path)
        path.replace(target)
        _synced(target.parent)
        _synced(target.parent.parent)
        return target

    def keep_copy(self, path: Path, run_id: int) -> Path:
        """Keep a copy of a file that stays where it is."""
        self.require_room(path.stat().st_size)
        with self.incoming() as folder:
            shutil.copyfile(path, folder / "copy")
            return self.adopt(folder / "copy", run_id)

    @contextmanager
    def incoming(self) -> Iterator[Path]:
        """A private directory for files that arrive; what nobody adopted goes with it."""
        parent = _private(self.directory / "incoming")
        with tempfile.TemporaryDirectory(dir=parent) as folder:
            yield Path(folder)

    @contextmanager
    def workplace(self) -> Iterator[None]:
        """Temporary files of this process stand in the data directory while the block lasts.

        What processes left there that were killed is removed: their parents hold no lock on it.
        """
        parent = _private(self.directory / "work")
        self._sweep()
        before = tempfile.tempdir
        with tempfile.TemporaryDirectory(dir=parent, prefix=f"{os.getpid()}-") as folder:
            tempfile.tempdir = folder
            try:
                yield
            finally:
                tempfile.tempdir = before

    def _sweep(self) -> None:
        for folder in (self.directory / "work").iterdir():
            pid = folder.name.partition("-")[0]
            if not (pid.isdecimal() and Path("/proc", pid).exists()):
                shutil.rmtree(folder, ignore_errors=True)
        incoming = self.directory / "incoming"
        for folder in incoming.iterdir() if incoming.is_dir() else ():
            with contextlib.suppress(OSError):
                if folder.stat().st_mtime < time.time() - _OLD_S:
                    shutil.rmtree(folder, ignore_errors=True)

    def require_room(self, size: int) -> None:
        """:class:`StorageFull` unless that many bytes fit, with some to spare for the database."""
        free = shutil.disk_usage(_private(self.directory)).free
        if free < size + _SPARE_BYTES:
            raise StorageFull(f"{free >> 20} MB free, {size >> 20} MB wanted")

    def _place(self, run_id: int) -> Path:
        return self.directory / "imports" / str(int(run_id)) / "source"


def _private(folder: Path) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _synced(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
