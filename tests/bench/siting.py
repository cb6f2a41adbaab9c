"""Measures siting: ``python -m tests.bench.siting [--parcels N] [--seconds S]``.

Needs wrk and an empty database in KANDI_DATABASE_URL, which it fills with the seeded city. Prints
p50 and p99 at 16 connections for different questions each time, and for the control: the same
question as peers answer it, hard filters on the server and every hit scored by the client. Quote
the ratio of one run; the machine is rarely idle.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

from server import migrate
from server.config import ROOT, settings
from server.db import job_engine
from tests.bench.siting_city import COUNTIES, fill

CLIENTS, PORT = 16, 8412
_LUA = """
local lines = {}
for line in io.lines("%s") do lines[#lines + 1] = line end
local at = 0
request = function()
    at = at + 1
    return wrk.format("GET", lines[(at * 7919) %% #lines + 1])
end
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


def filters_only(asked: dict[str, str]) -> dict[str, str]:
    """The part of a question that a server without scores can answer."""
    return {k: v for k, v in asked.items() if k.split(".")[0] not in ("layers", "want", "avoid")}


@contextmanager
def serving() -> Iterator[str]:
    """Two workers, as an operator starts them."""
    code = (
        "from granian import Granian\nfrom granian.constants import Interfaces\n"
        f"Granian('server.app:create_app', factory=True, address='127.0.0.1', port={PORT},"
        " interface=Interfaces.WSGI, workers=2, blocking_threads=4, log_access=False).serve()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(120):
            try:
                urlopen(f"http://127.0.0.1:{PORT}/api/v1/layers").close()
                break
            except OSError:
                time.sleep(0.25)
        yield f"http://127.0.0.1:{PORT}"
    finally:
        process.terminate()
        process.wait(20)


def wrk(base: str, paths: list[str], seconds: int) -> str:
    """What wrk says of 16 connections asking these paths in turn."""
    with tempfile.TemporaryDirectory() as folder:
        listed, script = Path(folder) / "paths", Path(folder) / "ask.lua"
        listed.write_text("\n".join(paths) + "\n")
        script.write_text(_LUA % listed)
        command = [
            "wrk",
            "-t1",
            f"-c{CLIENTS}",
            f"-d{seconds}s",
            "--latency",
            "-s",
            str(script),
            base,
        ]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        return done.stdout


def control(base: str, questions: list[dict[str, str]], seconds: int) -> list[float]:
    """Seconds of each question asked as filters, all pages fetched, scored here; 16 threads."""
    taken: list[float] = []
    until = time.monotonic() + seconds

    def work(number: int) -> None:
        rng = random.Random(number)
        while time.monotonic() < until:
            asked = rng.choice(questions)
            begun = time.perf_counter()
            try:
                features = _pages(base, filters_only(asked))
            except HTTPError:  # 503: the peer's way is too much for the pool
                continue
            sorted(features, key=lambda one: abs(one["properties"]["area_mu"] - 40))
            taken.append(time.perf_counter() - begun)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(taken)


def _pages(base: str, asked: dict[str, str]) -> list[dict[str, dict[str, float]]]:
    # Distances stand in no list of a peer; without them the control has less to do than we have.
    known = {name: value for name, value in asked.items() if not name.startswith("near_")}
    found: list[dict[str, dict[str, float]]] = []
    href: str | None = f"/api/v1/parcels?{urllib.parse.urlencode(known | {'limit': '1000'})}"
    while href:
        with urlopen(base + href) as response:
            page = json.load(response)
        found += page["features"]
        href = next((one["href"] for one in page["links"] if one["rel"] == "next"), None)
    return found


def main() -> None:
    """Fill if need be, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parcels", type=int, default=200_000)
    parser.add_argument("--facilities", type=int, default=50_000)
    parser.add_argument("--seconds", type=int, default=20)
    given = parser.parse_args()
    engine = job_engine(settings())
    if migrate.current(engine, settings().schema_name) is None:
        migrate.upgrade(engine, settings().schema_name)
        begun = time.monotonic()
        fill(engine, given.parcels, given.facilities)
        print(f"filled in {time.monotonic() - begun:.0f} s")
    rng = random.Random(7)
    questions = [question(rng) for _ in range(2000)]
    paths = [f"/api/v1/siting?{urllib.parse.urlencode(one)}" for one in questions]
    with serving() as base:
        wrk(base, paths, 3)
        print(wrk(base, paths, given.seconds))
        times = control(base, questions, given.seconds)
        if times:
            p50, p99 = (times[int(len(times) * share)] * 1000 for share in (0.5, 0.99))
            print(
                f"control: {len(times) / given.seconds:.1f}/s, p50 {p50:.0f} ms, p99 {p99:.0f} ms"
            )


if __name__ == "__main__":
    main()
