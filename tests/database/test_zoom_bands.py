"""What maps draw follows from the truth: shapes by zoom, and counts by cell, after any change."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
import shapely
from pyproj import Transformer
from sqlalchemy import Connection, FromClause, Table, func, select, text

from gis.crs import geometries_to_gcj02
from gis.drawing import CELL_LEVEL, cell_counts
from gis.drawn import drawn as read_from
from gis.layers import LAYERS, Audience, Layer, layer_named
from gis.publish import publish
from gis.tables import CELLS, PUBLICATIONS, SITES, TILES
from gis.zooms import (
    BANDS,
    EXTENT,
    GRIDS,
    METRES_PER_DEGREE,
    Band,
    Tile,
    bands_at,
    degree_grid,
    grid_column,
    pixel_m,
)
from server.config import Settings
from server.db import job_engine

PARCELS = layer_named("parcels")
TO_PLANE = Transformer.from_crs(4326, 3857, always_xy=True)
EACH = pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
BOTH = pytest.mark.parametrize("audience", list(Audience))


@pytest.fixture
def connection(demo_database_url: str) -> Iterator[Connection]:
    """The demo city; what a test writes is undone."""
    with job_engine(Settings(database_url=demo_database_url)).connect() as opened:
        yield opened
        opened.rollback()


def shapes(connection: Connection, table: FromClause, column: str) -> dict[int, Any]:
    rows = connection.execute(select(table.c.id, func.ST_AsBinary(table.c[column]))).all()
    return {row[0]: row[1] and shapely.from_wkb(bytes(row[1])) for row in rows}


def drawn(connection: Connection, table: Table, zoom: int) -> dict[int, Any]:
    """The shape of every row as it is drawn at a zoom."""
    found = shapes(connection, table, "geom")
    for band in reversed(bands_at(zoom)):
        found |= {i: s for i, s in shapes(connection, table, band.geom).items() if s is not None}
    return found


def on_plane(geometry: shapely.Geometry) -> shapely.Geometry:
    return shapely.transform(
        geometry, lambda p: np.column_stack(TO_PLANE.transform(p[:, 0], p[:, 1]))
    )


WORLD = Tile(0, 0, 0).box


@EACH
@BOTH
def test_exact_shapes_are_those_of_the_audience_on_the_plane(
    connection: Connection, layer: Layer, audience: Audience
) -> None:
    exact = shapes(connection, read_from(layer, audience, WORLD), "geom")
    sites = shapes(connection, SITES[layer.name], "geom")
    published = set(connection.execute(select(PUBLICATIONS[layer.name].c.id)).scalars())
    assert set(exact) == (published if audience is Audience.PUBLIC else set(sites))
    for number, shape in exact.items():
        degrees = sites[number]
        if audience is Audience.PUBLIC:
            degrees = geometries_to_gcj02(np.array([degrees], dtype=object))[0]
        assert shapely.equals_exact(shape, on_plane(degrees), tolerance=1e-3)


@EACH
@pytest.mark.parametrize("zoom", [0, 9, 10, 11, 12, 13, 14])
def test_simplified_shapes_are_valid_whole_and_right_to_a_pixel(
    connection: Connection, layer: Layer, zoom: int
) -> None:
    table = TILES[layer.name]
    exact, simple = shapes(connection, table, "geom"), drawn(connection, table, zoom)
    for number, shape in simple.items():
        assert shape.is_valid
        assert shape.area > 0
        # A pond of a pixel or two may be filled, no part of the land may go.
        outlines = zip(shape.geoms, exact[number].geoms, strict=True)
        allowed = sum(band.tolerance_m for band in BANDS if band.zoom >= min(zoom, 14)) * 1.01
        for drawn_part, part in outlines:
            apart = shapely.hausdorff_distance(drawn_part.exterior, part.exterior)
            assert apart <= max(pixel_m(zoom), allowed)
        lost = exact[number].symmetric_difference(shape).area
        assert lost <= pixel_m(zoom) * exact[number].length


def test_the_exact_shapes_are_finer_than_the_pixel_of_the_first_band(
    connection: Connection,
) -> None:
    """The control of the test above: something was simplified at all."""
    table = TILES["parcels"]
    exact, simple = shapes(connection, table, "geom"), drawn(connection, table, 10)
    corners = shapely.get_num_coordinates([*exact.values()]).sum()
    assert shapely.get_num_coordinates([*simple.values()]).sum() < 0.9 * corners


@EACH
@pytest.mark.parametrize("band", BANDS, ids=lambda band: f"z{band.zoom}")
def test_the_text_of_a_band_is_its_shape(connection: Connection, layer: Layer, band: Band) -> None:
    simple = drawn(connection, TILES[layer.name], band.zoom)
    public = PUBLICATIONS[layer.name]
    rows = connection.execute(select(public.c.id, public.c[band.geometry])).all()
    texts = {row[0]: row[1] for row in rows if row[1] is not None}
    assert texts
    if band is BANDS[0]:
        assert set(texts) == set(simple)
    for number, written in texts.items():
        shape = shapely.from_geojson(written)
        assert shape.geom_type == "MultiPolygon"
        assert shape.is_valid
        # Half a step of the grid of degrees each way.
        off = degree_grid(band.zoom).step * METRES_PER_DEGREE
        assert shapely.hausdorff_distance(on_plane(shape), simple[number]) < off


@EACH
@pytest.mark.parametrize("grid", GRIDS)
def test_outlines_on_a_grid_are_the_shapes_to_a_unit(
    connection: Connection, layer: Layer, grid: int
) -> None:
    table = TILES[layer.name]
    outline = func.ST_AsBinary(func.ST_GeomFromTWKB(table.c[grid_column(grid)]))
    found = {row[0]: row[1] for row in connection.execute(select(table.c.id, outline))}
    drawn_shapes = drawn(connection, table, grid)
    assert set(found) == set(drawn_shapes)
    unit = WORLD.east * 2 / (EXTENT << grid)
    for number, written in found.items():
        stored = shapely.from_wkb(bytes(written))
        assert stored.is_valid
        placed = shapely.transform(stored, lambda p: p * [unit, -unit] + [WORLD.west, WORLD.north])
        lost = placed.symmetric_difference(drawn_shapes[number])
        assert lost.area <= unit * drawn_shapes[number].length


def test_a_site_smaller_than_a_grid_is_a_speck_on_it(connection: Connection) -> None:
    number = connection.execute(text("SELECT min(id) FROM parcels_tiles")).scalar_one()
    tiny = "ST_Multi(ST_MakeEnvelope(120, 30, 120.000001, 30.000001, {}))"
    connection.execute(
        text(
            f"UPDATE parcels SET geom = {tiny.format(4490)}, geom_gcj02 = {tiny.format(0)}"
            f" WHERE id = {number}"
        )
    )
    publish(connection, PARCELS, 6, select(func.unnest([number])))
    grids = ", ".join(f"ST_AsText(ST_GeomFromTWKB({grid_column(grid)}))" for grid in GRIDS)
    row = connection.execute(text(f"SELECT {grids} FROM parcels_tiles WHERE id = {number}")).one()
    for grid, written in zip(GRIDS, row, strict=True):
        assert 0 < shapely.from_wkt(written).area <= 9, grid


@EACH
def test_labels_stand_in_their_shapes(connection: Connection, layer: Layer) -> None:
    table = TILES[layer.name]
    exact = shapes(connection, table, "geom")
    for row in connection.execute(select(table.c.id, table.c.x, table.c.y)):
        assert exact[row.id].distance(shapely.Point(row.x, row.y)) < 1e-3


def cells(connection: Connection, layer: Layer) -> dict[tuple[int, int, str], tuple[Any, ...]]:
    cell = CELLS[layer.name].c
    rows = connection.execute(
        select(cell.x, cell.y, cell.status, cell.sites, cell.sum_x, cell.sum_y, cell.area_m2)
    )
    return {(r.x, r.y, r.status): (r.sites, r.sum_x, r.sum_y, r.area_m2) for r in rows}


def counted(connection: Connection, layer: Layer) -> dict[tuple[int, int, str], tuple[Any, ...]]:
    """The cells counted anew."""
    rows = connection.execute(cell_counts(TILES[layer.name], CELL_LEVEL))
    return {(r.x, r.y, r.status): (r.sites, r.sum_x, r.sum_y, r.area_m2) for r in rows}


@EACH
def test_cells_count_every_public_site_once(connection: Connection, layer: Layer) -> None:
    stored = cells(connection, layer)
    assert stored == counted(connection, layer)
    area = connection.execute(select(func.sum(PUBLICATIONS[layer.name].c.area_m2))).scalar_one()
    assert sum((row[3] for row in stored.values()), Decimal(0)) == area
    for x, y, _ in stored:
        box = Tile(CELL_LEVEL, x, y).box
        assert box.west < box.east


def everything(connection: Connection, layer: Layer) -> list[object]:
    found: list[object] = [cells(connection, layer)]
    for table in ("tiles", "public"):
        rows = connection.execute(text(f"SELECT t::text FROM {layer.name}_{table} t ORDER BY id"))
        found.append(list(rows.scalars()))
    return found


CHANGES = {
    "moved": "UPDATE parcels SET geom = ST_Translate(geom, 0.05, 0.05),"
    " geom_gcj02 = ST_Translate(geom_gcj02, 0.05, 0.05) WHERE id % 7 = 0",
    "another status": "UPDATE parcels SET status = 'sold' WHERE id % 7 = 0",
    "hidden": "UPDATE parcels SET status = 'undisclosed' WHERE id % 7 = 0",
    "shown": "UPDATE parcels SET status = 'available' WHERE id % 7 = 0",
    "retired": "UPDATE parcels SET retired_at = now() WHERE id % 7 = 0",
    "renamed": "UPDATE parcels SET name = 'x', area_legal_m2 = 1 WHERE id % 7 = 0",
    "nothing": "SELECT 1",
    "gone": "DELETE FROM parcels WHERE id % 7 = 0",
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_publishing_what_changed_leaves_what_publishing_all_leaves(
    connection: Connection, change: str
) -> None:
    ids = list(connection.execute(text("SELECT id FROM parcels WHERE id % 7 = 0")).scalars())
    assert len(ids) > 50
    before = everything(connection, PARCELS)
    connection.execute(text(change))
    listed = select(func.unnest(ids))
    publish(connection, PARCELS, 6, listed)
    some = everything(connection, PARCELS)
    publish(connection, PARCELS, 6)
    assert some == everything(connection, PARCELS)
    assert all(row[0] > 0 for row in cells(connection, PARCELS).values())
    if change.startswith(("UPDATE", "DELETE")):
        assert some != before


@pytest.mark.parametrize("z", [0, 1, 5, 14, 22])
def test_tiles_cover_what_postgis_says(connection: Connection, z: int) -> None:
    for x, y in {(0, 0), (2**z - 1, 0), (2**z // 2, 2**z // 3)}:
        row = connection.execute(
            select(func.ST_AsBinary(func.ST_TileEnvelope(z, x, y)))
        ).scalar_one()
        box = Tile(z, x, y).box
        assert (box.west, box.south, box.east, box.north) == pytest.approx(
            shapely.from_wkb(bytes(row)).bounds, abs=1e-6
        )


def test_a_shape_that_the_fast_way_breaks_is_simplified_the_slow_way(
    connection: Connection,
) -> None:
    """Found by chance: its spikes cross each other when they are straightened by 19 m."""
    knot = (
        "MULTIPOLYGON(((120.000817 30.000568, 120.000931 30.000085, 120.00099 30.000691,"
        " 120.001079 30.000834, 120.000936 30.00192, 120.00091 30.00142, 120.000817 30.001687,"
        " 120.000942 30.001158, 120.000689 30.001347, 120.000187 30.001528, 120.000545 30.001248,"
        " 120.000137 30.00138, 120.000817 30.000568)))"
    )
    exact = shapely.from_wkt(knot)
    assert exact.is_valid
    broken = connection.execute(
        text(
            "SELECT ST_IsValid(ST_Simplify(ST_Transform(ST_GeomFromText(:knot, 4326), 3857),"
            " :by, true))"
        ),
        {"knot": knot, "by": BANDS[1].tolerance_m},
    ).scalar_one()
    assert not broken, "the control: the fast way alone would give this"
    number = connection.execute(text("SELECT min(id) FROM parcels_tiles")).scalar_one()
    connection.execute(
        text(
            "UPDATE parcels SET geom = ST_GeomFromText(:knot, 4490),"
            " geom_gcj02 = ST_GeomFromText(:knot, 0) WHERE id = :id"
        ),
        {"knot": knot, "id": number},
    )
    publish(connection, PARCELS, 6, select(func.unnest([number])))
    for zoom in (10, 12, 14):
        shape = drawn(connection, TILES["parcels"], zoom)[number]
        assert shape.is_valid
        assert not shape.is_empty
