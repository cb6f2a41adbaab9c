"""From the file of a run to its stage table: read, convert, check, and plan."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pyarrow as pa
from sqlalchemy import Connection, Delete, func, select, update

from gis import crs, datum_shifts
from gis.carriers import model as carriers
from gis.carriers.carrier import Carrier, open_carrier
from gis.carriers.model import Severity
from gis.crs import CGCS2000
from gis.datums import Shift, UnfitShift, counterpart
from gis.importing import batches, checks, plan, staging, totals, values
from gis.importing.fields import Field, suggest
from gis.importing.findings import Finding
from gis.importing.options import ImportOptions
from gis.importing.places import Places
from gis.importing.runs import Run, WrongState, load
from gis.importing.shapes import ShapeOptions
from gis.layers import Layer
from gis.tables import import_findings, import_runs

Progress = Callable[[str, int, int], None]
"""Told ``(step, done, total)`` while long work goes on."""


class UnusableFile(ValueError):
    """A file that is read but cannot be imported as it is: a stable code and Chinese advice."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


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
    shifts = datum_shifts.known(connection)
    datums = tuple({shift.datum.value for shift in shifts})
    with open_carrier(path, run.options.reading(datums), name=run.file_name) as carrier:
        table = _chosen_table(carrier, run.options)
        taking = _taking(connection, run, table, _shift(shifts, run, table))
        columns = _stage_columns(run.layer, taking, table)
        staging.create(connection, run_id, run.layer, columns)
        _copy_rows(connection, run, carrier, table, taking, progress)
        versions = _check_together(connection, run, taking, columns, progress)
    counts = _counts(connection, run, columns, versions)
    connection.execute(
        update(import_runs)
        .where(import_runs.c.id == run_id)
        .values(
            state="staged",
            evidence=_evidence(table, carrier, taking, columns),
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


def _shift(shifts: Sequence[Shift], run: Run, table: carriers.TableInfo) -> Shift | None:
    """The county's parameters, where the table is in an old datum."""
    epsg = table.crs.epsg
    if epsg is None or counterpart(epsg) is None:
        return None
    try:
        return datum_shifts.chosen(shifts, epsg, run.options.shift)
    except UnfitShift as error:
        raise UnusableFile("crs-refused", f"{error}。{table.crs.detail}") from error


def _taking(
    connection: Connection, run: Run, table: carriers.TableInfo, shift: Shift | None
) -> batches.Taking:
    for found in table.findings:
        # An error of one row keeps that row out; one without a row concerns them all.
        if found.severity is Severity.ERROR and found.row is None:
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
        shapes = ShapeOptions(
            table.crs.epsg or 0, table.crs.gcj02, run.options.repair, shift, run.layer.shape
        )
    constants = _constants(run.layer, run.options.constants)
    return batches.Taking(fields, constants, shapes, Places.load(connection), run.layer.measured)


def _of_rows(table: carriers.TableInfo, shapes: ShapeOptions | None) -> list[Finding]:
    """What the carrier found in single rows, with places in our coordinates."""
    return [
        Finding(
            found.row,
            found.code,
            found.severity,
            found.message,
            place=_place(found.place, shapes),
        )
        for found in table.findings
        if found.row is not None
    ]


def _place(
    place: tuple[float, float] | None, shapes: ShapeOptions | None
) -> tuple[float, float] | None:
    if place is None or shapes is None:
        return None
    points, epsg = np.array([place]), shapes.epsg
    if shapes.gcj02:
        longitude, latitude = crs.from_gcj02(points)[0]
        return float(longitude), float(latitude)
    if shapes.shift is not None:
        points, epsg = shapes.shift.moved(points, epsg), shapes.shift.target(epsg)
    longitude, latitude = crs.transformer(epsg, CGCS2000).transform(*points[0])
    return float(longitude), float(latitude)


def _constants(layer: Layer, given: Mapping[str, str]) -> dict[str, str]:
    """Constants as COPY text, read like the values of a file."""
    writable = {column.name: column for column in layer.writable}
    read: dict[str, str] = {}
    for name, value in given.items():
        if name not in writable:
            raise UnusableFile("bad-constant", f"图层{layer.title}没有可写字段 {name}")
        converted = values.convert(Field(name, writable[name]), pa.array([value]), {})
        if converted.bad:
            reason = converted.bad[0].reason
            raise UnusableFile("bad-constant", f"{name} 的值 {value} {reason}")
        read[name] = converted.array[0].as_py()
    return read


def _stage_columns(layer: Layer, taking: batches.Taking, table: carriers.TableInfo) -> list[str]:
    names = [column.name for column in taking.columns]
    names += [name for name in taking.constants if name not in names]
    if table.has_geometry:
        names += ["region_code"] if "region_code" not in names else []
        names += layer.measured
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
    findings = _of_rows(table, taking.shapes)
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
            shared = checks.overlaps_in_file(
                np.concatenate(geoms),
                np.concatenate(planars),
                np.concatenate(numbers),
                run.options.overlap_tolerance_m2,
            )
            findings += checks.only_warned(shared) if run.options.allow_overlap else shared
        copier.wait()
        _store(copier, run.id, findings)


def _store(copier: staging.Copier, run_id: int, findings: list[Finding]) -> None:
    if findings:
        copier.copy("import_findings", staging.findings_table(run_id, findings))


def _check_together(
    connection: Connection,
    run: Run,
    taking: batches.Taking,
    columns: list[str],
    progress: Progress,
) -> Mapping[int, int]:
    """Look at all rows at once; by row the versions of sites from which something was taken."""
    progress("核对", 0, 1)
    priced = totals.multiply(connection, run, taking, columns)
    findings = [*priced.findings, *checks.duplicates(connection, run.id)]
    findings += checks.uncoded(connection, run.id)
    findings += checks.out_of_region(connection, run, set(columns))
    if "geom" in columns:
        findings += checks.drawn_elsewhere(connection, run)
        findings += checks.missing(connection, run.id, run.layer, set(columns))
    else:
        findings += checks.unknown(connection, run.id, run.layer)
    if "parent_codes" in columns:
        findings += checks.unknown_parents(connection, run.id, run.layer)
    if "geom" in columns and run.layer.exclusive:
        shared = checks.overlaps_with_active(
            connection,
            run.id,
            run.layer,
            run.options.overlap_tolerance_m2,
            parents="parent_codes" in columns,
        )
        findings += checks.only_warned(shared) if run.options.allow_overlap else shared
    with staging.copying(connection) as copier:
        _store(copier, run.id, findings)
    progress("核对", 1, 1)
    return priced.versions


def _counts(
    connection: Connection, run: Run, columns: list[str], versions: Mapping[int, int]
) -> dict[str, int]:
    actions = plan.make(connection, run.id, run.layer, columns)
    plan.hold(connection, run.id, versions)
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
    table: carriers.TableInfo, carrier: Carrier, taking: batches.Taking, columns: list[str]
) -> dict[str, object]:
    return {
        "table": table.name,
        "crs": asdict(table.crs),
        "encoding": asdict(table.encoding),
        "geometry_types": list(table.geometry_types),
        "mapped": {
            field.name: f"{field.column.name}:{field.unit}".rstrip(":")
            for field in taking.fields.fields
        },
        "unmapped": list(taking.fields.unmapped),
        **_shift_evidence(taking.shapes.shift if taking.shapes else None),
        "columns": columns,
        "remarks": [
            {"code": one.code, "severity": one.severity.value, "message": one.message}
            for one in (*carrier.findings, *table.findings)
            if one.row is None
        ],
    }


def _shift_evidence(shift: Shift | None) -> dict[str, object]:
    """How an old datum was moved, without the parameters, which are secret."""
    if shift is None:
        return {}
    used = {"name": shift.name, "digest": datum_shifts.digest(shift), "source": shift.source}
    return {"shift": {**used, "datum": shift.datum.value, "accuracy_m": shift.accuracy_m}}
