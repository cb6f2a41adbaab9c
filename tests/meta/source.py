"""The source of this repository as data, for tests about it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from server.config import ROOT

PACKAGES = ("gis", "server", "mini_program_api", "fixtures", "tests")
CODE = re.compile(r"[a-z]+(-[a-z0-9]+)+")


def modules(*folders: str) -> Iterator[tuple[Path, ast.Module]]:
    """Every Python file below folders of the repository, parsed."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path, ast.parse(path.read_text("utf-8"))


def first_words(names: set[str], *folders: str) -> set[str]:
    """Text constants that stand first in calls of these names: the codes of errors."""
    found = set()
    for _, module in modules(*folders):
        for node in ast.walk(module):
            if isinstance(node, ast.Call) and node.args and called(node) in names:
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    found.add(first.value)
    return found


def called(call: ast.Call) -> str:
    """Name of what a call calls."""
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def words(folder: str) -> set[str]:
    """Text constants in a folder that look like a code: lower case with hyphens."""
    return {
        node.value
        for _, module in modules(folder)
        for node in ast.walk(module)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and CODE.fullmatch(node.value)
    }


def documented(page: str) -> set[str]:
    """The first cell of every row of the tables of a page of docs/, where it is code."""
    text = (ROOT / "docs" / page).read_text("utf-8")
    return set(re.findall(r"^\| `([^`]+)` \|", text, re.M))
