"""What this worker knows of the newest data versions, and for how long it may believe it.

A thread listens on the channel on which every commit says what it touched, and asks the database
itself every half second. Its knowledge is a lease: nothing heard from the database for two seconds
means nothing is known, whatever the reason (a cut connection, a black hole, a stopped thread).
"""

import logging
import select
import threading
import time
from collections.abc import Callable, Mapping

import psycopg2

from gis.changes import Change, ChangeLog, LayerState
from gis.layers import Layer
from gis.publish import CHANNEL
from server.db import PgConnection
from server.observe import CHANGES_HEARD
from server.silence import silences

logger = logging.getLogger(__name__)

LEASE_S = 2.0
HEARTBEAT_S = 0.5
_RETRY_S = 0.5

_NOTIFIED, _ASKED = (CHANGES_HEARD.labels(by) for by in ("notify", "asked"))

_ASK = (
    "SELECT layer, version, to_char(changed_at, 'YYYY-MM-DD\"T\"HH24:MI:SSTZH:TZM'),"
    " concat_ws('/', extract(epoch FROM pg_postmaster_start_time()),"
    " (SELECT oid FROM pg_database WHERE datname = current_database()), layer_state.tableoid::oid)"
    " FROM layer_state"
)
"""States, and the origin that no other table of states has: neither a copy of the database nor
another jurisdiction, nor the same one restored, is the same table of the same running server."""

_UNPUBLISHED = LayerState(0, None)

Connect = Callable[[], PgConnection]


class Versions:
    """The newest known data version of every layer."""

    def __init__(self, lease_s: float = LEASE_S) -> None:
        self._lease_s = lease_s
        self._confirmed_at = float("-inf")
        self._logs: dict[str, ChangeLog] = {}

    def log(self, layer: Layer) -> ChangeLog | None:
        """The layer's changes, while they are known to be all; else None: ask the database."""
        if time.monotonic() - self._confirmed_at > self._lease_s:
            return None
        return self._of(layer.name)

    def confirm(self, asked_at: float, states: Mapping[str, LayerState], origin: str = "") -> None:
        """The database of that origin gave these states to a question of then (monotonic)."""
        for name in states.keys() | self._logs.keys():
            if self._of(name).jump(states.get(name, _UNPUBLISHED), origin):
                _ASKED.inc()
        self._confirmed_at = asked_at

    def add(self, change: Change) -> None:
        """A commit told of a change."""
        if self._of(change.layer).add(change):
            _NOTIFIED.inc()

    def _of(self, name: str) -> ChangeLog:
        return self._logs.get(name) or self._logs.setdefault(name, ChangeLog(_UNPUBLISHED))

    def forget(self) -> None:
        """Nothing is known until the database confirms again."""
        self._confirmed_at = float("-inf")


class Listener(threading.Thread):
    """Keeps :class:`Versions` of one schema new, for as long as the process lives."""

    def __init__(self, versions: Versions, connect: Connect, schema: str) -> None:
        super().__init__(name="kandi-listener", daemon=True)
        self._versions = versions
        self._connect = connect
        self._schema = schema
        self._stopped = threading.Event()

    def stop(self) -> None:
        """End the thread; knowledge ends with it."""
        self._stopped.set()
        self.join(5)
        self._versions.forget()

    def run(self) -> None:
        """Listen, and connect again whenever that ends."""
        while not self._stopped.is_set():
            try:
                self._listen()
            except psycopg2.Error as error:
                logger.warning("listener: %s", str(error).strip())
            except Exception:
                logger.exception("listener")
            self._versions.forget()
            self._stopped.wait(_RETRY_S)

    def _listen(self) -> None:
        connection = self._connect()
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                # First listen, then ask: a commit in between is told of twice, never not at all.
                cursor.execute(f"LISTEN {CHANNEL}")
            asked_at = self._ask(connection)
            while not self._stopped.is_set():
                # What arrived with an answer waits here, where select does not see it. Before
                # asking again: an answer only says that something changed, a commit says what.
                self._take(connection)
                left_s = asked_at + HEARTBEAT_S - time.monotonic()
                if left_s <= 0:
                    asked_at = self._ask(connection)
                    continue
                ready, _, _ = select.select([connection], [], [], left_s)
                if ready:
                    connection.poll()
        finally:
            connection.close()

    def _ask(self, connection: PgConnection) -> float:
        asked_at = time.monotonic()
        silences.begin(connection, LEASE_S)
        try:
            with connection.cursor() as cursor:
                cursor.execute(_ASK)
                rows = cursor.fetchall()
        finally:
            silences.end(connection)
        states = {layer: LayerState(version, at) for layer, version, at, _ in rows}
        self._versions.confirm(asked_at, states, rows[0][-1] if rows else "")
        return asked_at

    def _take(self, connection: PgConnection) -> None:
        while connection.notifies:
            payload = connection.notifies.pop(0).payload
            try:
                change = Change.from_json(payload)
            except ValueError:
                logger.warning("notification of unknown form on channel %s", CHANNEL)
                self._versions.forget()
                continue
            # Other jurisdictions of the same database speak on the same channel.
            if change.schema == self._schema:
                self._versions.add(change)
