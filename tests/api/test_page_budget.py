"""A page ends early rather than hold more text than a worker has room for, and loses no site."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select, text
from werkzeug.test import Client

from gis import shape_text
from gis.layers import layer_named
from gis.publish import publish
from gis.tables import PUBLICATIONS, SITES
from mini_program_api.questions import Collection
from server import wsgi
from server.config import Settings
from tests.api.answers import exact, ids, pages
from tests.api.people import signed_in
from tests.conftest import AppMaker

PARCELS = layer_named("parcels")
KB = 20
ASKED = [
    "limit=500",
    "limit=7",
    "limit=500&bbox=119,30,121,32",
    "limit=500&fields=name,address",
    "limit=500&zoom=10",
    "limit=500&area_mu_min=30",
    "limit=500&bbox=119,30,121,32&status=available,sold",
]


@pytest.fixture
def small(make_app: AppMaker, demo_database_url: str) -> Flask:
    return make_app(demo_database_url, page_kb=KB)


@pytest.mark.parametrize("asked", ASKED)
def test_every_site_is_on_one_page(small: Flask, client: FlaskClient, asked: str) -> None:
    # The control: where there is room, one page holds them all.
    whole = exact(client.get(f"/api/v1/parcels?{asked.replace('limit=7', 'limit=500')}"))
    found = list(pages(small.test_client(), f"/api/v1/parcels?{asked}"))
    assert len(found) > 5
    assert [feature for page in found for feature in page["features"]] == whole["features"]
    for page in found:
        assert page["numberMatched"] == whole["numberMatched"] == whole["numberReturned"]
        assert page["numberReturned"] == len(page["features"]) >= 1


@pytest.mark.parametrize("asked", ["limit=500", "limit=500&bbox=119,30,121,32"])
def test_a_page_holds_as_much_as_it_may(small: Flask, asked: str) -> None:
    first = small.test_client().get(f"/api/v1/parcels?{asked}")
    assert KB * 900 < len(first.data) < KB * 1100
    assert exact(first)["numberReturned"] > 10


@pytest.mark.parametrize("asked", ["limit=500", "limit=500&zoom=9", "limit=500&area_mu_min=30"])
def test_pages_of_staff_end_too(small: Flask, asked: str) -> None:
    client = small.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = signed_in(small)["Authorization"]
    found = list(pages(client, f"/api/v1/parcels?crs=cgcs2000&{asked}"))
    visited = [site_id for page in found for site_id in ids(page)]
    assert visited == sorted(set(visited))
    assert len(visited) == found[0]["numberMatched"] > 100
    assert len(found) > 2


@pytest.fixture(params=["cache", "no cache", "snapshot"])
def worker(request: pytest.FixtureRequest, demo_database_url: str) -> Iterator[wsgi.Worker]:
    kept: dict[str, Any] = {
        "cache": {},
        "no cache": {"cache_mb": 0},
        "snapshot": {"cache_mb": 0, "snapshot": True},
    }[request.param]
    made = wsgi.create(Settings(database_url=demo_database_url, page_kb=KB, **kept))
    yield made
    made.stop()


@pytest.mark.parametrize("asked", ASKED)
def test_the_lane_ends_pages_where_flask_does(
    worker: wsgi.Worker, small: Flask, asked: str
) -> None:
    lane, flask = Client(worker), small.test_client()
    following: str | None = f"/api/v1/parcels?{asked}"
    seen = 0
    while following and seen < 6:
        ours, theirs = lane.get(following), flask.get(following)
        assert ours.data == theirs.data
        links = {link["rel"]: link["href"] for link in exact(theirs)["links"]}
        following, seen = links.get("next"), seen + 1
    assert seen == 6


@pytest.fixture
def huge(demo_engine: Engine) -> list[int]:
    """Three parcels get outlines of some 20,000 corners each: their ids."""
    public, site = PUBLICATIONS["parcels"], SITES["parcels"]
    with demo_engine.begin() as connection:
        chosen = [
            *connection.scalars(select(public.c.id).order_by(public.c.id).offset(10).limit(3))
        ]
        for column in ("geom", "geom_gcj02"):
            connection.execute(
                text(
                    f"UPDATE parcels SET {column} ="
                    f" ST_Segmentize({column}, ST_Perimeter({column}) / 20000)"
                    " WHERE id = ANY(:ids)"
                ),
                {"ids": chosen},
            )
        publish(connection, PARCELS, 6, select(site.c.id).where(site.c.id.in_(chosen)))
    return chosen


def test_huge_outlines_are_one_a_page_and_whole_by_id(
    demo_copy_url: str, make_app: AppMaker, huge: list[int]
) -> None:
    app = make_app(demo_copy_url, page_kb=300)
    found = list(pages(app.test_client(), "/api/v1/parcels?limit=500"))
    holding = [page for page in found if set(ids(page)) & set(huge)]
    assert [ids(page) for page in holding] == [[site_id] for site_id in huge]
    assert sum(len(page["features"]) for page in found) == found[0]["numberMatched"] > 450
    for site_id in huge:
        alone = exact(app.test_client().get(f"/api/v1/parcels/{site_id}"))
        assert len(str(alone["geometry"])) > 500_000


def test_the_first_look_takes_no_huge_text(
    demo_copy_url: str, huge: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = wsgi.create(Settings(database_url=demo_copy_url, cache_mb=0))
    looks: list[bool] = []
    look = Collection._view

    def counted(self: Collection, database: Any) -> Any:
        looks.append((found := look(self, database)) is not None)
        return found

    monkeypatch.setattr(Collection, "_view", counted)
    try:
        box = "/api/v1/parcels?limit=1000&bbox=119,30,121,32"
        page = exact(Client(worker).get(box))
        assert looks == [False]
        assert set(huge) < set(ids(page))
        assert page["numberReturned"] == page["numberMatched"]
        # The control: at a low zoom their texts are short.
        assert exact(Client(worker).get(f"{box}&zoom=9"))["numberReturned"] > 450
        assert looks == [False, True]
    finally:
        worker.stop()
    assert shape_text.MOST_UNWEIGHED_BYTES < 400_000
