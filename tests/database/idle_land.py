"""Parcels of a test whose lives are told by dates, and scans of them."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Engine, text

from server.disposal import scan
from server.disposal.scan import Judged, Question

DAY = date(2026, 11, 15)
AREA_M2 = 20_000

_INSERT = """
INSERT INTO parcels (code, name, status, region_code, area_legal_m2, area_planar_m2,
    area_ellipsoid_m2, geom, geom_gcj02{names})
SELECT :code, :code, 'sold', :region_code, CAST(:area AS numeric), CAST(:area AS numeric),
    CAST(:area AS numeric), shape, ST_SetSRID(shape, 0){values}
FROM (SELECT ST_Multi(ST_SetSRID(ST_MakeEnvelope(
    :west, 30.8, CAST(:west AS float) + 0.001, 30.801), 4490)) AS shape) s RETURNING id
"""


def add_parcel(engine: Engine, code: str, **life: Any) -> int:
    """A parcel of 20,000 m2 in 南浔 with these columns; its id."""
    given = {"region_code": "330503", "area": AREA_M2, "west": None, **life}
    own = {name: value for name, value in given.items() if name not in _PLACE}
    names = "".join(f", {name}" for name in own)
    values = "".join(f", :{name}" for name in own)
    with engine.begin() as connection:
        if given["west"] is None:
            count = text("SELECT count(*) FROM parcels")
            given["west"] = 120.4 + 0.002 * connection.execute(count).scalar_one()
        statement = text(_INSERT.format(names=names, values=values))
        made: int = connection.execute(statement, {**given, "code": code}).scalar_one()
    return made


_PLACE = {"region_code", "area", "west"}


def scanned(engine: Engine, day: date = DAY, region: str = "") -> Judged:
    """Scan and write."""
    with engine.begin() as connection:
        return scan.scan(connection, Question(day, region), "system")


def looked(
    engine: Engine,
    day: date = DAY,
    parameters: Mapping[str, Mapping[str, Any]] | None = None,
) -> Judged:
    """Scan and write nothing."""
    with engine.begin() as connection:
        return scan.look(connection, Question(day, "", parameters or {}))


def found(judged: Judged) -> dict[int, str]:
    """Kind of each suspect by parcel."""
    return {one.site_id: one.kind.value for one in judged.suspects}
