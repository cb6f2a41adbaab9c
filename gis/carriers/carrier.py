"""The thin parent: parses nothing itself, starts the reader child and checks its answers."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
from pydantic import TypeAdapter, ValidationError

from gis.carriers.limits import reader_environment
from gis.carriers.model import (
    CarrierError,
    Description,
    Finding,
    Limits,
    Located,
    ReadOptions,
    TableInfo,
    blocking,
)

BATCH_ROWS = 20_000
_MODULE = "gis.carriers.reader_process"
_ANSWER_BYTES = 32 << 20
_ERROR_BYTES = 64 << 10
_PIPE_BYTES = 1 << 20
_ROOT = Path(__file__).resolve().parents[2]
_DESCRIPTION: TypeAdapter[Description] = TypeAdapter(Description)


@dataclass(frozen=True)
class Carrier:
    """An opened upload: what was found, and the rows of its tables as streams."""

    located: tuple[Located, ...]
    findings: tuple[Finding, ...]
    options: ReadOptions
    limits: Limits

    @property
    def tables(self) -> tuple[TableInfo, ...]:
        """Every table found, in the order of the upload."""
        return tuple(item.info for item in self.located)

    def batches(self, table: str, size: int = BATCH_ROWS) -> Iterator[pa.RecordBatch]:
        """Rows of one table: its columns, ``__row``, and ``__geometry`` if it has geometry.

        Raises CarrierError with the code of the first blocking finding, or if reading fails
        midway; rows handed out before that must be thrown away. Stopping early ends the child.
        """
        located = next((item for item in self.located if item.info.name == table), None)
        if located is None:
            raise CarrierError("table-unknown", f"没有名为“{table}”的数据表。")
        found = blocking(located.info)
        if found is not None:
            raise CarrierError(found.code, found.message)
        request = {"do": "read", "table": asdict(located), "size": size}
        return _stream(request, self.options, self.limits)


@contextmanager
def open_carrier(
    path: Path,
    options: ReadOptions | None = None,
    limits: Limits | None = None,
    *,
    name: str | None = None,
) -> Iterator[Carrier]:
    """Open an uploaded file; ``name`` is the file name the person gave it, if ``path`` has another.

    Raises CarrierError if nothing can be read. Everything staged is removed on leaving.
    """
    options, limits = options or ReadOptions(), limits or Limits()
    with tempfile.TemporaryDirectory(prefix="kandi-carrier-") as work:
        request = {
            "do": "describe",
            "upload": str(Path(path).absolute()),
            "name": name or Path(path).name,
            "work": work,
        }
        with _child(request, options, limits) as (process, errors):
            with _watchdog(process, limits.wait_s) as killed:
                answer = _stdout(process).read(_ANSWER_BYTES)
            _finish(process, errors, killed)
        try:
            found = _DESCRIPTION.validate_json(answer)
        except ValidationError as error:
            raise CarrierError("reader-crashed", _CRASHED, str(error)[:500]) from error
        wanted = options.table
        located = tuple(item for item in found.tables if wanted in (None, item.info.name))
        if not located:
            raise CarrierError("table-unknown", f"文件里没有名为“{wanted}”的数据表。")
        yield Carrier(_distinct(located), found.findings, options, limits)


def _distinct(tables: tuple[Located, ...]) -> tuple[Located, ...]:
    """Tables whose names differ; the same layer name may stand in two files of one archive."""
    taken: set[str] = set()
    result = []
    for item in tables:
        name, copy = item.info.name, 2
        if name in taken:
            name = f"{item.source.name}/{item.info.name}"
        while name in taken:
            name, copy = f"{item.info.name}_{copy}", copy + 1
        taken.add(name)
        result.append(_named(item, name))
    return tuple(result)


def _named(item: Located, name: str) -> Located:
    """The table under a name, which its findings carry too."""
    findings = tuple(replace(found, table=name) for found in item.info.findings)
    return replace(item, info=replace(item.info, name=name, findings=findings))


_CRASHED = "读取程序异常退出，文件可能已损坏或带有恶意内容，请从原软件重新导出。"
_SLOW = "读取超时，文件可能已损坏或过于复杂，请简化或分批上传。"


def _stream(
    request: dict[str, Any], options: ReadOptions, limits: Limits
) -> Iterator[pa.RecordBatch]:
    with _child(request, options, limits) as (process, errors):
        killed = threading.Event()
        try:
            with _watchdog(process, limits.wait_s) as killed:
                reader = pa.ipc.open_stream(_stdout(process))
            while True:
                with _watchdog(process, limits.wait_s) as killed:
                    batch = reader.read_next_batch()
                    batch.validate(full=True)
                if batch.num_columns:
                    yield batch
        except StopIteration:
            pass
        except (pa.ArrowInvalid, OSError) as error:
            _finish(process, errors, killed)
            raise CarrierError("reader-crashed", _CRASHED, str(error)) from error
        _finish(process, errors, killed)


@contextmanager
def _child(
    request: dict[str, Any], options: ReadOptions, limits: Limits
) -> Iterator[tuple["subprocess.Popen[bytes]", IO[bytes]]]:
    """A reader with its request delivered; its whole process group is gone on leaving."""
    body = {**request, "options": asdict(options), "limits": asdict(limits)}
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(  # noqa: S603 (our own module, no shell)
            [sys.executable, "-m", _MODULE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd=_ROOT,
            env=reader_environment(),
            start_new_session=True,
        )
        try:
            with suppress(OSError):
                fcntl.fcntl(_stdout(process), fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
            if process.stdin is not None:
                with process.stdin as pipe:
                    pipe.write(json.dumps(body).encode() + b"\n")
            yield process, errors
        finally:
            _kill(process)
            if process.stdout is not None:
                process.stdout.close()
            process.wait()


def _stdout(process: "subprocess.Popen[bytes]") -> IO[bytes]:
    if process.stdout is None:
        raise RuntimeError("reader without a pipe")
    return process.stdout


def _kill(process: "subprocess.Popen[bytes]") -> None:
    # The group may only be signalled while its leader is not reaped: its number is reused after.
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)


@contextmanager
def _watchdog(process: "subprocess.Popen[bytes]", seconds: float) -> Iterator[threading.Event]:
    """Kill the child if the body of the ``with`` waits longer than ``seconds``."""
    killed = threading.Event()

    def strike() -> None:
        killed.set()
        _kill(process)

    timer = threading.Timer(seconds, strike)
    timer.daemon = True
    timer.start()
    try:
        yield killed
    finally:
        timer.cancel()


def _finish(process: "subprocess.Popen[bytes]", errors: IO[bytes], killed: threading.Event) -> None:
    """Wait for the end of the child and raise what it failed with, if it failed."""
    try:
        status = process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        _kill(process)
        status = process.wait()
    if killed.is_set() or status == -signal.SIGXCPU:
        raise CarrierError("reader-timeout", _SLOW)
    if status == 0:
        return
    errors.seek(0, os.SEEK_END)
    errors.seek(max(0, errors.tell() - _ERROR_BYTES))
    text = errors.read().decode("utf-8", "replace").strip()
    try:
        fields = json.loads(text.rsplit("\n", 1)[-1])
        raise CarrierError(str(fields["code"]), str(fields["message"]), str(fields["detail"]))
    except (ValueError, KeyError, TypeError) as error:
        raise CarrierError("reader-crashed", _CRASHED, f"{status}: {text[-500:]}") from error
