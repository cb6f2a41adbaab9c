"""One run of wrk or pgbench against one server, and what it cost: read from their own reports."""

import os
import re
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

_TICKS_S = 1 / os.sysconf("SC_CLK_TCK")
_UNIT_MS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


@dataclass(frozen=True)
class Load:
    """How hard to push, and for how long."""

    seconds: int = 8
    connections: int = 16
    is_warmed: bool = True
    """Whether the server is asked for a while before: not one that loses what clients let go."""


@dataclass(frozen=True)
class Result:
    """What one server did in one run; ``failed`` counts answers that were no answer."""

    name: str
    per_s: float
    p50_ms: float
    p99_ms: float
    body_bytes: int
    app_cpu_ms: float
    sql_cpu_ms: float
    failed: int = 0

    @property
    def two_cores_per_s(self) -> float:
        """What two cores could answer if the load came from another machine."""
        spent_ms = self.app_cpu_ms + self.sql_cpu_ms
        return 2000 / spent_ms if spent_ms else 0.0


def cpu_s(pids: Iterable[int]) -> float:
    """Processor seconds that the processes have used so far, threads and kernel included."""
    total = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        total += int(fields[11]) + int(fields[12])
    return total * _TICKS_S


def family(pid: int) -> list[int]:
    """The process and all that it started."""
    found = [pid]
    for parent in found:
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            found += [int(child) for child in task.read_text().split()]
    return found


def wrk(
    name: str,
    url: str,
    script: Path,
    load: Load,
    app: Callable[[], list[int]],
    sql: Callable[[], list[int]],
    headers: Iterable[str] = (),
) -> Result:
    """Run wrk with a Lua script that makes the requests; CPU of the servers before and after."""
    asked = [part for header in headers for part in ("-H", header)]
    command = ["wrk", "-t1", f"-c{load.connections}", "--timeout", "10s", "--latency", *asked]
    # Connections, plans, compiled statements and what a cache holds are not what is compared.
    if load.is_warmed:
        _warm([*command, "-d2s", "-s", str(script), url])
    app_pids, sql_pids = app(), sql()
    before = cpu_s(app_pids), cpu_s(sql_pids)
    text = _run([*command, f"-d{load.seconds}s", "-s", str(script), url])
    # Backends that began meanwhile have spent all that they have spent in this run.
    after = cpu_s(app_pids), cpu_s({*sql_pids, *sql()})
    requests = int(_one(r"(\d+) requests in", text))
    answered = max(requests, 1)
    read = _bytes(_one(r"requests in [\d.]+\w+, ([\d.]+\w+) read", text))
    failed = sum(int(n) for n in re.findall(r"Non-2xx or 3xx responses: (\d+)", text))
    lost = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
    return Result(
        name,
        float(_one(r"Requests/sec:\s+([\d.]+)", text)),
        _ms(_one(r"50%\s+([\d.]+\w+)", text)),
        _ms(_one(r"99%\s+([\d.]+\w+)", text)),
        round(read / answered),
        1000 * (after[0] - before[0]) / answered,
        1000 * (after[1] - before[1]) / answered,
        failed + (sum(map(int, lost.groups())) if lost else 0),
    )


def _warm(command: list[str]) -> None:
    """Ask until it does not get faster, as a cache does while it fills."""
    best = 0.0
    for _ in range(15):
        rate = float(_one(r"Requests/sec:\s+([\d.]+)", _run(command)))
        if rate < best * 1.3:
            return
        best = rate


def pgbench(
    name: str, dsn: list[str], script: Path, load: Load, sql: Callable[[], list[int]]
) -> Result:
    """Run pgbench with prepared statements: what PostgreSQL alone can do with that SQL."""
    log = script.with_suffix(".log")
    for old in script.parent.glob(f"{log.name}*"):
        old.unlink()
    clients = min(load.connections, 8)
    command = ["pgbench", *dsn, "-n", "-M", "prepared", "-f", str(script), "-c", str(clients)]
    environment = os.environ | {"PGOPTIONS": "-c search_path=kandi,public -c jit=off"}
    began = cpu_s(sql())
    text = _run([*command, "-T", str(load.seconds), "-l", f"--log-prefix={log}"], environment)
    spent = cpu_s(sql()) - began
    took_ms = sorted(
        int(line.split()[2]) / 1000
        for part in script.parent.glob(f"{log.name}*")
        for line in part.read_text().splitlines()
    )
    count = len(took_ms)
    return Result(
        name,
        float(_one(r"tps = ([\d.]+)", text)),
        took_ms[count // 2],
        took_ms[int(count * 0.99)],
        0,
        0.0,
        # The backends of pgbench end with it, so only what others saw is known: see two_cores.
        1000 * spent / count if spent > 0 else 0.0,
    )


def _run(command: list[str], environment: dict[str, str] | None = None) -> str:
    finished = subprocess.run(command, capture_output=True, text=True, env=environment)
    if finished.returncode:
        raise RuntimeError(f"{' '.join(command)}\n{finished.stdout}{finished.stderr}")
    return finished.stdout


def _one(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    if found is None:
        raise RuntimeError(f"no {pattern!r} in:\n{text}")
    return found[1]


def _ms(text: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)([a-z]+)", text).groups()  # type: ignore[union-attr]
    return float(number) * _UNIT_MS[unit]


def _bytes(text: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)([KMGT]?B)", text).groups()  # type: ignore[union-attr]
    return float(number) * 1024.0 ** " KMGT".index(unit[0] if len(unit) > 1 else " ")
