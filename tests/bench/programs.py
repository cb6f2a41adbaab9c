"""Peers that are programs of their own: used where PATH has them, named as missing where not."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from tests.bench.database import Bench
from tests.bench.servers import VAR, Served, free_port, started


def missing() -> list[str]:
    """Programs that are not on PATH."""
    names = ("pg_featureserv", "pg_tileserv", "martin")
    return [name for name in names if not shutil.which(name)]


@contextmanager
def featureserv(bench: Bench, connections: int | None) -> Iterator[Served]:
    """pg_featureserv with its own pool (4 connections a core), or one of that size."""
    config = VAR / "featureserv.toml"
    pool = f"DbPoolMaxConns = {connections}\n" if connections else ""
    config.write_text(f'[Database]\n{pool}TableIncludes = ["peers"]\n[Paging]\nLimitMax = 10000\n')
    port = free_port()
    environment = {"DATABASE_URL": bench.libpq_url, "PGFS_SERVER_HTTPPORT": str(port)}
    command = ["pg_featureserv", "--config", str(config)]
    ready = "/collections/peers.parcels"
    with started(command, port, ready, environment, "featureserv") as served:
        yield served


_MARTIN_FOUND = """\
  auto_publish:
    tables:
      from_schemas: peers
      source_id_format: parcels
"""
_MARTIN_TABLE = """\
  tables:
    parcels:
      schema: peers
      table: parcels
      srid: 4326
      geometry_column: geom
      geometry_type: MULTIPOLYGON
      id_column: id
      properties:
        code: text
        status: text
"""


@contextmanager
def martin(bench: Bench, *, tuned: bool) -> Iterator[Served]:
    """Martin without its cache; tuned with the two attributes that a map draws, else with all."""
    port = free_port()
    config = VAR / "martin.yaml"
    config.write_text(
        f"listen_addresses: 127.0.0.1:{port}\nworker_processes: 2\ncache_size_mb: 0\n"
        f"postgres:\n  connection_string: {bench.libpq_url}\n  pool_size: 8\n"
        f"{_MARTIN_TABLE if tuned else _MARTIN_FOUND}"
    )
    with started(["martin", "--config", str(config)], port, "/health", {}, "martin") as served:
        yield served
