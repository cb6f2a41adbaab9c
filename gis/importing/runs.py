"""Import runs: received -> staged -> applied -> rolled back, each step all or nothing."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from gis.audit import Action, record
from gis.importing import apply, plan
from gis.importing.options import ImportOptions
from gis.importing.states import State
from gis.layers import Layer, layer_named
from gis.tables import import_runs


class WrongState(RuntimeError):
    """The run is not in a state in which this can be done."""

    def __init__(self, run_id: int, state: str, wanted: str) -> None:
        super().__init__(f"导入批次 {run_id} 现在是 {state}，不能{wanted}")
        self.state = state


@dataclass(frozen=True)
class Sender:
    """Who sends a file, and prefixes of the regions in which it may change sites."""

    actor: str
    regions: tuple[str, ...] = ("",)


class UnknownRun(LookupError):
    """There is no run of that number."""


@dataclass(frozen=True)
class Run:
    """One import run as it stands."""

    id: int
    layer: Layer
    state: str
    file_name: str
    options: ImportOptions
    evidence: Mapping[str, Any]
    counts: Mapping[str, int]
    file_sha256: str
    actor: str
    regions: tuple[str, ...]
    """Prefixes of the regions in which it may change sites."""
    asked_by: str | None
    """Who asked for its latest step, where that was asked for."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the stage table."""
        return tuple(self.evidence.get("columns", ()))


def sha256_of(path: Path) -> str:
    """Digest of a file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def receive(
    connection: Connection,
    layer: Layer,
    path: Path,
    file_name: str,
    options: ImportOptions,
    sender: Sender,
) -> int:
    """Register an uploaded file; the number of its run."""
    return int(
        connection.execute(
            insert(import_runs)
            .values(
                layer=layer.name,
                state="received",
                file_name=file_name,
                file_sha256=sha256_of(path),
                options=options.as_json(),
                actor=sender.actor,
                regions=list(sender.regions),
            )
            .returning(import_runs.c.id)
        ).scalar_one()
    )


def load(connection: Connection, run_id: int, *, lock: bool = False) -> Run:
    """The run, locked against other workers if asked; :class:`UnknownRun` if there is none."""
    statement = select(import_runs).where(import_runs.c.id == run_id)
    if lock:
        # FOR NO KEY UPDATE: rows that refer to the run may be written beside its lock.
        statement = statement.with_for_update(key_share=True)
    row = connection.execute(statement).one_or_none()
    if row is None:
        raise UnknownRun(run_id)
    return Run(
        row.id,
        layer_named(row.layer),
        row.state,
        row.file_name,
        ImportOptions(**row.options),
        row.evidence,
        row.counts,
        row.file_sha256,
        row.actor,
        tuple(row.regions),
        row.asked_by,
    )


def apply_run(connection: Connection, run_id: int, decimals: int, actor: str) -> Run:
    """Write a staged run into the truth and publish it, with its audit row."""
    run = load(connection, run_id, lock=True)
    if run.state not in ("staged", "applying"):
        raise WrongState(run_id, run.state, "应用")
    if plan.size(connection, run_id) != run.counts["rows"]:
        # After a crash of the server unlogged tables are empty: there is nothing to apply.
        raise apply.StalePreview
    content = apply.apply(connection, apply.Writing(run.id, run.layer, run.columns, decimals))
    return _finish(connection, run, State.APPLIED, actor, content)


def roll_back_run(connection: Connection, run_id: int, decimals: int, actor: str) -> Run:
    """Restore what an applied run changed, with its audit row."""
    run = load(connection, run_id, lock=True)
    if run.state not in ("applied", "rolling_back"):
        raise WrongState(run_id, run.state, "撤回")
    content = apply.roll_back(connection, apply.Writing(run.id, run.layer, run.columns, decimals))
    return _finish(connection, run, State.ROLLED_BACK, actor, content)


def _finish(connection: Connection, run: Run, state: State, actor: str, content: str) -> Run:
    """``content`` is the digest of the sites as the run leaves them: one row says it for all."""
    digest = connection.execute(
        update(import_runs)
        .where(import_runs.c.id == run.id)
        .values(state=state.value, problem=None, **{f"{state.value}_at": func.now()})
        .returning(import_runs.c.file_sha256)
    ).scalar_one()
    details: dict[str, object] = {"layer": run.layer.name, "file": run.file_name, "sha256": digest}
    details |= {"content_sha256": content, "counts": dict(run.counts), "columns": list(run.columns)}
    record(connection, actor, Action(f"import.{state.value}"), f"import/{run.id}", details)
    return load(connection, run.id)


def fail(connection: Connection, run_id: int, code: str, message: str) -> None:
    """Remember why a run could not be staged."""
    connection.execute(
        update(import_runs)
        .where(import_runs.c.id == run_id)
        .values(state="failed", problem={"code": code, "message": message})
    )
