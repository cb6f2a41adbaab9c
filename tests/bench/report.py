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
    """A ratio that must be reached: ``ours`` to the peer's, in answers a second.

    ``bound`` is the peer's SQL alone, taken where the peer is not here: a lower bound.
    """

    title: str
    ours: str
    least: float
    theirs: str | None = None
    bound: str | None = None

    def line(self, results: Results) -> str:
        """Reached, not reached, or not measured here, and the numbers."""
        ours, peer = results.get(self.ours), results.get(self.theirs or "")
        is_bound = peer is None
        peer = peer or results.get(self.bound or "")
        if ours is None or peer is None or not peer.per_s:
            return f"| {self.title} | – | {self.least:g}x | – | 此处不能测 |"
        ratio = ours.per_s / peer.per_s
        told = f"{'≥ ' if is_bound else ''}{ratio:.1f}x"
        undecided = "此处只有上界，不能判定" if is_bound else "未达到"
        reached = "达到" if ratio >= self.least else undecided
        return f"| {self.title} | {peer.name} | {self.least:g}x | {told} | {reached} |"


_BOX, _ITEM = "bbox pg_featureserv SQL", "id pg_featureserv SQL"
_FEATURES = "bbox pg_featureserv 调优"
_ZOOMS = (14, 12, 10)
GOALS = (
    Goal("bbox", "bbox 看地", 20, "bbox tipg 调优"),
    Goal("bbox gzip", "bbox 看地 gzip", 10, "bbox tipg 调优 gzip"),
    Goal("bbox", "bbox 看地", 8, _FEATURES, _BOX),
    Goal("bbox gzip", "bbox 看地 gzip", 10, f"{_FEATURES} gzip", _BOX),
    Goal("id", "id 看地", 2, "id pg_featureserv 调优", _ITEM),
    Goal("bbox 缓存命中", "bbox 看地 缓存", 40, _FEATURES, _BOX),
    Goal("304", "bbox 看地 304", 100, _FEATURES, _BOX),
    Goal("快照", "bbox 看地 快照", 20, _FEATURES, _BOX),
    *(Goal("瓦片现算", f"z{z} 看地 现算", 3, None, f"z{z} pg_tileserv SQL") for z in _ZOOMS),
    *(Goal("瓦片现算", f"z{z} 看地 现算", 1.5, f"z{z} Martin SQL") for z in _ZOOMS),
    *(Goal("瓦片现算", f"z{z} 看地 现算", 1.5, f"z{z} Martin 调优") for z in _ZOOMS),
    *(Goal("瓦片缓存", f"z{z} 看地 缓存", 15, None, f"z{z} pg_tileserv SQL") for z in _ZOOMS),
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
    head = ["| 要求 | 对手 | 至少 | 实测 | 结果 |", "|---|---|---|---|---|"]
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
