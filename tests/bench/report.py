"""Results as text: the table of everything that ran, and what the issue says must be reached."""

import platform
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.measure import Result

Results = Mapping[str, Result]


@dataclass(frozen=True)
class Goal:
    """A ratio that must be reached: ``ours`` to ``theirs``, in answers a second or in bytes."""

    title: str
    ours: str
    theirs: str
    least: float
    bound: bool = False
    """Whether ``theirs`` is only the SQL of a peer that is not here: the ratio is a lower bound."""

    def line(self, results: Results) -> str:
        """Reached, not reached, or not measured here, and the numbers."""
        ours, theirs = results.get(self.ours), results.get(self.theirs)
        if ours is None or theirs is None or not theirs.per_s:
            return f"| {self.title} | {self.least:g}x | – | 此处不能测 |"
        ratio = ours.per_s / theirs.per_s
        told = f"{'≥ ' if self.bound else ''}{ratio:.1f}x"
        reached = (
            "达到" if ratio >= self.least else "此处只有上界，不能判定" if self.bound else "未达到"
        )
        return f"| {self.title} | {self.least:g}x | {told} | {reached} |"


GOALS = (
    Goal("bbox: tipg", "bbox 看地", "bbox tipg 调优", 20),
    Goal(
        "bbox: pg_featureserv（以其 SQL 为上界）", "bbox 看地", "bbox pg_featureserv SQL", 8, True
    ),
    Goal("bbox gzip: tipg", "bbox 看地 gzip", "bbox tipg 调优 gzip", 10),
    Goal("id: pg_featureserv（以其 SQL 为上界）", "id 看地", "id pg_featureserv SQL", 2, True),
    Goal(
        "bbox 缓存命中: pg_featureserv SQL", "bbox 看地 缓存", "bbox pg_featureserv SQL", 40, True
    ),
    Goal("304: pg_featureserv SQL", "bbox 看地 304", "bbox pg_featureserv SQL", 100, True),
    Goal("快照: pg_featureserv SQL", "bbox 看地 快照", "bbox pg_featureserv SQL", 20, True),
    *(
        Goal(
            f"瓦片 z{z} 现算: pg_tileserv SQL", f"z{z} 看地 现算", f"z{z} pg_tileserv SQL", 3, True
        )
        for z in (14, 12, 10)
    ),
    *(
        Goal(f"瓦片 z{z} 现算: Martin SQL", f"z{z} 看地 现算", f"z{z} Martin SQL", 1.5)
        for z in (14, 12, 10)
    ),
    *(
        Goal(
            f"瓦片 z{z} 缓存: pg_tileserv SQL", f"z{z} 看地 缓存", f"z{z} pg_tileserv SQL", 15, True
        )
        for z in (14, 12, 10)
    ),
)


def table(results: Results) -> str:
    """Every run, one a line."""
    lines = [
        "| 场景与服务 | 次/秒 | p50 ms | p99 ms | 字节 | 应用 CPU ms | PG CPU ms"
        " | 两核可达 | 失败 |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for each in results.values():
        cpu = f"{each.app_cpu_ms:.3f} | {each.sql_cpu_ms:.3f} | {each.two_cores_per_s:,.0f}"
        if not each.app_cpu_ms:
            cpu = "– | – | –"
        lines.append(
            f"| {each.name} | {each.per_s:,.0f} | {each.p50_ms:.2f} | {each.p99_ms:.2f}"
            f" | {each.body_bytes or '–'} | {cpu} | {each.failed or ''} |"
        )
    return "\n".join(lines)


def goals(results: Results) -> str:
    """The list of the issue."""
    head = ["| 要求 | 至少 | 实测 | 结果 |", "|---|---|---|---|"]
    return "\n".join([*head, *(goal.line(results) for goal in GOALS)])


def machine() -> str:
    """Where and when this ran."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    cores = Path("/proc/cpuinfo").read_text().count("processor\t")
    load = Path("/proc/loadavg").read_text().split()[0]
    now = datetime.now(UTC)
    python = platform.python_version()
    return f"{now:%Y-%m-%d %H:%M} UTC，{model}，{cores} 核，开始前负载 {load}，Python {python}"
