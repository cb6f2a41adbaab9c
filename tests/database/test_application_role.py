"""The application as a role that owns nothing: all works, and audit cannot be rewritten by it."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pytest
from click.testing import CliRunner
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from gis import audit_chain
from server.accounts.principals import Role
from server.cli import main
from server.cli_worker import daily
from server.config import ROOT, Settings, settings
from server.db import job_engine
from tests.api.investors import KEYS
from tests.api.staff import Desk
from tests.conftest import apps
from tests.database.roles import login_role
from tests.databases import Maker

STAFF = tuple((role, "") for role in (Role.OFFICER, Role.GIS, Role.ADMIN))


@dataclass(frozen=True)
class Place:
    """An installation that runs as the role, and the database as its owner sees it."""

    desk: Desk
    config: Settings
    owner_url: str


@pytest.fixture(scope="module")
def place(
    maker: Maker, demo_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Place]:
    role = f"kandi_application_{os.getpid()}"
    with (
        maker.copied(demo_template) as owner,
        login_role(owner, role) as url,
        pytest.MonkeyPatch.context() as patch,
        apps() as make,
    ):
        patch.setenv("KANDI_DATABASE_URL", owner)
        settings.cache_clear()
        granted = CliRunner().invoke(main, ["db", "grants", role])
        settings.cache_clear()
        assert granted.exit_code == 0, granted.output
        folder = tmp_path_factory.mktemp("role")
        more = {"data_dir": folder, "privacy_keys": KEYS}
        app = make(url, **more)
        config: Settings = app.extensions["kandi"][0]
        yield Place(Desk(app.test_client(), config, STAFF, "everyone"), config, owner)


def test_it_is_the_role_that_works_and_it_owns_no_table(place: Place) -> None:
    asked = text(
        "SELECT count(*) FILTER (WHERE tableowner = current_user), count(*), current_user"
        " FROM pg_tables WHERE schemaname = 'kandi'"
    )
    with job_engine(place.config).connect() as connection:
        owned, tables, me = connection.execute(asked).one()
    assert (owned, me.startswith("kandi_application_")) == (0, True)
    assert tables > 50


@pytest.mark.parametrize(
    "path",
    [
        "/parcels?bbox=119.5,30.4,120.7,31.2&limit=5",
        "/parcels?crs=cgcs2000&limit=5",
        "/map?bbox=119.5,30.4,120.7,31.2&zoom=12",
        "/siting?area_mu_min=30",
        "/regions",
        "/disposal-cases",
        "/audit?limit=5",
        "/freshness?within_days=30",
        "/exports/parks?format=xlsx",
        "/sessions",
    ],
)
def test_it_reads(place: Place, path: str) -> None:
    answer = place.desk.get(path)
    assert answer.status_code == 200, answer.text


def test_it_edits_and_the_edit_stands_in_history_and_audit(place: Place) -> None:
    one = place.desk.get("/parcels?crs=cgcs2000&limit=1&status=available").get_json()
    number = one["features"][0]["id"]
    path, seen = f"/parcels/{number}", one["features"][0]["properties"]["version"]
    body = {"changes": {"remark": "由应用角色修改"}, "reason": "测试"}
    headers = {"If-Match": f'"{seen}"', "Idempotency-Key": "role-1"}
    answer = place.desk.ask("PATCH", path, json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    assert place.desk.get(f"{path}/history").get_json()["items"][0]["reason"] == "测试"
    audit = place.desk.get(f"/audit?subject=parcels/{number}&limit=1").get_json()["items"]
    assert audit[0]["action"] == "site.edited"


def test_it_imports_applies_and_takes_back(place: Place) -> None:
    run_id = place.desk.upload(ROOT / "fixtures" / "data" / "parks.zip", "parks.zip")
    assert place.desk.run(run_id)["state"] == "staged"
    changed = "编号,名称\n" + "\n".join(
        f"{one['properties']['code']},改名"
        for one in place.desk.get("/parks?limit=3").get_json()["features"]
    )
    run_id = place.desk.upload(changed.encode(), "a.csv")
    assert place.desk.wish(run_id, "apply")["state"] == "applied"
    assert place.desk.wish(run_id, "rollback")["state"] == "rolled_back"


def test_it_keeps_accounts_and_does_what_is_due_once_a_day(place: Place) -> None:
    form = {"username": "sun", "name": "孙工", "password": "a right good password"}
    answer = place.desk.ask("POST", "/users", json=form)
    assert answer.status_code == 201, answer.text
    engine = job_engine(place.config)
    for job in daily(place.config):
        with engine.begin() as connection:
            assert job.run(connection, date(2026, 11, 22)), job.name


FORBIDDEN = [
    "UPDATE audit SET actor = 'x'",
    "UPDATE audit SET hash = NULL",
    "DELETE FROM audit",
    "TRUNCATE audit",
    "INSERT INTO audit_head (id, seq, hash) VALUES (2, 9, '')",
    "UPDATE audit_head SET seq = 9",
    "DELETE FROM audit_head",
    "ALTER TABLE audit DISABLE TRIGGER ALL",
    "DROP TABLE audit",
    "CREATE TRIGGER mine BEFORE INSERT ON audit EXECUTE FUNCTION audit_refuse()",
    "SET session_replication_role = replica",
    "UPDATE alembic_version SET version_num = '0001'",
]


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_database_refuses_it_every_change_of_audit(place: Place, statement: str) -> None:
    with (
        job_engine(place.config).begin() as connection,
        pytest.raises(DBAPIError, match=r"permission denied|must be owner"),
    ):
        connection.execute(text(statement))


def test_an_owner_is_refused_by_triggers_alone_so_the_rights_are_what_hold(place: Place) -> None:
    """The control: the owner may switch the triggers off, which the role may not."""
    engine = job_engine(Settings(database_url=place.owner_url))
    with engine.connect() as connection:
        with pytest.raises(DBAPIError, match="append-only"):
            connection.execute(text("UPDATE audit SET actor = 'x'"))
        connection.rollback()
        connection.execute(text("ALTER TABLE audit DISABLE TRIGGER USER"))
        assert connection.execute(text("UPDATE audit SET actor = 'x'")).rowcount > 0
        assert audit_chain.verify(connection, []).broken
        connection.rollback()


def test_after_all_that_the_chain_is_whole(place: Place) -> None:
    with job_engine(Settings(database_url=place.owner_url)).connect() as connection:
        found = audit_chain.verify(connection, [])
    assert found.rows > 5
    assert not found.broken
