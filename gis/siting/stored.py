"""Keeps the narrow siting tables true, in the transaction that writes a site or its surroundings.

Writers of sites share one advisory lock and writers of surroundings have it alone. Without it two
transactions at once would each miss what the other has not committed yet: a new parcel would never
hear of a new motorway exit.
"""

import io
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from geoalchemy2 import Geography
from pyarrow import csv
from sqlalchemy import Column as SqlColumn
from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    and_,
    bindparam,
    cast,
    column,
    delete,
    exists,
    func,
    insert,
    null,
    or_,
    select,
    table,
    text,
    true,
)

from gis.crs import CGCS2000
from gis.layers import Layer
from gis.layers.constraints import IN_FORCE
from gis.siting.nearest import Places, nearest
from gis.siting.terms import DISTANCES, OVERLAPS, SITED, TABLES, near_id
from gis.tables import PUBLICATIONS, SITES

# Any number will do, as long as only this module takes it.
_ADVISORY_LOCK = 0x73697465

# Beyond so many facilities it is faster to measure every site anew than to ask which ones to.
_MOST_COMPARED = 200

_TOGETHER = ("status", "region_code", "area_m2", "id")

Ids = Select[int] | None


def refresh(connection: Connection, layer: Layer, ids: Ids) -> None:
    """Make the siting tables follow from what was written in ``layer``: chosen sites, or all."""
    _REFRESHERS[layer.name](connection, layer, ids)


def fill(connection: Connection) -> None:
    """Make the siting tables of an installation whose sites are older than them."""
    for layer in SITED:
        held, public = TABLES[layer.name], PUBLICATIONS[layer.name]
        empty = ~exists(select(held.c.id))
        if connection.execute(select(empty & exists(select(public.c.id)))).scalar_one():
            refresh(connection, layer, None)


def _of_sites(connection: Connection, layer: Layer, ids: Ids) -> None:
    _lock(connection, shared=True)
    stored = TABLES[layer.name]
    chosen = true() if ids is None else stored.c.id.in_(ids)
    connection.execute(delete(stored).where(chosen))
    _stage(connection, layer, ids)
    names = [one.name for one in _filled(stored)]
    rows = _rows(layer)
    if ids is None:
        # What is asked for together stands together: a tenth of the pages to read.
        rows = rows.order_by(*(PUBLICATIONS[layer.name].c[name] for name in _TOGETHER))
    connection.execute(insert(stored).from_select(names, rows))
    connection.execute(text("DROP TABLE siting_near, siting_over"))
    if ids is None:
        connection.execute(text(f"ANALYZE {stored.name}"))


def _stage(connection: Connection, layer: Layer, ids: Ids) -> None:
    """Distances and overlaps of the sites as temporary tables ``siting_near``, ``siting_over``."""
    public, site = PUBLICATIONS[layer.name], SITES[layer.name]
    point = func.ST_PointOnSurface(site.c.geom)
    centres = select(site.c.id, func.ST_X(point), func.ST_Y(point)).where(
        site.c.id.in_(select(public.c.id) if ids is None else ids)
    )
    _copy_near(connection, list(DISTANCES), connection.execute(centres.order_by(site.c.id)).all())
    connection.execute(
        text(f"CREATE TEMP TABLE siting_over ON COMMIT DROP AS {_overlaps(layer, 'siting_near')}")
    )
    connection.execute(text("CREATE UNIQUE INDEX ON siting_over (id)"))


def _filled(stored: Table) -> list[SqlColumn[Any]]:
    """Columns that are written; the database derives the others."""
    return [one for one in stored.c if one.computed is None]


def _rows(layer: Layer) -> Select[*tuple[object, ...]]:
    """Rows of the narrow table in the order of its columns."""
    public, site, parks = PUBLICATIONS[layer.name], SITES[layer.name], PUBLICATIONS["parks"]
    near = table("siting_near", *(column(name) for name in _near_names(DISTANCES)), column("id"))
    over = table("siting_over", *(column(c.name) for c in OVERLAPS.values()), column("id"))
    made: dict[str, ColumnElement[Any]] = {
        "site_m2": func.ST_Area(cast(site.c.geom, Geography(srid=CGCS2000))),
        "centre": func.ST_PointOnSurface(site.c.geom),
        "industries": parks.c.leading_industries,
        "banned_industries": site.c.get("banned_industries", null()),
        **{one.name: one for one in near.c if one.name != "id"},
        **{one.name: one for one in over.c if one.name != "id"},
    }
    columns = _filled(TABLES[layer.name])
    chosen = [made[c.name] if c.name in made else public.c[c.name] for c in columns]
    return select(*chosen).select_from(
        public.join(site, site.c.id == public.c.id)
        .join(near, near.c.id == public.c.id)
        .join(over, over.c.id == public.c.id)
        .outerjoin(parks, parks.c.code == public.c.park_code)
    )


def _of_parks(connection: Connection, _layer: Layer, _ids: Ids) -> None:
    """A park's leading industries are those of the sites in it."""
    _lock(connection, shared=False)
    for sited in SITED:
        stored = TABLES[sited.name].name
        connection.execute(
            text(
                f"UPDATE {stored} s SET industries = f.leading_industries FROM (SELECT t.id,"
                f" p.leading_industries FROM {stored} t LEFT JOIN parks_public p"
                f" ON p.code = t.park_code) f WHERE f.id = s.id"
                f" AND s.industries IS DISTINCT FROM f.leading_industries"
            )
        )


def _of_facilities(connection: Connection, layer: Layer, ids: Ids) -> None:
    """Kinds that were written, or whose facilities were nearest to some site, are measured anew."""
    _lock(connection, shared=False)
    kinds = set(DISTANCES) if ids is None else _kinds_of(connection, layer, ids)
    few = ids is not None and _count(connection, ids) <= _MOST_COMPARED
    for kind in sorted(kinds):
        for sited in SITED:
            stored = TABLES[sited.name]
            concerned = _concerned(stored, kind, ids) if few and ids is not None else true()
            _measure(connection, stored, kind, concerned)


def _count(connection: Connection, ids: Select[int]) -> int:
    return int(connection.execute(select(func.count()).select_from(ids.subquery())).scalar_one())


def _concerned(stored: Table, kind: str, ids: Select[int]) -> ColumnElement[bool]:
    """Sites whose nearest facility of a kind was written, or may be one of those written."""
    site, centre = SITES["facilities"], stored.c.centre
    metres, facility = stored.c[DISTANCES[kind].name], stored.c[near_id(kind)]
    latitude = func.greatest(func.abs(func.ST_Y(centre)), func.abs(func.ST_Y(site.c.geom)))
    # Degrees are at least this long, so nothing that is nearer is left out.
    northward = func.abs(func.ST_Y(centre) - func.ST_Y(site.c.geom)) * 110_500
    eastward = func.abs(func.ST_X(centre) - func.ST_X(site.c.geom)) * 100_000
    nearer = select(site.c.id).where(
        site.c.id.in_(ids),
        _operating(kind),
        northward <= metres,
        eastward * func.cos(func.radians(latitude)) <= metres,
    )
    return or_(facility.is_(None), facility.in_(ids), exists(nearer.correlate(stored)))


def _operating(kind: str) -> ColumnElement[bool]:
    site = SITES["facilities"]
    return and_(site.c.kind == kind, site.c.status == "operating", site.c.retired_at.is_(None))


def _kinds_of(connection: Connection, layer: Layer, ids: Select[int]) -> set[str]:
    site = SITES[layer.name]
    statement = select(site.c.kind).where(site.c.id.in_(ids)).distinct()
    kinds = set(connection.execute(statement).scalars())
    for kind in set(DISTANCES) - kinds:
        for stored in TABLES.values():
            used = select(stored.c.id).where(stored.c[near_id(kind)].in_(ids))
            if connection.execute(used.limit(1)).first() is not None:
                kinds.add(kind)
    return kinds


def _measure(
    connection: Connection, stored: Table, kind: str, concerned: ColumnElement[bool]
) -> None:
    centre = stored.c.centre
    measured = select(stored.c.id, func.ST_X(centre), func.ST_Y(centre)).where(concerned)
    rows = connection.execute(measured.order_by(stored.c.id)).all()
    _copy_near(connection, [kind], rows)
    metres, facility = _near_names([kind])
    connection.execute(
        text(
            f"UPDATE {stored.name} s SET {metres} = n.{metres}, {facility} = n.{facility}"
            f" FROM siting_near n WHERE n.id = s.id AND (s.{metres}, s.{facility})"
            f" IS DISTINCT FROM (n.{metres}, n.{facility})"
        )
    )
    connection.execute(text("DROP TABLE siting_near"))


def _near_names(kinds: Iterable[str]) -> list[str]:
    return [name for kind in kinds for name in (DISTANCES[kind].name, near_id(kind))]


def _copy_near(
    connection: Connection, kinds: Sequence[str], rows: Sequence[Sequence[float]]
) -> None:
    """Measure ``(id, longitude, latitude)`` rows and put the result into ``siting_near``."""
    typed = ", ".join(
        f"{DISTANCES[kind].name} double precision, {near_id(kind)} bigint" for kind in kinds
    )
    connection.execute(
        text(f"CREATE TEMP TABLE siting_near (id bigint PRIMARY KEY, {typed}) ON COMMIT DROP")
    )
    sites = np.array([row[1:] for row in rows], dtype=np.float64).reshape(-1, 2)
    places = Places(sites)
    columns = {"id": pa.array([row[0] for row in rows], pa.int64())}
    for kind in kinds:
        columns |= _nearest_of(connection, kind, places)
    lines = io.BytesIO()
    csv.write_csv(pa.table(columns), lines, csv.WriteOptions(include_header=False))
    lines.seek(0)
    raw: Any = connection.connection
    with raw.cursor() as cursor:
        cursor.copy_expert("COPY siting_near FROM STDIN (FORMAT csv)", lines)
    connection.execute(text("ANALYZE siting_near"))


def _nearest_of(connection: Connection, kind: str, sites: Places) -> dict[str, pa.Array]:
    """Two columns: metres to the nearest operating facility of a kind, and its id."""
    site = SITES["facilities"]
    rows = connection.execute(
        select(site.c.id, func.ST_X(site.c.geom), func.ST_Y(site.c.geom))
        .where(_operating(kind))
        .order_by(site.c.id)
    ).all()
    facilities = np.array([row[1:] for row in rows], np.float64).reshape(-1, 2)
    found = nearest(sites, facilities)
    unknown = found.index < 0
    ids = np.array([row[0] for row in rows] or [0], np.int64)[found.index]
    # Millimetres: the same on every machine, and finer than any survey of a motorway exit.
    metres = np.round(found.metres, 3)
    arrays = (pa.array(metres, mask=unknown), pa.array(ids, mask=unknown))
    return dict(zip(_near_names([kind]), arrays, strict=True))


def _of_constraints(connection: Connection, _layer: Layer, _ids: Ids) -> None:
    """Every site is held against the boundaries again: a kind may now be known, or no longer."""
    _lock(connection, shared=False)
    for sited in SITED:
        stored = TABLES[sited.name]
        names = ", ".join(one.name for one in OVERLAPS.values())
        fresh = ", ".join(f"o.{one.name}" for one in OVERLAPS.values())
        connection.execute(
            text(
                f"UPDATE {stored.name} s SET ({names}) = ROW({fresh})"
                f" FROM ({_overlaps(sited, stored.name)}) o WHERE o.id = s.id"
                f" AND ROW({', '.join(f's.{one.name}' for one in OVERLAPS.values())})"
                f" IS DISTINCT FROM ROW({fresh})"
            )
        )


def _overlaps(layer: Layer, among: str) -> str:
    """SQL of ``(id, over_<kind>_m2 ...)`` for the sites of the layer whose ids a table holds."""
    binding = ", ".join(f"'{status}'" for status in IN_FORCE)
    force = f"c.status IN ({binding}) AND c.retired_at IS NULL"
    broken = ", ".join(
        f"max(b.m2) FILTER (WHERE b.kind = '{kind}') AS {one.name}"
        for kind, one in OVERLAPS.items()
    )
    return f"""
        WITH loaded AS (SELECT DISTINCT c.kind, c.rule FROM constraints c WHERE {force}),
        touched AS (
            SELECT t.id, c.kind, c.rule,
                ST_Area(ST_Union(ST_Intersection(t.geom, c.geom))::geography) AS m2
            FROM {layer.name} t JOIN constraints c ON ST_Intersects(t.geom, c.geom)
            WHERE {force} AND t.id IN (SELECT id FROM {among}) GROUP BY t.id, c.kind, c.rule),
        b AS (
            SELECT t.id, l.kind, sum(CASE l.rule WHEN 'must_not_touch' THEN coalesce(u.m2, 0)
                ELSE greatest(ST_Area(t.geom::geography) - coalesce(u.m2, 0), 0) END) AS m2
            FROM {layer.name} t CROSS JOIN loaded l LEFT JOIN touched u
                ON u.id = t.id AND u.kind = l.kind AND u.rule = l.rule
            WHERE t.id IN (SELECT id FROM {among}) GROUP BY t.id, l.kind)
        SELECT a.id, {broken} FROM {among} a LEFT JOIN b ON b.id = a.id GROUP BY a.id
    """


def _lock(connection: Connection, *, shared: bool) -> None:
    taken = func.pg_advisory_xact_lock_shared if shared else func.pg_advisory_xact_lock
    connection.execute(select(taken(bindparam("key", _ADVISORY_LOCK))))


_REFRESHERS: dict[str, Callable[[Connection, Layer, Ids], None]] = {
    **{layer.name: _of_sites for layer in SITED},
    "parks": _of_parks,
    "facilities": _of_facilities,
    "constraints": _of_constraints,
}
