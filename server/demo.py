"""The demo city: regions, and its files loaded just as staff load theirs."""

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine, func, select, text

from gis.importing import runs
from gis.importing.options import ImportOptions
from gis.importing.reading import Progress
from gis.layers import REGISTRY, Layer
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
    for layer in REGISTRY:
        for path in _files_of(layer):
            _load_file(engine, importing, layer, path, say, progress)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


_STATUS = {"facilities": "operating", "constraints": "in_force"}
"""What the files of these layers leave unsaid."""


def _files_of(layer: Layer) -> list[Path]:
    if layer.name == "facilities":
        return [DATA / "facilities.geojson", DATA / "facilities_demo.geojson"]
    return [DATA / f"{layer.name}.{'geojson' if layer.name in _STATUS else 'zip'}"]


def _load_file(
    engine: Engine,
    importing: Importing,
    layer: Layer,
    path: Path,
    say: Callable[[str], None],
    progress: Progress,
) -> None:
    if _is_applied(engine, layer, path):
        say(f"{layer.title}：已在库中")
        return
    status = _STATUS.get(layer.name)
    options = ImportOptions(constants={"status": status} if status else {})
    run_id = importing.receive(layer, path, options)
    importing.stage(run_id, path, progress)
    counts = importing.apply(run_id).counts
    say(f"{layer.title}：新增 {counts['new']}，拒绝 {counts['rejected']}")


def _is_applied(engine: Engine, layer: Layer, path: Path) -> bool:
    with engine.connect() as connection:
        found = select(import_runs.c.id).where(
            import_runs.c.layer == layer.name,
            import_runs.c.file_sha256 == runs.sha256_of(path),
            import_runs.c.state == "applied",
        )
        return connection.execute(found.limit(1)).first() is not None
