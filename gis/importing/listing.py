"""What people ask about import runs: the list of them, one as it stands, what its rows become."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Row,
    Select,
    Text,
    cast,
    exists,
    func,
    select,
    text,
    true,
)

from gis.crs import CGCS2000, Crs
from gis.importing import plan, staging
from gis.importing.runs import Run, UnknownRun, WrongState, load
from gis.importing.states import PREVIEWABLE, State
from gis.query import BBox
from gis.scope import EVERYWHERE
from gis.tables import GCJ02_SRID, import_progress, import_runs


@dataclass(frozen=True)
class Progressed:
    """How far the work on a run is."""

    step: str
    done: int
    total: int
    at: datetime


@dataclass(frozen=True)
class Listed:
    """A run with its times, its progress and why it stands where it does."""

    id: int
    layer: str
    state: State
    file_name: str
    file_sha256: str
    actor: str
    options: Mapping[str, Any]
    evidence: Mapping[str, Any]
    counts: Mapping[str, int]
    problem: Mapping[str, Any] | None
    times: Mapping[str, datetime | None]
    progress: Progressed | None


_TIMES = ("created_at", "staged_at", "applied_at", "rolled_back_at")


def _runs() -> Select[*tuple[Any, ...]]:
    progress = import_progress.c
    return select(
        import_runs, progress.step, progress.done, progress.total, progress.at
    ).outerjoin_from(import_runs, import_progress, progress.run_id == import_runs.c.id)


def _listed(row: Row[*tuple[Any, ...]]) -> Listed:
    progress = None if row.step is None else Progressed(row.step, row.done, row.total, row.at)
    return Listed(
        row.id, row.layer, State(row.state), row.file_name, row.file_sha256, row.actor,
        row.options, row.evidence, row.counts, row.problem,
        {name: getattr(row, name) for name in _TIMES}, progress,
    )  # fmt: skip


def page(
    connection: Connection,
    limit: int,
    before_id: int | None = None,
    prefixes: Sequence[str] = EVERYWHERE,
) -> list[Listed]:
    """Runs of these regions from the newest on, those before one if that is given."""
    statement = _runs().order_by(import_runs.c.id.desc()).limit(limit).where(_within(prefixes))
    if before_id is not None:
        statement = statement.where(import_runs.c.id < before_id)
    return [_listed(row) for row in connection.execute(statement)]


def _within(prefixes: Sequence[str]) -> ColumnElement[bool]:
    """Every region of the run lies under one of the prefixes."""
    if "" in prefixes:
        return true()
    # Derived: without a list of columns PostgreSQL names the only one like the alias.
    unnested = func.unnest(cast(list(prefixes), ARRAY(Text)))
    mine = unnested.table_valued("code").render_derived("mine")
    its = func.unnest(import_runs.c.regions).table_valued("code").render_derived("its")
    beyond = ~exists(select(1).select_from(mine).where(func.starts_with(its.c.code, mine.c.code)))
    return ~exists(select(1).select_from(its).where(beyond))


def require_within(connection: Connection, run_id: int, prefixes: Sequence[str]) -> None:
    """Raise :class:`UnknownRun` where there is no such run within these regions."""
    found = select(import_runs.c.id).where(import_runs.c.id == run_id, _within(prefixes))
    if connection.execute(found).first() is None:
        raise UnknownRun(run_id)


def one(connection: Connection, run_id: int) -> Listed:
    """The run as it stands; :class:`UnknownRun` if there is none of that number."""
    row = connection.execute(_runs().where(import_runs.c.id == run_id)).one_or_none()
    if row is None:
        raise UnknownRun(run_id)
    return _listed(row)


def previewable(connection: Connection, run_id: int) -> Run:
    """The run, if its rows are there to look at; ``WrongState`` if they are not (yet)."""
    run = load(connection, run_id)
    if State(run.state) not in PREVIEWABLE:
        raise WrongState(run_id, run.state, "预览")
    return run


@dataclass(frozen=True)
class PreviewQuery:
    """Which staged rows, in which coordinates; ``flawed``: only rows with findings."""

    crs: Crs
    limit: int
    bbox: BBox | None = None
    flawed: bool = False
    decimals: int = 9


def preview(connection: Connection, run: Run, query: PreviewQuery) -> list[str]:
    """Staged rows as GeoJSON features, those with errors first.

    Properties: ``row_no``, ``code``, ``action``, ``severity`` and ``errors``, the messages of the
    row. Rows without geometry have a null one.
    """
    rows = connection.execute(text(_preview(run, query)), _bound(run, query))
    return [row.feature for row in rows]


# A person's question of a run is rare and its rows are many: no index is made for it.
def _preview(run: Run, query: PreviewQuery) -> str:
    shape, srid = ("geom_gcj02", GCJ02_SRID) if query.crs is Crs.GCJ02 else ("geom", CGCS2000)
    if "geom" not in run.columns:
        shape = "NULL::geometry"
    clauses = ["f.row_no IS NOT NULL"] if query.flawed else []
    if query.bbox is not None:
        clauses.append(f"{shape} && ST_MakeEnvelope(:west, :south, :east, :north, {srid})")
    where = f"WHERE {' AND '.join(clauses)}" if clauses else ""
    return f"""
        WITH flaws AS (
            SELECT row_no, string_agg(message, '；' ORDER BY severity, code) AS errors,
                   min(severity) AS severity
            FROM import_findings WHERE run_id = :run GROUP BY row_no
        ), chosen AS (
            SELECT s.row_no, s.code, p.action, f.severity, f.errors, {shape} AS shape
            FROM {staging.table_name(run.id)} s JOIN {plan.plan_name(run.id)} p USING (row_no)
            LEFT JOIN flaws f USING (row_no) {where}
            ORDER BY (p.action = 'unchanged'), f.severity NULLS LAST, s.row_no LIMIT :limit
        )
        SELECT json_build_object('type', 'Feature', 'id', row_no,
            'geometry', ST_AsGeoJSON(shape, :decimals)::json,
            'properties', json_build_object('row_no', row_no, 'code', code, 'action', action,
                'severity', severity, 'errors', errors))::text AS feature
        FROM chosen"""


def _bound(run: Run, query: PreviewQuery) -> dict[str, object]:
    return {
        "run": run.id,
        "limit": query.limit,
        "decimals": query.decimals,
        **(asdict(query.bbox) if query.bbox else {}),
    }
