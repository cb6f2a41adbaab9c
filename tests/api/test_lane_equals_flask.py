"""The fast lane and Flask give the same answer, byte for byte, to whatever is asked."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from werkzeug.test import Client, EnvironBuilder, TestResponse

from mini_program_api.params import cursor_of
from server import wsgi
from server.config import Settings
from server.listener import Listener

FLASK_ONLY = {"Date", "X-Request-ID"}


@pytest.fixture(scope="module", params=["cache", "no cache", "snapshot"])
def worker(request: pytest.FixtureRequest, demo_database_url: str) -> Iterator[wsgi.Worker]:
    settings: dict[str, Any] = {
        "cache": {},
        "no cache": {"cache_mb": 0},
        "snapshot": {"cache_mb": 0, "snapshot": True},
    }[request.param]
    made = wsgi.create(Settings(database_url=demo_database_url, **settings))
    yield made
    made.stop()


def asked(worker: wsgi.Worker, path: str, **headers: str) -> tuple[TestResponse, TestResponse]:
    """The same request through the worker, and to Flask alone."""
    observed: Any = worker.app
    lane = observed._app
    ours = Client(lane).get(path, headers=headers)
    flask = Client(lane._app).get(path, headers=headers)
    return ours, flask


def told(response: TestResponse) -> tuple[int, dict[str, str], bytes]:
    kept = {name: value for name, value in response.headers.items() if name not in FLASK_ONLY}
    return response.status_code, kept, response.data


NUMBER = st.floats(119.9, 120.6).map(lambda x: f"{x:.4f}")
BOX = st.tuples(
    st.floats(119.2, 120.6), st.floats(30.3, 31.1), st.floats(0.001, 1.0), st.floats(0.001, 0.8)
).map(lambda b: f"{b[0]:.5f},{b[1]:.5f},{b[0] + b[2]:.5f},{b[1] + b[3]:.5f}")
BAD = st.sampled_from(["", "x", "1e3", "-1", "\x00", "%", "南", "1,2", "nan,0,1,1", "é" * 30])
ARGUMENTS = st.fixed_dictionaries(
    {},
    optional={
        "bbox": BOX | BAD,
        "limit": st.integers(1, 700).map(str) | BAD,
        "cursor": st.integers(100_000, 100_700).map(cursor_of) | BAD,
        "zoom": st.integers(0, 23).map(str),
        "crs": st.sampled_from(["gcj02", "cgcs2000", "wgs84"]),
        "q": st.sampled_from(["地块", "%", "_", "开发区", "/", "'"]) | BAD,
        "fields": st.sampled_from(["name", "name,area_mu", "secret", "code,code"]),
        "status": st.sampled_from(["available", "available,sold", "open", "no"]),
        "region_code": st.sampled_from(["33", "330503", "3305,33"]),
        "area_mu_min": st.sampled_from(["1", "30.5", "-3", "a"]),
        "unknown": st.just("1"),
    },
)
LAYER = st.sampled_from(["parcels", "plants", "parks", "regions", "nothing"])
ENCODING = st.sampled_from(["", "gzip", "br", "zstd", "gzip, deflate, br, zstd", "gzip;q=0, br"])


@hypothesis_settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(layer=LAYER, arguments=ARGUMENTS, encoding=ENCODING)
def test_collections(
    worker: wsgi.Worker, layer: str, arguments: dict[str, str], encoding: str
) -> None:
    path = f"/api/v1/{layer}?{urlencode(arguments)}"
    ours, flask = asked(worker, path, **{"Accept-Encoding": encoding})
    assert told(ours) == told(flask)
    again, _ = asked(worker, path, **{"Accept-Encoding": encoding})
    assert told(again) == told(flask)
    if "ETag" in ours.headers:
        tag = ours.headers["ETag"]
        ours, flask = asked(worker, path, **{"If-None-Match": tag, "Accept-Encoding": encoding})
        assert ours.status_code == 304
        assert told(ours) == told(flask)


@pytest.mark.parametrize("layer", ["parcels", "plants", "parks"])
@pytest.mark.parametrize("site_id", ["100001", "100020", "100200", "0", "7", "007", "9" * 18, "x"])
@pytest.mark.parametrize("query", ["", "?crs=gcj02", "?crs=cgcs2000", "?a=1"])
def test_single_sites(worker: wsgi.Worker, layer: str, site_id: str, query: str) -> None:
    for _ in range(2):
        ours, flask = asked(worker, f"/api/v1/{layer}/{site_id}{query}")
        assert told(ours) == told(flask)


@pytest.mark.parametrize("z", [6, 9, 12, 14, 16, 17, 23])
@pytest.mark.parametrize("query", ["", "?status=available", "?v=1-0", "?crs=cgcs2000", "?no=1"])
def test_tiles(worker: wsgi.Worker, z: int, query: str) -> None:
    # A tile of Huzhou, on GCJ-02.
    x, y = int((120.2 + 180) / 360 * 2**z), int(0.4117 * 2**z)
    for _ in range(2):
        ours, flask = asked(worker, f"/tiles/parcels/{z}/{x}/{y}.mvt{query}")
        assert told(ours) == told(flask)


def test_a_tile_of_the_present_version_is_immutable(worker: wsgi.Worker) -> None:
    described: Any = Client(worker).get("/tiles/parcels.json").json
    template = described["tiles"][0]
    path = template.split("localhost", 1)[-1].format(z=6, x=53, y=26)
    ours, flask = asked(worker, path)
    assert told(ours) == told(flask)
    assert "immutable" in ours.headers["Cache-Control"]


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/parcels?bbox=119,30,121,31&limit=1000",
        "/api/v1/parcels?bbox=119,30,121,31&limit=10&zoom=12",
        "/api/v1/parcels?status=available&q=a_b%25&area_mu_min=3",
        "/api/v1/parks?leading_industries=a,b",
        "/tiles/parcels/6/53/26.mvt",
    ],
)
def test_the_lane_itself_answers(worker: wsgi.Worker, path: str) -> None:
    lane: Any = worker.app
    reply = lane._app.reply(EnvironBuilder(path).get_environ())
    assert reply is not None
    assert reply.status in (200, 204)


def test_other_methods_are_flasks(worker: wsgi.Worker) -> None:
    assert Client(worker).post("/api/v1/parcels").status_code == 405
    assert Client(worker).head("/api/v1/parcels").status_code == 200


def test_threads_end(demo_database_url: str) -> None:
    made = wsgi.create(Settings(database_url=demo_database_url))
    made.stop()
    assert not any(thread.is_alive() for thread in made.threads)
    assert isinstance(made.threads[0], Listener)
