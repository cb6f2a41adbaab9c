"""Bench of disposal: a scan of very many parcels, and statistics over very many cases.

``python -m tests.bench.disposal [SIZE ...]``: databases of its own, filled by SQL, dropped again.
Parcels lie in 60 towns, a square each with its outline; their lives are spread over all stages,
and one in five is a suspect. Cases live for six years: found, classified, planned, disposed of in
parts, closed.
"""

import os
import statistics as numbers
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from sqlalchemy import Connection, Engine, text

from server import migrate
from server.config import Settings
from server.db import job_engine
from server.disposal import ledger, periods, scan, statistics
from server.disposal.scan import Judged, Question
from server.disposal.statistics import Dimension, StatisticsQuery
from tests.bench.report import machine
from tests.databases import Maker

DAY = date(2026, 11, 15)
SIZES = (100_000, 1_000_000)
CASES = 200_000
TOWNS = 60

_REGIONS = """
INSERT INTO regions (code, level, name, parent_code, source)
VALUES ('33', 'province', '浙江省', NULL, 't'), ('3305', 'city', '湖州市', '33', 't');
INSERT INTO regions (code, level, name, parent_code, source)
SELECT '33050' || n, 'county', '县' || n, '3305', 't' FROM generate_series(1, 5) n;
INSERT INTO regions (code, level, name, parent_code, source)
SELECT '33050' || 1 + n % 5 || lpad(n::text, 3, '0'), 'town', '镇' || n, '33050' || 1 + n % 5, 't'
FROM generate_series(1, :towns) n;
"""

_PARCELS = """
INSERT INTO parcels (code, name, status, region_code, area_legal_m2, area_planar_m2,
    area_ellipsoid_m2, approved_on, contract_signed_on, delivered_on, start_due_on, started_on,
    completed_on, production_due_on, production_on, vacant_m2, tax_wan_per_mu,
    actual_tax_wan_per_mu, geom, geom_gcj02)
SELECT 'B' || n, '地块' || n, 'sold', r.code, 20000, 20000, 20000,
    CASE WHEN stage = 0 THEN date '2026-11-15' - (n * 7919 % 1000)::int ELSE signed - 400 END,
    CASE WHEN stage > 0 THEN signed END, CASE WHEN stage > 0 THEN signed + 40 END,
    CASE WHEN stage > 0 AND n % 3 > 0 THEN signed + 300 END,
    CASE WHEN stage > 1 THEN signed + 310 END, CASE WHEN stage > 2 THEN signed + 900 END,
    CASE WHEN stage > 2 THEN signed + 1050 END, CASE WHEN stage > 3 THEN signed + 1060 END,
    CASE WHEN stage > 1 AND n % 17 = 0 THEN 3000 ELSE 0 END, 30,
    CASE WHEN stage > 3 THEN 25 + n % 40 END, shape, ST_SetSRID(shape, 0)
FROM (
    SELECT n, n % 10 / 2 AS stage, date '2026-11-15' - CASE n % 10 / 2
            WHEN 1 THEN n * 7919 % 900 WHEN 3 THEN 900 + n * 7919 % 500
            ELSE 700 + n * 7919 % 2200 END::int AS signed,
        ST_Multi(ST_MakeEnvelope(118 + n % 1500 * 0.002, 29 + n / 1500 * 0.002,
            118.0015 + n % 1500 * 0.002, 29.0015 + n / 1500 * 0.002, 4490)) AS shape,
        1 + n % :towns AS town
    FROM generate_series(1, CAST(:size AS bigint)) n
) s JOIN LATERAL (SELECT '33050' || 1 + town % 5 || lpad(town::text, 3, '0') AS code) r ON true
"""

_CASES = """
INSERT INTO disposal_cases (site_id, class, state, region_code, area_in_class_m2, source,
    discovered_on, state_since, last_on, deadline_on)
SELECT p.id, (ARRAY['pewg', 'gewy', 'yewj', 'jewt', 'tewdb'])[1 + p.id % 5], 'discovered',
    p.region_code, 20000, 'import', found, found, found, found + 30
FROM (SELECT *, date '2021-01-01' + (id * 7919 % 2100)::int AS found FROM parcels) p
ORDER BY p.id LIMIT :cases
"""

_STEPS = (
    ("verifying", "discovered", "state = 'verifying'", 12, 10),
    ("classified", "verifying", "state = 'classified', cause ="
     " (ARRAY['gov', 'holder', 'force_majeure', 'market'])[1 + id % 4]", 40, 10),
    ("executing", "classified", "state = 'executing', measures ="
     " ARRAY[(ARRAY['supply', 'urge_start', 'reserve', 'transfer', 'split_recover',"
     " 'reinvest_upgrade'])[1 + id % 6]]", 90, 9),
    ("executing", "executing", "disposed_area_m2 = 8000", 150, 8),
    ("executing", "executing", "disposed_area_m2 = 20000", 260, 7),
)  # fmt: skip

_STEP = """
UPDATE disposal_cases SET {change}, last_on = discovered_on + {days},
    state_since = CASE WHEN '{before}' = '{after}' THEN state_since ELSE discovered_on + {days} END,
    deadline_on = discovered_on + {days} + 30
WHERE state = '{before}' AND id % 10 < {share} AND discovered_on + {days} < date '2026-11-15'
"""

_CLOSE = """
UPDATE disposal_cases SET state = 'closed', closed_on = last_on + 20, state_since = last_on + 20,
    last_on = last_on + 20, deadline_on = NULL
WHERE disposed_area_m2 = 20000 AND last_on + 20 < date '2026-11-15'
"""


@contextmanager
def filled(maker: Maker, size: int) -> Iterator[Engine]:
    """A database with so many parcels."""
    with maker.copied(maker.postgis_template()) as url:
        config = Settings(database_url=url)
        engine = job_engine(config)
        migrate.upgrade(engine, config.schema_name)
        with engine.begin() as connection:
            connection.execute(text(_REGIONS), {"towns": TOWNS})
            connection.execute(text(_PARCELS), {"size": size, "towns": TOWNS})
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
        yield engine


class Meter:
    """Wall and processor time of a block, ours and that of PostgreSQL's one process for us."""

    def __init__(self, connection: Connection) -> None:
        self._backend = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        self._wall, self._cpu = time.perf_counter(), self._spent()

    def _spent(self) -> float:
        fields = Path(f"/proc/{self._backend}/stat").read_text().rpartition(")")[2].split()
        ticks = int(fields[11]) + int(fields[12])
        return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")

    def read(self) -> tuple[float, float]:
        """Seconds since it began: on the wall, and of processors, which a busy machine leaves."""
        return time.perf_counter() - self._wall, self._spent() - self._cpu


def scan_line(engine: Engine, size: int) -> str:
    """Seconds, and those of processors, of a first scan, of a second one, and of a dry run."""
    taken = []
    suspects = 0
    for run in (_write, _write, scan.look):
        with engine.begin() as connection:
            meter = Meter(connection)
            suspects = len(run(connection, Question(DAY)).suspects)
            taken += [f"{one:.1f}" for one in meter.read()]
    return f"| {size:,} | {suspects:,} | {' | '.join(taken)} |"


def _write(connection: Connection, question: Question) -> Judged:
    return scan.scan(connection, question, "bench")


def live(engine: Engine) -> None:
    """Six years of cases, posted to the ledger and added up."""
    with engine.begin() as connection:
        connection.execute(text(_CASES), {"cases": CASES})
        for after, before, change, days, share in _STEPS:
            step = _STEP.format(change=change, before=before, after=after, days=days, share=share)
            connection.execute(text(step))
        connection.execute(text(_CLOSE))
    with engine.begin() as connection:
        ledger.add_up(connection, DAY)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


_QUESTIONS = {
    "本月分类型": ("2026-10", (Dimension.CLASS,)),
    "本月分区县": ("2026-10", (Dimension.REGION,)),
    "本年分原因": ("2026", (Dimension.CAUSE,)),
    "本年分措施": ("2026", (Dimension.MEASURE,)),
    "前年一季度分类型": ("2024Q1", (Dimension.CLASS,)),
    "本年分区县和类型": ("2026", (Dimension.REGION, Dimension.CLASS)),
}


def statistics_lines(engine: Engine, times: int = 100) -> Iterator[str]:
    """Milliseconds of each question, asked so often: on the wall, and of processors."""
    for title, (period, by) in _QUESTIONS.items():
        query = StatisticsQuery(periods.read(period), ("3305",), by, 6, DAY)
        walls = []
        with engine.connect() as connection:
            whole = Meter(connection)
            for _ in range(times):
                meter = Meter(connection)
                statistics.statistics(connection, query)
                walls.append(meter.read()[0] * 1000)
            cpu = whole.read()[1] * 1000 / times
        p50, p99 = numbers.median(walls), sorted(walls)[int(times * 0.99) - 1]
        yield f"| {title} | {p50:.0f} | {p99:.0f} | {cpu:.0f} |"


def main() -> None:
    """Print both tables."""
    sizes = [int(argument) for argument in sys.argv[1:]] or SIZES
    maker = Maker()
    print(machine())
    heads = " | ".join(f"{run} s | CPU s" for run in ("首次扫描", "再次扫描", "试算"))
    print(f"\n| 地块 | 疑似 | {heads} |\n|---|---|---|---|---|---|---|---|")
    for size in sizes:
        with filled(maker, size) as engine:
            print(scan_line(engine, size), flush=True)
    print(f"\n| 统计（{CASES:,} 个案件） | p50 ms | p99 ms | CPU ms |\n|---|---|---|---|")
    with filled(maker, CASES) as engine:
        live(engine)
        for line in statistics_lines(engine):
            print(line, flush=True)
    maker.drop_left()


if __name__ == "__main__":
    main()
