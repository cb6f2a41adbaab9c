"""Documents say what the code has, no less and no more."""

import re

import click
import pytest

from gis.importing.findings import SEVERITIES
from gis.layers import LAYERS
from gis.layers import codes as code_lists
from server import errors
from server.cli import main
from server.config import ROOT, Settings
from tests.meta.source import documented, first_words, words

# Encodings and ways of knowing them: kebab-case, but no codes of findings.
NO_CODES = {
    "big-5", "gb18030-trial", "iso-8859-1", "latin-1", "utf-16", "utf-16-be", "utf-16-le",
    "utf-32", "utf-8", "utf-8-sig", "utf-8-trial",
}  # fmt: skip
REFUSALS = {"ImportRefused", "UnusableFile", "ExportRefused"}


def variables() -> set[str]:
    return {
        str(field.alias or f"KANDI_{name.upper()}") for name, field in Settings.model_fields.items()
    }


def test_every_setting_is_documented_and_no_other() -> None:
    assert documented("settings.md") == variables() | {"KANDI_VAR"}


def test_every_setting_describes_itself() -> None:
    assert all(field.description for field in Settings.model_fields.values())


def test_every_problem_is_documented_and_no_other() -> None:
    from_calls = first_words({"Problem", "_conflict"}, "server", "mini_program_api")
    from_http = {words[0] for words in errors._HTTP.values()}
    own = from_calls | from_http | {"http-error"}
    assert len(own) > 10
    assert documented("errors.md") == own


def test_every_code_of_an_import_is_documented_and_no_other() -> None:
    of_carriers = words("gis/carriers") - NO_CODES
    of_carriers |= first_words({"CarrierError", "Finding", "error"}, "gis/carriers")
    refused = first_words(REFUSALS, "gis", "server", "mini_program_api")
    assert len(of_carriers) > 40
    assert documented("import-codes.md") == set(SEVERITIES) | of_carriers | refused


def test_severities_are_documented_as_they_are() -> None:
    text = (ROOT / "docs" / "import-codes.md").read_text("utf-8")
    for code, severity in SEVERITIES.items():
        assert re.search(rf"^\| `{code}` \| {severity.value} \|", text, re.M), code


@pytest.mark.parametrize("name", ["settings.md", "errors.md", "import-codes.md"])
def test_no_row_is_documented_without_words(name: str) -> None:
    rows = re.findall(r"^\| `.*", (ROOT / "docs" / name).read_text("utf-8"), re.M)
    assert rows
    assert all(cell.strip() for row in rows for cell in row.strip().strip("|").split("|"))


def commands(command: click.Command, path: str = "kandi") -> dict[str, click.Command]:
    found = {path: command}
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            found |= commands(inner, f"{path} {name}")
    return found


@pytest.mark.parametrize("path", commands(main))
def test_every_command_says_what_it_does(path: str) -> None:
    command = commands(main)[path]
    assert command.help
    for parameter in command.params:
        assert parameter.name
        shown = command.get_help(click.Context(command))
        assert parameter.make_metavar(click.Context(command)) in shown or "--" in shown


def test_the_glossary_has_every_term_that_people_read() -> None:
    glossary = (ROOT / "docs" / "glossary.md").read_text("utf-8")
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", glossary, re.M)
    assert len(rows) >= 60
    chinese = {row[1] for row in rows}
    lists = [value for name, value in vars(code_lists).items() if name.isupper()]
    terms = {term for one in lists for term in one.values()} | {layer.title for layer in LAYERS}
    assert len(lists) > 8
    assert {term for term in terms if term not in chinese} == set()


def test_links_between_documents_lead_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    assert len(pages) > 5
    for page in pages:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name} -> {target}"
