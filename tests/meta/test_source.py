"""The source keeps the house style that no linter checks."""

import ast
import subprocess

import pytest

from server.config import ROOT
from tests.meta.source import PACKAGES, called, modules

LONGEST_FILE = 400
NO_NAMES = {"utils", "helpers", "common", "manager", "misc"}


def test_no_file_is_too_long() -> None:
    long = {}
    for path, _ in modules(*PACKAGES):
        name, lines = str(path.relative_to(ROOT)), len(path.read_text("utf-8").splitlines())
        if lines > LONGEST_FILE:
            long[name] = lines
    assert long == {}


def test_no_module_is_named_for_nothing() -> None:
    assert [path for path, _ in modules(*PACKAGES) if path.stem in NO_NAMES] == []


def test_no_merge_was_left_half_done() -> None:
    listed = subprocess.run(
        ["git", "grep", "-lE", "^(<{7}|>{7}) "], cwd=ROOT, capture_output=True, text=True
    )
    assert listed.returncode in (0, 1), listed.stderr
    assert listed.stdout.split() == []


@pytest.mark.parametrize("package", PACKAGES)
def test_every_module_says_what_it_owns(package: str) -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path, module in modules(package)
        if module.body and not ast.get_docstring(module)
    ]
    assert silent == []


def functions() -> dict[str, ast.FunctionDef]:
    return {
        f"{path.relative_to(ROOT)}::{node.name}": node
        for path, module in modules("tests")
        for node in ast.walk(module)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def checks(function: ast.FunctionDef) -> bool:
    """Whether a test can fail by itself: an assert, a raises, or a function that asserts."""
    if function.name.endswith("without_an_exception"):
        return True
    for node in ast.walk(function):
        if isinstance(node, ast.Assert):
            return True
        if isinstance(node, ast.Call) and (called(node) in ASSERTING or called(node) == "raises"):
            return True
    return False


def asserting() -> set[str]:
    """Names of functions of the tests that assert by themselves."""
    return {
        node.name
        for _, module in modules("tests")
        for node in ast.walk(module)
        if isinstance(node, ast.FunctionDef)
        and not node.name.startswith("test_")
        and any(isinstance(inner, ast.Assert) for inner in ast.walk(node))
    }


ASSERTING = asserting() | {"validate", "conforms", "expect", "to_be_visible"}


def test_every_test_asserts_something() -> None:
    found = functions()
    assert len(found) > 200
    assert [name for name, function in found.items() if not checks(function)] == []


def test_a_test_that_asserts_nothing_would_be_seen() -> None:
    idle = ast.parse("def test_x():\n    print(1)").body[0]
    assert isinstance(idle, ast.FunctionDef)
    assert not checks(idle)


def test_names_of_tests_are_not_used_twice_in_a_file() -> None:
    for path, module in modules("tests"):
        names = [node.name for node in module.body if isinstance(node, ast.FunctionDef)]
        assert len(names) == len(set(names)), path
