"""Schema changes: brings a jurisdiction's schema to a revision, one process at a time."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from gis.publish import fill

# It tells of every look at the version table, which readiness checks take all day.
logging.getLogger("alembic").setLevel(logging.WARNING)

# Any number will do, as long as only migrations take it.
_ADVISORY_LOCK = 0x6B616E6469

_LEAST_POSTGIS = (3, 3)


class PostgisMissing(RuntimeError):
    """The database has no PostGIS of the version we need, and we may not install it."""


def _config(connection: Connection, schema_name: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes.update(connection=connection, schema_name=schema_name)
    return config


@contextmanager
def _locked(engine: Engine, schema_name: str) -> Iterator[Config]:
    with engine.begin() as connection:
        # A migration that waits behind a long read would make every later read wait behind it.
        connection.execute(text("SET LOCAL lock_timeout = '10s'"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {schema_name}"))
        # Whatever schema the engine works in, the migrations make their tables in this one.
        connection.execute(text(f"SET LOCAL search_path = {schema_name}, public"))
        _require_postgis(connection)
        yield _config(connection, schema_name)


def _require_postgis(connection: Connection) -> None:
    found = text("SELECT extversion FROM pg_extension WHERE extname = 'postgis'")
    version = connection.execute(found).scalar_one_or_none()
    if version is None:
        superuser = "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"
        if not connection.execute(text(superuser)).scalar_one():
            raise PostgisMissing("数据库没有 PostGIS：请由管理员执行 CREATE EXTENSION postgis;")
        connection.execute(text("CREATE EXTENSION postgis SCHEMA public"))
        version = connection.execute(found).scalar_one()
    if tuple(int(part) for part in version.split(".")[:2]) < _LEAST_POSTGIS:
        raise PostgisMissing(f"PostGIS {version} 太旧：需要 3.3 或更新的版本")


def upgrade(engine: Engine, schema_name: str, revision: str = "head") -> str | None:
    """Bring the schema up to a revision; the revision it stands at now."""
    with _locked(engine, schema_name) as config:
        command.upgrade(config, revision)
        if revision == "head":
            # Migrations know their own tables only; what follows from them is the code's of today.
            fill(config.attributes["connection"])
    return current(engine, schema_name)


def downgrade(engine: Engine, schema_name: str, revision: str) -> str | None:
    """Take the schema back to a revision (``base`` empties it); where it stands now."""
    with _locked(engine, schema_name) as config:
        command.downgrade(config, revision)
    return current(engine, schema_name)


def current(engine: Engine, schema_name: str) -> str | None:
    """The revision that the schema stands at; None before the first."""
    with engine.connect() as connection:
        return revision_of(connection, schema_name)


def revision_of(connection: Connection, schema_name: str) -> str | None:
    """The revision that the schema stands at, seen by an open connection."""
    options = {"version_table_schema": schema_name}
    return MigrationContext.configure(connection, opts=options).get_current_revision()


@cache
def head() -> str | None:
    """The newest revision in the code."""
    return ScriptDirectory(str(Path(__file__).parent / "migrations")).get_current_head()
