"""The queue of import work: runs that wait, taken by one worker at a time.

A run is queued when its state names a job and it has a row of progress; a run that a command
works on in its own process has none. The job holds the run's row until it commits, so a worker
that dies leaves the run to the next one. Progress is written beside it, by another connection.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from psycopg2 import errorcodes
from sqlalchemy import Connection, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import OperationalError

from gis.importing import plan, staging
from gis.importing.options import ImportOptions
from gis.importing.runs import Run, WrongState, load
from gis.importing.states import JOBS, WISH_TITLES, WISHES, State, Wish
from gis.tables import import_progress, import_runs

CHANNEL = "kandi_imports"
"""NOTIFY channel on which every commit that queues a run says so."""


class RunBusy(RuntimeError):
    """A worker holds the run at this moment."""

    def __init__(self, run_id: int, state: str) -> None:
        super().__init__(f"导入批次 {run_id} 正在处理，请等它完成")
        self.run_id = run_id
        self.state = state


def put(connection: Connection, run_id: int) -> None:
    """Queue a run that is in a state with a job; workers hear of it when the caller commits."""
    row = {"step": "排队", "done": 0, "total": 0, "attempts": 0, "at": func.now()}
    connection.execute(
        insert(import_progress)
        .values(run_id=run_id, **row)
        .on_conflict_do_update(index_elements=["run_id"], set_=row)
    )
    connection.execute(select(func.pg_notify(CHANNEL, str(run_id))))


def ask(
    connection: Connection,
    run_id: int,
    wish: Wish,
    actor: str,
    options: ImportOptions | None = None,
) -> Run:
    """Do what a person wants of a run, or queue it; ``options`` replace the run's own.

    Raises ``UnknownRun``, ``WrongState`` or :class:`RunBusy`.
    """
    run = _lock(connection, run_id)
    after = WISHES.get((State(run.state), wish))
    if after is None:
        raise WrongState(run_id, run.state, WISH_TITLES[wish])
    changed: dict[str, object] = {"state": after.value, "problem": None, "asked_by": actor}
    if options is not None:
        changed["options"] = options.as_json()
    connection.execute(update(import_runs).where(import_runs.c.id == run_id).values(changed))
    if after in JOBS:
        put(connection, run_id)
    if after is State.CANCELLED:
        plan.drop(connection, run_id)
        staging.drop(connection, run_id)
    return load(connection, run_id)


def _lock(connection: Connection, run_id: int) -> Run:
    run = load(connection, run_id)
    held = select(import_runs.c.id).where(import_runs.c.id == run_id)
    try:
        connection.execute(held.with_for_update(key_share=True, nowait=True))
    except OperationalError as error:
        if getattr(error.orig, "pgcode", None) == errorcodes.LOCK_NOT_AVAILABLE:
            raise RunBusy(run_id, run.state) from error
        raise
    return load(connection, run_id)


@dataclass(frozen=True)
class Taken:
    """A run that the caller's transaction holds, and how often it was begun before."""

    run: Run
    attempts: int


def take(connection: Connection) -> Taken | None:
    """The oldest run that waits and that nobody holds; None if there is none."""
    row = connection.execute(
        select(import_runs.c.id, import_progress.c.attempts)
        .join(import_progress, import_progress.c.run_id == import_runs.c.id)
        .where(import_runs.c.state.in_([state.value for state in JOBS]))
        .order_by(import_runs.c.id)
        .limit(1)
        # The row of progress stays free: another connection writes it meanwhile.
        .with_for_update(key_share=True, skip_locked=True, of=import_runs)
    ).one_or_none()
    return Taken(load(connection, row.id), row.attempts) if row else None


def count_attempt(connection: Connection, run_id: int, by: int = 1) -> None:
    """Remember that a run was begun, so that one that kills its workers is not begun for ever."""
    connection.execute(
        update(import_progress)
        .where(import_progress.c.run_id == run_id)
        .values(attempts=import_progress.c.attempts + by)
    )


def note_progress(connection: Connection, run_id: int, step: str, done: int, total: int) -> None:
    """Write how far a run is."""
    connection.execute(
        update(import_progress)
        .where(import_progress.c.run_id == run_id)
        .values(step=step, done=done, total=total, at=func.now())
    )


def refuse(connection: Connection, run: Run, state: State, problem: Mapping[str, object]) -> None:
    """Put a held run where it stands without its job, and say why."""
    connection.execute(
        update(import_runs)
        .where(import_runs.c.id == run.id)
        .values(state=state.value, problem=dict(problem))
    )


def check_references(connection: Connection) -> None:
    """Check deferred references now, while the job can still be refused."""
    connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
