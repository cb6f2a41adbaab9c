"""Every tamper with audit is found, and a chain that nobody touched is found whole."""

import os
import random

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, text

from gis import audit_chain
from server import grants
from server.cli import main
from server.config import settings
from tests.database.tampering import INSIDE, WITH_HEAD, Tamper, filled, tampered

ROUNDS = int(os.environ.get("KANDI_SOAK_TAMPERS", "24"))


def broken(engine: Engine, *heads: audit_chain.Head) -> list[str]:
    with engine.connect() as connection:
        return [one.reason for one in audit_chain.verify(connection, heads).broken]


def restore(engine: Engine) -> None:
    """Put back the rows that were saved before a tamper."""
    with engine.begin() as connection:
        for statement in (
            "ALTER TABLE audit DISABLE TRIGGER USER",
            "DELETE FROM audit",
            "INSERT INTO audit OVERRIDING SYSTEM VALUE SELECT * FROM saved",
            "UPDATE audit_head SET (seq, hash) = (SELECT seq, hash FROM saved_head)",
            "ALTER TABLE audit ENABLE TRIGGER USER",
        ):
            connection.execute(text(statement))


def save(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE saved AS SELECT * FROM audit"))
        connection.execute(text("CREATE TABLE saved_head AS SELECT * FROM audit_head"))


def test_every_tamper_is_found_and_nothing_else(engine: Engine) -> None:
    rng = random.Random(7)
    filled(engine, 60, rng)
    save(engine)
    with engine.connect() as connection:
        head = audit_chain.head(connection)
    assert broken(engine, head) == []
    for number in range(ROUNDS):
        tamper = (*INSIDE, *WITH_HEAD)[number % 6]
        tampered(engine, tamper, rng)
        known = (head,) if tamper in WITH_HEAD else ()
        assert broken(engine, *known), f"{tamper.__name__} was not found"
        restore(engine)
        assert broken(engine, head) == []


@pytest.mark.parametrize("tamper", WITH_HEAD)
def test_only_a_head_kept_elsewhere_shows_a_chain_made_anew(engine: Engine, tamper: Tamper) -> None:
    """The control: without the head nothing is seen, so the head is what sees."""
    rng = random.Random(3)
    filled(engine, 20, rng)
    with engine.connect() as connection:
        head = audit_chain.head(connection)
    tampered(engine, tamper, rng)
    assert broken(engine) == []
    assert broken(engine, head)


def test_the_command_says_what_is_wrong(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    heads = tmp_path_factory.mktemp("heads") / "heads.jsonl"
    monkeypatch.setenv("KANDI_DATABASE_URL", engine.url.render_as_string(hide_password=False))
    settings.cache_clear()
    try:
        filled(engine, 8, random.Random(1))
        run = CliRunner()
        assert run.invoke(main, ["audit", "head", "--export", str(heads)]).exit_code == 0
        assert run.invoke(main, ["audit", "verify", "--heads", str(heads)]).exit_code == 0
        tampered(engine, WITH_HEAD[0], random.Random(2))
        assert run.invoke(main, ["audit", "verify"]).exit_code == 0
        found = run.invoke(main, ["audit", "verify", "--heads", str(heads)])
        assert (found.exit_code, "链头" in found.output) == (1, True)
    finally:
        settings.cache_clear()


def test_rights_mean_nothing_for_an_owner_and_are_refused(engine: Engine) -> None:
    with engine.begin() as connection:
        me = connection.execute(text("SELECT current_user")).scalar_one()
        with pytest.raises(grants.BadRole):
            grants.grant(connection, "kandi", me)
        with pytest.raises(grants.BadRole):
            grants.grant(connection, "kandi", "nobody_of_that_name")
        with pytest.raises(grants.BadRole):
            grants.grant(connection, "kandi", "x; DROP TABLE audit")
    statements = grants.statements("kandi", "app")
    assert any("REVOKE UPDATE, DELETE, TRUNCATE ON kandi.audit " in one for one in statements)
