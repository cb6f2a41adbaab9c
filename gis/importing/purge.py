"""Old stage tables: dropped when nobody will look at the preview any more."""

from datetime import timedelta

from sqlalchemy import Connection, func, select, update

from gis.importing import plan, staging
from gis.importing.states import State
from gis.tables import import_runs

_FINISHED = (State.APPLIED, State.ROLLED_BACK, State.CANCELLED, State.FAILED)


def purge(connection: Connection, keep: timedelta) -> tuple[int, int]:
    """Drop stage tables of runs untouched for ``keep``; how many, and how many were cancelled.

    A run that was staged and never applied is cancelled: its preview is long out of date. The
    uploaded file, the findings and the counts stay.
    """
    runs = import_runs.c
    last = func.greatest(runs.created_at, runs.staged_at, runs.applied_at, runs.rolled_back_at)
    old = last < func.now() - keep
    staged = (
        select(runs.id)
        .where(runs.state == State.STAGED.value, old)
        .with_for_update(skip_locked=True)
    )
    left = list(connection.execute(staged).scalars())
    if left:
        cancelled = update(import_runs).where(runs.id.in_(left))
        connection.execute(cancelled.values(state=State.CANCELLED.value))
    finished = select(runs.id).where(runs.state.in_([state.value for state in _FINISHED]), old)
    dropped = 0
    for run_id in connection.execute(finished).scalars():
        dropped += staging.exists(connection, run_id)
        plan.drop(connection, run_id)
        staging.drop(connection, run_id)
    return dropped, len(left)
