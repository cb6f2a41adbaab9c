"""Importing as one does it: each step its own transaction, failures remembered, files kept."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError

from gis.carriers.model import CarrierError
from gis.importing import apply, reading, runs
from gis.importing.fields import BadMapping
from gis.importing.options import ImportOptions
from gis.importing.reading import Progress, UnusableFile
from gis.importing.runs import Run
from gis.layers import Layer


class ImportRefused(RuntimeError):
    """A file that cannot be imported; ``code`` is stable, the text is Chinese advice."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Importing:
    """Where imports go and who makes them."""

    engine: Engine
    decimals: int
    actor: str

    def receive(self, layer: Layer, path: Path, options: ImportOptions) -> int:
        """Register a file that stays where it is; the number of its run."""
        with self.engine.begin() as connection:
            return runs.receive(connection, layer, path, path.name, options, self.actor)

    def stage(self, run_id: int, path: Path, progress: Progress) -> Run:
        """Read and check the run's file; :class:`ImportRefused` says why not."""
        try:
            with self.engine.begin() as connection:
                return reading.stage(connection, run_id, path, progress)
        except (CarrierError, UnusableFile) as error:
            refused = ImportRefused(error.code, error.message)
        except BadMapping as error:
            refused = ImportRefused("bad-mapping", str(error))
        with self.engine.begin() as connection:
            runs.fail(connection, run_id, refused.code, str(refused))
        raise refused

    def apply(self, run_id: int) -> Run:
        """Write the staged run into the truth, or leave everything as it was."""
        return self._write(run_id, runs.apply_run)

    def roll_back(self, run_id: int) -> Run:
        """Take an applied run back, or leave everything as it was."""
        return self._write(run_id, runs.roll_back_run)

    def _write(self, run_id: int, step: Callable[[Connection, int, int, str], Run]) -> Run:
        try:
            with self.engine.begin() as connection:
                return step(connection, run_id, self.decimals, self.actor)
        except apply.StalePreview as error:
            message = "预览之后数据又有变动，请重新检查后再应用"
            raise ImportRefused("stale-preview", message) from error
        except apply.LaterEdits as error:
            listed = "、".join(error.codes[:20])
            message = f"之后又有修改，不能撤回：{listed}（共 {len(error.codes)} 条）"
            raise ImportRefused("later-edits", message) from error
        except runs.WrongState as error:
            raise ImportRefused("wrong-state", str(error)) from error
        except IntegrityError as error:
            # References are checked at commit: a park that parcels stand in cannot be taken back.
            message = f"其他数据还在引用这些记录，未做任何改动：{error.orig}"
            raise ImportRefused("still-referenced", message) from error
