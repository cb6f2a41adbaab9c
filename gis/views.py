"""What stands in one view of a map, over several layers: sites with shapes, or counts by cell."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import shapely
from sqlalchemy import Connection, Row, Select, case, func, literal, select, union_all

from gis.crs import Crs
from gis.drawn import drawn, finds, meets, mu, shape_at
from gis.layers import Layer, layer_named
from gis.query import BBox, ItemsQuery
from gis.tables import GRID_SRIDS
from gis.tiles import cells
from gis.zooms import HALF_WORLD_M, WORLD_M, Box, cell_box, degrees, pixel_m, plane_box

MOST_CELLS = 100
MOST_LEVEL = 20
WIDEST_TILES = 32
"""Of 512 px: no screen shows a quarter of it. A wider view is counted, never looked through."""
MOST_CORNERS = 5_000
"""Of a shape as it is read: one with more is simplified to a pixel before it leaves PostgreSQL."""
CELLS_PER_ZOOM = 2
"""Levels from a zoom to its clusters: 64 px apart where a tile has 256 px."""


@dataclass(frozen=True)
class MapQuery:
    """One view: its box and zoom, and what is asked of each layer in it."""

    crs: Crs
    bbox: BBox
    zoom: int
    layers: tuple[tuple[Layer, ItemsQuery], ...]

    @property
    def box(self) -> Box:
        """The view on the plane."""
        return plane_box(self.bbox)

    @property
    def is_wide(self) -> bool:
        """Whether it is far larger at its zoom than any screen."""
        box = self.box
        most: float = WORLD_M / 2**self.zoom * WIDEST_TILES
        return max(box.east - box.west, box.north - box.south) > most

    def only(self, name: str) -> "MapQuery":
        """The same view of one layer, or of none if that one is not asked."""
        return replace(self, layers=tuple(pair for pair in self.layers if pair[0].name == name))


@dataclass(frozen=True)
class Site:
    """One site as a map shows it; ``shape`` and the label's ``x`` and ``y`` are on the plane."""

    layer: Layer
    id: int
    code: str
    name: str
    status: str
    area_mu: float
    x: float
    y: float
    shape: shapely.Geometry = field(compare=False)


@dataclass(frozen=True)
class Cluster:
    """The sites of one whole cell of the grid: how many of each layer, and where on average."""

    level: int
    x: int
    y: int
    counts: tuple[tuple[str, int], ...]
    centre: tuple[float, float]

    @property
    def count(self) -> int:
        """How many sites there are in all."""
        return sum(count for _, count in self.counts)

    @property
    def marker_id(self) -> int:
        """A negative number of nine digits that belongs to the cell, whatever else is in view.

        WeChat takes no longer ones. Unique within 4096 cells each way, and a view has 100.
        """
        return -(1 + ((self.level << 24) | ((self.x & 4095) << 12) | (self.y & 4095)))

    @property
    def bbox(self) -> tuple[float, float, float, float]:
        """The cell in degrees: where a map should zoom to. Neighbours share their edges exactly."""
        (west, north), (east, south) = (
            cell_corner(self.level, self.x + step, self.y + step) for step in (0, 1)
        )
        return west, south, east, north


def cell_corner(level: int, x: int, y: int) -> tuple[float, float]:
    """The north-west corner of a cell in degrees."""
    box = cell_box(level, x, y)
    return degrees(box.west, box.north)


def sites(connection: Connection, asked: MapQuery, most: int) -> list[Site]:
    """Sites that meet the view, at most ``most`` of each layer, in the order of layers and ids."""
    if not asked.layers:
        return []
    rows = connection.execute(sites_sql(asked, most)).all()
    shapes = shapely.from_wkb([bytes(row.shape) for row in rows])
    return [_site(row, shape) for row, shape in zip(rows, shapes, strict=True)]


def _site(row: Row[*tuple[Any, ...]], shape: shapely.Geometry) -> Site:
    members = row._asdict()
    layer = layer_named(members.pop("layer"))
    return Site(**members | {"layer": layer, "shape": shape})


def sites_sql(asked: MapQuery, most: int) -> Select[*tuple[Any, ...]]:
    """The rows of :func:`sites`."""
    each = [_layer_sites(layer, query, asked, most) for layer, query in asked.layers]
    return select(union_all(*(select(one.subquery()) for one in each)).subquery("sites"))


def _layer_sites(
    layer: Layer, query: ItemsQuery, asked: MapQuery, most: int | None
) -> Select[*tuple[Any, ...]]:
    box, srid = asked.box, GRID_SRIDS[query.audience]
    table = drawn(layer, query.audience, box)
    view = func.ST_MakeEnvelope(box.west, box.south, box.east, box.north, srid)
    whole = shape_at(table, query.audience, asked.zoom)
    simple = func.ST_Simplify(whole, pixel_m(asked.zoom), True)
    shape = case((func.ST_NPoints(whole) > MOST_CORNERS, simple), else_=whole)
    return (
        select(
            literal(layer.name).label("layer"),
            table.c.id,
            table.c.code,
            table.c.name,
            table.c.status,
            mu(table.c.area_m2),
            table.c.x,
            table.c.y,
            func.ST_AsBinary(shape).label("shape"),
        )
        .where(
            meets(table, box, query),
            func.ST_Intersects(table.c.geom, view),
            finds(layer, table, query),
        )
        .order_by(table.c.id)
        .limit(most)
    )


def count(connection: Connection, asked: MapQuery) -> int:
    """How many sites meet the view."""
    if not asked.layers:
        return 0
    each = [
        select(func.count()).select_from(
            _layer_sites(layer, query, asked, None).with_only_columns(literal(1)).subquery()
        )
        for layer, query in asked.layers
    ]
    return sum(int(number) for number in connection.execute(union_all(*each)).scalars())


def cluster_level(zoom: int, box: Box) -> int:
    """The level of the grid whose cells are clusters at a zoom.

    Follows from the zoom and the size of the view alone, so it stays the same while panning.
    """
    level = min(zoom + CELLS_PER_ZOOM, MOST_LEVEL)
    while level > 0 and _most_cells(box, level) > MOST_CELLS:
        level -= 1
    return level


def _most_cells(box: Box, level: int) -> int:
    size: float = WORLD_M / 2**level
    # A view of n whole cells meets n + 1 when it is moved; the fraction is for rounding only.
    across, along = (
        math.ceil(length / size - 1e-6) + 1
        for length in (box.east - box.west, box.north - box.south)
    )
    return across * along


def whole_cells(box: Box, level: int) -> Box:
    """The box grown to the edges of the cells that it meets."""
    size, most = WORLD_M / 2**level, 2**level
    west, east = (box.west + HALF_WORLD_M) / size, (box.east + HALF_WORLD_M) / size
    north, south = (HALF_WORLD_M - box.north) / size, (HALF_WORLD_M - box.south) / size
    first = cell_box(level, max(0, math.floor(west)), max(0, math.floor(north)))
    last = cell_box(level, min(most, math.ceil(east)) - 1, min(most, math.ceil(south)) - 1)
    return Box(first.west, last.south, last.east, first.north)


def clusters(connection: Connection, asked: MapQuery) -> list[Cluster]:
    """Sites of all layers counted by whole cells that the view meets, in the order of cells."""
    if not asked.layers:
        return []
    level = cluster_level(asked.zoom, asked.box)
    found: dict[tuple[int, int], list[Row[*tuple[Any, ...]]]] = {}
    for row in connection.execute(clusters_sql(asked, level)):
        found.setdefault((row.x, row.y), []).append(row)
    return [_cluster(level, rows) for rows in found.values()]


def clusters_sql(asked: MapQuery, level: int) -> Select[*tuple[Any, ...]]:
    """``(x, y, layer, sites, sum_x, sum_y)`` of each cell that the view meets."""
    box = whole_cells(asked.box, level)
    each = []
    for layer, query in asked.layers:
        rows = cells(layer, query, level, box).subquery()
        sums = (func.sum(rows.c[name]).label(name) for name in ("sites", "sum_x", "sum_y"))
        name = literal(layer.name).label("layer")
        each.append(select(rows.c.x, rows.c.y, name, *sums).group_by(rows.c.x, rows.c.y))
    counted = union_all(*each).subquery("counted")
    return select(counted).order_by(counted.c.x, counted.c.y)


def _cluster(level: int, rows: Sequence[Row[*tuple[Any, ...]]]) -> Cluster:
    counts = tuple((row.layer, int(row.sites)) for row in rows)
    members = sum(number for _, number in counts)
    centre = (
        float(sum(row.sum_x for row in rows)) / members,
        float(sum(row.sum_y for row in rows)) / members,
    )
    return Cluster(level, rows[0].x, rows[0].y, counts, centre)
