"""A clerk who is killed: ``python -m tests.disposal.dying_clerk CASE N CONTROL``.

Books progress on one case until SIGKILL hits it just before its N-th statement or commit. Prints a
version when, and only when, its transaction has committed; with ``CONTROL`` ``early`` before that,
which the test that watches has to notice.
"""

import os
import signal
import sys
from typing import Any

from sqlalchemy import Engine, event

from server.accounts.principals import Grant, Principal, Role
from server.config import Settings
from server.db import job_engine
from server.disposal.acting import Occasion, Request, act
from server.disposal.case import load
from server.disposal.clocks import today
from tests.disposal.county import COUNTY

MOST = 400


def main() -> None:
    """Work until death."""
    case_id, left, control = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    engine = job_engine(Settings())

    def dying(*_arguments: Any) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", dying)
    event.listen(Engine, "commit", dying)
    clerk = Principal(1, "clerk", "干部", (Grant(Role.OFFICER, COUNTY),))
    inputs = {"on_date": today().isoformat(), "delta_m2": "0.01", "note": "进展"}
    with engine.connect() as connection:
        for _ in range(MOST):
            with connection.begin():
                version = load(connection, case_id).version
                asked = Request("progress", inputs, version)
                after = act(connection, case_id, asked, clerk, Occasion(today(), 6))
                if control == "early":
                    print(after.version, flush=True)
            if control != "early":
                print(after.version, flush=True)


if __name__ == "__main__":
    main()
