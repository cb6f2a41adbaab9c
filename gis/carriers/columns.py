"""Column names as they may be handed on: never empty, never twice, never one of ours."""

from collections.abc import Sequence

from gis.carriers.model import GEOMETRY, ROW, Finding, Severity


def unique_names(names: Sequence[str]) -> tuple[tuple[str, ...], list[Finding]]:
    """The names, renamed where they are empty, repeated or reserved, and a finding per change."""
    taken: set[str] = set()
    result: list[str] = []
    findings: list[Finding] = []
    for number, name in enumerate(names, 1):
        base = name or f"未命名{number}"
        if base in (ROW, GEOMETRY):
            base = f"源{base}"
        fresh, copy = base, 2
        while fresh in taken:
            fresh, copy = f"{base}_{copy}", copy + 1
        if fresh != name:
            message = f"第 {number} 个字段名“{name}”为空、重复或为保留名，已改称“{fresh}”。"
            findings.append(Finding("column-renamed", Severity.WARNING, message))
        taken.add(fresh)
        result.append(fresh)
    return tuple(result), findings
