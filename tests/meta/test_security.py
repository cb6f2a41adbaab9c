"""What docs/security*.md promise: the tests that they name exist, and what source alone shows."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.config import ROOT
from tests.meta.source import modules

ASVS = (ROOT / "docs" / "security-asvs.md").read_text("utf-8")
NAMED = re.compile(r"`(tests/[\w/]+(?:\.py|/))(?:::(\w+))?`")
LEVEL_1 = 70
"""How many requirements of level 1 ASVS 5.0.0 has."""
PASSWORD = re.compile(r"<(?:ElInput|input)\b[^>]*>", re.S)


def rows() -> list[list[str]]:
    """The cells of the table of level 1."""
    table = ASVS.partition("## Level 2")[0]
    found = re.findall(r"^\| (V[\d.]+ \|.*)\|$", table, re.M)
    return [[cell.strip() for cell in row.split("|")] for row in found]


def pages() -> Iterator[Path]:
    """Every source file of the clients."""
    for app in ("core", "console", "phone"):
        for path in (ROOT / "client" / app / "src").rglob("*"):
            if path.suffix in (".vue", ".ts"):
                yield path


def test_every_line_of_level_1_has_a_test_or_a_reason() -> None:
    found = rows()
    assert len({row[0] for row in found}) == len(found) == LEVEL_1
    for number, *_, stands, shown in found:
        told = NAMED.search(shown) or "reason:" in stands or "open:" in stands
        assert told or number == "V15.1.1", number


@pytest.mark.parametrize("page", ["security.md", "security-asvs.md"])
def test_every_test_that_is_named_exists(page: str) -> None:
    named = NAMED.findall((ROOT / "docs" / page).read_text("utf-8"))
    assert len(named) > 20
    for path, function in named:
        assert (ROOT / path).exists(), path
        assert not function or f"def {function}(" in (ROOT / path).read_text("utf-8"), function


def test_no_page_renders_text_as_html() -> None:
    found = list(pages())
    assert len(found) > 60
    for path in found:
        text = path.read_text("utf-8")
        assert not re.search(
            r"v-html|innerHTML|outerHTML|document\.write|\beval\(|new Function", text
        ), path


def test_passwords_are_masked_and_may_be_pasted() -> None:
    fields = [
        field
        for path in pages()
        for field in PASSWORD.findall(path.read_text("utf-8"))
        if re.search(r"assword|v-model=\"(?:old|fresh|again)\"", field)
    ]
    assert len(fields) >= 6
    for field in fields:
        assert 'type="password"' in field or re.search(r"\bpassword\b(?!\")", field), field
        assert "@paste" not in field
        assert 'autocomplete="off"' not in field


def test_the_proxy_speaks_modern_tls_only() -> None:
    text = (ROOT / "server" / "deploy" / "nginx.conf").read_text("utf-8")
    assert "ssl_protocols TLSv1.2 TLSv1.3;" in text
    assert re.findall(r"listen (\S+) ssl", text) == ["443"]
    age = re.search(r'Strict-Transport-Security "max-age=(\d+)" always', text)
    assert age is not None
    assert int(age[1]) >= 365 * 86_400


def test_no_weak_hash_is_used() -> None:
    used = {
        (path.name, node.value if isinstance(node, ast.Constant) else node.attr)
        for path, module in modules("gis", "server", "mini_program_api")
        for node in ast.walk(module)
        if (isinstance(node, ast.Constant) and node.value in ("md5", "sha1"))
        or (isinstance(node, ast.Attribute) and node.attr in ("md5", "sha1"))
    }
    assert used == {("totp.py", "sha1")}
