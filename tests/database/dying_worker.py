"""A worker that kills itself: ``python -m tests.database.dying_worker N CONTROL``.

It works on one run and dies by SIGKILL just before its N-th statement or commit. With ``CONTROL``
``commits`` it commits after every statement, which the test that watches it has to notice.
"""

import os
import signal
import sys
from typing import Any

from sqlalchemy import Engine, event

from server.config import Settings
from server.db import job_engine
from server.uploads import Uploads
from server.worker import Worker


def main() -> None:
    """Work on one run; print how many statements it took if it was not killed."""
    count, control = int(sys.argv[1]), sys.argv[2]
    config = Settings()
    engine = job_engine(config)
    left = count

    def dying(*_arguments: Any) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", dying)
    event.listen(Engine, "commit", dying)
    if control == "commits":
        commit_always(engine)
    uploads = Uploads(config.data_dir)
    with uploads.workplace():
        Worker(engine, uploads, config.public_decimals).work()
    print(count - left)


def commit_always(engine: Engine) -> None:
    """Take the one transaction away: the naive worker."""

    def commit(connection: Any, *_arguments: Any) -> None:
        connection.connection.driver_connection.commit()

    event.listen(engine, "after_cursor_execute", commit)
    dialect: Any = engine.dialect
    dialect.do_savepoint = dialect.do_release_savepoint = lambda *_: None
    dialect.do_rollback_to_savepoint = lambda *_: None


if __name__ == "__main__":
    main()
