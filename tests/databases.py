"""Databases for tests: made as copies of a template, dropped when nobody needs them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.pool import NullPool

from server.config import Settings

POSTGIS_TEMPLATE = "kandi_template"
"""The template with PostGIS that ``server.cluster`` makes; a role without rights may copy it."""

_MOST_LEFT = 16
"""DROP DATABASE waits for a checkpoint, but not again right after it: so many go together."""


class Maker:
    """Makes databases beside the one of KANDI_DATABASE_URL, named for this process."""

    def __init__(self) -> None:
        self._url = make_url(Settings().database_url)
        self._made = 0
        self._left: list[str] = []

    def copy_of(self, template: str) -> str:
        """URL of a new database that holds all that ``template`` (a URL or a name) holds."""
        self._made += 1
        name = f"kandi_test_{os.getpid()}_{self._made}"
        source = make_url(template).database if "://" in template else template
        with self._server() as connection:
            _drop(connection, name)
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {source}"))
        return self._url.set(database=name).render_as_string(hide_password=False)

    def leave(self, url: str) -> None:
        """Nobody needs this database any more."""
        self._left.append(str(make_url(url).database))
        if len(self._left) >= _MOST_LEFT:
            self.drop_left()

    def drop_left(self) -> None:
        """Drop what was left, whoever still looks at it."""
        with self._server() as connection:
            while self._left:
                _drop(connection, self._left.pop())

    def postgis_template(self) -> str:
        """Name of what a new database starts from; ``template0`` where nobody made a better one."""
        with self._server() as connection:
            found = connection.execute(
                text("SELECT 1 FROM pg_database WHERE datname = :name AND datistemplate"),
                {"name": POSTGIS_TEMPLATE},
            )
            return POSTGIS_TEMPLATE if found.first() else "template0"

    @contextmanager
    def copied(self, template: str) -> Iterator[str]:
        """A copy for as long as the block lasts."""
        url = self.copy_of(template)
        try:
            yield url
        finally:
            self.leave(url)

    @contextmanager
    def _server(self) -> Iterator[Connection]:
        engine = create_engine(self._url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            yield connection


def _drop(connection: Connection, name: str) -> None:
    # WITH (FORCE) is refused while autovacuum, a superuser, is at work there; without it,
    # PostgreSQL sends autovacuum away by itself, and our own sessions we may end.
    connection.execute(
        text(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = :name AND usename = current_user"
        ),
        {"name": name},
    )
    connection.execute(text(f"DROP DATABASE IF EXISTS {name}"))
