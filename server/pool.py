"""Connections of the fast lane: few, prepared, and never waited for longer than is said."""

import queue
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg2
from psycopg2.extensions import BYTES, register_type
from sqlalchemy import Connection, Engine

from gis.statements import Statement
from server.db import BEGAN, PgConnection, left_ms, spent
from server.silence import silences

Row = tuple[Any, ...]

# Only statements that want one plan for any values are prepared; planning anew costs 0.3 ms.
_SESSION = "SET plan_cache_mode = force_generic_plan"
_MOST_PREPARED = 200
_QUICK_S = 1.0


class PoolFull(TimeoutError):
    """No connection became free in the time that a request may wait for one."""


class _Prepared:
    """A connection and what it has prepared."""

    def __init__(self, connection: PgConnection, limits: "Limits") -> None:
        register_type(BYTES, connection)
        self.connection = connection
        self.cursor = connection.cursor()
        self._limits = limits
        self._names: set[str] = set()
        silences.begin(connection, limits.silence_s)
        try:
            self.cursor.execute(_SESSION)
        finally:
            silences.end(connection)

    def rows(self, statement: Statement, arguments: Sequence[object]) -> list[Row]:
        began_at = time.perf_counter()
        left = left_ms(self._limits.statement_ms, spent.sql_s)
        silences.begin(self.connection, self._limits.silence_s)
        try:
            if left is not None:
                self.cursor.execute(f"SET statement_timeout = {left}")
            if statement.name in self._names or self._prepare(statement):
                self.cursor.execute(statement.execute, arguments)
            else:
                self.cursor.execute(statement.direct, statement.repeated(arguments))
            found = self.cursor.fetchall()
            if left is not None:
                self.cursor.execute("RESET statement_timeout")
        finally:
            silences.end(self.connection)
        spent.sql_s += time.perf_counter() - began_at
        return found

    def _prepare(self, statement: Statement) -> bool:
        # Each takes some 100 kB of the server process: rare shapes beyond these go without.
        if not statement.pays or len(self._names) >= _MOST_PREPARED:
            return False
        self.cursor.execute(f"PREPARE {statement.name} AS {statement.prepared}")
        self._names.add(statement.name)
        return True


@dataclass(frozen=True)
class Limits:
    """How many connections, how long to wait for one, and how long for its answer."""

    size: int
    timeout_s: float
    silence_s: float
    statement_ms: int
    """Of all statements of one request together."""


class Pool:
    """At most ``limits.size`` connections, each used by one thread at a time.

    ``engine`` is for reads that are worth SQLAlchemy.
    """

    def __init__(self, connect: Callable[[], PgConnection], engine: Engine, limits: Limits) -> None:
        self._engine = engine
        self._connect = connect
        self._limits = limits
        self._free: queue.LifoQueue[_Prepared | None] = queue.LifoQueue()
        for _ in range(limits.size):
            self._free.put(None)

    def rows(self, statement: Statement, arguments: Sequence[object]) -> list[Row]:
        """The rows of a read, texts as bytes.

        Raises :class:`PoolFull`, or what psycopg2 raises. A connection that turns out to be dead,
        as all are after a restart of the server, is replaced once.
        """
        with self._borrowed() as place:
            if place[0] is not None:
                began_at = time.monotonic()
                try:
                    return place[0].rows(statement, arguments)
                except (psycopg2.OperationalError, psycopg2.InterfaceError):
                    # After a long silence there is no time left to connect: 503 is sooner.
                    waited_s = time.monotonic() - began_at
                    if not place[0].connection.closed or waited_s > _QUICK_S:
                        raise
            made = place[0] = _Prepared(self._connect(), self._limits)
            return made.rows(statement, arguments)

    @contextmanager
    def _borrowed(self) -> Iterator[list[_Prepared | None]]:
        try:
            place = [self._free.get(timeout=self._limits.timeout_s)]
        except queue.Empty:
            raise PoolFull from None
        try:
            yield place
        except BaseException:
            # An interrupted exchange may leave an answer in the pipe; begin anew.
            if place[0] is not None:
                place[0].connection.close()
            place = [None]
            raise
        finally:
            self._free.put(place[0])

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A read-only transaction: one snapshot for as many statements as it takes."""
        with self._engine.connect() as connection:
            began_at = time.perf_counter() - spent.sql_s
            yield connection.execution_options(postgresql_readonly=True, **{BEGAN: began_at})

    def close(self) -> None:
        """Close what is free now, SQLAlchemy's with ours."""
        self._engine.dispose()
        while not self._free.empty():
            taken = self._free.get_nowait()
            if taken is not None:
                taken.connection.close()
