"""Workers may die at any moment: the map shows the old data whole or the new data whole."""

import hashlib
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select, text, update

from gis.importing import listing, queue, runs
from gis.importing.options import ImportOptions
from gis.importing.runs import Sender, WrongState
from gis.importing.states import JOBS, WISHES, State, Wish
from gis.layers import layer_named
from gis.tables import IMPORT_STATES, import_progress, import_runs
from server.config import ROOT, Settings
from server.db import job_engine
from server.imports import Upload, accept
from server.uploads import Uploads
from server.worker import MOST_ATTEMPTS, Stopped, Worker
from tests.conftest import AppMaker

PARKS = ROOT / "fixtures" / "data" / "parks.zip"
KILLS = 20
# Every statement in the soak; every second one always, so that the parts of a job are all met.
STEP = 1 if os.environ.get("KANDI_SOAK") else 2


class Installation:
    """One database with its files, one queued run, and what the public sees of it."""

    def __init__(self, url: str, folder: Path, client: FlaskClient) -> None:
        self.url, self.folder, self.client = url, folder, client
        self.config = Settings(database_url=url, data_dir=folder)
        self.engine: Engine = job_engine(self.config)
        self.uploads = Uploads(folder)
        self.worker = Worker(self.engine, self.uploads, 6)

    def upload(self, path: Path, layer: str = "parks", **options: Any) -> int:
        with self.uploads.incoming() as incoming, self.engine.begin() as connection:
            copy = incoming / "0"
            copy.write_bytes(path.read_bytes())
            sent = Upload(layer_named(layer), copy, path.name, ImportOptions(**options))
            return accept(connection, self.uploads, sent, Sender("test"))

    def stages(self) -> int:
        """How many stage tables there are."""
        with self.engine.connect() as connection:
            found = text("SELECT count(*) FROM pg_tables WHERE tablename LIKE 'import_stage_%'")
            return int(connection.execute(found).scalar_one())

    def ask(self, run_id: int, wish: Wish) -> None:
        with self.engine.begin() as connection:
            queue.ask(connection, run_id, wish, "test")

    def state(self, run_id: int) -> State:
        with self.engine.connect() as connection:
            return listing.one(connection, run_id).state

    def public(self) -> str:
        """Digest of all that the public reads of the layer, with its data version."""
        answer = self.client.get("/api/v1/parks?limit=1000")
        assert answer.status_code == 200
        return hashlib.sha256(answer.data).hexdigest()

    def names(self) -> list[str]:
        """What the parks are called in public."""
        found = self.client.get("/api/v1/parks?limit=1000").get_json()["features"]
        return [feature["properties"]["name"] for feature in found]

    def die(self, at: int, control: str = "none") -> int | None:
        """Work in another process that dies at a statement; None, or how many there are."""
        done = subprocess.run(
            [sys.executable, "-m", "tests.database.dying_worker", str(at), control],
            cwd=ROOT,
            env=os.environ | {"KANDI_DATABASE_URL": self.url, "KANDI_DATA_DIR": str(self.folder)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode in (0, -9), done.stderr
        return int(done.stdout) if done.returncode == 0 else None

    def forget_attempts(self) -> None:
        with self.engine.begin() as connection:
            connection.execute(update(import_progress).values(attempts=0))


@pytest.fixture
def place(demo_copy_url: str, tmp_path: Path, make_app: AppMaker) -> Installation:
    client = make_app(demo_copy_url).test_client()
    return Installation(demo_copy_url, tmp_path / "data", client)


def renamed(place: Installation, folder: Path, word: str) -> Path:
    """The parks of the demo city as a table that gives each another name."""
    lines = ["编号,名称"]
    with place.engine.connect() as connection:
        for code in connection.execute(text("SELECT code FROM parks ORDER BY code")).scalars():
            lines.append(f"{code},{word}{code}")
    path = folder / "changed.csv"
    path.write_text("\n".join(lines), "utf-8")
    return path


@pytest.fixture
def changed_parks(place: Installation, tmp_path: Path) -> Path:
    return renamed(place, tmp_path, "改名")


def test_every_step_by_a_worker(place: Installation, changed_parks: Path) -> None:
    before = place.public()
    run_id = place.upload(changed_parks)
    assert place.worker.work()
    assert place.state(run_id) is State.STAGED
    assert place.public() == before
    place.ask(run_id, Wish.APPLY)
    assert place.worker.work()
    assert place.state(run_id) is State.APPLIED
    assert "改名" in place.client.get("/api/v1/parks").text
    place.ask(run_id, Wish.ROLL_BACK)
    assert place.worker.work()
    assert place.state(run_id) is State.ROLLED_BACK
    assert "改名" not in place.client.get("/api/v1/parks").text
    assert not place.worker.work()


@pytest.mark.parametrize("wish", [Wish.APPLY, Wish.ROLL_BACK])
def test_killed_anywhere_the_public_sees_old_or_new(
    place: Installation, changed_parks: Path, wish: Wish
) -> None:
    run_id = place.upload(changed_parks)
    assert place.worker.work()
    if wish is Wish.ROLL_BACK:
        place.ask(run_id, Wish.APPLY)
        assert place.worker.work()
    old = place.public()
    place.ask(run_id, wish)
    killed = 0
    for statement in range(1, 200, STEP):
        if place.die(statement) is not None:
            break
        killed += 1
        seen = place.public()
        if place.state(run_id) in JOBS:
            assert seen == old, f"half a change is served after death at statement {statement}"
        else:
            break
        place.forget_attempts()
    else:
        pytest.fail("the job never ended")
    assert killed >= 10
    while place.worker.work():
        pass
    assert place.state(run_id) is (State.APPLIED if wish is Wish.APPLY else State.ROLLED_BACK)
    assert place.public() != old


def test_killed_while_staging_leaves_nothing(place: Installation, changed_parks: Path) -> None:
    before, run_id = place.stages(), place.upload(changed_parks)
    old = place.public()
    for statement in random.Random(5).sample(range(1, 40), KILLS):
        if place.die(statement) is not None:
            break
        with place.engine.connect() as connection:
            found = connection.execute(text("SELECT count(*) FROM import_findings")).scalar_one()
        assert place.state(run_id) is State.RECEIVED
        assert (place.stages(), place.public()) == (before, old)
        assert found >= 0
        place.forget_attempts()
    while place.worker.work():
        pass
    assert place.state(run_id) is State.STAGED


def test_control_without_a_transaction_half_a_change_is_seen(
    place: Installation, tmp_path: Path
) -> None:
    """The same kills on a worker that commits every statement must be noticed."""
    applied = 0
    for point in ("count", *range(8, 0, -1)):
        run_id = place.upload(renamed(place, tmp_path, f"名{point}"))
        assert place.worker.work()
        place.ask(run_id, Wish.APPLY)
        old = place.names()
        if point == "count":
            applied = place.die(10_000) or 0
            continue
        assert isinstance(point, int)
        assert place.die(applied - point, "commits") is None
        if place.names() != old and place.state(run_id) in JOBS:
            return
        with place.engine.begin() as connection:
            connection.execute(update(import_runs).values(state="failed"))
    pytest.fail("the test would not see half a change")


def eventually(done: Callable[[], bool], patience_s: float = 20.0) -> bool:
    """Whether it comes true while one is patient."""
    deadline = time.monotonic() + patience_s
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def test_a_run_that_kills_its_workers_is_given_up(place: Installation, changed_parks: Path) -> None:
    run_id = place.upload(changed_parks)
    for _ in range(MOST_ATTEMPTS):
        assert place.die(8) is None
    # PostgreSQL may take a moment to notice that the last of them is gone and free the run.
    assert eventually(place.worker.work)
    assert place.state(run_id) is State.FAILED
    with place.engine.connect() as connection:
        problem = listing.one(connection, run_id).problem
    assert problem is not None
    assert problem["code"] == "gave-up"


def test_a_refused_file_fails_with_its_reason(place: Installation, tmp_path: Path) -> None:
    bad = tmp_path / "bad.zip"
    bad.write_bytes(b"PK\x03\x04 this is no archive")
    run_id = place.upload(bad)
    assert place.worker.work()
    assert place.state(run_id) is State.FAILED


def test_a_lost_file_and_a_changed_file_are_refused(place: Installation) -> None:
    lost, changed = place.upload(PARKS), place.upload(PARKS)
    place.uploads.source(lost).unlink()
    place.uploads.source(changed).write_bytes(b"other")
    assert place.worker.work()
    assert place.worker.work()
    with place.engine.connect() as connection:
        reasons = [(listing.one(connection, n).problem or {})["code"] for n in (lost, changed)]
    assert reasons == ["source-missing", "source-changed"]


def test_emptied_stage_tables_are_not_applied(place: Installation, changed_parks: Path) -> None:
    """After a crash PostgreSQL empties unlogged tables: nothing would be applied, as a success."""
    run_id = place.upload(changed_parks)
    assert place.worker.work()
    with place.engine.begin() as connection:
        connection.execute(text(f"TRUNCATE import_plan_{run_id}, import_stage_{run_id}"))
    place.ask(run_id, Wish.APPLY)
    assert place.worker.work()
    assert place.state(run_id) is State.STAGED
    with place.engine.connect() as connection:
        assert (listing.one(connection, run_id).problem or {})["code"] == "stale-preview"


def test_a_held_run_is_busy_and_skipped(place: Installation) -> None:
    first, second = place.upload(PARKS), place.upload(PARKS)
    with place.engine.begin() as holder:
        taken = queue.take(holder)
        assert taken is not None
        assert taken.run.id == first
        with pytest.raises(queue.RunBusy):
            place.ask(first, Wish.CANCEL)
        with place.engine.begin() as other:
            also = queue.take(other)
            assert also is not None
            assert also.run.id == second


def test_a_stopping_worker_leaves_the_run_and_counts_nothing(place: Installation) -> None:
    run_id = place.upload(PARKS)
    place.worker.bell.ring()
    with pytest.raises(Stopped):
        place.worker.work()
    assert place.state(run_id) is State.RECEIVED
    with place.engine.connect() as connection:
        found = select(import_progress.c.attempts).where(import_progress.c.run_id == run_id)
        assert connection.execute(found).scalar_one() == 0


def test_a_run_of_a_command_is_not_queued(place: Installation) -> None:
    with place.engine.begin() as connection:
        runs.receive(
            connection, layer_named("parks"), PARKS, "p.zip", ImportOptions(), Sender("test")
        )
    assert not place.worker.work()


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("wish", list(Wish))
def test_every_wish_in_every_state(engine: Engine, state: State, wish: Wish) -> None:
    with engine.begin() as connection:
        layer = layer_named("parks")
        run_id = runs.receive(connection, layer, PARKS, "p.zip", ImportOptions(), Sender("test"))
        connection.execute(update(import_runs).values(state=state.value))
        if (state, wish) in WISHES:
            assert queue.ask(connection, run_id, wish, "test").state == WISHES[state, wish]
        else:
            with pytest.raises(WrongState):
                queue.ask(connection, run_id, wish, "test")


def test_states_are_those_of_the_database() -> None:
    assert [state.value for state in State] == IMPORT_STATES
