"""Importing as one does it: each step its own transaction, failures remembered, files kept."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection, Engine, select, update
from sqlalchemy.exc import IntegrityError

from gis.carriers.model import CarrierError
from gis.importing import apply, queue, reading, runs
from gis.importing.fields import BadMapping
from gis.importing.options import ImportOptions
from gis.importing.reading import Progress, UnusableFile
from gis.importing.runs import Run, Sender
from gis.layers import Layer
from gis.tables import import_runs
from server.uploads import SourceMissing, Uploads


class ImportRefused(RuntimeError):
    """What cannot be imported or taken back; ``code`` is stable, the text is Chinese advice."""

    def __init__(
        self, code: str, message: str, members: Mapping[str, object] | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.members = dict(members or {})

    @property
    def problem(self) -> dict[str, object]:
        """As it is remembered in the run."""
        return {"code": self.code, "message": str(self), **self.members}


class KeyReused(RuntimeError):
    """An Idempotency-Key came again with another file or another layer."""


@contextmanager
def refusing() -> Iterator[None]:
    """Every way in which a step is refused, as :class:`ImportRefused`."""
    try:
        yield
    except (CarrierError, UnusableFile) as error:
        raise ImportRefused(error.code, error.message) from error
    except BadMapping as error:
        raise ImportRefused("bad-mapping", str(error)) from error
    except SourceMissing as error:
        raise ImportRefused("source-missing", "原文件已不在服务器上，请重新上传") from error
    except apply.StalePreview as error:
        message = "预览之后数据又有变动，请重新检查后再应用"
        raise ImportRefused("stale-preview", message) from error
    except apply.LaterEdits as error:
        listed = "、".join(error.codes[:20])
        message = f"之后又有修改，不能撤回：{listed}（共 {len(error.codes)} 条）"
        raise ImportRefused("later-edits", message, {"codes": list(error.codes[:1000])}) from error
    except runs.WrongState as error:
        raise ImportRefused("wrong-state", str(error), {"state": error.state}) from error
    except IntegrityError as error:
        # References are checked at commit: a park that parcels stand in cannot be taken back.
        message = f"其他数据还在引用这些记录，未做任何改动：{error.orig}"
        raise ImportRefused("still-referenced", message) from error


@dataclass(frozen=True)
class Importing:
    """Where imports go and who makes them; with ``uploads`` a copy of each file is kept."""

    engine: Engine
    decimals: int
    actor: str
    uploads: Uploads | None = None

    def receive(self, layer: Layer, path: Path, options: ImportOptions) -> int:
        """Register a file that stays where it is; the number of its run."""
        with self.engine.begin() as connection:
            run_id = runs.receive(connection, layer, path, path.name, options, Sender(self.actor))
            if self.uploads is not None:
                self.uploads.keep_copy(path, run_id)
            return run_id

    def stage(self, run_id: int, path: Path, progress: Progress) -> Run:
        """Read and check the run's file; :class:`ImportRefused` says why not."""
        try:
            with refusing(), self.engine.begin() as connection:
                return reading.stage(connection, run_id, path, progress)
        except ImportRefused as refused:
            with self.engine.begin() as connection:
                runs.fail(connection, run_id, refused.code, str(refused))
            raise

    def apply(self, run_id: int) -> Run:
        """Write the staged run into the truth, or leave everything as it was."""
        return self._write(run_id, runs.apply_run)

    def roll_back(self, run_id: int) -> Run:
        """Take an applied run back, or leave everything as it was."""
        return self._write(run_id, runs.roll_back_run)

    def _write(self, run_id: int, step: Callable[[Connection, int, int, str], Run]) -> Run:
        with refusing(), self.engine.begin() as connection:
            return step(connection, run_id, self.decimals, self.actor)


@dataclass(frozen=True)
class Upload:
    """A file that a person sent, in a directory of :meth:`Uploads.incoming`."""

    layer: Layer
    path: Path
    file_name: str
    options: ImportOptions = field(default_factory=ImportOptions)
    key: str | None = None


def accept(connection: Connection, uploads: Uploads, upload: Upload, sender: Sender) -> int:
    """Keep the file and queue its run, once for one key; the number of the run.

    Raises :class:`KeyReused`, and ``IntegrityError`` where the same key arrives twice at once:
    the caller then asks again, in a new transaction.
    """
    if upload.key is not None and (known := _run_of_key(connection, upload, sender.actor)):
        return known
    run_id = runs.receive(
        connection, upload.layer, upload.path, upload.file_name, upload.options, sender
    )
    connection.execute(
        update(import_runs).where(import_runs.c.id == run_id).values(idempotency_key=upload.key)
    )
    queue.put(connection, run_id)
    # Last before the commit: a file without its run is only space, a run needs its file.
    uploads.adopt(upload.path, run_id)
    return run_id


def _run_of_key(connection: Connection, upload: Upload, actor: str) -> int | None:
    run = import_runs.c
    row = connection.execute(
        select(run.id, run.layer, run.file_sha256).where(
            run.actor == actor, run.idempotency_key == upload.key
        )
    ).one_or_none()
    if row is None:
        return None
    if (row.layer, row.file_sha256) != (upload.layer.name, runs.sha256_of(upload.path)):
        raise KeyReused(upload.key)
    return int(row.id)
