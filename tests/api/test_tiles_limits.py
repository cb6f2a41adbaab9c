"""Tiles that would be too large, and sites that are too small for one."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine, text

from gis import tiles
from gis.crs import Crs
from gis.layers import layer_named
from gis.query import ItemsQuery
from gis.tables import TILES
from gis.zooms import EXTENT, WORLD_M, Tile
from tests.api.tile_reading import features

PARCELS = layer_named("parcels")
CENTRE = Tile(14, 13660, 6713)


def unit(zoom: int) -> float:
    return float(WORLD_M / 2**zoom / EXTENT)


@pytest.fixture
def dense(engine: Engine) -> Iterator[Connection]:
    """Thirty thousand small parcels in one tile of zoom 14, none published by hand elsewhere."""
    with engine.connect() as connection:
        box = CENTRE.box
        table = TILES["parcels"].name
        connection.execute(
            text(
                f"INSERT INTO {table} (id, status, code, name, area_m2, x, y, geom)"
                " SELECT i, 'available', 'code ' || i, md5(i::text), i, x + 2, y + 2,"
                " ST_Multi(ST_SetSRID(ST_MakeEnvelope(x, y, x + 4 + i * 1e-4, y + 4), 0))"
                " FROM (SELECT i, :west + (i % 200) * 12 x, :south + (i / 200) * 12 y"
                " FROM generate_series(1, :most) i) p"
            ),
            {"west": box.west, "south": box.south, "most": 30_000},
        )
        yield connection


def fewer(connection: Connection, most: int) -> None:
    table = TILES["parcels"]
    connection.execute(table.delete().where(table.c.id > most))


@pytest.mark.parametrize(
    ("most", "lost"), [(1_000, None), (8_000, "attributes"), (30_000, "shapes")]
)
def test_a_tile_that_would_be_too_large_says_what_it_lost(
    dense: Connection, most: int, lost: str | None
) -> None:
    fewer(dense, most)
    body = tiles.tile(dense, PARCELS, CENTRE, ItemsQuery(Crs.GCJ02))
    assert body.truncated == lost
    assert len(body.content) <= tiles.MOST_BYTES
    found = features(body.content, CENTRE)
    ids = [f.id for f in found["parcels"]]
    if lost != "shapes":
        assert sorted(ids) == list(range(1, most + 1))
    else:
        # The smallest go first: ids rise with the area.
        assert sorted(ids) == list(range(most - len(ids) + 1, most + 1))
        assert len(ids) > 5_000
    assert ("parcels_label" in found) is (lost is None)
    assert all(f.properties["status"] == "available" for f in found["parcels"])


def test_the_cap_is_what_keeps_it_small(dense: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: without limits the same tile is far larger."""
    monkeypatch.setattr(tiles, "MOST_BYTES", 10**9)
    monkeypatch.setattr(tiles, "MOST_SHAPES", 10**6)
    body = tiles.tile(dense, PARCELS, CENTRE, ItemsQuery(Crs.GCJ02))
    assert body.truncated is None
    assert len(body.content) > 2_000_000


@pytest.mark.parametrize("zoom", [12, 13])
def test_a_site_smaller_than_the_grid_is_a_speck_not_nothing(dense: Connection, zoom: int) -> None:
    fewer(dense, 1)
    table = TILES["parcels"]
    sliver = "ST_Multi(ST_SetSRID(ST_MakeEnvelope(x, y, x + 0.2, y + 0.2), 0))"
    dense.execute(text(f"UPDATE {table.name} SET geom = {sliver}"))
    at = Tile(zoom, CENTRE.x >> (14 - zoom), CENTRE.y >> (14 - zoom))
    body = tiles.tile(dense, PARCELS, at, ItemsQuery(Crs.GCJ02))
    (feature,) = features(body.content, at)["parcels"]
    assert feature.id == 1
    assert 0 < feature.shape.area < (4 * unit(zoom)) ** 2
