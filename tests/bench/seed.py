"""The seeded city: parcels on a grid over Huzhou, about 25 vertices and 26 filled attributes each.

Made of numbers alone, so the same size gives the same rows everywhere; more rows cover more ground
at the same density, so a box of one size finds as many parcels in 20,000 rows as in 2,000,000.
"""

import io
import math
from typing import Any

import numpy as np
import shapely
from sqlalchemy import Connection, Engine, insert, text

from gis.crs import GeometryArray, geometries_to_gcj02
from gis.layers import layer_named
from gis.publish import publish
from gis.tables import regions

WEST, SOUTH = 118.6, 29.6
STEP = 0.0023
"""Degrees between two parcels: some 220 m; a parcel is some 150 m across."""
VERTICES = 24
_CHUNK = 50_000

_ATTRIBUTES = """
INSERT INTO parcels (id, code, name, status, region_code, address, area_legal_m2, area_planar_m2,
    area_ellipsoid_m2, land_use_system, land_use_code, land_use_name, plot_ratio,
    building_density, green_ratio, supply_method, tenure_years, price_start_wan, deposit_wan,
    available_on, is_standard_land, investment_wan_per_mu, tax_wan_per_mu, output_wan_per_mu,
    energy_tce_per_wan, emission_wan_per_t, is_cleared, has_road, has_water, has_power, has_gas,
    is_levelled, power_kva, water_t_per_day, source, verified_at, geom, geom_gcj02)
SELECT id, 'DK-' || lpad(id::text, 8, '0'), '南浔经济开发区 ' || id || ' 号地块',
    (ARRAY['available', 'planned', 'announced', 'sold'])[1 + id % 4], '330503',
    '湖州市南浔区向阳路 ' || id % 997 || ' 号', round(m2, 2), round(m2, 2), round(m2, 2),
    '2023', '100102', '二类工业用地', numrange(1.2 + id % 5 * 0.1, 2.5 + id % 7 * 0.1, '[]'),
    numrange(40, 60, '[]'), numrange(5, 15, '[]'), 'listing', 50, round(m2 * 0.06, 4),
    round(m2 * 0.012, 4), date '2026-01-01' + (id % 700)::int, id % 3 = 0, 300 + id % 300,
    20 + id % 30, 400 + id % 500, 0.1 + id % 9 * 0.01, 100 + id % 90, id % 2 = 0, true, true,
    true, id % 5 > 0, id % 7 > 0, 1000 + id % 4000, 50 + id % 500, '测试数据',
    timestamptz '2026-06-01 08:00+08', ST_Multi(ST_SetSRID(exact::geometry, 4490)),
    ST_Multi(ST_SetSRID(gcj::geometry, 0))
FROM (SELECT *, 20000 + (id * 7919 % 30000)::numeric AS m2 FROM seeded) s ORDER BY id
"""


def outlines(first: int, count: int, size: int) -> GeometryArray:
    """Star-shaped rings around the points ``first`` .. of a square grid for ``size`` parcels."""
    number = np.arange(first, first + count)
    columns = columns_of(size)
    x = WEST + number % columns * STEP
    y = SOUTH + number // columns * STEP
    angles = np.linspace(0, 2 * math.pi, VERTICES, endpoint=False)
    wobble = 0.8 + 0.2 * np.sin(number[:, None] * 1.7 + np.arange(VERTICES) * 2.3)
    radius = STEP * 0.42 * wobble
    ring = np.stack(
        [x[:, None] + radius * np.cos(angles), y[:, None] + radius * np.sin(angles)], axis=2
    )
    return np.array(shapely.polygons(np.round(ring, 9)))


def columns_of(size: int) -> int:
    """How many parcels stand side by side."""
    return math.ceil(math.sqrt(size))


def extent(size: int) -> tuple[float, float, float, float]:
    """The ground that ``size`` parcels cover, in degrees."""
    side = columns_of(size) * STEP
    return WEST, SOUTH, WEST + side, SOUTH + side


def fill(engine: Engine, size: int) -> None:
    """Fill an empty migrated database with ``size`` parcels and publish them."""
    with engine.begin() as connection:
        place = {"code": "330503", "level": "county", "name": "南浔区", "source": "bench"}
        connection.execute(insert(regions).values(place))
        connection.execute(text("CREATE TEMP TABLE seeded (id BIGINT, exact TEXT, gcj TEXT)"))
        for first in range(0, size, _CHUNK):
            _copy(connection, first, min(_CHUNK, size - first), size)
        connection.execute(text(_ATTRIBUTES))
        publish(connection, layer_named("parcels"), 6)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def _copy(connection: Connection, first: int, count: int, size: int) -> None:
    exact = outlines(first, count, size)
    lines = zip(
        range(first + 1, first + count + 1),
        shapely.to_wkb(exact, hex=True),
        shapely.to_wkb(geometries_to_gcj02(exact), hex=True),
        strict=True,
    )
    rows = io.StringIO("".join(f"{number}\t{wkb}\t{gcj}\n" for number, wkb, gcj in lines))
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor:
        cursor.copy_expert("COPY seeded FROM STDIN", rows)
