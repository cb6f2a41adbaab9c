"""Keeps a snapshot of every layer in this worker, and makes it anew after a change."""

import logging
import threading
import time

from sqlalchemy import Connection, Engine

from gis import features, snapshot
from gis.changes import ChangeLog
from gis.layers import LAYERS, Layer
from gis.snapshot import Snapshot
from mini_program_api.questions import Collection, Fresh, Question
from server.listener import Versions

logger = logging.getLogger(__name__)

_LOOK_S = 0.05


class Snapshots(threading.Thread):
    """The snapshots of one worker process."""

    def __init__(self, versions: Versions, engine: Engine) -> None:
        super().__init__(name="kandi-snapshots", daemon=True)
        self._versions = versions
        self._engine = engine.execution_options(isolation_level="REPEATABLE READ")
        self._kept: dict[str, tuple[int, Snapshot]] = {}
        self._stopped = threading.Event()

    def stop(self) -> None:
        """End the thread."""
        self._stopped.set()
        self.join(5)

    def answer(self, question: Question, log: ChangeLog) -> Fresh | None:
        """What the snapshot says, if that is true now and the snapshot can say it."""
        if not isinstance(question, Collection) or not question.box_only:
            return None
        epoch, kept = self._kept.get(question.layer.name, (None, None))
        now = log.now
        if kept is None or epoch != log.epoch:
            return None
        if not log.outlives(question.scope, kept.state.version, now):
            return None
        page = kept.page(question.query)
        # A change elsewhere made a new version, in which this view is what it was.
        state = now if now.version > kept.state.version else kept.state
        return Fresh(state, page, page.features + b"]}")

    def run(self) -> None:
        """Look for changes, for as long as the process lives."""
        while not self._stopped.wait(_LOOK_S):
            for layer in LAYERS:
                try:
                    self._renew(layer)
                except Exception:
                    logger.exception("snapshot of %s", layer.name)
                    self._stopped.wait(1)

    def _renew(self, layer: Layer) -> None:
        log = self._versions.log(layer)
        if log is None:
            return
        epoch, old = self._kept.get(layer.name, (None, None))
        before, now = log.epoch, log.now
        if old is not None and epoch == before and old.state.version >= now.version:
            return
        usable = old if epoch == before else None
        with self._engine.connect() as connection:
            self._kept[layer.name] = (before, self._made(connection, layer, log, usable))

    @staticmethod
    def _made(
        connection: Connection, layer: Layer, log: ChangeLog, old: Snapshot | None
    ) -> Snapshot:
        now = features.state(connection, layer)
        if now.version > log.now.version:
            # The notification of what this connection sees already is about to come.
            time.sleep(_LOOK_S)
        between = log.between(old.state.version, now.version) if old else None
        if old is None or between is None or any(change.ids is None for change in between):
            return snapshot.load(connection, layer)
        changed = [site_id for change in between for site_id in change.ids or ()]
        return snapshot.renewed(connection, layer, old, changed)
