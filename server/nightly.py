"""Work that is due once a day: each job claimed by one worker of all, on the Chinese calendar day.

A job's claim and its work are one transaction: what is killed half-way is done again.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Column, Connection, Date, DateTime, Engine, Table, Text, func, or_, update
from sqlalchemy.dialects.postgresql import insert

from gis.tables import metadata

logger = logging.getLogger(__name__)

CHINA = ZoneInfo("Asia/Shanghai")

daily_jobs = Table(
    "daily_jobs",
    metadata,
    Column("name", Text, primary_key=True),
    Column("done_on", Date),
    Column("done_at", DateTime(timezone=True)),
)
"""On which day each job was last done."""


@dataclass(frozen=True)
class Job:
    """Work for one day in one transaction; ``run`` gives a line for the log."""

    name: str
    run: Callable[[Connection, date], str]


def today() -> date:
    """The calendar day in China."""
    return datetime.now(CHINA).date()


def work(engine: Engine, jobs: Sequence[Job], day: date) -> int:
    """Do what of the jobs nobody did on ``day``; how many were done here.

    A job that fails is logged and left for the next call.
    """
    return sum(_one(engine, job, day) for job in jobs)


def _one(engine: Engine, job: Job, day: date) -> bool:
    try:
        with engine.begin() as connection:
            if not _claimed(connection, job.name, day):
                return False
            logger.info("daily job %s: %s", job.name, job.run(connection, day))
    except Exception:
        logger.exception("daily job %s failed", job.name)
        return False
    return True


def _claimed(connection: Connection, name: str, day: date) -> bool:
    """Whether the caller's transaction is the one that does the job; others wait for its end."""
    table = daily_jobs.c
    connection.execute(insert(daily_jobs).values(name=name).on_conflict_do_nothing())
    claim = (
        update(daily_jobs)
        .where(table.name == name, or_(table.done_on.is_(None), table.done_on < day))
        .values(done_on=day, done_at=func.now())
    )
    return connection.execute(claim).rowcount == 1
