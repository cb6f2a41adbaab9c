"""Publishing: the public reads what follows from the truth, from the commit on."""

import json
import select as sockets
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import psycopg2
import pytest
from sqlalchemy import Engine, make_url, select, text

from gis import queryables, sql
from gis.layers import LAYERS, Layer, layer_named
from gis.publish import CHANNEL, fill, publish
from gis.queryables import QUERYABLES
from gis.tables import PUBLICATIONS
from tests.database.office import Office

PARCELS = layer_named("parcels")


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_the_publication_is_what_follows_from_the_truth(demo_office: Office, layer: Layer) -> None:
    table = PUBLICATIONS[layer.name]
    with demo_office.engine.connect() as connection:
        stored = connection.execute(select(table).order_by(table.c.id)).all()
        follows = connection.execute(sql.publication(layer, 6).order_by(text("1"))).all()
    assert stored
    assert [tuple(map(str, row)) for row in stored] == [tuple(map(str, row)) for row in follows]


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_what_is_looked_in_is_what_follows_from_the_publication(
    demo_office: Office, layer: Layer
) -> None:
    table = QUERYABLES[layer.name]
    with demo_office.engine.connect() as connection:
        stored = connection.execute(select(table).order_by(table.c.id)).all()
        follows = connection.execute(queryables.rows(layer).order_by(text("1"))).all()
    assert stored
    assert stored == follows


def test_an_older_installation_is_given_them(demo_office: Office) -> None:
    (before,) = demo_office.rows("SELECT count(*), sum(id) FROM parcels_queryables")
    demo_office.execute("DELETE FROM parcels_queryables")
    with demo_office.engine.begin() as connection:
        fill(connection)
    assert demo_office.rows("SELECT count(*), sum(id) FROM parcels_queryables") == [before]


def test_sites_that_are_hidden_or_retired_are_not_there(demo_office: Office) -> None:
    hidden, retired, kept = (row[0] for row in demo_office.rows("SELECT id FROM parcels LIMIT 3"))
    demo_office.execute(f"UPDATE parcels SET status = 'undisclosed' WHERE id = {hidden}")
    demo_office.execute(f"UPDATE parcels SET retired_at = now() WHERE id = {retired}")
    demo_office.execute(f"UPDATE parcels SET status = 'sold' WHERE id = {kept}")
    with demo_office.engine.begin() as connection:
        publish(connection, PARCELS, 6)
    for table in ("parcels_public", "parcels_queryables"):
        there = {row[0] for row in demo_office.rows(f"SELECT id FROM {table}")}
        assert kept in there
        assert not there & {hidden, retired}


def test_only_chosen_sites_are_written_again(demo_office: Office) -> None:
    first, second = (r[0] for r in demo_office.rows("SELECT id FROM parcels_public LIMIT 2"))
    demo_office.execute("UPDATE parcels SET name = '改名'")
    with demo_office.engine.begin() as connection:
        publish(connection, PARCELS, 6, select(text(str(first))))
    names = dict(demo_office.rows("SELECT id, name FROM parcels_public"))
    assert names[first] == "改名"
    assert names[second] != "改名"
    assert dict(demo_office.rows("SELECT id, name FROM parcels_queryables")) == names


def test_each_publishing_raises_the_version_of_its_layer_only(demo_office: Office) -> None:
    before = dict(demo_office.rows("SELECT layer, version FROM layer_state"))
    with demo_office.engine.begin() as connection:
        version = publish(connection, PARCELS, 6)
    after = dict(demo_office.rows("SELECT layer, version FROM layer_state"))
    assert version == after["parcels"] == before["parcels"] + 1
    assert {k: v for k, v in after.items() if k != "parcels"} == {
        k: v for k, v in before.items() if k != "parcels"
    }


def test_the_decimals_of_the_public_are_those_of_the_installation(demo_office: Office) -> None:
    with demo_office.engine.begin() as connection:
        publish(connection, PARCELS, 4)
    ((geometry,),) = demo_office.rows("SELECT geometry FROM parcels_public ORDER BY id LIMIT 1")
    read = json.loads(geometry, parse_float=str)
    assert max(len(d.partition(".")[2]) for d in read["coordinates"][0][0][0]) <= 4


@pytest.fixture
def listener(database_url: str) -> Iterator[Any]:
    """A session that listens to the channel."""
    url = make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f"LISTEN {CHANNEL}")
        yield connection


def heard(listener: Any, wait_s: float) -> list[dict[str, Any]]:
    sockets.select([listener], [], [], wait_s)
    listener.poll()
    found = [json.loads(notice.payload) for notice in listener.notifies]
    listener.notifies.clear()
    return found


def test_listeners_hear_of_a_change_with_the_commit_and_not_before(
    engine: Engine, listener: Any
) -> None:
    with engine.connect() as connection:
        version = publish(connection, PARCELS, 6)
        assert heard(listener, 0.3) == []
        connection.commit()
    (told,) = heard(listener, 5)
    assert {"layer": "parcels", "version": version}.items() <= told.items()


def test_listeners_hear_nothing_of_what_was_rolled_back(engine: Engine, listener: Any) -> None:
    with engine.connect() as connection:
        publish(connection, PARCELS, 6)
        connection.rollback()
    assert heard(listener, 0.3) == []
