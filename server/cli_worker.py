"""``kandi worker``: the process that does the work of imports."""

import logging
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

import click
from sqlalchemy import Connection

from gis import freshness
from gis.importing.purge import purge
from mini_program_api.search_params import question_of, stamps
from server import audit_heads, idempotency, parent
from server.accounts import lockout, sessions
from server.config import Settings
from server.db import job_engine
from server.disposal import ledger, report_prints, scan
from server.disposal.scan import Question
from server.nightly import CHINA, Job
from server.outbox import Delivery
from server.people import privacy
from server.people.errands import Errands
from server.people.messages import Letters
from server.people.services import made
from server.sealing import KeysMissing
from server.uploads import Uploads
from server.worker import Bell, Worker

logger = logging.getLogger(__name__)

_PATIENCE_S = 10.0


@click.command()
@click.option("--until-eof", is_flag=True, hidden=True, help="End when standard input does.")
@click.pass_obj
def worker(config: Settings, until_eof: bool) -> None:
    """Do the work that uploads wait for, until interrupted.

    Any number of workers may run, on any machine that shares KANDI_DATA_DIR. `kandi serve` starts
    one of its own unless it is told --without-worker.
    """
    logging.basicConfig(level=logging.INFO, format="kandi worker: %(message)s")
    bell = Bell()

    def end(_signal: int, _frame: Any) -> None:
        bell.ring()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    if until_eof:
        threading.Thread(target=_wait_for_eof, args=(bell,), daemon=True).start()
    uploads = Uploads(config.data_dir)
    with uploads.workplace(), _errands(config):
        chores = [report_prints.Printer()]
        engine, decimals = job_engine(config), config.public_decimals
        Worker(engine, uploads, decimals, bell, daily(config), chores).run()


def daily(config: Settings) -> list[Job]:
    """What is due once a day in this installation."""

    def purged(connection: Connection, _day: date) -> str:
        dropped, cancelled = purge(connection, timedelta(config.stage_days))
        return f"{dropped} stage tables dropped, {cancelled} previews given up"

    def forgotten(connection: Connection, _day: date) -> str:
        return privacy.purge(connection).line

    def refreshed(connection: Connection, _day: date) -> str:
        found = freshness.refresh(connection, config.public_decimals, datetime.now(CHINA))
        return ", ".join(
            f"{name}: {hid} hidden, {shown} shown" for name, (hid, shown) in found.items()
        )

    def head_kept(connection: Connection, _day: date) -> str:
        path = config.data_dir / "audit-heads.jsonl"
        return f"head of audit is {audit_heads.export(connection, config.schema_name, path).seq}"

    def sessions_over(connection: Connection, _day: date) -> str:
        keys, guesses = idempotency.forget_old(connection), lockout.forget_old(connection)
        ended = sessions.forget_old(connection)
        return f"{keys} keys, {guesses} counts of guesses, {ended} sessions forgotten"

    return [
        Job("freshness", refreshed),
        Job("audit-head", head_kept),
        Job("sessions", sessions_over),
        Job("import-previews", purged),
        Job("personal-data", forgotten),
        Job("disposal-scan", nightly_scan),
    ]


def nightly_scan(connection: Connection, day: date) -> str:
    """Judge every parcel as of a day: new cases, and warnings of lines that are near."""
    found = scan.scan(connection, Question(day), "system").counts()
    ledger.add_up(connection, day)
    return f"{found['suspects']} suspects, {found['by_standing']['new']} new cases"


@contextmanager
def _errands(config: Settings) -> Iterator[None]:
    """What is done for investors, in a thread beside the imports while the block lasts."""
    engine = job_engine(config)
    try:
        letters = Letters(made(config, engine))
    except KeysMissing as error:
        logger.error("no messages and no alerts: %s", error)
        yield
        return
    errands = Errands(engine, Delivery(engine, letters.handlers()), question_of, stamps)
    thread = threading.Thread(target=errands.run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        errands.stop()
        thread.join(_PATIENCE_S)


def _wait_for_eof(bell: Bell) -> None:
    parent.wait_for_end()
    bell.ring()
