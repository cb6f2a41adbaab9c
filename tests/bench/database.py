"""The bench's own databases: one a size, filled once, with a plain copy of the same data for peers.

Peers read ``peers.parcels``: the same sites and attributes as ordinary columns, and the same
outlines labelled EPSG:4326, because no peer knows GCJ-02.
"""

import subprocess
from dataclasses import dataclass
from urllib.parse import quote

from sqlalchemy import URL, create_engine, make_url, text
from sqlalchemy.pool import NullPool

from server import migrate, reindex
from server.config import Settings
from server.db import job_engine
from tests.bench import seed
from tests.databases import POSTGIS_TEMPLATE

_PEERS = """
CREATE SCHEMA IF NOT EXISTS peers;
DROP TABLE IF EXISTS peers.parcels;
CREATE TABLE peers.parcels AS
SELECT s.id, s.code, s.name, s.status, s.region_code, s.address, s.area_m2, s.land_use_code,
    s.land_use_name, s.plot_ratio::text AS plot_ratio, s.supply_method, s.tenure_years,
    s.price_start_wan, s.available_on, s.is_standard_land, s.investment_wan_per_mu,
    s.tax_wan_per_mu, s.output_wan_per_mu, s.is_cleared, s.has_road, s.has_water, s.has_power,
    s.has_gas, s.is_levelled, s.power_kva, s.water_t_per_day, s.source,
    ST_SetSRID(s.geom_gcj02, 4326)::geometry(MultiPolygon, 4326) AS geom
FROM kandi.parcels s ORDER BY id;
ALTER TABLE peers.parcels ADD PRIMARY KEY (id);
CREATE INDEX parcels_geom ON peers.parcels USING gist (geom);
"""


@dataclass(frozen=True)
class Bench:
    """A filled database."""

    url: URL
    size: int

    @property
    def text_url(self) -> str:
        """As SQLAlchemy wants it."""
        return self.url.render_as_string(hide_password=False)

    @property
    def libpq_url(self) -> str:
        """As libpq wants it."""
        return self.text_url.replace("postgresql+psycopg2", "postgresql", 1)

    @property
    def asyncpg_url(self) -> str:
        """As tipg wants it: a host in its place, a socket's directory too."""
        host = self.url.query.get("host") or self.url.host or "localhost"
        user = self.url.username or ""
        return f"postgresql://{user}@{quote(str(host), safe='')}/{self.url.database}"

    def backends(self) -> list[int]:
        """Processes of PostgreSQL that serve this database now."""
        asked = "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
        engine = create_engine(self.url, poolclass=NullPool)
        with engine.connect() as connection:
            found = connection.execute(text(f"{asked} AND pid <> pg_backend_pid()"))
            return list(found.scalars())


def prepare(size: int) -> Bench:
    """The database of that size, made and filled if it is not there or of an older schema."""
    server = make_url(Settings().database_url)
    name = f"kandi_bench_{size}"
    bench = Bench(server.set(database=name), size)
    admin = create_engine(server, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        found = "SELECT 1 FROM pg_database WHERE datname = :name"
        if connection.execute(text(found), {"name": name}).first():
            if _is_ready(bench):
                return bench
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {POSTGIS_TEMPLATE}"))
    engine = job_engine(Settings(database_url=bench.text_url))
    migrate.upgrade(engine, Settings().schema_name)
    seed.fill(engine, size)
    with engine.begin() as connection:
        connection.execute(text(_PEERS))
    # The peers' index is built at once, too.
    list(reindex.reindex(engine, Settings().schema_name))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE peers.parcels"))
        connection.execute(text(f"COMMENT ON SCHEMA peers IS '{migrate.head()}'"))
    return bench


def _is_ready(bench: Bench) -> bool:
    engine = create_engine(bench.url, poolclass=NullPool)
    with engine.connect() as connection:
        said = "SELECT obj_description(to_regnamespace('peers'))"
        return bool(connection.execute(text(said)).scalar() == migrate.head())


def psql(bench: Bench, sql: str) -> str:
    """What psql prints for a statement, without ornaments."""
    command = ["psql", "-X", "-At", "-c", sql, bench.libpq_url]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
