"""Migrations: down and up again give the same schema, and it is the one that the code expects."""

import re
from collections.abc import Iterator

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from server import migrate
from server.config import ROOT, Settings
from server.db import job_engine
from server.tables import metadata
from tests.databases import Maker

Described = dict[str, set[tuple[object, ...]]]

_QUESTIONS = {
    "columns": """
        SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
               a.attidentity, a.attgenerated, pg_get_expr(d.adbin, d.adrelid)
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        WHERE c.relnamespace = CAST(:schema AS regnamespace) AND c.relkind IN ('r', 'p', 'v', 'm')
          AND a.attnum > 0 AND NOT a.attisdropped""",
    "constraints": """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = CAST(:schema AS regnamespace) AND contype <> 't'""",
    "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = :schema",
    "sequences": """
        SELECT sequencename, start_value, increment_by, data_type::text
        FROM pg_sequences WHERE schemaname = :schema""",
}


def described(connection: Connection, schema: str) -> Described:
    """All that a schema holds, with its own name left out."""
    connection.execute(text(f"SET search_path = {schema}, public"))
    found: Described = {}
    for name, question in _QUESTIONS.items():
        rows = connection.execute(text(question), {"schema": schema}).all()
        found[name] = {
            tuple(re.sub(rf"\b{schema}\.", "", v) if isinstance(v, str) else v for v in row)
            for row in rows
            if "alembic_version" not in str(row[0])
        }
    return found


@pytest.fixture
def bare(maker: Maker) -> Iterator[Engine]:
    """Engine of a database that no migration has touched."""
    with maker.copied(maker.postgis_template()) as url:
        yield job_engine(Settings(database_url=url))


def test_every_step_can_be_taken_back_and_again(bare: Engine) -> None:
    folder = ROOT / "server" / "migrations"
    heads = [step.revision for step in ScriptDirectory(str(folder)).walk_revisions()][::-1]
    seen: list[Described] = []
    for revision in heads:
        assert migrate.upgrade(bare, "kandi", revision) == revision
        with bare.connect() as connection:
            seen.append(described(connection, "kandi"))
    for expected, revision in zip(reversed(seen[:-1]), reversed(heads[:-1]), strict=True):
        assert migrate.downgrade(bare, "kandi", revision) == revision
        with bare.connect() as connection:
            assert described(connection, "kandi") == expected
    assert migrate.downgrade(bare, "kandi", "base") is None
    with bare.connect() as connection:
        assert not any(described(connection, "kandi").values())
    assert migrate.upgrade(bare, "kandi") == migrate.head() == heads[-1]
    with bare.connect() as connection:
        assert described(connection, "kandi") == seen[-1]


@pytest.mark.parametrize("part", _QUESTIONS)
def test_migrations_make_the_schema_that_the_code_expects(engine: Engine, part: str) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE SCHEMA model"))
        connection.execute(text("SET search_path = model, public"))
        metadata.create_all(connection)
        expected = described(connection, "model")[part]
        made = described(connection, "kandi")[part]
    assert expected, "nothing was compared"
    assert made - expected == set()
    assert expected - made == set()


def test_the_comparison_sees_a_column_that_is_missing(engine: Engine) -> None:
    with engine.begin() as connection:
        before = described(connection, "kandi")
        connection.execute(text("ALTER TABLE parcels DROP COLUMN remark"))
        assert described(connection, "kandi") != before


def test_two_jurisdictions_live_beside_each_other(bare: Engine) -> None:
    migrate.upgrade(bare, "wuxing")
    migrate.upgrade(bare, "nanxun")
    with bare.connect() as connection:
        assert described(connection, "wuxing") == described(connection, "nanxun")
    migrate.downgrade(bare, "wuxing", "base")
    assert migrate.current(bare, "nanxun") == migrate.head()
    assert migrate.current(bare, "wuxing") is None


def test_an_upgrade_of_what_is_newest_changes_nothing(engine: Engine) -> None:
    with engine.connect() as connection:
        before = described(connection, "kandi")
    assert migrate.upgrade(engine, "kandi") == migrate.head()
    with engine.connect() as connection:
        assert described(connection, "kandi") == before
