"""Printed reports: the PDF of each, drawn once in the queue of the worker and kept as it is."""

import hashlib
import logging

from sqlalchemy import Connection, func, insert, select
from sqlalchemy.exc import OperationalError

from gis.importing import queue
from server.disposal import report_page, reports
from server.disposal.report_tables import disposal_report_prints, disposal_reports
from server.disposal.reports import Report

logger = logging.getLogger(__name__)


class ReportNotPrinted(LookupError):
    """The PDF of a report waits for the worker; ``retry_after_s`` is a good time to ask again."""

    retry_after_s = 5


def order(connection: Connection) -> None:
    """Wake a worker when the transaction commits: it prints whatever is not printed."""
    connection.execute(select(func.pg_notify(queue.CHANNEL, "report")))


class Printer:
    """A chore of the worker. What it failed to print it leaves alone until it begins anew."""

    def __init__(self) -> None:
        self._failed: set[int] = set()

    def __call__(self, connection: Connection) -> bool:
        """Print one report that has no PDF and that nobody else is printing; False if none is."""
        table, done = disposal_reports.c, disposal_report_prints.c
        waiting = (
            select(table.id)
            .where(~select(done.report_id).where(done.report_id == table.id).exists())
            .where(table.id.not_in(self._failed))
            .order_by(table.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        report_id = connection.execute(waiting).scalar()
        if report_id is None:
            return False
        try:
            with connection.begin_nested():
                printed(connection, reports.load(connection, report_id))
        except OperationalError:
            raise
        except Exception:
            self._failed.add(report_id)
            logger.exception("report %d was not printed", report_id)
        return True


def printed(connection: Connection, report: Report) -> bytes:
    """The PDF of a report, drawn and kept if that was not done before."""
    # Two that print at once would both draw.
    mine = select(disposal_reports.c.id).where(disposal_reports.c.id == report.id)
    connection.execute(mine.with_for_update())
    try:
        return kept(connection, report.id)
    except ReportNotPrinted:
        body = report_page.pdf(report)
    row = {"report_id": report.id, "body": body, "sha256": hashlib.sha256(body).hexdigest()}
    connection.execute(insert(disposal_report_prints).values(row))
    return body


def kept(connection: Connection, report_id: int) -> bytes:
    """The PDF as it was printed; :class:`ReportNotPrinted`."""
    c = disposal_report_prints.c
    body = connection.execute(select(c.body).where(c.report_id == report_id)).scalar()
    if body is None:
        raise ReportNotPrinted(report_id)
    return bytes(body)


def ready(connection: Connection, report_ids: list[int]) -> frozenset[int]:
    """Which of these reports are printed."""
    done = disposal_report_prints.c.report_id
    return frozenset(connection.execute(select(done).where(done.in_(report_ids))).scalars())
