"""What goes wrong with rules, scans, reports and registers, as answers."""

from collections.abc import Callable
from typing import Any

from server.disposal.rules import BadRule
from server.problems import Problem

PROBLEMS: dict[type[Exception], Callable[[Any], Problem]] = {
    BadRule: lambda e: Problem("bad-rule", 422, "规则有误", str(e)),
}
