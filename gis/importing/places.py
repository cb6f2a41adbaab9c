"""Regions and parks around the rows of an import: names to codes, and who stands where."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection, func, select

from gis.crs import GeometryArray
from gis.importing.findings import Finding, finding
from gis.tables import SITES, regions

_INSIDE_SHARE = 0.99
_COUNTY_DIGITS = 6


@dataclass(frozen=True)
class Places:
    """Known regions and parks; outlines in CGCS2000 degrees, by code."""

    region_codes: frozenset[str]
    region_names: Mapping[str, str]
    park_names: Mapping[str, str]
    counties: Mapping[str, shapely.Geometry]
    parks: Mapping[str, shapely.Geometry]

    @classmethod
    def load(cls, connection: Connection) -> "Places":
        """What the database knows now."""
        named = connection.execute(select(regions.c.code, regions.c.name, regions.c.level)).all()
        outlines = connection.execute(
            select(regions.c.code, func.ST_AsBinary(regions.c.geom).label("wkb")).where(
                regions.c.geom.is_not(None), regions.c.level == "county"
            )
        ).all()
        site = SITES["parks"]
        parks = connection.execute(
            select(site.c.code, site.c.name, func.ST_AsBinary(site.c.geom).label("wkb")).where(
                site.c.retired_at.is_(None)
            )
        ).all()
        counties = {row.code: shapely.from_wkb(bytes(row.wkb)) for row in outlines}
        near = {code[:4] for code in counties}
        return cls(
            frozenset(row.code for row in named),
            _unique_names((r.name, r.code) for r in named if not near or r.code[:4] in near),
            _unique_names((row.name, row.code) for row in parks),
            counties,
            {row.code: shapely.from_wkb(bytes(row.wkb)) for row in parks},
        )

    def codes_by_name(self, column_name: str) -> Mapping[str, str]:
        """Codes by name for a column that may be given by name."""
        return {"region_code": self.region_names, "park_code": self.park_names}.get(column_name, {})

    @cached_property
    def _county_order(self) -> tuple[list[str], GeometryArray]:
        codes = list(self.counties)
        outlines = np.array([self.counties[code] for code in codes], dtype=object)
        shapely.prepare(outlines)
        return codes, outlines

    def complete(
        self, columns: dict[str, pa.Array], geom: GeometryArray | None, rows: NDArray[np.int32]
    ) -> list[Finding]:
        """Fill a missing region by location; report unknown codes and rows that lie outside.

        Without geometry only the codes are looked at.
        """
        found: list[Finding] = []
        regions_named = _texts(columns.get("region_code"), len(rows))
        parks_named = _texts(columns.get("park_code"), len(rows))
        if geom is not None:
            self._locate(geom, regions_named)
        found += self._unknown_regions(regions_named, rows)
        found += self._unknown_parks(parks_named, rows)
        if geom is not None or "region_code" in columns:
            columns["region_code"] = pa.array(regions_named, pa.string())
        if geom is not None:
            counties = [code[:_COUNTY_DIGITS] if code else None for code in regions_named]
            found += _outside(geom, counties, self.counties, rows, "outside-region", "行政区")
            found += _outside(geom, parks_named, self.parks, rows, "outside-park", "园区")
        return found

    def _unknown_regions(self, codes: list[str | None], rows: NDArray[np.int32]) -> list[Finding]:
        """Findings of codes that no region has, which become null."""
        hint = "" if self.region_codes else "；行政区划还没有装载，请先运行 kandi regions load"
        found: list[Finding] = []
        for index, code in enumerate(codes):
            if code is not None and code not in self.region_codes:
                codes[index] = None
                message = f"没有代码为 {code} 的行政区划{hint}"
                found.append(
                    finding(int(rows[index]), "unknown-region", message, field="region_code")
                )
        return found

    def _unknown_parks(self, parks: list[str | None], rows: NDArray[np.int32]) -> list[Finding]:
        return [
            finding(
                int(rows[index]),
                "unknown-park",
                f"没有编号为 {code} 的园区，请先导入园区",
                field="park_code",
            )
            for index, code in enumerate(parks)
            if code is not None and code not in self.parks
        ]

    def _locate(self, geom: GeometryArray, codes: list[str | None]) -> None:
        """Give rows without a region the county that holds a point of them."""
        names, outlines = self._county_order
        missing = np.array([index for index, code in enumerate(codes) if code is None], np.intp)
        if not names or not len(missing):
            return
        points = shapely.point_on_surface(geom[missing])
        tree = shapely.STRtree(outlines)
        for row, county in tree.query(points, predicate="within").T:
            codes[missing[row]] = names[county]


def _texts(array: pa.Array | None, length: int) -> list[str | None]:
    return [None] * length if array is None else list(array.to_pylist())


def _outside(
    geom: GeometryArray,
    codes: list[str | None],
    outlines: Mapping[str, shapely.Geometry],
    rows: NDArray[np.int32],
    code: str,
    noun: str,
) -> list[Finding]:
    found: list[Finding] = []
    owner = np.array(codes, dtype=object)
    for name in {code for code in codes if code is not None and code in outlines}:
        outline = outlines[name]
        shapely.prepare(outline)
        chosen = np.flatnonzero(owner == name)
        out = chosen[~shapely.covers(outline, geom[chosen]) & ~shapely.is_missing(geom[chosen])]
        areas = shapely.area(geom[out])
        shared = shapely.area(shapely.intersection(outline, geom[out]))
        # A point has no area: it is inside or it is not.
        inside = np.divide(shared, areas, out=np.zeros_like(areas), where=areas > 0)
        for index, share in zip(out, inside, strict=True):
            if share < _INSIDE_SHARE:
                message = f"只有 {share * 100:.1f}% 在{noun} {name} 范围内"
                point = shapely.point_on_surface(geom[index])
                found.append(finding(int(rows[index]), code, message, place=(point.x, point.y)))
    return found


def _unique_names(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Codes by name, without names that several regions share."""
    found: dict[str, str] = {}
    twice: set[str] = set()
    for name, code in pairs:
        if name in found:
            twice.add(name)
        found[name] = code
    return {name: code for name, code in found.items() if name not in twice}
