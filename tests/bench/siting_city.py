"""The city that siting is measured on: parcels in ten counties, facilities, constraints, parks.

Made of one seed. Parcels stand on a grid, three quarters of them in parks of some hundred.
"""

import numpy as np
import shapely
from sqlalchemy import Connection, Engine, insert, select, text

from gis.layers import layer_named
from gis.layers.codes import FACILITY_KIND
from gis.publish import publish
from gis.tables import regions

WEST, SOUTH, STEP = 118.6, 29.6, 0.0023
COUNTIES = tuple(f"33{city:02}{county:02}" for city in (1, 5) for county in (2, 3, 4, 5, 6))

_PARCELS = """
INSERT INTO parcels (code, name, status, region_code, park_code, area_legal_m2, area_planar_m2,
    area_ellipsoid_m2, land_use_code, plot_ratio, price_start_wan, available_on, is_standard_land,
    is_cleared, has_road, power_kva, water_t_per_day, sewage_t_per_day, source, verified_at, geom,
    geom_gcj02)
SELECT 'B-' || lpad(i::text, 7, '0'), '基准 ' || i, (ARRAY['available', 'planned', 'sold', 'sold',
    'sold', 'reserved'])[1 + floor(random() * 6)::int],
    (ARRAY[{counties}])[1 + (x * 5 / {side}) + 5 * (y * 2 / {side})],
    'P-' || x / 12 || '-' || y / 12, m2, m2, m2,
    (ARRAY['100101', '100102', '100103', '110101'])[1 + floor(random() * 4)::int],
    numrange((1 + random())::numeric(3, 1), 2.8, '[]'), (m2 * (0.03 + random() * 0.04))::numeric,
    date '2026-06-01' + floor(random() * 700)::int, random() < 0.3, random() < 0.5, random() < 0.9,
    nullif(floor(random() * 12) * 500, 0), floor(random() * 600),
    nullif(floor(random() * 9), 0) * 60,
    '测试数据', now(), g, ST_SetSRID(g, 0)
FROM (SELECT *, ST_Multi(ST_MakeEnvelope(lon, lat, lon + {step} * 0.8, lat + {step} * 0.8, 4490)) g,
    (8000 + random() * random() * 120000)::numeric(18, 2) m2
    FROM (SELECT i, i % {side} x, i / {side} y, {west} + (i % {side}) * {step} lon,
        {south} + (i / {side}) * {step} lat FROM generate_series(0, {last}) i) cell) s
"""
_PARKS = """
INSERT INTO parks (code, name, status, region_code, area_planar_m2, area_ellipsoid_m2,
    leading_industries, geom, geom_gcj02)
SELECT 'P-' || x || '-' || y, '园区 ' || x || '-' || y, 'open', '{first}', 1e6, 1e6,
    ARRAY[(ARRAY['新能源汽车', '汽车零部件', '半导体', '高端装备', '医疗器械', '新材料',
        '现代纺织'])
        [1 + floor(random() * 7)::int]], g, ST_SetSRID(g, 0)
FROM (SELECT x, y, ST_Multi(ST_MakeEnvelope({west} + x * 12 * {step}, {south} + y * 12 * {step},
    {west} + (x + 1) * 12 * {step}, {south} + (y + 1) * 12 * {step}, 4490)) g
    FROM generate_series(0, {side} / 12) x, generate_series(0, {side} / 12) y) cell
"""
_FACILITIES = """
INSERT INTO facilities (code, name, status, kind, geom, geom_gcj02)
SELECT 'F-' || i, '设施 ' || i, 'operating', (ARRAY[{kinds}])[1 + i % {number}], g, ST_SetSRID(g, 0)
FROM (SELECT i, ST_SetSRID(ST_MakePoint({west} + random() * {side} * {step},
    {south} + random() * {side} * {step}), 4490) g FROM generate_series(1, {count}) i) s
"""
_PLANTS = """
INSERT INTO plants (code, name, status, region_code, park_code, area_planar_m2, area_ellipsoid_m2,
    floor_area_m2, vacant_m2, storeys, ground_height_m, power_kva, rent_yuan_per_m2_month,
    available_on, fire_accepted, eia_possible, banned_industries, source, geom, geom_gcj02)
SELECT 'L-' || lpad(i::text, 7, '0'), '厂房 ' || i, (ARRAY['available', 'partly_available',
    'occupied', 'reserved'])[1 + floor(random() * 4)::int], region_code, park_code, m2, m2, m2 * 3,
    floor(random() * m2 * 3), 3, 4 + floor(random() * 6), nullif(floor(random() * 10) * 250, 0),
    nullif(floor(random() * 25), 0) + 6, date '2026-06-01' + floor(random() * 500)::int,
    random() < 0.5, random() < 0.7,
    CASE WHEN random() < 0.2 THEN ARRAY['半导体'] END, '测试数据', g, ST_SetSRID(g, 0)
FROM (SELECT row_number() OVER (ORDER BY id) i, region_code, park_code,
    (2000 + random() * 30000)::numeric(18, 2) m2,
    ST_Multi(ST_Buffer(ST_Centroid(geom), 0.0003, 'quad_segs=1')) g
    FROM parcels WHERE id % {every} = 0) s
"""
_CONSTRAINTS = """
INSERT INTO constraints (code, name, status, kind, rule, area_planar_m2, area_ellipsoid_m2, geom,
    geom_gcj02)
SELECT 'C-' || i, '约束 ' || i, 'in_force', (ARRAY['basic_farmland', 'ecological_redline',
    'flood_risk'])[1 + i % 3], 'must_not_touch', 1, 1, g, ST_SetSRID(g, 0)
FROM (SELECT i, ST_Multi(ST_Buffer(ST_SetSRID(ST_MakePoint({west} + random() * {side} * {step},
    {south} + random() * {side} * {step}), 4490), 0.002 + random() * 0.004, 8)) g
    FROM generate_series(1, {count}) i) s
"""


def fill(engine: Engine, parcels: int, facilities: int, seed: float = 0.42) -> None:
    """Fill an empty migrated database and publish it."""
    side = int(np.ceil(np.sqrt(parcels)))
    names = {
        "west": WEST,
        "south": SOUTH,
        "step": STEP,
        "side": side,
        "last": parcels - 1,
        "first": COUNTIES[0],
        "every": 3,
        "counties": ", ".join(f"'{code}'" for code in COUNTIES),
        "kinds": ", ".join(f"'{kind}'" for kind in FACILITY_KIND),
        "number": len(FACILITY_KIND),
    }
    with engine.begin() as connection:
        connection.execute(select(text("setseed(:seed)")), {"seed": seed})
        _regions(connection)
        for statement, count in (
            (_PARKS, 0),
            (_FACILITIES, facilities),
            (_CONSTRAINTS, max(parcels // 100, 3)),
            (_PARCELS, 0),
            (_PLANTS, 0),
        ):
            connection.execute(text(statement.format(count=count, **names)))
    for name in ("parks", "facilities", "constraints", "parcels", "plants"):
        with engine.begin() as connection:
            connection.execute(text(f"ANALYZE {name}"))
            publish(connection, layer_named(name), 6)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def _regions(connection: Connection) -> None:
    for code in COUNTIES:
        row = {"code": code, "level": "county", "name": code, "source": "bench"}
        connection.execute(insert(regions).values(row))


def outline(index: int, size: int) -> shapely.Polygon:
    """The ground of one parcel of a city of that size, in CGCS2000 degrees."""
    side = int(np.ceil(np.sqrt(size)))
    west, south = WEST + index % side * STEP, SOUTH + index // side * STEP
    return shapely.box(west, south, west + STEP * 0.8, south + STEP * 0.8)
