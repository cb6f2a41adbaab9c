"""Import runs: received -> staged -> applied -> rolled back, each step all or nothing."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Connection, Delete, func, insert, select, update

from gis.carriers import model as carriers
from gis.carriers.carrier import Carrier, open_carrier
from gis.importing import apply, batches, checks, plan, staging
from gis.importing.fields import FieldMap, suggest
from gis.importing.findings import Finding, Severity
from gis.importing.options import ImportOptions
from gis.importing.places import Places
from gis.importing.shapes import ShapeOptions
from gis.layers import Layer, layer_named
from gis.tables import audit, import_findings, import_runs

Progress = Callable[[str, int, int], None]
"""Told ``(step, done, total)`` while long work goes on."""


class UnusableFile(ValueError):
    """A file that is read but cannot be imported as it is: a stable code and Chinese advice."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class WrongState(RuntimeError):
    """The run is not in a state in which this can be done."""

    def __init__(self, run_id: int, state: str, wanted: str) -> None:
        super().__init__(f"导入批次 {run_id} 现在是 {state}，不能{wanted}")
        self.state = state


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
    actor: str,
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
                actor=actor,
            )
            .returning(import_runs.c.id)
        ).scalar_one()
    )


def load(connection: Connection, run_id: int, *, lock: bool = False) -> Run:
    """The run, locked against other workers if asked; :class:`UnknownRun` if there is none."""
    statement = select(import_runs).where(import_runs.c.id == run_id)
    row = connection.execute(statement.with_for_update() if lock else statement).one_or_none()
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
    )


def stage(connection: Connection, run_id: int, path: Path, progress: Progress) -> Run:
    """Read, check and stage the file of a received run, and plan what applying it would do.

    Raises ``CarrierError`` or :class:`UnusableFile` for a file that cannot be imported; the
    caller then rolls back, and nothing of the attempt is left.
    """
    run = load(connection, run_id, lock=True)
    if run.state not in ("received", "staged"):
        raise WrongState(run_id, run.state, "重新检查")
    connection.execute(_findings_of(run_id))
    plan.drop(connection, run_id)
    staging.drop(connection, run_id)
    with open_carrier(path, run.options.reading(), name=run.file_name) as carrier:
        table = _chosen_table(carrier, run.options)
        taking = _taking(connection, run, table)
        columns = _stage_columns(taking, table)
        staging.create(connection, run_id, run.layer, columns)
        _copy_rows(connection, run, carrier, table, taking, progress)
        _check_together(connection, run, columns, progress)
    counts = _counts(connection, run, columns)
    connection.execute(
        update(import_runs)
        .where(import_runs.c.id == run_id)
        .values(
            state="staged",
            evidence=_evidence(table, carrier, taking.fields, columns),
            counts=counts,
            problem=None,
            staged_at=func.now(),
        )
    )
    return load(connection, run_id)


def _findings_of(run_id: int) -> Delete:
    return import_findings.delete().where(import_findings.c.run_id == run_id)


def _chosen_table(carrier: Carrier, options: ImportOptions) -> carriers.TableInfo:
    tables = carrier.tables
    if options.table is not None:
        tables = tuple(t for t in tables if t.name == options.table)
    if len(tables) == 1:
        return tables[0]
    names = "、".join(f"{t.name}（{t.row_count} 行）" for t in carrier.tables)
    if not tables:
        raise UnusableFile(
            "no-table", f"文件中没有可导入的图层{f'，只有：{names}' if names else ''}"
        )
    raise UnusableFile("choose-table", f"文件中有多个图层，请指明要导入哪一个：{names}")


def _taking(connection: Connection, run: Run, table: carriers.TableInfo) -> batches.Taking:
    for found in table.findings:
        if found.severity is carriers.Severity.ERROR:
            raise UnusableFile(found.code, found.message)
    fields = suggest(run.layer, table.columns, run.options.mapping)
    known = {field.column.name for field in fields.fields} | set(run.options.constants)
    if "code" not in known:
        listed = "、".join(table.columns)
        raise UnusableFile(
            "code-unmapped", f"没有找到编号字段；文件的字段有：{listed}。请指明哪个字段是编号"
        )
    shapes = None
    if table.has_geometry:
        if table.crs.epsg is None and not table.crs.gcj02:
            offered = "、".join(f"EPSG:{epsg}" for epsg in table.crs.candidates)
            hint = f"，可能是 {offered}" if offered else ""
            raise UnusableFile("crs-ambiguous", f"无法确定坐标系{hint}；请指明。{table.crs.detail}")
        shapes = ShapeOptions(table.crs.epsg or 0, table.crs.gcj02, run.options.repair)
    return batches.Taking(fields, run.options.constants, shapes, Places.load(connection))


def _stage_columns(taking: batches.Taking, table: carriers.TableInfo) -> list[str]:
    names = [column.name for column in taking.columns]
    names += [name for name in taking.constants if name not in names]
    if table.has_geometry:
        names += ["region_code"] if "region_code" not in names else []
        names += staging.MEASURED
    return names


def _copy_rows(
    connection: Connection,
    run: Run,
    carrier: Carrier,
    table: carriers.TableInfo,
    taking: batches.Taking,
    progress: Progress,
) -> None:
    geoms, planars, numbers, done = [], [], [], 0
    findings: list[Finding] = []
    target = staging.table_name(run.id)
    with staging.copying(connection) as copier:
        for batch in carrier.batches(table.name):
            taken = batches.take(batch, taking)
            copier.copy(target, taken.table)
            findings += taken.findings
            done += len(taken.rows)
            if taken.geom is not None and taken.planar_m2 is not None:
                geoms.append(taken.geom)
                planars.append(taken.planar_m2)
                numbers.append(taken.rows)
            progress("读取", done, table.row_count)
        if geoms and run.layer.exclusive:
            progress("检查重叠", 0, done)
            findings += checks.overlaps_in_file(
                np.concatenate(geoms),
                np.concatenate(planars),
                np.concatenate(numbers),
                run.options.overlap_tolerance_m2,
            )
        copier.wait()
        _store(copier, run.id, findings)


def _store(copier: staging.Copier, run_id: int, findings: list[Finding]) -> None:
    if findings:
        copier.copy("import_findings", staging.findings_table(run_id, findings))


def _check_together(
    connection: Connection, run: Run, columns: list[str], progress: Progress
) -> None:
    progress("核对", 0, 1)
    findings = list(checks.duplicates(connection, run.id))
    findings += checks.missing(connection, run.id, run.layer, set(columns))
    if "geom" not in columns:
        findings += checks.unknown(connection, run.id, run.layer)
    if "parent_codes" in columns:
        findings += checks.unknown_parents(connection, run.id, run.layer)
    if "geom" in columns and run.layer.exclusive:
        findings += checks.overlaps_with_active(
            connection,
            run.id,
            run.layer,
            run.options.overlap_tolerance_m2,
            parents="parent_codes" in columns,
        )
    with staging.copying(connection) as copier:
        _store(copier, run.id, findings)
    progress("核对", 1, 1)


def _counts(connection: Connection, run: Run, columns: list[str]) -> dict[str, int]:
    actions = plan.make(connection, run.id, run.layer, columns)
    severities = connection.execute(
        select(import_findings.c.severity, func.count())
        .where(import_findings.c.run_id == run.id)
        .group_by(import_findings.c.severity)
    ).all()
    found: dict[str, int] = {name: int(number) for name, number in severities}
    return {
        "rows": sum(actions.values()),
        **{action.value: number for action, number in actions.items()},
        **{f"{severity.value}s": found.get(severity.value, 0) for severity in Severity},
    }


def _evidence(
    table: carriers.TableInfo, carrier: Carrier, fields: FieldMap, columns: list[str]
) -> dict[str, object]:
    return {
        "table": table.name,
        "crs": asdict(table.crs),
        "encoding": asdict(table.encoding),
        "geometry_types": list(table.geometry_types),
        "mapped": {
            field.name: f"{field.column.name}:{field.unit}".rstrip(":") for field in fields.fields
        },
        "unmapped": list(fields.unmapped),
        "columns": columns,
        "remarks": [
            {"code": one.code, "severity": one.severity.value, "message": one.message}
            for one in (*carrier.findings, *table.findings)
        ],
    }


def apply_run(connection: Connection, run_id: int, decimals: int, actor: str) -> Run:
    """Write a staged run into the truth and publish it, with its audit row."""
    run = load(connection, run_id, lock=True)
    if run.state not in ("staged", "applying"):
        raise WrongState(run_id, run.state, "应用")
    apply.apply(connection, apply.Writing(run.id, run.layer, run.columns, decimals))
    return _finish(connection, run, "applied", "applied_at", actor)


def roll_back_run(connection: Connection, run_id: int, decimals: int, actor: str) -> Run:
    """Restore what an applied run changed, with its audit row."""
    run = load(connection, run_id, lock=True)
    if run.state not in ("applied", "rolling_back"):
        raise WrongState(run_id, run.state, "撤回")
    apply.roll_back(connection, apply.Writing(run.id, run.layer, run.columns, decimals))
    return _finish(connection, run, "rolled_back", "rolled_back_at", actor)


def _finish(connection: Connection, run: Run, state: str, stamp: str, actor: str) -> Run:
    digest = connection.execute(
        update(import_runs)
        .where(import_runs.c.id == run.id)
        .values(state=state, problem=None, **{stamp: func.now()})
        .returning(import_runs.c.file_sha256)
    ).scalar_one()
    details = {"layer": run.layer.name, "file": run.file_name, "sha256": digest}
    connection.execute(
        insert(audit).values(
            actor=actor,
            action=f"import.{state}",
            subject=f"import/{run.id}",
            details={**details, "counts": dict(run.counts), "columns": list(run.columns)},
        )
    )
    return load(connection, run.id)


def fail(connection: Connection, run_id: int, code: str, message: str) -> None:
    """Remember why a run could not be staged."""
    connection.execute(
        update(import_runs)
        .where(import_runs.c.id == run_id)
        .values(state="failed", problem={"code": code, "message": message})
    )
