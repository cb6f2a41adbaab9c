"""Measures siting: ``python -m tests.bench.siting [--parcels N] [--facilities N] [--seconds S]``.

Needs wrk. Fills a database of its own once, then asks different questions each time from 16
connections, and the same questions of tipg as its users have to ask: hard filters on the server
(CQL2), every hit fetched and scored by the client. tipg is given the stored distances as columns
and need not find them. Quote CPU a request and the ratio of one run; the machine is rarely idle.
"""

import argparse
import json
import random
import threading
import time
import urllib.parse
from collections.abc import Callable
from functools import partial
from urllib.request import urlopen

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool

from gis.siting import codec, profiles, values
from gis.siting.question import Question, complete
from server import migrate
from server.config import Settings
from server.db import job_engine
from tests.bench import measure, servers, views
from tests.bench.database import Bench
from tests.bench.measure import Load, cpu_s
from tests.bench.siting_city import COUNTIES, fill
from tests.databases import POSTGIS_TEMPLATE

CLIENTS = 16
_PEERS = """
CREATE SCHEMA IF NOT EXISTS peers;
DROP TABLE IF EXISTS peers.sites;
CREATE TABLE peers.sites AS
SELECT s.id, s.code, s.status, s.region_code, s.area_m2, s.near_motorway_exit_m, s.near_port_m,
    s.near_substation_m, s.power_kva, s.price_start_wan, s.over_flood_risk_m2,
    s.over_basic_farmland_m2, s.over_ecological_redline_m2,
    ST_SetSRID(p.geom, 4326)::geometry(MultiPolygon, 4326) AS geom
FROM kandi.parcels_siting s JOIN kandi.parcels_public p USING (id) ORDER BY s.id;
ALTER TABLE peers.sites ADD PRIMARY KEY (id);
CREATE INDEX ON peers.sites (status, region_code text_pattern_ops, area_m2);
CREATE INDEX ON peers.sites USING gist (geom);
"""


def question(rng: random.Random) -> dict[str, str]:
    """Ten criteria, three of them distances; a tenth of the land and less passes the filters."""
    low = rng.randint(15, 60)
    return {
        "layers": "parcels",
        "region_code": rng.choice(COUNTIES),
        "status": "available",
        "area_mu_min": str(low),
        "area_mu_max": str(low + rng.randint(15, 30)),
        "near_motorway_exit_m_max": str(rng.randint(15, 40) * 100),
        "avoid": "flood_risk",
        "want.area_mu": f"around({low + 10},{rng.randint(10, 25)})*3",
        "want.near_port_m": f"decay({rng.randint(20, 90) * 100})*2",
        "want.near_substation_m": f"decay({rng.randint(10, 40) * 100})*1",
        "want.power_kva": f"rising(500,{rng.randint(30, 60) * 100})*2",
        "want.price_start_wan": f"falling(500,{rng.randint(20, 60) * 100})*2",
    }


def cql2(asked: dict[str, str]) -> str:
    """The hard part of a question as a CQL2 text filter."""
    low, high = (float(asked[name]) * 2000 / 3 for name in ("area_mu_min", "area_mu_max"))
    vetoed = ("basic_farmland", "ecological_redline", asked["avoid"])
    parts = [
        f"region_code LIKE '{asked['region_code']}%'",
        f"status = '{asked['status']}'",
        f"area_m2 >= {low:.4f}",
        f"area_m2 <= {high:.4f}",
        f"near_motorway_exit_m <= {asked['near_motorway_exit_m_max']}",
        *(f"over_{kind}_m2 <= 1" for kind in vetoed),
    ]
    return " AND ".join(parts)


def prepare(parcels: int, facilities: int) -> Bench:
    """The database of that size, filled if it is not there or of another schema."""
    server = make_url(Settings().database_url)
    bench = Bench(server.set(database=f"kandi_bench_siting_{parcels}"), parcels)
    admin = create_engine(server, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    engine = job_engine(Settings(database_url=bench.text_url))
    with admin.connect() as connection:
        found = "SELECT 1 FROM pg_database WHERE datname = :name"
        if connection.execute(text(found), {"name": bench.url.database}).first():
            if _is_filled(bench):
                return bench
            connection.execute(text(f"DROP DATABASE {bench.url.database} WITH (FORCE)"))
        connection.execute(
            text(f"CREATE DATABASE {bench.url.database} TEMPLATE {POSTGIS_TEMPLATE}")
        )
    migrate.upgrade(engine, Settings().schema_name)
    begun = time.monotonic()
    fill(engine, parcels, facilities)
    with create_engine(bench.url, isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text(_PEERS))
        connection.execute(text("VACUUM ANALYZE"))
    print(f"filled in {time.monotonic() - begun:.0f} s")
    return bench


def _is_filled(bench: Bench) -> bool:
    engine = job_engine(Settings(database_url=bench.text_url))
    if migrate.current(engine, Settings().schema_name) != migrate.head():
        return False
    with engine.connect() as connection:
        return connection.execute(text("SELECT to_regclass('peers.sites')")).scalar() is not None


def ours(bench: Bench, asked: list[dict[str, str]], seconds: int) -> None:
    """Measure our own answers; none is asked for twice."""
    paths = [f"/api/v1/siting?{urllib.parse.urlencode(one)}" for one in asked]
    with servers.kandi(bench, KANDI_CACHE_MB="0") as served:
        script = views.script(servers.VAR, "siting", paths)
        load = Load(seconds, CLIENTS)
        backends = bench.backends
        found = measure.wrk("siting", served.url, script, load, served.processes, backends)
    print(
        f"看地: {found.per_s:.0f}/s, p50 {found.p50_ms:.0f} ms, p99 {found.p99_ms:.0f} ms; CPU"
        f" {found.app_cpu_ms:.1f} + {found.sql_cpu_ms:.1f} ms a question, so"
        f" {found.two_cores_per_s:.0f}/s on two cores; failed {found.failed}"
    )


def peer(bench: Bench, asked: list[dict[str, str]], seconds: int) -> None:
    """Measure tipg with the client's scoring; 16 threads that share our process."""
    with job_engine(Settings(database_url=bench.text_url)).connect() as connection:
        profile, _ = profiles.asked(connection, codec.from_query({}))
    questions = [(one, complete(codec.from_query(one), profile)) for one in asked]
    with servers.tipg(bench, workers=2) as served:
        once = partial(_scored, served.url)
        once(*questions[0])
        pids = [*served.processes(), *bench.backends()]
        before = cpu_s(pids)
        taken = _at_once(once, questions, seconds)
        spent = cpu_s(pids) - before
    p50, p99 = (taken[int(len(taken) * share)] * 1000 for share in (0.5, 0.99))
    print(
        f"tipg + client: {len(taken) / seconds:.1f}/s, p50 {p50:.0f} ms, p99 {p99:.0f} ms; CPU"
        f" {1000 * spent / len(taken):.1f} ms a question on the server, the client's not counted"
    )


def _at_once(
    once: Callable[[dict[str, str], Question], object],
    questions: list[tuple[dict[str, str], Question]],
    seconds: int,
) -> list[float]:
    taken: list[float] = []
    until = time.monotonic() + seconds

    def work(number: int) -> None:
        rng = random.Random(number)
        while time.monotonic() < until:
            begun = time.perf_counter()
            once(*rng.choice(questions))
            taken.append(time.perf_counter() - begun)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(taken)


def _scored(base: str, asked: dict[str, str], question: Question) -> list[tuple[float, int]]:
    """The best ten of all hits: their scores and ids."""
    parameters = {"filter": cql2(asked), "filter-lang": "cql2-text", "limit": 10000, "f": "geojson"}
    address = f"{base}/collections/peers.sites/items?{urllib.parse.urlencode(parameters)}"
    with urlopen(address) as response:
        features = json.load(response)["features"]
    found = []
    for feature in features:
        row = feature["properties"] | {"area_mu": feature["properties"]["area_m2"] * 0.0015}
        terms = [(one.weight, one.function, row[one.want.term.name]) for one in question.wants]
        found.append((-values.score(terms), int(feature["id"])))
    return sorted(found)[:10]


def main() -> None:
    """Fill if need be, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parcels", type=int, default=200_000)
    parser.add_argument("--facilities", type=int, default=50_000)
    parser.add_argument("--seconds", type=int, default=20)
    given = parser.parse_args()
    bench = prepare(given.parcels, given.facilities)
    rng = random.Random(7)
    asked = [question(rng) for _ in range(20_000)]
    ours(bench, asked, given.seconds)
    peer(bench, asked, given.seconds)


if __name__ == "__main__":
    main()
