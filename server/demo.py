"""The demo city: regions, and three zipped shapefiles loaded just as staff load theirs."""

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine, func, select, text

from gis.importing import runs
from gis.importing.options import ImportOptions
from gis.importing.reading import Progress
from gis.layers import LAYERS, Layer
from gis.tables import import_runs, regions
from server.imports import Importing
from server.reference import DATA, HUZHOU, load_regions


def load(
    engine: Engine, importing: Importing, say: Callable[[str], None], progress: Progress
) -> None:
    """Load what of the demo city is not there yet."""
    with engine.begin() as connection:
        if not connection.execute(select(func.count()).select_from(regions)).scalar_one():
            say(f"行政区划 {load_regions(connection, HUZHOU)} 条")
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
