"""Roads of a file as a network: lines cut where they share a vertex, with driving time by class."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import shapely
from geoalchemy2 import Geometry
from numpy.typing import NDArray
from pyarrow import csv
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Connection,
    Date,
    Double,
    ForeignKey,
    Index,
    Table,
    Text,
    delete,
    select,
    text,
)
from sqlalchemy import Column as SqlColumn

from gis.crs import CGCS2000, FloatArray
from gis.siting.nearest import geodesic_m
from gis.tables import metadata

if TYPE_CHECKING:
    import geopandas

road_speeds = Table(
    "road_speeds",
    metadata,
    SqlColumn("highway", Text, primary_key=True),
    SqlColumn("km_per_h", Double, nullable=False),
    SqlColumn("source", Text, nullable=False),
    SqlColumn("effective_on", Date, nullable=False),
    CheckConstraint("km_per_h > 0", name="km_per_h"),
)
"""How fast a truck gets along, by OSM's class of road; a class without a row is not driven on."""

roads = Table(
    "roads",
    metadata,
    SqlColumn("id", BigInteger, primary_key=True, autoincrement=False),
    SqlColumn("source", BigInteger, nullable=False),
    SqlColumn("target", BigInteger, nullable=False),
    SqlColumn("highway", Text, ForeignKey("road_speeds.highway"), nullable=False),
    SqlColumn("metres", Double, nullable=False),
    SqlColumn("forward_s", Double, nullable=False),
    SqlColumn("backward_s", Double, nullable=False),
    SqlColumn("geom", Geometry("LINESTRING", CGCS2000, spatial_index=False, nullable=False)),
    Index("ix_roads_geom", "geom", postgresql_using="gist"),
)
"""Edges from junction to junction; seconds of a way that may not be driven are -1 (pgRouting)."""

CLASSES = ("highway", "fclass")
"""Fields that hold the class: OSM's own, and that of Geofabrik's shapefiles."""

_DECIMALS = 7
_BACKWARD_ONLY = frozenset({"-1", "reverse", "T"})
_FORWARD_ONLY = frozenset({"yes", "1", "true", "F"})
_ONE_WAY_CLASSES = frozenset({"motorway", "motorway_link"})


class UnusableRoads(ValueError):
    """The file holds no roads that can be driven on; in Chinese, why."""


@dataclass(frozen=True)
class Network:
    """Edges of a network; ``source`` and ``target`` number the junctions."""

    geom: NDArray[np.object_]
    source: NDArray[np.int64]
    target: NDArray[np.int64]
    row: NDArray[np.int64]
    metres: FloatArray


def noded(lines: NDArray[np.object_]) -> Network:
    """Cut lines (CGCS2000 degrees) at the vertices that they share.

    Bridges and tunnels share none with what they cross, so they stay whole, as OSM has it.
    """
    points, line = shapely.get_coordinates(lines, return_index=True)
    points = np.round(points, _DECIMALS)
    _, vertex, uses = np.unique(points, axis=0, return_inverse=True, return_counts=True)
    vertex = vertex.reshape(-1)
    first = np.flatnonzero(np.r_[True, line[1:] != line[:-1]])
    last = np.r_[first[1:] - 1, len(line) - 1]
    junction = uses[vertex] > 1
    junction[first] = junction[last] = True
    cut = np.flatnonzero(junction)
    # Neighbouring cuts of one line bound an edge; those of two lines bound nothing.
    kept = line[cut[:-1]] == line[cut[1:]]
    begin, end = cut[:-1][kept], cut[1:][kept]
    step = np.r_[geodesic_m(points[:-1], points[1:]), 0.0]
    along = np.r_[0.0, np.cumsum(step)]
    geom = [shapely.LineString(points[b : e + 1]) for b, e in zip(begin, end, strict=True)]
    return Network(
        np.array(geom, dtype=object),
        vertex[begin].astype(np.int64),
        vertex[end].astype(np.int64),
        line[begin].astype(np.int64),
        along[end] - along[begin],
    )


def load(connection: Connection, frame: "geopandas.GeoDataFrame") -> int:
    """Replace the network by the roads of a frame with a CRS; how many edges there are now.

    Raises :class:`UnusableRoads`.
    """
    speeds = {
        str(row.highway): float(row.km_per_h)
        for row in connection.execute(select(road_speeds.c.highway, road_speeds.c.km_per_h))
    }
    taken, classes, ways = _driven(frame, speeds)
    network = noded(np.asarray(taken.geometry.values, dtype=object))
    chosen = np.asarray(classes)[network.row]
    seconds = network.metres / np.array([speeds[one] for one in chosen]) * 3.6
    way = np.asarray(ways)[network.row]
    connection.execute(delete(roads))
    _copy(
        connection,
        {
            "id": np.arange(1, len(chosen) + 1),
            "source": network.source,
            "target": network.target,
            "highway": chosen,
            "metres": np.round(network.metres, 2),
            "forward_s": np.where(way == -1, -1.0, np.round(seconds, 2)),
            "backward_s": np.where(way == 1, -1.0, np.round(seconds, 2)),
            "geom": shapely.to_wkb(
                shapely.set_srid(network.geom, CGCS2000), True, include_srid=True
            ),
        },
    )
    connection.execute(text("ANALYZE roads"))
    return len(chosen)


def _driven(
    frame: "geopandas.GeoDataFrame", speeds: Mapping[str, float]
) -> tuple["geopandas.GeoDataFrame", list[str], list[int]]:
    """The roads that are driven on in CGCS2000, their classes, and 1 or -1 where one way only."""
    named = next((name for name in CLASSES if name in frame.columns), None)
    if named is None:
        raise UnusableRoads(f"没有道路等级字段，应为 {' 或 '.join(CLASSES)}")
    if frame.crs is None:
        raise UnusableRoads("文件没有写明坐标系")
    known = frame[frame[named].isin(list(speeds)) & frame.geometry.notna()]
    known = known.to_crs(CGCS2000).explode(ignore_index=True)
    known = known[known.geom_type == "LineString"]
    if known.empty:
        raise UnusableRoads("没有可通行的道路线：等级都不在 road_speeds 表中，或图形不是线")
    classes = [str(one) for one in known[named]]
    marks = [str(one) for one in known["oneway"]] if "oneway" in known else [""] * len(classes)
    return known, classes, [_way(c, mark) for c, mark in zip(classes, marks, strict=True)]


def _way(highway: str, mark: str) -> int:
    if mark in _BACKWARD_ONLY:
        return -1
    if mark in _FORWARD_ONLY:
        return 1
    return 1 if highway in _ONE_WAY_CLASSES and mark not in ("no", "B", "0") else 0


def _copy(connection: Connection, columns: Mapping[str, NDArray[Any]]) -> None:
    lines = io.BytesIO()
    table = pa.table({name: pa.array(one) for name, one in columns.items()})
    csv.write_csv(table, lines, csv.WriteOptions(include_header=False))
    lines.seek(0)
    raw: Any = connection.connection
    with raw.cursor() as cursor:
        cursor.copy_expert(f"COPY roads ({', '.join(columns)}) FROM STDIN (FORMAT csv)", lines)
