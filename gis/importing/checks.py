"""Checks of all rows together: doubles, overlaps, codes nobody knows."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from gis.carriers.model import Severity
from gis.crs import FloatArray, GeometryArray
from gis.importing.findings import Finding, finding
from gis.importing.runs import Run
from gis.importing.shapes import overlaps
from gis.importing.staging import table_name
from gis.layers import Layer


def only_warned(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The same findings as warnings, for what a person has allowed."""
    return (replace(found, severity=Severity.WARNING) for found in findings)


# Far beyond what a person reads; a file with more is wrong as a whole.
_MOST = 10_000


def duplicates(connection: Connection, run_id: int) -> Iterator[Finding]:
    """Rows that share their code with another row of the file."""
    rows = connection.execute(
        text(
            f"SELECT row_no, code, first FROM (SELECT row_no, code, count(*) OVER same AS n,"
            f" min(row_no) OVER same AS first FROM {table_name(run_id)}"
            f" WHERE code IS NOT NULL WINDOW same AS (PARTITION BY code)) doubled"
            f" WHERE n > 1 ORDER BY row_no LIMIT :most"
        ),
        {"most": _MOST},
    )
    for row in rows:
        other = "" if row.first == row.row_no else f"（第 {row.first} 行已有）"
        message = f"编号 {row.code} 在文件中重复{other}"
        yield finding(row.row_no, "duplicate-in-file", message, field="code", value=row.code)


def uncoded(connection: Connection, run_id: int) -> Iterator[Finding]:
    """Rows without a code."""
    stage = table_name(run_id)
    for row in connection.execute(
        text(f"SELECT row_no FROM {stage} WHERE code IS NULL ORDER BY row_no LIMIT :most"),
        {"most": _MOST},
    ):
        yield finding(row.row_no, "code-missing", "缺少编号", field="code")


def missing(
    connection: Connection, run_id: int, layer: Layer, columns: set[str]
) -> Iterator[Finding]:
    """Rows without what a new site must have; an update may leave it out."""
    stage = table_name(run_id)
    needed = [c for c in layer.columns if c.required and c.name != "code"]
    known = f"EXISTS (SELECT FROM {layer.name} t WHERE t.code = s.code)"
    for column in needed:
        absent = f"s.{column.name} IS NULL" if column.name in columns else "true"
        for row in connection.execute(
            text(
                f"SELECT s.row_no FROM {stage} s WHERE {absent} AND s.code IS NOT NULL"
                f" AND NOT {known} ORDER BY s.row_no LIMIT :most"
            ),
            {"most": _MOST},
        ):
            yield finding(row.row_no, "missing-value", f"缺少{column.title}", field=column.name)


def unknown(connection: Connection, run_id: int, layer: Layer) -> Iterator[Finding]:
    """Rows of a table without geometry whose code no site has."""
    for row in connection.execute(
        text(
            f"SELECT s.row_no, s.code FROM {table_name(run_id)} s WHERE s.code IS NOT NULL"
            f" AND NOT EXISTS (SELECT FROM {layer.name} t WHERE t.code = s.code)"
            f" ORDER BY s.row_no LIMIT :most"
        ),
        {"most": _MOST},
    ):
        message = f"没有编号为 {row.code} 的{layer.title}；没有图形的表只能更新已有记录"
        yield finding(row.row_no, "unknown-code", message, field="code", value=row.code)


def unknown_parents(connection: Connection, run_id: int, layer: Layer) -> Iterator[Finding]:
    """Rows that come out of parcels which are not there, or are retired already."""
    for row in connection.execute(
        text(
            f"SELECT s.row_no, parent FROM {table_name(run_id)} s, unnest(s.parent_codes) parent"
            f" WHERE NOT EXISTS (SELECT FROM {layer.name} t WHERE t.code = parent)"
            f" ORDER BY s.row_no LIMIT :most"
        ),
        {"most": _MOST},
    ):
        message = f"原地块 {row.parent} 不存在"
        yield finding(row.row_no, "unknown-parent", message, field="parent_codes", value=row.parent)


def out_of_region(connection: Connection, run: Run, columns: set[str]) -> Iterator[Finding]:
    """Rows that make or change a site outside of the regions of who sent the file.

    Where the site is now counts as much as where the row puts it, and so do its parents.
    """
    if "" in run.regions:
        return
    stage, layer = table_name(run.id), run.layer.name
    said = "s.region_code" if "region_code" in columns else "NULL::text"
    places = (
        f"SELECT s.row_no, s.code, coalesce({said}, t.region_code) AS region_code"
        f" FROM {stage} s LEFT JOIN {layer} t ON t.code = s.code"
        f" UNION ALL SELECT s.row_no, s.code, t.region_code"
        f" FROM {stage} s JOIN {layer} t ON t.code = s.code"
    )
    if "parent_codes" in columns:
        places += (
            f" UNION ALL SELECT s.row_no, s.code, t.region_code FROM {stage} s,"
            f" unnest(s.parent_codes) parent JOIN {layer} t ON t.code = parent"
        )
    for row in connection.execute(
        text(
            f"SELECT DISTINCT row_no, code, region_code FROM ({places}) places WHERE NOT EXISTS"
            f" (SELECT FROM unnest(CAST(:regions AS text[])) mine"
            f" WHERE starts_with(coalesce(region_code, ''), mine)) ORDER BY row_no"
        ),
        {"regions": list(run.regions)},
    ):
        message = f"行政区 {row.region_code or '（未知）'} 不在您的管辖范围内"
        yield finding(row.row_no, "foreign-region", message, value=row.region_code)


_STRAY_SHARE = 0.01
"""How much of an outline may lie beyond a border: two departments never draw it alike."""


def drawn_elsewhere(connection: Connection, run: Run) -> Iterator[Finding]:
    """Rows whose outline leaves the regions of who sent the file, whatever region they say.

    Judged by the outlines of counties that are known: what lies in another county is foreign, and
    what says a county with an outline has to lie in those that were granted.
    """
    if "" in run.regions:
        return
    for row in connection.execute(
        text(
            "WITH outlines AS (SELECT r.code, r.geom, EXISTS (SELECT FROM"
            " unnest(CAST(:regions AS text[])) mine WHERE starts_with(r.code, mine)"
            " OR starts_with(mine, r.code)) AS granted"
            " FROM regions r WHERE r.level = 'county' AND r.geom IS NOT NULL),"
            f" strays AS (SELECT s.row_no, s.region_code, s.geom FROM {table_name(run.id)} s"
            " WHERE s.geom IS NOT NULL AND NOT EXISTS (SELECT FROM outlines o"
            " WHERE o.granted AND ST_Covers(o.geom, s.geom))),"
            " shares AS (SELECT s.row_no, ST_PointOnSurface(s.geom) AS point,"
            " EXISTS (SELECT FROM outlines o WHERE o.code = left(s.region_code, 6)) AS known,"
            f" {_share('o.granted')} AS inside, {_share('NOT o.granted')} AS abroad"
            " FROM strays s)"
            " SELECT row_no, point, CASE WHEN known THEN 1 - inside ELSE abroad END AS beyond"
            " FROM shares WHERE (CASE WHEN known THEN 1 - inside ELSE abroad END) > :most_beyond"
            " ORDER BY row_no LIMIT :most"
        ),
        {"regions": list(run.regions), "most_beyond": _STRAY_SHARE, "most": _MOST},
    ):
        point = shapely.from_wkb(row.point)
        message = f"图形有 {row.beyond * 100:.1f}% 不在您的管辖范围内"
        yield finding(row.row_no, "foreign-region", message, place=(point.x, point.y))


def _share(which: str) -> str:
    """SQL for the share of a stray that lies in outlines; a point is inside or it is not."""
    shared = "ST_Area(ST_Intersection(o.geom, s.geom)) / nullif(ST_Area(s.geom), 0)"
    return (
        f"(SELECT coalesce(sum(coalesce({shared}, 1)), 0) FROM outlines o"
        f" WHERE {which} AND ST_Intersects(o.geom, s.geom))"
    )


def overlaps_in_file(
    geom: GeometryArray, planar: FloatArray, rows: NDArray[np.int32], tolerance_m2: float
) -> Iterator[Finding]:
    """Rows whose interiors share more than the tolerance with another row of the file."""
    for first, second, shared_m2 in overlaps(geom, planar, tolerance_m2)[:_MOST]:
        point = shapely.point_on_surface(shapely.intersection(geom[first], geom[second]))
        for one, other in ((first, second), (second, first)):
            message = f"与第 {rows[other]} 行重叠 {shared_m2:.2f} 平方米"
            yield finding(
                int(rows[one]), "overlap-in-file", message, place=(float(point.x), float(point.y))
            )


def overlaps_with_active(
    connection: Connection, run_id: int, layer: Layer, tolerance_m2: float, parents: bool
) -> Iterator[Finding]:
    """Rows that overlap a site which the file does not replace."""
    stage = table_name(run_id)
    extent = connection.execute(
        text(f"SELECT ST_SetSRID(ST_Extent(geom), 4490)::text FROM {stage}")
    ).scalar()
    if extent is None:
        return
    replaced = f"SELECT code FROM {stage} WHERE code IS NOT NULL"
    if parents:
        replaced += f" UNION SELECT unnest(parent_codes) FROM {stage}"
    connection.execute(
        text(
            f"CREATE TEMP TABLE neighbours ON COMMIT DROP AS SELECT code, geom FROM {layer.name}"
            f" WHERE retired_at IS NULL AND geom && CAST(:extent AS geometry)"
            f" AND code NOT IN ({replaced})"
        ),
        {"extent": extent},
    )
    if connection.execute(text("SELECT EXISTS (SELECT FROM neighbours)")).scalar():
        connection.execute(text("CREATE INDEX ON neighbours USING gist (geom)"))
        connection.execute(text("ANALYZE neighbours"))
        yield from _shared(connection, stage, tolerance_m2)
    connection.execute(text("DROP TABLE neighbours"))


def _shared(connection: Connection, stage: str, tolerance_m2: float) -> Iterator[Finding]:
    rows = connection.execute(
        text(
            f"SELECT * FROM (SELECT s.row_no, n.code,"
            f" ST_Area(ST_Intersection(s.geom, n.geom)::geography) AS m2,"
            f" ST_PointOnSurface(ST_Intersection(s.geom, n.geom)) AS point"
            f" FROM {stage} s JOIN neighbours n ON n.geom && s.geom"
            f" WHERE ST_Relate(s.geom, n.geom, 'T********')) shared"
            f" WHERE m2 > :tolerance ORDER BY row_no, code LIMIT :most"
        ),
        {"tolerance": tolerance_m2, "most": _MOST},
    ).all()
    for row in rows:
        point = shapely.from_wkb(row.point)
        message = f"与已有的 {row.code} 重叠 {row.m2:.2f} 平方米"
        yield finding(
            row.row_no, "overlap-active", message, value=row.code, place=(point.x, point.y)
        )
