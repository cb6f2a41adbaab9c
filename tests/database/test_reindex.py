"""Spatial indexes are built anew beside the reads, and again after a try that was killed."""

from collections.abc import Iterator

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Connection, text

from gis.tables import PUBLICATIONS
from server.cli import main
from server.config import Settings, settings
from server.db import job_engine
from tests.databases import Maker

INDEX = "ix_parcels_public_geom"


@pytest.fixture
def url(maker: Maker, demo_template: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A demo city that the command works on."""
    with maker.copied(demo_template) as made:
        monkeypatch.setenv("KANDI_DATABASE_URL", made)
        settings.cache_clear()
        yield made
    settings.cache_clear()


def reindexed() -> Result:
    result = CliRunner().invoke(main, ["db", "reindex"])
    assert result.exit_code == 0, result.output
    return result


def files(connection: Connection) -> dict[str, int]:
    """The file of each valid index on a shape."""
    found = connection.execute(
        text(
            "SELECT c.relname, c.relfilenode"
            " FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid"
            " WHERE i.indisvalid AND c.relname LIKE 'ix\\_%\\_geom%'"
        )
    )
    return dict(found.all())


def test_every_index_of_the_public_is_new_and_reads_go_on(url: str) -> None:
    with job_engine(Settings(database_url=url)).connect() as reader:
        before = files(reader)
        # The reader's snapshot is older than the new index and stays open meanwhile.
        reader.rollback()
        told = reindexed().output.split()
        after = files(reader)
        assert {f"ix_{table.name}_geom" for table in PUBLICATIONS.values()} <= set(told)
        assert set(after) == set(before)
        assert {name for name in after if after[name] != before[name]} == set(told)
        found = reader.execute(
            text(
                "SELECT count(*) FROM parcels_public WHERE geom && (SELECT geom FROM parcels_public"
                " ORDER BY id LIMIT 1)"
            )
        )
        assert found.scalar_one() > 0


@pytest.mark.parametrize("left", ["ccnew", "ccold"])
def test_what_a_killed_try_left_is_dropped(url: str, left: str) -> None:
    index = f"{INDEX}_{left}"
    engine = job_engine(Settings(database_url=url))
    with engine.begin() as connection:
        connection.execute(text(f"CREATE INDEX {index} ON parcels_public USING gist (geom)"))
    reindexed()
    with engine.connect() as connection:
        assert index not in files(connection)
        assert INDEX in files(connection)
