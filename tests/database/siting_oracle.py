"""Brute force in geopandas: every site of a city judged one by one, with nothing precomputed."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import shapely
from sqlalchemy import Engine

from gis.crs import FloatArray
from gis.layers.codes import CONSTRAINT_KIND, FACILITY_KIND
from gis.siting import values
from gis.siting.nearest import ELLIPSOID
from gis.siting.values import Around, Decay, Falling, Rising

OPEN = {
    "parcels": {"available", "planned", "sold", "announced", "secondary_transfer", "reserved"},
    "plants": {"available", "partly_available", "occupied", "reserved", "under_construction"},
}
"""Statuses that a layer knows."""


@dataclass(frozen=True)
class Asked:
    """A question as plain figures; areas in m2, distances in metres, places in CGCS2000."""

    low_m2: float
    high_m2: float
    status: tuple[str, ...]
    region: str
    exit_m: float
    avoid: tuple[str, ...]
    target_mu: float
    weights: tuple[float, float, float, float, float]
    polygon: tuple[tuple[float, float], ...] = ()
    route: tuple[tuple[float, float], ...] = ()
    within_m: float = 0.0
    industry: str | None = None
    alike: frozenset[str] = frozenset()

    def body(self) -> dict[str, Any]:
        """The same as JSON for the API."""
        area, port, power, price, rent = self.weights
        must: dict[str, Any] = {
            "area_m2_min": self.low_m2,
            "area_m2_max": self.high_m2,
            "status": list(self.status),
            "region_code": self.region,
            "near_motorway_exit_m_max": self.exit_m,
        }
        if self.avoid:
            must["avoid"] = list(self.avoid)
        if self.polygon:
            must["polygon"] = [list(pair) for pair in self.polygon]
        elif self.route:
            must["within_m"] = self.within_m
            if len(self.route) == 1:
                must["point"] = list(self.route[0])
            else:
                must["route"] = [list(pair) for pair in self.route]
        if self.industry:
            must["industry"] = self.industry
        return {
            "limit": 100,
            "crs": "cgcs2000",
            "must": must,
            "want": {
                "area_mu": {"around": [self.target_mu, 30], "weight": area},
                "near_port_m": {"decay": 4000, "weight": port},
                "power_kva": {"rising": [500, 5000], "weight": power},
                "price_start_wan": {"falling": [500, 4000], "weight": price},
                "rent_yuan_per_m2_month": {"falling": [8, 30], "weight": rent},
            },
        }


class City:
    """The truth of a database as data frames."""

    def __init__(self, engine: Engine) -> None:
        def read(statement: str) -> Any:
            with engine.connect() as connection:
                return geopandas.read_postgis(statement, connection, "geom")

        self.facilities = read("SELECT * FROM facilities WHERE status = 'operating'")
        self.constraints = read(
            "SELECT * FROM constraints WHERE status IN ('in_force', 'disclosed')"
        )
        parks = read("SELECT * FROM parks")
        self.industries = dict(zip(parks.code, parks.leading_industries, strict=True))
        self.places = {
            kind: shapely.get_coordinates(self.facilities[self.facilities.kind == kind].geom)
            for kind in FACILITY_KIND
        }
        self.ground = {
            kind: shapely.unary_union(list(self.constraints[self.constraints.kind == kind].geom))
            for kind in CONSTRAINT_KIND
        }
        self.sites = [
            self._judged(layer, row)
            for layer in ("parcels", "plants")
            for row in read(f"SELECT * FROM {layer} WHERE status <> 'undisclosed'").itertuples()
        ]

    def _judged(self, layer: str, row: Any) -> dict[str, Any]:
        point = shapely.point_on_surface(row.geom)
        return {
            "layer": layer,
            "row": row,
            "point": point,
            "near": {kind: self._nearest(point, kind) for kind in ("motorway_exit", "port")},
            "over": {
                kind: _ellipsoid_m2(row.geom.intersection(g)) for kind, g in self.ground.items()
            },
            "industries": set(self.industries.get(row.park_code) or ()),
        }

    def _nearest(self, point: shapely.Point, kind: str) -> float | None:
        every = self.places[kind]
        return round(float(_metres(point, every).min()), 3) if len(every) else None

    def answer(self, asked: Asked, veto: tuple[str, ...]) -> list[tuple[int, float]]:
        """Ids and scores of all that fit, best first, ids deciding ties."""
        found = [
            (int(str(one["row"].id)), self._score(asked, one))
            for one in self.sites
            if self._fits(asked, veto, one)
        ]
        return sorted(found, key=lambda one: (-round(one[1] * 1e6), one[0]))

    def _fits(self, asked: Asked, veto: tuple[str, ...], one: dict[str, Any]) -> bool:
        row, exit_m = one["row"], one["near"]["motorway_exit"]
        banned = getattr(row, "banned_industries", None)
        return (
            asked.low_m2 <= float(row.area_m2) <= asked.high_m2
            and row.status in set(asked.status) & OPEN[one["layer"]]
            and row.region_code.startswith(asked.region)
            and exit_m is not None
            and exit_m <= asked.exit_m
            and all(one["over"][kind] <= 1 for kind in (*veto, *asked.avoid))
            and (not asked.polygon or shapely.Polygon(asked.polygon).covers(one["point"]))
            and (not asked.route or _from_route(one["point"], asked.route) <= asked.within_m)
            and (
                asked.industry is None
                or (bool(one["industries"] & asked.alike) and asked.industry not in (banned or ()))
            )
        )

    def _score(self, asked: Asked, one: dict[str, Any]) -> float:
        row = one["row"]

        def known(name: str) -> float | None:
            figure = getattr(row, name, None)
            return None if figure is None or pd.isna(figure) else float(figure)

        figures: list[tuple[values.ValueFunction, float | None]] = [
            (Around(asked.target_mu, 30), float(row.area_m2) * 0.0015),
            (Decay(4000), one["near"]["port"]),
            (Rising(500, 5000), known("power_kva")),
            (Falling(500, 4000), known("price_start_wan")),
            (Falling(8, 30), known("rent_yuan_per_m2_month")),
        ]
        return values.score([(w, f, x) for w, (f, x) in zip(asked.weights, figures, strict=True)])


def _metres(point: shapely.Point, every: FloatArray) -> FloatArray:
    here = np.broadcast_to((point.x, point.y), every.shape)
    found = ELLIPSOID.inv(here[:, 0], here[:, 1], every[:, 0], every[:, 1])[2]
    return np.asarray(found, dtype=np.float64)


def _from_route(point: shapely.Point, route: tuple[tuple[float, float], ...]) -> float:
    """Metres to the nearest of points that stand every few metres along the geodesics."""
    along = [np.array(route, dtype=np.float64)]
    for (x1, y1), (x2, y2) in pairwise(route):
        along.append(np.array(ELLIPSOID.npts(x1, y1, x2, y2, 4000), dtype=np.float64))
    return float(_metres(point, np.concatenate(along)).min())


def _ellipsoid_m2(shape: shapely.Geometry) -> float:
    return abs(float(ELLIPSOID.geometry_area_perimeter(shape)[0])) if shapely.area(shape) else 0.0
