"""Killed by SIGKILL in the middle of transitions: no acknowledged one is lost, audit verifies."""

import os
import random
import subprocess
import sys

import pytest
from sqlalchemy import text

from server.config import ROOT
from server.disposal.cases import discover
from server.disposal.codes import IdleClass
from tests.disposal.county import County, finding

TRANSITIONS = 1000 if "KANDI_SOAK" in os.environ else 40
_IN_ONE_LIFE = 12
"""About how many statements one transition takes: the moment of death lies anywhere in them."""

_EXECUTING = "UPDATE disposal_cases SET state = 'executing', measures = '{production_start}'"


def begun(county: County) -> int:
    """A case that is being disposed of."""
    with county.engine.begin() as connection:
        found = finding(county.parcel(), idle_class=IdleClass.JEWT)
        case_id = discover(connection, found)
        connection.execute(text(_EXECUTING))
    return case_id


def die(county: County, case_id: int, moment: int, control: str) -> list[int]:
    """The versions that one clerk acknowledged before it was killed."""
    url = county.engine.url.render_as_string(hide_password=False)
    done = subprocess.run(
        [sys.executable, "-m", "tests.disposal.dying_clerk", str(case_id), str(moment), control],
        cwd=ROOT,
        env=os.environ | {"KANDI_DATABASE_URL": url, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == -9, done.stderr
    return [int(line) for line in done.stdout.split()]


def kept(county: County, case_id: int) -> list[int]:
    with county.engine.connect() as connection:
        rows = connection.execute(
            text("SELECT case_version FROM disposal_actions WHERE case_id = :id ORDER BY 1"),
            {"id": case_id},
        )
        return list(rows.scalars())


def broken_links(county: County) -> int:
    """Rows of the audit that do not follow from the one before."""
    with county.engine.connect() as connection:
        found: int = connection.execute(
            text(
                "SELECT count(*) FROM (SELECT seq, prev_hash, lag(hash) OVER (ORDER BY seq) AS"
                " before, lag(seq) OVER (ORDER BY seq) AS earlier FROM audit) links"
                " WHERE earlier IS NOT NULL AND (prev_hash <> before OR seq <> earlier + 1)"
            )
        ).scalar_one()
    return found


def test_no_acknowledged_transition_is_lost(county: County) -> None:
    case_id, acknowledged, deaths = begun(county), [1], 0
    chance = random.Random(7)
    while len(acknowledged) < TRANSITIONS:
        few = chance.randint(5, TRANSITIONS // 3)
        acknowledged += die(
            county, case_id, _IN_ONE_LIFE * few + chance.randint(0, _IN_ONE_LIFE), "late"
        )
        deaths += 1
        versions = kept(county, case_id)
        assert set(acknowledged) <= set(versions), "what was answered is there"
        assert versions == list(range(1, len(versions) + 1))
        assert len(versions) <= len(acknowledged) + deaths, "one death, one answer at most unsent"
    with county.engine.connect() as connection:
        row = connection.execute(
            text(
                "SELECT version, disposed_area_m2, (SELECT sum(delta_m2) FROM disposal_progress)"
                " AS booked, (SELECT count(*) FROM audit WHERE action = 'case.changed') AS audited"
                " FROM disposal_cases"
            )
        ).one()
    assert row.version == len(versions)
    assert row.disposed_area_m2 == row.booked
    assert row.audited == row.version - 1
    assert broken_links(county) == 0
    assert deaths > 1


def test_a_clerk_who_answers_too_early_is_seen(county: County) -> None:
    """The control: answers before the commit, so that a death between them loses one."""
    case_id, acknowledged = begun(county), set[int]()
    for moment in range(10, 60):
        acknowledged |= set(die(county, case_id, moment, "early"))
        if acknowledged - set(kept(county, case_id)):
            return
    pytest.fail("no death fell between the answer and its commit")


def test_a_broken_chain_is_seen(county: County) -> None:
    case_id = begun(county)
    die(county, case_id, 40, "late")
    with county.engine.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM audit")).scalar_one() > 1
        connection.execute(text("ALTER TABLE audit DISABLE TRIGGER USER"))
        connection.execute(text("UPDATE audit SET hash = 'x' WHERE seq = 1"))
    assert broken_links(county) == 1
