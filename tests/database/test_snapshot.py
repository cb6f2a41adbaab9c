"""The snapshot says what SQL says: of any box and page, and after any change."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, select

from gis import features, snapshot
from gis.crs import Crs
from gis.layers import layer_named
from gis.publish import publish
from gis.query import BBox, ItemsQuery
from gis.snapshot import Snapshot
from gis.tables import SITES
from server.config import Settings
from server.db import job_engine

PARCELS = layer_named("parcels")
EVERYTHING = ItemsQuery(Crs.GCJ02, limit=1000)
QUERIES = st.builds(
    ItemsQuery,
    st.just(Crs.GCJ02),
    st.none()
    | st.tuples(
        st.floats(119.2, 120.6), st.floats(30.3, 31.1), st.floats(1e-4, 1), st.floats(1e-4, 1)
    ).map(lambda b: BBox(b[0], b[1], b[0] + b[2], b[1] + b[3])),
    limit=st.integers(1, 600),
    after_id=st.none() | st.integers(100_000, 100_700),
    most_bytes=st.sampled_from([1, 3_000, 50_000, 4_000_000]),
)


@pytest.fixture(scope="module")
def connection(demo_database_url: str) -> Iterator[Connection]:
    engine = job_engine(Settings(database_url=demo_database_url))
    with engine.connect() as opened:
        yield opened


@pytest.fixture(scope="module")
def kept(connection: Connection) -> Snapshot:
    return snapshot.load(connection, PARCELS)


@pytest.mark.database
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=QUERIES)
def test_sql_is_the_oracle(connection: Connection, kept: Snapshot, query: ItemsQuery) -> None:
    assert kept.page(query) == features.page(connection, PARCELS, query)


@pytest.mark.database
def test_a_renewed_snapshot_is_a_new_one(demo_engine: Engine) -> None:
    site = SITES["parcels"]
    with demo_engine.connect() as connection:
        old = snapshot.load(connection, PARCELS)
    ids = [int(each) for each in old.ids[:3]]
    with demo_engine.begin() as connection:
        changes = {ids[0]: {"address": "改了"}, ids[1]: {"status": "undisclosed"}}
        for site_id, values in changes.items():
            connection.execute(site.update().where(site.c.id == site_id).values(values))
        publish(connection, PARCELS, 6, select(site.c.id).where(site.c.id.in_(ids)))
    with demo_engine.connect() as connection:
        renewed = snapshot.renewed(connection, PARCELS, old, ids)
        fresh = snapshot.load(connection, PARCELS)
        assert renewed.state == fresh.state != old.state
        assert renewed.page(EVERYTHING) == fresh.page(EVERYTHING)
        assert renewed.page(EVERYTHING) == features.page(connection, PARCELS, EVERYTHING)
    assert len(renewed.ids) == len(old.ids) - 1


@pytest.mark.database
def test_an_empty_layer(engine: Engine) -> None:
    with engine.connect() as connection:
        kept = snapshot.load(connection, PARCELS)
        assert kept.page(EVERYTHING) == features.page(connection, PARCELS, EVERYTHING)
