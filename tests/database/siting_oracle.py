"""Brute force in geopandas: every site of a city judged one by one, with nothing precomputed."""

from dataclasses import dataclass
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import shapely
from sqlalchemy import Engine

from gis.layers.codes import CONSTRAINT_KIND, FACILITY_KIND
from gis.siting import values
from gis.siting.nearest import ELLIPSOID
from gis.siting.values import Around, Decay, Falling, Rising


@dataclass(frozen=True)
class Asked:
    """A question as plain figures; areas in m2, distances in metres."""

    low_m2: float
    high_m2: float
    status: tuple[str, ...]
    region: str
    exit_m: float
    avoid: tuple[str, ...]
    target_mu: float
    weights: tuple[float, float, float, float]

    def body(self) -> dict[str, Any]:
        """The same as JSON for the API."""
        area, port, power, price = self.weights
        return {
            "layers": ["parcels"],
            "limit": 100,
            "must": {
                "area_m2_min": self.low_m2,
                "area_m2_max": self.high_m2,
                "status": list(self.status),
                "region_code": self.region,
                "near_motorway_exit_m_max": self.exit_m,
                **({"avoid": list(self.avoid)} if self.avoid else {}),
            },
            "want": {
                "area_mu": {"around": [self.target_mu, 30], "weight": area},
                "near_port_m": {"decay": 4000, "weight": port},
                "power_kva": {"rising": [500, 5000], "weight": power},
                "price_start_wan": {"falling": [500, 4000], "weight": price},
            },
        }


class City:
    """The truth of a database as data frames."""

    def __init__(self, engine: Engine) -> None:
        with engine.connect() as connection:
            self.parcels = geopandas.read_postgis(
                "SELECT * FROM parcels WHERE status <> 'undisclosed' ORDER BY id",
                connection,
                "geom",
            )
            self.facilities = geopandas.read_postgis(
                "SELECT * FROM facilities WHERE status = 'operating'", connection, "geom"
            )
            self.constraints = geopandas.read_postgis(
                "SELECT * FROM constraints WHERE status IN ('in_force', 'disclosed')",
                connection,
                "geom",
            )
        self.places = {
            kind: shapely.get_coordinates(self.facilities[self.facilities.kind == kind].geom)
            for kind in FACILITY_KIND
        }
        points = self.parcels.geom.apply(shapely.point_on_surface)
        self.near = {kind: points.apply(self._nearest, kind=kind) for kind in FACILITY_KIND}
        self.over = {kind: self._overlap(kind) for kind in CONSTRAINT_KIND}

    def _nearest(self, point: shapely.Point, kind: str) -> float | None:
        every = self.places[kind]
        if not len(every):
            return None
        here = np.broadcast_to((point.x, point.y), every.shape)
        metres = ELLIPSOID.inv(here[:, 0], here[:, 1], every[:, 0], every[:, 1])[2]
        return round(float(metres.min()), 3)

    def _overlap(self, kind: str) -> "pd.Series[float]":
        shapes = self.constraints[self.constraints.kind == kind].geom
        if shapes.empty:
            return self.parcels.geom.apply(lambda _shape: 0.0)
        ground = shapely.unary_union(list(shapes))
        return self.parcels.geom.apply(lambda one: _ellipsoid_m2(one.intersection(ground)))

    def answer(self, asked: Asked, veto: tuple[str, ...]) -> list[tuple[int, float]]:
        """Ids and scores of all that fit, best first, ids deciding ties."""
        found = []
        for row in self.parcels.itertuples():
            if self._fits(asked, veto, row):
                found.append((int(str(row.id)), self._score(asked, row)))
        return sorted(found, key=lambda one: (-round(one[1] * 1e6), one[0]))

    def _fits(self, asked: Asked, veto: tuple[str, ...], row: Any) -> bool:
        exit_m = self.near["motorway_exit"][row.Index]
        return (
            asked.low_m2 <= float(row.area_m2) <= asked.high_m2
            and row.status in asked.status
            and row.region_code.startswith(asked.region)
            and exit_m is not None
            and exit_m <= asked.exit_m
            and all(self.over[kind][row.Index] <= 1 for kind in (*veto, *asked.avoid))
        )

    def _score(self, asked: Asked, row: Any) -> float:
        functions = (
            Around(asked.target_mu, 30),
            Decay(4000),
            Rising(500, 5000),
            Falling(500, 4000),
        )
        figures = (
            float(row.area_m2) * 0.0015,
            self.near["port"][row.Index],
            None if pd.isna(row.power_kva) else float(row.power_kva),
            None if pd.isna(row.price_start_wan) else float(row.price_start_wan),
        )
        known = (None if x is None or pd.isna(x) else x for x in figures)
        return values.score(list(zip(asked.weights, functions, known, strict=True)))


def _ellipsoid_m2(shape: shapely.Geometry) -> float:
    return abs(float(ELLIPSOID.geometry_area_perimeter(shape)[0])) if shapely.area(shape) else 0.0
