"""Driving on a small network: the fastest way, one-way roads, bridges, and what has no way."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import geopandas
import numpy as np
import pytest
import shapely
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from gis.siting import roads
from gis.siting.routes import Point, RoadNetwork, Router, StraightLine

X, Y, D = 120.0, 30.0, 0.01
"""A grid of hundredths of a degree: about a kilometre each."""


def line(*cells: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([(X + x * D, Y + y * D) for x, y in cells])


def at(x: float, y: float) -> Point:
    return (X + x * D, Y + y * D)


TOWN: list[tuple[shapely.LineString, str, str | None]] = [
    (line((0, 0), (1, 0), (2, 0), (3, 0)), "residential", None),
    (line((0, 0), (0, 1), (3, 1), (3, 0)), "motorway", "no"),
    (line((1, 0), (1, -1)), "tertiary", "yes"),
    # Crosses the first road on a bridge, without a common vertex.
    (line((1.5, -1), (1.5, 0.5)), "primary", None),
    (line((9, 9), (9, 8)), "primary", None),
    (line((0, 0), (0, -1)), "footway", None),
]


def frame(rows: list[tuple[shapely.LineString, str, str | None]]) -> Any:
    geometry, classes, ways = zip(*rows, strict=True)
    named = {"highway": list(classes), "oneway": list(ways)}
    return geopandas.GeoDataFrame(named, geometry=list(geometry), crs=4490)


@pytest.fixture
def town(engine: Engine) -> Iterator[Connection]:
    with engine.begin() as connection:
        try:
            with connection.begin_nested():
                connection.execute(text("CREATE EXTENSION IF NOT EXISTS pgrouting SCHEMA public"))
        except DBAPIError:
            pytest.skip("pgRouting is not installed, or this role may not create it")
        roads.load(connection, frame(TOWN))
        yield connection


def metres(*cells: tuple[float, float]) -> float:
    pairs = [(at(*a), at(*b)) for a, b in pairwise(cells)]
    return sum(way.metres for way in StraightLine().ways(pairs) if way)


def test_lines_are_cut_where_they_share_a_vertex_and_only_there() -> None:
    network = roads.noded(np.array([one for one, _, _ in TOWN[:4]], dtype=object))
    assert list(network.row) == [0, 0, 1, 2, 3]
    assert network.metres.sum() == pytest.approx(
        sum(
            metres(*c)
            for c in [
                ((0, 0), (1, 0), (2, 0), (3, 0)),
                ((0, 0), (0, 1), (3, 1), (3, 0)),
                ((1, 0), (1, -1)),
                ((1.5, -1), (1.5, 0.5)),
            ]
        ),
        abs=0.01,
    )


def test_the_fastest_way_is_not_the_shortest(town: Connection) -> None:
    (way,) = RoadNetwork(town).ways([(at(0, 0), at(3, 0))])
    around = metres((0, 0), (0, 1), (3, 1), (3, 0))
    assert way is not None
    assert way.minutes is not None
    assert way.metres == pytest.approx(around, abs=1)
    assert way.minutes == pytest.approx(around / 85_000 * 60, abs=0.1)
    (short,) = RoadNetwork(town).ways([(at(0, 0), at(1, 0))])
    assert short is not None
    assert short.metres == pytest.approx(metres((0, 0), (1, 0)), abs=1)


def test_a_one_way_road_goes_one_way(town: Connection) -> None:
    there, back = RoadNetwork(town).ways([(at(1, 0), at(1, -1)), (at(1, -1), at(1, 0))])
    assert there is not None
    assert back is None


def test_a_bridge_a_lone_road_and_a_far_place_have_no_way(town: Connection) -> None:
    ends = [at(1.5, 0.5), at(9, 9), at(5, 5)]
    assert RoadNetwork(town).ways([(at(0, 0), end) for end in ends]) == [None, None, None]
    assert RoadNetwork(town).ways([]) == []


def test_a_place_beside_the_road_is_joined_to_it(town: Connection) -> None:
    (way,) = RoadNetwork(town).ways([(at(0, -0.1), at(0, 0.0))])
    assert way is not None
    assert way.metres == pytest.approx(metres((0, -0.1), (0, 0)), abs=1)
    assert way.minutes == pytest.approx(way.metres / 20_000 * 60, abs=0.1)


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (frame(TOWN).rename(columns={"highway": "kind"}), "道路等级"),
        (frame(TOWN).set_crs(None, allow_override=True), "坐标系"),
        (frame(TOWN[-1:]), "没有可通行"),
    ],
    ids=["no class", "no system", "nothing to drive on"],
)
def test_what_is_no_network_is_refused(engine: Engine, bad: Any, why: str) -> None:
    with engine.begin() as connection, pytest.raises(roads.UnusableRoads, match=why):
        roads.load(connection, bad)


@pytest.mark.parametrize("router", [StraightLine()])
def test_a_straight_line_has_no_minutes(router: Router) -> None:
    (way,) = router.ways([(at(0, 0), at(0, 1))])
    assert way is not None
    assert way.minutes is None
    assert way.metres == pytest.approx(1108.6, abs=1)
    assert router.ways([]) == []
