"""The stage table of a run: rows as they would be applied, beside the truth and out of its way."""

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import pyarrow as pa
from pyarrow import csv
from sqlalchemy import Connection, text

from gis.importing.findings import Finding
from gis.layers import Layer
from gis.tables import SITES


def table_name(run_id: int) -> str:
    """Name of a run's stage table."""
    return f"import_stage_{run_id}"


def create(connection: Connection, run_id: int, layer: Layer, columns: list[str]) -> None:
    """Make the stage table with these columns of the layer, typed as they are there.

    Unlogged: after a crash of the server it is empty, and the run is read again from its file.
    """
    site = SITES[layer.name].c
    typed = ", ".join(f"{name} {site[name].type.compile(connection.dialect)}" for name in columns)
    connection.execute(
        text(f"CREATE UNLOGGED TABLE {table_name(run_id)} (row_no integer PRIMARY KEY, {typed})")
    )


def drop(connection: Connection, run_id: int) -> None:
    """Remove the stage table, if it is there."""
    connection.execute(text(f"DROP TABLE IF EXISTS {table_name(run_id)}"))


def exists(connection: Connection, run_id: int) -> bool:
    """Whether the stage table is there."""
    found = connection.execute(text("SELECT to_regclass(:name)"), {"name": table_name(run_id)})
    return found.scalar_one() is not None


class Copier:
    """Copies tables into PostgreSQL while the caller prepares the next one."""

    def __init__(self, connection: Connection) -> None:
        self._raw: Any = connection.connection.driver_connection
        self._pool = ThreadPoolExecutor(1)
        self._last: Future[None] | None = None

    def copy(self, target: str, table: pa.Table) -> None:
        """Queue one table of COPY text; waits for the one before."""
        self.wait()
        self._last = self._pool.submit(self._copy, target, table)

    def wait(self) -> None:
        """Until everything queued is in the database; raises what went wrong there."""
        if self._last is not None:
            self._last.result()

    def _copy(self, target: str, table: pa.Table) -> None:
        buffer = BytesIO()
        csv.write_csv(table, buffer, csv.WriteOptions(include_header=False))
        buffer.seek(0)
        names = ", ".join(table.column_names)
        with self._raw.cursor() as cursor:
            cursor.copy_expert(f"COPY {target} ({names}) FROM STDIN (FORMAT csv)", buffer)

    def close(self) -> None:
        """Let the thread go."""
        self._pool.shutdown()


@contextmanager
def copying(connection: Connection) -> Iterator[Copier]:
    """A copier whose work is done when the block ends."""
    copier = Copier(connection)
    try:
        yield copier
        copier.wait()
    finally:
        copier.close()


def findings_table(run_id: int, findings: Iterable[Finding]) -> pa.Table:
    """Findings as rows of ``import_findings``."""
    rows = [
        {
            "run_id": run_id,
            "row_no": one.row,
            "code": one.code,
            "severity": one.severity.value,
            "message": one.message,
            "field": one.field,
            "value": one.value,
            "longitude": one.place[0] if one.place else None,
            "latitude": one.place[1] if one.place else None,
        }
        for one in findings
    ]
    return pa.Table.from_pylist(rows, schema=_FINDINGS)


_FINDINGS = pa.schema(
    [
        ("run_id", pa.int64()),
        ("row_no", pa.int32()),
        ("code", pa.string()),
        ("severity", pa.string()),
        ("message", pa.string()),
        ("field", pa.string()),
        ("value", pa.string()),
        ("longitude", pa.float64()),
        ("latitude", pa.float64()),
    ]
)
