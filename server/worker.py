"""``kandi worker``: does the work that import runs wait for, one run at a time.

The work of a run is one transaction that holds the run's row: a worker that is killed leaves
nothing behind, and the next one begins the run again.
"""

import contextlib
import logging
import os
import select
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

from gis.importing import queue, reading, runs
from gis.importing.queue import Taken
from gis.importing.runs import Run
from gis.importing.states import JOBS, State
from server import nightly
from server.imports import ImportRefused, refusing
from server.uploads import Uploads

logger = logging.getLogger(__name__)

POLL_S = 5.0
"""How long a worker sleeps at most; a NOTIFY wakes it at once."""

MOST_ATTEMPTS = 5
_PROGRESS_S = 0.5
_RETRY_S = 2.0


Chore = Callable[[Connection], bool]
"""Work in one transaction that waits for no upload; whether there was any."""


class Stopped(BaseException):
    """The worker shall end; what it is reading is left to another one."""


@dataclass
class Bell:
    """Wakes a waiting worker: rung by signal handlers, which may do nothing else."""

    rung: bool = False
    _ends: tuple[int, int] = field(default_factory=os.pipe)

    def ring(self) -> None:
        """End the wait, and every later one."""
        self.rung = True
        os.write(self._ends[1], b"!")

    def wait(self, connection: Any, seconds: float) -> None:
        """Until a notification arrives, the bell rings or the time is over."""
        heard, _, _ = select.select([connection, self._ends[0]], [], [], seconds)
        if connection in heard:
            connection.poll()
            connection.notifies.clear()


@dataclass
class ProgressLog:
    """Writes the progress of a run by its own connection, twice a second at most."""

    connection: Connection
    run_id: int
    stopping: Callable[[], bool]
    _last: tuple[str, float] = ("", 0.0)

    def __call__(self, step: str, done: int, total: int) -> None:
        """Note it; raises :class:`Stopped` where the worker shall end."""
        if self.stopping():
            raise Stopped
        name, at = self._last
        if step != name or time.monotonic() - at > _PROGRESS_S:
            queue.note_progress(self.connection, self.run_id, step, done, total)
            self._last = (step, time.monotonic())


@dataclass
class Worker:
    """One process that works; several may share a database."""

    engine: Engine
    uploads: Uploads
    decimals: int
    bell: Bell = field(default_factory=Bell)
    daily: Sequence[nightly.Job] = ()
    chores: Sequence[Chore] = ()

    def run(self) -> None:
        """Work until the bell rings; a database that is away is waited for."""
        while not self.bell.rung:
            try:
                with self._listening() as listener:
                    while not self.bell.rung:
                        if not self.work() and not self.do_chores():
                            nightly.work(self.engine, self.daily, nightly.today())
                            self.bell.wait(listener, POLL_S)
            except Stopped:
                break
            except OperationalError as error:
                logger.warning("database unavailable, trying again: %s", error.orig)
                self._pause()
            except Exception:
                # Counted as an attempt of its run, which fails after the last one.
                logger.exception("unexpected error while working")
                self._pause()

    def _pause(self) -> None:
        deadline = time.monotonic() + _RETRY_S
        while not self.bell.rung and time.monotonic() < deadline:
            time.sleep(0.1)

    @contextlib.contextmanager
    def _listening(self) -> Iterator[Any]:
        with self._beside() as connection:
            connection.exec_driver_sql(f"LISTEN {queue.CHANNEL}")
            yield connection.connection.driver_connection

    @contextlib.contextmanager
    def _beside(self) -> Iterator[Connection]:
        """A connection that commits each statement, beside the transaction of the work."""
        autocommit = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        with autocommit.connect() as connection:
            yield connection

    def work(self) -> bool:
        """Take one run and do its job; False if none waits."""
        with self._beside() as beside, self.engine.begin() as connection:
            taken = queue.take(connection)
            if taken is None:
                return False
            queue.count_attempt(beside, taken.run.id)
            try:
                self._job(connection, beside, taken)
            except Stopped:
                queue.count_attempt(beside, taken.run.id, -1)
                raise
        return True

    def do_chores(self) -> bool:
        """Do one piece of each chore; whether there was any."""
        done = False
        for chore in self.chores:
            with self.engine.begin() as connection:
                done |= chore(connection)
        return done

    def _job(self, connection: Connection, beside: Connection, taken: Taken) -> None:
        run, job = taken.run, JOBS[State(taken.run.state)]
        if taken.attempts >= MOST_ATTEMPTS:
            message = f"处理中断了 {taken.attempts} 次，已放弃；请联系管理员，或换一种格式上传"
            given_up = ImportRefused("gave-up", message)
            queue.refuse(connection, run, job.given_up, given_up.problem)
            logger.error("run %d given up after %d attempts", run.id, taken.attempts)
            return
        progress = ProgressLog(beside, run.id, lambda: self.bell.rung)
        began = time.monotonic()
        try:
            with refusing(), connection.begin_nested():
                self._step(connection, run, progress)
                queue.check_references(connection)
        except ImportRefused as refused:
            queue.refuse(connection, run, job.refused, refused.problem)
            logger.info("run %d refused: %s", run.id, refused.code)
        else:
            queue.note_progress(beside, run.id, "完成", 1, 1)
            logger.info("run %d is %s, %.1f s", run.id, job.done, time.monotonic() - began)

    def _step(self, connection: Connection, run: Run, progress: ProgressLog) -> None:
        match State(run.state):
            case State.RECEIVED:
                path = self.uploads.source(run.id)
                if runs.sha256_of(path) != run.file_sha256:
                    raise ImportRefused("source-changed", "服务器上的原文件已损坏，请重新上传")
                reading.stage(connection, run.id, path, progress)
            case State.APPLYING:
                progress("应用", 0, 1)
                runs.apply_run(connection, run.id, self.decimals, run.asked_by or run.actor)
            case State.ROLLING_BACK:
                progress("撤回", 0, 1)
                runs.roll_back_run(connection, run.id, self.decimals, run.asked_by or run.actor)
