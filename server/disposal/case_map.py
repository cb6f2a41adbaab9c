"""Cases on the map of staff: outlines of their parcels, coloured by class, denser with age."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from gis.crs import CGCS2000, Crs
from gis.query import BBox
from gis.tables import GCJ02_SRID
from server.disposal.codes import IdleClass, State
from server.disposal.colours import AGE_BANDS, CLASS_COLOURS, age_band
from server.disposal.figures import mu

Json = dict[str, object]

_DECIMALS = {Crs.GCJ02: 6, Crs.CGCS2000: 9}


@dataclass(frozen=True)
class CaseMapQuery:
    """Which cases: of parcels in a box, below regions, of a class, open ones unless ``closed``."""

    day: date
    prefixes: tuple[str, ...]
    crs: Crs
    bbox: BBox | None
    idle_class: IdleClass | None
    closed: bool
    limit: int


_COLUMNS = {Crs.GCJ02: ("geom_gcj02", GCJ02_SRID), Crs.CGCS2000: ("geom", CGCS2000)}


def collection(connection: Connection, query: CaseMapQuery) -> Json:
    """A FeatureCollection with its legend; ``truncated`` says that there are more in the box."""
    column, srid = _COLUMNS[query.crs]
    box = query.bbox
    statement = text(
        f"""
SELECT c.id, c.case_no, c.class, c.round, c.state, c.area_in_class_m2, c.disposed_area_m2,
    c.idle_since, c.deadline_on, p.id AS site_id, p.code, p.name, p.region_code,
    CAST(ST_AsGeoJSON(p.{column}, :decimals) AS json) AS geometry
FROM disposal_cases c JOIN parcels p ON p.id = c.site_id
WHERE c.region_code LIKE ANY(:prefixes) AND (CAST(:class AS text) IS NULL OR c.class = :class)
    AND (:closed OR c.state NOT IN ('closed', 'rejected'))
    AND (CAST(:west AS float) IS NULL OR ST_Intersects(
        p.{column}, ST_MakeEnvelope(:west, :south, :east, :north, :srid)))
ORDER BY c.id LIMIT :limit"""  # noqa: S608
    )
    asked = {
        "decimals": _DECIMALS[query.crs],
        "prefixes": [f"{prefix}%" for prefix in query.prefixes],
        "class": query.idle_class and query.idle_class.value,
        "closed": query.closed,
        "west": box and box.west,
        "south": box and box.south,
        "east": box and box.east,
        "north": box and box.north,
        "srid": srid,
        "limit": query.limit + 1,
    }
    rows = connection.execute(statement, asked).mappings().all()
    return {
        "type": "FeatureCollection",
        "coordSys": "GCJ-02" if query.crs is Crs.GCJ02 else "CGCS2000",
        "features": [_feature(dict(row), query.day) for row in rows[: query.limit]],
        "truncated": len(rows) > query.limit,
        "legend": legend(),
    }


def _feature(row: Mapping[str, Any], day: date) -> Json:
    idle_class, state = IdleClass(row["class"]), State(row["state"])
    age = age_band(row["idle_since"], day)
    overdue = state.is_open and row["deadline_on"] is not None and row["deadline_on"] < day
    return {
        "type": "Feature",
        "id": row["id"],
        "geometry": row["geometry"],
        "properties": {
            "case_no": row["case_no"],
            "class": idle_class.value,
            "class_text": idle_class.term,
            "round": row["round"],
            "state": state.value,
            "state_text": state.term,
            "area_in_class_m2": float(row["area_in_class_m2"]),
            "area_in_class_mu": mu(row["area_in_class_m2"]),
            "remaining_mu": mu(row["area_in_class_m2"] - row["disposed_area_m2"]),
            "idle_since": row["idle_since"] and row["idle_since"].isoformat(),
            "age": age and age[0],
            "age_text": age[1] if age else "起算日期不明",
            "overdue": overdue,
            "parcel_id": row["site_id"],
            "parcel_code": row["code"],
            "parcel_name": row["name"],
            "region_code": row["region_code"],
            "colour": CLASS_COLOURS[idle_class],
            "opacity": age[2] if age else AGE_BANDS[0][3],
        },
    }


def legend() -> Json:
    """What colours and densities mean."""
    return {
        "classes": [
            {"class": one.value, "title": one.term, "colour": CLASS_COLOURS[one]}
            for one in IdleClass
        ],
        "ages": [
            {"age": name, "title": words, "opacity": opacity}
            for name, _, words, opacity in AGE_BANDS
        ],
    }
