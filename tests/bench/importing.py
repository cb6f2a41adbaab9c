"""Full import of a GBK / EPSG:4528 shapefile against ogr2ogr loading the same file.

``python -m tests.bench.importing [--rows 100000]`` prints one table. ogr2ogr copies the
unzipped file as it is, once untouched and once reprojected to what we store; it checks nothing.
Ours reads the zip, checks every row, stages, applies and publishes.
"""

import argparse
import json
import shutil
import subprocess
import sys
import time
import zipfile
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas
import numpy as np
import shapely
from sqlalchemy import make_url
from sqlalchemy.engine import URL

from gis.crs import FloatArray, GeometryArray
from gis.importing.options import ImportOptions
from gis.layers import layer_named
from server.config import Settings
from server.db import job_engine
from server.imports import Importing
from server.migrate import upgrade
from server.reference import load_regions
from tests.databases import Maker

_SEED = 20261122
_CORNER = np.array([40_500_000.0, 3_380_000.0])


@dataclass(frozen=True)
class Measure:
    """Seconds of one load, and the most memory of the process that imports."""

    name: str
    wall_s: float
    peak_mb: float | None = None


def parcels(rows: int) -> GeometryArray:
    """A cadastre of touching quadrangles with 21 vertices each, about 1 ha, in EPSG:4528."""
    side = int(np.ceil(np.sqrt(rows)))
    grid = np.arange(side + 1) * 100.0
    corners = np.stack(np.meshgrid(grid, grid, indexing="ij"), -1)
    corners += np.random.default_rng(_SEED).uniform(-20, 20, corners.shape)
    column, row = np.arange(rows) % side, np.arange(rows) // side
    a, b = corners[column, row], corners[column + 1, row]
    c, d = corners[column + 1, row + 1], corners[column, row + 1]
    edges = [_edge(a, b), _edge(b, c), _edge(c, d), _edge(d, a), a[:, None, :]]
    return np.asarray(shapely.polygons(np.concatenate(edges, axis=1) + _CORNER), dtype=object)


def _edge(start: FloatArray, end: FloatArray) -> FloatArray:
    share = np.linspace(0, 1, 5, endpoint=False)[None, :, None]
    return np.asarray(start[:, None, :] * (1 - share) + end[:, None, :] * share)


def write(rows: int, folder: Path) -> Path:
    """The shapefile of so many parcels with 20 attributes; its path. A zip stands beside it."""
    geometry = parcels(rows)
    number = np.arange(rows)
    status = np.random.default_rng(_SEED).choice(["可供", "拟出让", "已成交"], rows)
    frame = geopandas.GeoDataFrame(
        {
            "DKBH": [f"DK-{n:07d}" for n in number],
            "DKMC": [f"南浔开发区{n}号地块" for n in number],
            "DKZT": status,
            "XZQDM": "3305",
            "TDZL": [f"向阳路以东、年丰路以北{n}" for n in number],
            "TDMJ": np.round(shapely.area(geometry), 2),
            "TDYT": "工业用地",
            "YTDM": "100102",
            "PZWH": [f"浙土字A[2024]-{n}" for n in number],
            "PZSJ": "2024-03-05",
            "YDKGSJ": "2025/3/5",
            "HTBH": [f"3305032024A{n % 100_000:05d}" for n in number],
            "HTZJE": np.round(number % 8900 + 100.25, 4),
            "QLRMC": "湖州某某机械有限公司",
            "XZMJ": np.round(number % 900 / 3, 2),
            "GDSJ": "20240901",
            "CRNX": number % 30 + 20,
            "RJL": "1.5-2.5",
            "SFJD": "是",
            "BZ": "演示",
        },
        geometry=geometry,
        crs=4528,
    )
    path = folder / "parcels.shp"
    frame.to_file(path, encoding="GBK", engine="pyogrio")
    path.with_suffix(".cpg").unlink(missing_ok=True)
    with zipfile.ZipFile(path.with_suffix(".zip"), "w", zipfile.ZIP_DEFLATED, compresslevel=1) as z:
        for suffix in (".shp", ".shx", ".dbf", ".prj"):
            z.write(path.with_suffix(suffix), path.with_suffix(suffix).name)
    return path


def ogr2ogr(url: URL, path: Path, *extra: str) -> Measure:
    """One run of ogr2ogr with COPY into a new table with a spatial index."""
    parts = {"host": url.query.get("host") or url.host, "user": url.username}
    target = " ".join(f"{k}={v}" for k, v in parts.items() if v) + f" dbname={url.database}"
    command = ["ogr2ogr", "-f", "PostgreSQL", f"PG:{target}", str(path), "-nln", "public.peer"]
    command += ["-overwrite", "--config", "PG_USE_COPY", "YES", "-nlt", "PROMOTE_TO_MULTI"]
    command += ["-oo", "ENCODING=GBK", *extra]
    begun = time.perf_counter()
    subprocess.run(command, check=True)
    return Measure(" ".join(["ogr2ogr", *extra]), time.perf_counter() - begun)


def ours(url: URL, path: Path) -> list[Measure]:
    """Full import of the zip in a process of its own, as the worker's is."""
    target = url.render_as_string(hide_password=False)
    settings = Settings(database_url=target)
    engine = job_engine(settings)
    upgrade(engine, settings.schema_name)
    with engine.begin() as connection:
        load_regions(connection)
    command = [sys.executable, "-m", __spec__.name, "--into", target, "--file", str(path)]
    told = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    return [Measure(**one) for one in json.loads(told)]


def imported(url: str, path: Path) -> list[Measure]:
    """The time of staging with all checks, and of apply with publishing."""
    settings = Settings(database_url=url)
    engine = job_engine(settings)
    work = Importing(engine, settings.public_decimals, "bench")
    begun = time.perf_counter()
    run_id = work.receive(
        layer_named("parcels"), path, ImportOptions(constants={"source": "bench"})
    )
    run = work.stage(run_id, path, lambda *_: None)
    staged = time.perf_counter()
    work.apply(run_id)
    ended = time.perf_counter()
    assert run.counts["rejected"] == 0, run.counts
    return [
        Measure("kandi: read, check, stage", staged - begun),
        Measure("kandi: apply, publish", ended - staged),
        Measure("kandi import", ended - begun, _peak_mb()),
    ]


def _peak_mb() -> float:
    """The most memory that this process had; getrusage would count what its parent had, too."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def main() -> None:
    """Make the file and an empty database, run all in turn, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--into", help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.into:
        print(json.dumps([asdict(one) for one in imported(asked.into, asked.file)]))
        return
    maker = Maker()
    try:
        with TemporaryDirectory() as folder, maker.copied(maker.postgis_template()) as url:
            _print(asked.rows, _run(make_url(url), write(asked.rows, Path(folder))))
    finally:
        maker.drop_left()


def _run(url: URL, path: Path) -> list[Measure]:
    own = ours(url, path.with_suffix(".zip"))
    if shutil.which("ogr2ogr") is None:
        print("ogr2ogr is missing: apt-get install gdal-bin", file=sys.stderr)
        return own
    ogr2ogr(url, path)
    return [ogr2ogr(url, path), ogr2ogr(url, path, "-t_srs", "EPSG:4490"), *own]


def _print(rows: int, measures: list[Measure]) -> None:
    base = measures[0].wall_s
    print(f"{rows} polygons, 20 attributes, GBK, EPSG:4528")
    print(f"{'':34} {'s':>8} {'ratio':>7} {'MB':>6}")
    for one in measures:
        ratio = one.wall_s / base
        memory = "" if one.peak_mb is None else f"{one.peak_mb:6.0f}"
        print(f"{one.name:34} {one.wall_s:8.2f} {ratio:7.2f} {memory}")


if __name__ == "__main__":
    main()
