"""What goes wrong with rules, scans, reports and registers, as answers."""

from collections.abc import Callable
from typing import Any

from server.disposal.rules import BadRule
from server.disposal.targets import BadTarget
from server.problems import Problem

PROBLEMS: dict[type[Exception], Callable[[Any], Problem]] = {
    BadTarget: lambda e: Problem("bad-target", 422, "目标有误", str(e)),
    BadRule: lambda e: Problem("bad-rule", 422, "规则有误", str(e)),
}
