"""The plan of a run: what applying it would do to each row."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from sqlalchemy import Connection, text

from gis.importing.staging import table_name
from gis.layers import Layer


class Action(StrEnum):
    """What applying does with a row."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"


def plan_name(run_id: int) -> str:
    """Name of the table that holds a run's plan."""
    return f"import_plan_{run_id}"


def merged(column: str) -> str:
    """SQL of what a column of an existing site becomes: ``s`` is the stage row, ``t`` the site.

    An empty cell never deletes, and a county's code never replaces that of a town in it.
    """
    if column == "region_code":
        return (
            "CASE WHEN starts_with(t.region_code, s.region_code) THEN t.region_code"
            " ELSE coalesce(s.region_code, t.region_code) END"
        )
    return f"coalesce(s.{column}, t.{column})"


def make(
    connection: Connection, run_id: int, layer: Layer, columns: Sequence[str]
) -> dict[Action, int]:
    """Compare the stage table with the truth; how many rows each action has.

    ``columns`` are those of the stage table; of the measured ones only the geometry is compared,
    the rest follows from it.
    """
    plan, stage = plan_name(run_id), table_name(run_id)
    drop(connection, run_id)
    compared = [c for c in columns if c not in layer.measured and c != "code"]
    differs = [f"{merged(c)} IS DISTINCT FROM t.{c}" for c in compared]
    if "geom" in columns:
        differs.append("s.geom IS NOT NULL AND NOT s.geom = t.geom")
    changed = " OR ".join(f"({one})" for one in differs) or "false"
    connection.execute(
        text(
            f"CREATE UNLOGGED TABLE {plan} AS SELECT s.row_no, t.id AS site_id,"
            f" t.version AS site_version, CASE WHEN bad.row_no IS NOT NULL THEN 'rejected'"
            f" WHEN t.id IS NULL THEN 'new' WHEN {changed} THEN 'changed'"
            f" ELSE 'unchanged' END AS action"
            f" FROM {stage} s LEFT JOIN {layer.name} t ON t.code = s.code"
            f" LEFT JOIN (SELECT DISTINCT row_no FROM import_findings"
            f" WHERE run_id = :run AND severity = 'error') bad ON bad.row_no = s.row_no"
        ),
        {"run": run_id},
    )
    connection.execute(text(f"ALTER TABLE {plan} ADD PRIMARY KEY (row_no)"))
    connection.execute(text(f"ANALYZE {plan}"))
    rows = connection.execute(text(f"SELECT action, count(*) AS n FROM {plan} GROUP BY action"))
    found = {Action(row.action): int(row.n) for row in rows}
    return {action: found.get(action, 0) for action in Action}


def hold(connection: Connection, run_id: int, versions: Mapping[int, int]) -> None:
    """Let the plan rest on these versions of sites, by row: what was read of them went into it.

    A site that was changed between that reading and the plan makes the preview stale.
    """
    connection.execute(
        text(
            f"UPDATE {plan_name(run_id)} p SET site_version = read.version"
            f" FROM unnest(CAST(:rows AS integer[]), CAST(:versions AS integer[]))"
            f" read (row_no, version) WHERE p.row_no = read.row_no"
            f" AND p.site_version <> read.version"
        ),
        {"rows": list(versions), "versions": list(versions.values())},
    )


def size(connection: Connection, run_id: int) -> int:
    """How many rows the plan has."""
    counted = connection.execute(text(f"SELECT count(*) FROM {plan_name(run_id)}"))
    return int(counted.scalar_one())


def drop(connection: Connection, run_id: int) -> None:
    """Remove the plan, if it is there."""
    connection.execute(text(f"DROP TABLE IF EXISTS {plan_name(run_id)}"))
