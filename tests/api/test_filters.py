"""Filters and boxes find exactly what looking at every site finds."""

import random
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
import shapely
from flask import Flask
from flask.testing import FlaskClient
from shapely.geometry.base import BaseGeometry
from sqlalchemy import func, select

from gis import filters
from gis.filters import LOCAL_TIME, Parameter, Side
from gis.layers import LAYERS, Kind, Layer
from gis.tables import PUBLICATIONS
from server.config import Settings
from server.db import job_engine
from tests.api.answers import Json, everything, exact, ids

EVERY_PARAMETER = [
    pytest.param(layer, parameter, id=f"{layer.name}-{parameter.name}")
    for layer in LAYERS
    for parameter in filters.parameters(layer).values()
]


def holds(parameter: Parameter, asked: str, found: Any) -> bool:
    """Whether a site with this value is meant, by the documented meaning of the parameter."""
    if found is None:
        return False
    widened = parameter.column.widened or (lambda prefixes: prefixes)
    meanings: dict[Kind, Callable[[], bool]] = {
        Kind.TEXT: lambda: found in asked.split(","),
        Kind.CODE: lambda: found in asked.split(","),
        Kind.TEXTS: lambda: bool(set(found) & set(asked.split(","))),
        Kind.HIERARCHY: lambda: found.startswith(widened(tuple(asked.split(",")))),
        Kind.BOOLEAN: lambda: found is (asked == "true"),
        Kind.INTERVAL: lambda: admits(found, Decimal(asked)),
        Kind.DATE: lambda: ordered(parameter, found, asked),
        Kind.INSTANT: lambda: ordered(parameter, local_day(found), asked),
    }
    if parameter.column.kind in meanings:
        return meanings[parameter.column.kind]()
    wanted = Fraction(asked) * (Fraction(2000, 3) if parameter.in_mu else 1)
    return ordered(parameter, Fraction(found), wanted)


def ordered(parameter: Parameter, found: Any, asked: Any) -> bool:
    return bool(found >= asked if parameter.side is Side.LOW else found <= asked)


def local_day(instant: str) -> str:
    return datetime.fromisoformat(instant).astimezone(LOCAL_TIME).date().isoformat()


def admits(interval: Json, value: Decimal) -> bool:
    low, high = interval["min"], interval["max"]
    above = low is None or (value >= low if interval["min_inclusive"] else value > low)
    below = high is None or (value <= high if interval["max_inclusive"] else value < high)
    return above and below


def questions(parameter: Parameter, values: list[Any]) -> list[str]:
    """Values to ask for: the least, the middle and the greatest that some site has."""
    match parameter.column.kind:
        case Kind.BOOLEAN:
            return ["true", "false"]
        case Kind.INTERVAL:
            bounds = sorted({b for v in values for b in (v["min"], v["max"]) if b is not None})
            return [str(bounds[0]), str(bounds[len(bounds) // 2]), str(bounds[-1] + 1)]
        case Kind.TEXTS:
            words = sorted({word for value in values for word in value})
            return [words[0], f"{words[0]},{words[-1]}"]
        case Kind.INSTANT:
            values = [local_day(value) for value in values]
        case _ if parameter.in_mu:
            values = [(Decimal(v) * 3 / 2000).quantize(Decimal("0.001")) for v in values]
    found = sorted(set(values))
    chosen = [str(found[0]), str(found[len(found) // 2]), str(found[-1])]
    if parameter.column.kind is Kind.HIERARCHY:
        chosen += [chosen[1][:4], ",".join(chosen[:2])]
    return chosen


@pytest.mark.parametrize(("layer", "parameter"), EVERY_PARAMETER)
def test_a_filter_finds_what_looking_at_every_site_finds(
    client: FlaskClient, app: Flask, layer: Layer, parameter: Parameter
) -> None:
    whole = everything(app, layer)
    column = parameter.column.name
    values = [one[column] for one in whole.values() if one[column] is not None]
    assert values, f"the demo city fills no {column}, so this sees nothing"
    for asked in questions(parameter, values):
        expected = {i for i, one in whole.items() if holds(parameter, asked, one[column])}
        query = {parameter.name: asked, "limit": 1000, "fields": "code"}
        answer = exact(client.get(f"/api/v1/{layer.name}", query_string=query))
        assert set(ids(answer)) == expected, asked
        assert answer["numberMatched"] == len(expected)


def test_filters_are_joined_by_and(client: FlaskClient, app: Flask) -> None:
    layer = next(layer for layer in LAYERS if layer.name == "parcels")
    asked = {"status": "sold", "has_power": "true", "area_mu_min": "30", "region_code": "330503"}
    known = filters.parameters(layer)
    expected = {
        site_id
        for site_id, one in everything(app, layer).items()
        if all(
            holds(known[name], value, one[known[name].column.name]) for name, value in asked.items()
        )
    }
    answer = exact(client.get("/api/v1/parcels", query_string={**asked, "limit": 1000}))
    assert set(ids(answer)) == expected
    assert 0 < len(expected) < 250


@pytest.fixture(scope="module")
def outlines(demo_database_url: str) -> dict[str, dict[int, BaseGeometry]]:
    """Published geometries in GCJ-02, not rounded, by layer and id."""
    found: dict[str, dict[int, BaseGeometry]] = {}
    with job_engine(Settings(database_url=demo_database_url)).connect() as connection:
        for layer in LAYERS:
            table = PUBLICATIONS[layer.name].c
            rows = connection.execute(select(table.id, func.ST_AsBinary(table.geom)))
            found[layer.name] = {row[0]: shapely.from_wkb(bytes(row[1])) for row in rows}
    return found


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_a_box_finds_what_shapely_finds(
    client: FlaskClient, outlines: dict[str, dict[int, BaseGeometry]], layer: Layer
) -> None:
    sites = outlines[layer.name]
    west, south, east, north = shapely.total_bounds(list(sites.values()))
    dice = random.Random(7)
    found_some = 0
    for _ in range(25):
        x, y = dice.uniform(west, east), dice.uniform(south, north)
        size = 10 ** dice.uniform(-3.5, -0.7)
        x, y, size = round(x, 6), round(y, 6), round(size, 6)
        box = shapely.box(x - size, y - size, x + size, y + size)
        expected = {site_id for site_id, outline in sites.items() if outline.intersects(box)}
        query = {"bbox": ",".join(map(str, box.bounds)), "limit": 1000, "fields": "code"}
        assert set(ids(exact(client.get(f"/api/v1/{layer.name}", query_string=query)))) == expected
        found_some += 0 < len(expected) < len(sites)
    assert found_some >= 5


def test_a_box_inside_a_site_finds_it_and_one_in_its_hole_does_not(
    client: FlaskClient, outlines: dict[str, dict[int, BaseGeometry]]
) -> None:
    site_id, outline = next(iter(outlines["parcels"].items()))
    point = shapely.point_on_surface(outline)
    tiny = ",".join(f"{c:.8f}" for c in (point.x, point.y, point.x + 1e-7, point.y + 1e-7))
    assert site_id in ids(exact(client.get(f"/api/v1/parcels?bbox={tiny}")))
