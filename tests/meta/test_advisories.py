"""What ``make advisories`` makes of the answers of its tools."""

import subprocess

import pytest

from server.config import ROOT
from tests import advisories
from tests.advisories import NobodyAnswered, npm_holes, python_holes

PIP = """{"dependencies": [
    {"name": "flask", "version": "0.5", "vulns": [
        {"id": "PYSEC-2019-179", "fix_versions": ["1.0"], "aliases": []}]},
    {"name": "click", "version": "8.3.1", "vulns": []}], "fixes": []}"""
NPM = """{"auditReportVersion": 2, "vulnerabilities": {
    "minimist": {"name": "minimist", "severity": "critical", "range": "<0.2.4"}}}"""
REFUSED = """{"message": "405 Method Not Allowed - POST https://registry.npmjs.org/-/npm",
    "statusCode": 405, "error": {"summary": "", "detail": ""}}"""


def test_holes_are_told_a_line_each() -> None:
    assert python_holes(PIP) == ["flask 0.5: PYSEC-2019-179，已修复于 1.0"]
    assert npm_holes(NPM) == ["minimist <0.2.4: critical"]
    assert npm_holes('{"vulnerabilities": {}}') == []


@pytest.mark.parametrize(
    ("text", "said"),
    [(REFUSED, "405"), ("ERROR:pip_audit: Connection refused", "refused"), ("", "no answer")],
)
def test_no_answer_is_not_no_hole(text: str, said: str) -> None:
    for read in (python_holes, npm_holes):
        with pytest.raises(NobodyAnswered, match=said):
            read(text)


def test_a_package_that_was_skipped_is_not_without_holes() -> None:
    skipped = '{"dependencies": [{"name": "click", "skip_reason": "not found on PyPI"}]}'
    with pytest.raises(NobodyAnswered, match="not found on PyPI"):
        python_holes(skipped)


@pytest.mark.parametrize(
    ("python", "npm", "status"), [([], [], 0), (["flask"], [], 1), ([], ["vue"], 1)]
)
def test_the_status_says_how_it_went(
    monkeypatch: pytest.MonkeyPatch, python: list[str], npm: list[str], status: int
) -> None:
    monkeypatch.setattr(advisories, "_of_python", lambda: python)
    monkeypatch.setattr(advisories, "_of_npm", lambda _package: npm)
    assert advisories.main() == status


def test_without_a_network_it_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def late() -> list[str]:
        raise subprocess.TimeoutExpired("pip-audit", 600)

    monkeypatch.setattr(advisories, "_of_python", late)
    assert advisories.main() == 2
    assert "此步需要网络" in capsys.readouterr().out


def test_every_lockfile_is_asked_about() -> None:
    found = (ROOT / "client").glob("**/package-lock.json")
    told = {one.parent for one in found if "node_modules" not in one.parts}
    assert told == {(ROOT / "client" / one).resolve() for one in advisories.PACKAGES}
