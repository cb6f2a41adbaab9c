"""The fence around the reader: drivers, network, files, limits, time, and what it leaves behind."""

import os
import resource
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from gis.carriers import carrier as parent
from gis.carriers.carrier import open_carrier
from gis.carriers.limits import DRIVERS, reader_environment
from gis.carriers.model import CarrierError, Limits
from tests.unit.carriers.build import put, shapefile, squares, zipped

ROOT = Path(__file__).resolve().parents[3]


def fenced(code: str) -> str:
    """Output of code run with the environment and the fence of the reader."""
    start = "from gis.carriers.limits import fence\nfence(4 << 30, 20, 1 << 20)\n"
    done = subprocess.run(
        [sys.executable, "-c", start + textwrap.dedent(code)],
        env=reader_environment(),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr[-400:]


def readers() -> list[int]:
    """Process ids of reader children of this process."""
    own = os.getpid()
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
                line = (folder / "cmdline").read_bytes()
            except OSError:
                continue
            if int(fields[1]) == own and b"reader_process" in line and fields[0] != "Z":
                found.append(int(folder.name))
    return found


def test_only_the_accepted_drivers_are_on() -> None:
    out = fenced("import pyogrio; print(sorted(pyogrio.list_drivers()))")
    assert out.strip() == str(sorted(DRIVERS))


def test_control_without_the_environment_vrt_is_on() -> None:
    code = "import pyogrio; print('OGR_VRT' in pyogrio.list_drivers())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True"


def test_environment_is_not_inherited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KANDI_SECRET", "x")
    assert "KANDI_SECRET" not in reader_environment()
    assert "KANDI" not in fenced("import os; print(dict(os.environ))")


def test_network_is_gone_where_the_system_allows_it() -> None:
    out = fenced("""
        import socket
        from gis.carriers.limits import drop_network
        if not drop_network():
            print("not allowed")
        else:
            try:
                socket.create_connection(("127.0.0.1", 9), timeout=1)
            except OSError as error:
                print("errno", error.errno)
    """)
    if "not allowed" in out:
        pytest.skip("this system forbids unprivileged network namespaces")
    assert "errno 101" in out


def test_memory_is_bounded() -> None:
    assert "MemoryError" in fenced("x = bytearray(5 << 30)")


def test_files_are_bounded(tmp_path: Path) -> None:
    path = tmp_path / "x"
    fenced(f"open({str(path)!r}, 'wb').write(bytes(5 << 20))")
    assert path.stat().st_size <= 1 << 20


def test_silent_child_is_killed_in_time(tmp_path: Path) -> None:
    path = put(tmp_path, "a.zip", zipped(shapefile()))
    began = time.monotonic()
    with pytest.raises(CarrierError) as caught, open_carrier(path, limits=Limits(wait_s=0.05)):
        pass
    assert caught.value.code == "reader-timeout"
    assert time.monotonic() - began < 2
    assert readers() == []


def test_hanging_child_is_killed_in_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parent, "_MODULE", "tests.unit.carriers.sleeper")
    path = put(tmp_path, "a.zip", zipped(shapefile()))
    began = time.monotonic()
    with pytest.raises(CarrierError) as caught, open_carrier(path, limits=Limits(wait_s=0.5)):
        pass
    assert caught.value.code == "reader-timeout"
    assert time.monotonic() - began < 4


def test_cpu_is_bounded(tmp_path: Path) -> None:
    lines = [
        "点号,X,Y",
        *(f"J{i},{3_415_000 + i % 997},{40_539_800 + i % 991}" for i in range(400_000)),
    ]
    path = put(tmp_path, "a.csv", "\n".join(lines).encode())
    with pytest.raises(CarrierError) as caught, open_carrier(path, limits=Limits(cpu_s=1)):
        pass
    assert caught.value.code == "reader-timeout"


def test_crash_becomes_one_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parent, "_MODULE", "faulthandler_missing_module")
    path = put(tmp_path, "a.zip", zipped(shapefile()))
    with pytest.raises(CarrierError) as caught, open_carrier(path):
        pass
    assert caught.value.code == "reader-crashed"


def test_stopping_early_ends_the_child(tmp_path: Path) -> None:
    count = 60_000
    path = put(
        tmp_path,
        "a.zip",
        zipped(shapefile(geometries=squares(1) * count, columns={"N": ["x" * 80] * count})),
    )
    with open_carrier(path) as carrier:
        batches = carrier.batches("地块", size=1000)
        next(batches)
        assert len(readers()) == 1
        batches.close()  # type: ignore[attr-defined]
        assert readers() == []


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    work = tmp_path / "tmp"
    work.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(work))
    path = put(tmp_path, "a.zip", zipped(shapefile()))
    with open_carrier(path) as carrier:
        assert list(work.iterdir())
        list(carrier.batches("地块"))
    assert list(work.iterdir()) == []
    broken = put(tmp_path, "b.zip", b"PK")
    with pytest.raises(CarrierError), open_carrier(broken):
        pass
    assert list(work.iterdir()) == []


def test_parent_stays_thin(tmp_path: Path) -> None:
    """A million cells of 200 bytes pass through while the parent grows by a batch or so."""
    count = 100_000
    files = shapefile(
        geometries=squares(1) * count, columns={f"N{i}": ["工业" * 20] * count for i in range(10)}
    )
    path = put(tmp_path, "a.zip", zipped(files))
    assert len(files["地块.dbf"]) > 75 << 20
    with open_carrier(path) as carrier:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        rows = sum(batch.num_rows for batch in carrier.batches("地块", size=5_000))
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert rows == count
    assert (after - before) >> 10 < 60


def test_unknown_table_is_an_error(tmp_path: Path) -> None:
    path = put(tmp_path, "a.zip", zipped(shapefile()))
    with open_carrier(path) as carrier, pytest.raises(CarrierError, match="table-unknown"):
        carrier.batches("别的")
