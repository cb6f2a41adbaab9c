"""Applying a staged run and taking it back, each in the caller's one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Select, bindparam, select, text, union

from gis.importing.plan import merged, plan_name
from gis.importing.staging import table_name
from gis.layers import Layer
from gis.publish import publish
from gis.revisions import row_json
from gis.tables import SITES, lineage, revisions


class StalePreview(RuntimeError):
    """The truth changed after the preview was made: it has to be made and looked at again."""


class LaterEdits(RuntimeError):
    """Sites were changed after the run, so taking it back would lose those changes."""

    def __init__(self, codes: Sequence[str]) -> None:
        super().__init__(", ".join(codes))
        self.codes = tuple(codes)


@dataclass(frozen=True)
class Writing:
    """The run that is written, its layer, the columns of its stage table, and public decimals."""

    run_id: int
    layer: Layer
    columns: tuple[str, ...]
    decimals: int

    @property
    def stage(self) -> str:
        """Name of the stage table."""
        return table_name(self.run_id)

    @property
    def plan(self) -> str:
        """Name of the plan."""
        return plan_name(self.run_id)


def apply(connection: Connection, writing: Writing) -> str:
    """Do what the plan says, and publish; the digest of what it wrote.

    Raises :class:`StalePreview` if the plan is out of date.
    """
    # Only readers pass this lock: no other change can slip in between the check and the write.
    connection.execute(text(f"LOCK TABLE {writing.layer.name} IN SHARE ROW EXCLUSIVE MODE"))
    _require_fresh(connection, writing)
    _keep_revisions(connection, writing, _planned(writing, "changed"))
    _update(connection, writing)
    if "geom" in writing.columns:
        _insert(connection, writing)
    if "parent_codes" in writing.columns:
        _retire_parents(connection, writing)
    publish(connection, writing.layer, writing.decimals, _touched(writing))
    return content_digest(connection, writing.layer, _touched(writing))


def content_digest(connection: Connection, layer: Layer, ids: Select[int]) -> str:
    """SHA-256 of these sites as they stand, every column of each in the order of ids."""
    found = connection.execute(
        text(
            f"SELECT encode(sha256(coalesce(string_agg(sha256(convert_to(t::text, 'UTF8')), ''"
            f" ORDER BY t.id), '')), 'hex') FROM {layer.name} t WHERE t.id = ANY(:ids)"
        ),
        {"ids": list(connection.execute(ids).scalars())},
    )
    return str(found.scalar_one())


def _require_fresh(connection: Connection, writing: Writing) -> None:
    layer = writing.layer.name
    stale = connection.execute(
        text(
            f"SELECT EXISTS (SELECT FROM {writing.plan} p LEFT JOIN {layer} t ON t.id = p.site_id"
            f" WHERE p.site_id IS NOT NULL AND t.version IS DISTINCT FROM p.site_version)"
            f" OR EXISTS (SELECT FROM {writing.plan} p JOIN {writing.stage} s USING (row_no)"
            f" JOIN {layer} t ON t.code = s.code WHERE p.action = 'new')"
        )
    ).scalar_one()
    if stale:
        raise StalePreview


def _planned(writing: Writing, action: str) -> str:
    return f"SELECT site_id FROM {writing.plan} WHERE action = '{action}'"


def _keep_revisions(connection: Connection, writing: Writing, ids: str) -> None:
    """Store the rows that are about to change, exactly: geometry as EWKB, numbers as decimals."""
    connection.execute(
        text(
            f"INSERT INTO revisions (layer, site_id, version, row, import_id)"
            f" SELECT :layer, t.id, t.version,"
            f" {row_json(writing.layer)}, :run"
            f" FROM {writing.layer.name} t WHERE t.id IN ({ids})"
        ),
        {"layer": writing.layer.name, "run": writing.run_id},
    )


def _update(connection: Connection, writing: Writing) -> None:
    filled = [c for c in writing.columns if c != "code"]
    assignments = ", ".join(f"{name} = {merged(name)}" for name in filled)
    if "verified_at" in filled:
        # Somebody looked: shown again until the daily job finds that even that was long ago.
        assignments += ", stale_since = NULL"
    comma = ", " if filled else ""
    connection.execute(
        text(
            f"UPDATE {writing.layer.name} t SET {assignments}{comma}version = t.version + 1,"
            f" updated_at = now() FROM {writing.stage} s JOIN {writing.plan} p USING (row_no)"
            f" WHERE p.action = 'changed' AND t.id = p.site_id"
        )
    )


def _insert(connection: Connection, writing: Writing) -> None:
    names = ", ".join(writing.columns)
    values = ", ".join(f"s.{name}" for name in writing.columns)
    connection.execute(
        text(
            f"INSERT INTO {writing.layer.name} ({names}, created_import_id)"
            f" SELECT {values}, :run FROM {writing.stage} s JOIN {writing.plan} p USING (row_no)"
            f" WHERE p.action = 'new' ORDER BY row_no"
        ),
        {"run": writing.run_id},
    )


def _retire_parents(connection: Connection, writing: Writing) -> None:
    layer = writing.layer.name
    written = (
        f"{writing.stage} s JOIN {writing.plan} p USING (row_no) JOIN {layer} child"
        f" ON child.code = s.code, unnest(s.parent_codes) parent_code JOIN {layer} parent"
        f" ON parent.code = parent_code WHERE p.action IN ('new', 'changed')"
    )
    connection.execute(
        text(
            f"INSERT INTO lineage (layer, child_id, parent_id, import_id)"
            f" SELECT DISTINCT :layer, child.id, parent.id, :run FROM {written}"
            f" AND parent.id <> child.id ON CONFLICT DO NOTHING"
        ),
        {"layer": layer, "run": writing.run_id},
    )
    parents = (
        f"SELECT l.parent_id FROM lineage l JOIN {layer} t ON t.id = l.parent_id"
        f" WHERE l.layer = '{layer}' AND l.import_id = {writing.run_id} AND t.retired_at IS NULL"
    )
    _keep_revisions(connection, writing, parents)
    connection.execute(
        text(
            f"UPDATE {layer} SET retired_at = now(), version = version + 1, updated_at = now()"
            f" WHERE id IN ({parents})"
        )
    )


def _touched(writing: Writing) -> Select[int]:
    """Ids of every site that the run wrote: those it made and those it changed."""
    site = SITES[writing.layer.name]
    made = select(site.c.id).where(site.c.created_import_id == writing.run_id)
    changed = select(revisions.c.site_id).where(
        revisions.c.layer == writing.layer.name, revisions.c.import_id == writing.run_id
    )
    both = union(made, changed).subquery()
    return select(both.c[0])


def roll_back(connection: Connection, writing: Writing) -> str:
    """Restore every site to what it was before the run; the digest of what is there again.

    :class:`LaterEdits` names obstacles.
    """
    layer = writing.layer.name
    connection.execute(text(f"LOCK TABLE {layer} IN SHARE ROW EXCLUSIVE MODE"))
    _require_untouched(connection, writing)
    ids = list(connection.execute(_touched(writing)).scalars())
    site = SITES[layer]
    names = ", ".join(c.name for c in site.c if c.computed is None and c.name != "id")
    before = ", ".join(f"b.{c.name}" for c in site.c if c.computed is None and c.name != "id")
    connection.execute(
        text(
            f"UPDATE {layer} t SET ({names}) = ({before}) FROM revisions r,"
            f" LATERAL jsonb_populate_record(NULL::{layer}, r.row) b"
            f" WHERE r.layer = :layer AND r.import_id = :run AND r.site_id = t.id"
        ),
        {"layer": layer, "run": writing.run_id},
    )
    connection.execute(
        lineage.delete().where(lineage.c.layer == layer, lineage.c.import_id == writing.run_id)
    )
    connection.execute(site.delete().where(site.c.created_import_id == writing.run_id))
    connection.execute(
        revisions.delete().where(
            revisions.c.layer == layer, revisions.c.import_id == writing.run_id
        )
    )
    publish(connection, writing.layer, writing.decimals, _listed(ids))
    return content_digest(connection, writing.layer, _listed(ids))


def _listed(ids: Sequence[int]) -> Select[int]:
    return select(text("id")).select_from(
        text("unnest(CAST(:ids AS bigint[])) AS id").bindparams(bindparam("ids", list(ids)))
    )


def _require_untouched(connection: Connection, writing: Writing) -> None:
    layer = writing.layer.name
    codes = connection.execute(
        text(
            f"SELECT t.code FROM revisions r JOIN {layer} t ON t.id = r.site_id"
            f" WHERE r.layer = :layer AND r.import_id = :run AND t.version <> r.version + 1"
            f" UNION SELECT code FROM {layer} WHERE created_import_id = :run AND version <> 1"
            f" ORDER BY 1"
        ),
        {"layer": layer, "run": writing.run_id},
    ).scalars()
    if found := list(codes):
        raise LaterEdits(found)
