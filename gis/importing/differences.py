"""How each field changes by a run: before it is applied, and after."""

from dataclasses import dataclass

from sqlalchemy import Connection, text

from gis.importing.plan import merged, plan_name
from gis.importing.runs import Run
from gis.importing.staging import table_name
from gis.importing.states import State


@dataclass(frozen=True)
class Difference:
    """One field of one row that applying would change; values as PostgreSQL writes them."""

    row: int
    code: str
    column: str
    before: str | None
    after: str | None


def differences(
    connection: Connection, run: Run, limit: int, after_row: int = 0
) -> list[Difference]:
    """Field by field, what the first ``limit`` changed rows after a row would change, or did."""
    compared = [c for c in run.columns if c not in run.layer.measured and c != "code"]
    pairs = [
        f"('{c}', t.{c}::text, s.{c}::text, {merged(c)} IS DISTINCT FROM t.{c})" for c in compared
    ]
    if "geom" in run.columns:
        area = "'图形 ' || round({0}.area_planar_m2, 2) || ' m²'"
        pairs.append(f"('geom', {area.format('t')}, {area.format('s')}, NOT s.geom = t.geom)")
    rows = connection.execute(
        text(
            f"SELECT s.row_no, s.code, d.name, d.before, d.after FROM"
            f" (SELECT row_no, site_id FROM {plan_name(run.id)} WHERE action = 'changed'"
            f" AND row_no > :after ORDER BY row_no LIMIT :limit) p"
            f" JOIN {table_name(run.id)} s USING (row_no)"
            f" JOIN {_before(run)} t ON t.id = p.site_id,"
            f" LATERAL (VALUES {', '.join(pairs)}) d (name, before, after, differs)"
            f" WHERE d.after IS NOT NULL AND d.differs ORDER BY s.row_no"
        ),
        {"limit": limit, "after": after_row},
    )
    return [Difference(r.row_no, r.code, r.name, r.before, r.after) for r in rows]


def _before(run: Run) -> str:
    """Sites as they were before the run: those of now, or of the history once it is applied."""
    layer = run.layer.name
    if run.state not in (State.APPLIED, State.ROLLING_BACK):
        return layer
    return (
        f"(SELECT b.* FROM revisions r, LATERAL jsonb_populate_record(NULL::{layer}, r.row) b"
        f" WHERE r.layer = '{layer}' AND r.import_id = {run.id})"
    )
