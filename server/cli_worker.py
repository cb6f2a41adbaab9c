"""``kandi worker``: the process that does the work of imports."""

import logging
import signal
import sys
import threading
from datetime import date, timedelta
from typing import Any

import click
from sqlalchemy import Connection

from gis.importing.purge import purge
from server.config import Settings
from server.db import job_engine
from server.disposal import scan
from server.disposal.scan import Question
from server.nightly import Job
from server.uploads import Uploads
from server.worker import Bell, Worker


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
    with uploads.workplace():
        Worker(job_engine(config), uploads, config.public_decimals, bell, daily(config)).run()


def daily(config: Settings) -> list[Job]:
    """What is due once a day in this installation."""

    def purged(connection: Connection, _day: date) -> str:
        dropped, cancelled = purge(connection, timedelta(config.stage_days))
        return f"{dropped} stage tables dropped, {cancelled} previews given up"

    return [Job("import-previews", purged), Job("disposal-scan", nightly_scan)]


def nightly_scan(connection: Connection, day: date) -> str:
    """Judge every parcel as of a day: new cases, and warnings of lines that are near."""
    found = scan.scan(connection, Question(day), "system").counts()
    return f"{found['suspects']} suspects, {found['by_standing']['new']} new cases"


def _wait_for_eof(bell: Bell) -> None:
    sys.stdin.buffer.read()
    bell.ring()
