"""``make advisories``: asks PyPI and npm whether anything that is pinned has a known hole.

Ends with 0 for none, 1 for some, 2 where nobody could be asked, such as without a network.
"""

import json
import os
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from server.config import ROOT

TOOL = ROOT / "var" / "advisories"
"""pip-audit has a place of its own: it is no part of the product."""
PACKAGES = (".", "console", "phone")
TIMEOUT_S = 600


class NobodyAnswered(RuntimeError):
    """No answer that could be read; the text is the last line that was said instead."""


def python_holes(text: str) -> list[str]:
    """What pip-audit's JSON tells, a line each; what it could not ask about is no good news."""
    asked = _answer(text, "dependencies")
    for one in asked:
        if "skip_reason" in one:
            raise NobodyAnswered(one["skip_reason"])
    return [
        f"{one['name']} {one['version']}: {hole['id']}，已修复于 {'、'.join(hole['fix_versions'])}"
        for one in asked
        for hole in one["vulns"]
    ]


def npm_holes(text: str) -> list[str]:
    """What npm's JSON tells, a line each."""
    found = _answer(text, "vulnerabilities")
    return [f"{name} {one['range']}: {one['severity']}" for name, one in sorted(found.items())]


def _answer(text: str, member: str) -> Any:
    try:
        told = json.loads(text)
    except ValueError:
        last = text.strip().splitlines()[-1:] or ["no answer"]
        raise NobodyAnswered(last[0]) from None
    if member not in told:
        raise NobodyAnswered(str(told.get("message") or told))
    return told[member]


def _asked(command: list[str], **more: str) -> str:
    """What a command says; both tools end with 1 for holes and for a dead network alike."""
    done = subprocess.run(
        command, env=os.environ | more, capture_output=True, text=True, timeout=TIMEOUT_S
    )
    return done.stdout.strip() or done.stderr


def _of_python() -> list[str]:
    pip_audit = TOOL / "bin" / "pip-audit"
    if not pip_audit.exists():
        venv.create(TOOL, with_pip=True)
        _asked([str(TOOL / "bin" / "python"), "-m", "pip", "-q", "install", "pip-audit"])
    if not pip_audit.exists():
        raise NobodyAnswered("pip-audit could not be installed")
    pins = ["--requirement", str(ROOT / "constraints.txt"), "--no-deps", "--disable-pip"]
    return python_holes(_asked([str(pip_audit), *pins, "--format", "json"]))


def _of_npm(package: str) -> list[str]:
    script = ["bash", str(ROOT / "client" / "npm.sh"), package]
    asked = [*script, "audit", "--json", "--package-lock-only"]
    return npm_holes(_asked(asked, PYTHON=sys.executable))


def _all() -> Iterator[tuple[str, list[str]]]:
    yield "constraints.txt", _of_python()
    for package in PACKAGES:
        lockfile = Path("client") / package / "package-lock.json"
        yield str(lockfile), _of_npm(package)


def main() -> int:
    """Ask, print, and say by the status how it went."""
    status = 0
    try:
        for source, holes in _all():
            print(f"kandi: {source}：{len(holes)} 个已知漏洞")
            print("".join(f"  {hole}\n" for hole in holes), end="")
            status = max(status, int(bool(holes)))
    except (NobodyAnswered, subprocess.TimeoutExpired) as error:
        print(f"kandi: 没有问到，此步需要网络：{error}")
        return 2
    return status


if __name__ == "__main__":
    sys.exit(main())
