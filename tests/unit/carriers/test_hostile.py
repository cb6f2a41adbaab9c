"""Every broken or hostile upload ends in its own code, quickly, and never in rows."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from gis.carriers.carrier import open_carrier
from gis.carriers.model import CarrierError, Severity
from tests.unit.carriers import (
    hostile,
    hostile_archives,
    hostile_containers,
    hostile_shapefiles,
)

SECONDS = 2.0
"""CPU time of the readers: the clock on the wall also counts what else the machine does."""
REFUSED_LATER = {"crs-refused", "crs-range-mismatch", "kml-datum-needed"}
"""Findings that leave the rows readable, for a preview; the importer refuses them."""


def cpu_of_children() -> float:
    times = os.times()
    return times.children_user + times.children_system


def chinese(message: str) -> bool:
    return any("\u4e00" <= char <= "\u9fff" for char in message)


def codes(path: Path) -> tuple[set[str], int]:
    """Codes of errors, raised or found, and how many rows came out all the same."""
    rows = 0
    found: set[str] = set()
    try:
        with open_carrier(path) as carrier:
            for table in carrier.tables:
                found |= {f.code for f in table.findings if f.severity is Severity.ERROR}
                rows += sum(batch.num_rows for batch in carrier.batches(table.name))
    except CarrierError as error:
        found.add(error.code if chinese(error.message) else f"{error.code} without Chinese")
    return found, rows


@pytest.mark.parametrize(
    ("build", "code"), [pytest.param(*case, id=name) for name, case in hostile.CASES.items()]
)
def test_each_upload_is_refused_with_its_code(
    build: Callable[[], hostile.Upload], code: str, tmp_path: Path
) -> None:
    name, content = build()
    path = tmp_path / name
    path.write_bytes(content)
    began = cpu_of_children()
    found, rows = codes(path)
    assert cpu_of_children() - began < SECONDS
    assert code in found
    assert rows == 0 or code in REFUSED_LATER


def test_corpus_is_large_enough() -> None:
    """And each module of cases was loaded."""
    names = {build.__module__ for build, _ in hostile.CASES.values()}
    assert {hostile_archives.__name__, hostile_containers.__name__} <= names
    assert hostile_shapefiles.__name__ in names
    assert len(hostile.CASES) >= 90


def test_symlink_upload_is_not_followed(tmp_path: Path) -> None:
    link = tmp_path / "a.geojson"
    link.symlink_to("/etc/passwd")
    assert codes(link) == ({"not-a-file"}, 0)


def test_symlinked_sidecar_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "a.shp").write_bytes(b"x")
    (tmp_path / "a.prj").symlink_to("/etc/passwd")
    (tmp_path / "a.dbf").symlink_to("/etc/passwd")
    assert codes(tmp_path / "a.shp") == ({"unreadable"}, 0)
