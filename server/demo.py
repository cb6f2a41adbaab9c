"""The demo city: regions, and its files loaded just as staff load theirs."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, Engine, func, select, text, update

from gis.importing import runs
from gis.importing.options import ImportOptions
from gis.importing.reading import Progress
from gis.layers import REGISTRY, Layer
from gis.publish import publish
from gis.tables import SITES, import_runs, regions
from server.imports import Importing
from server.reference import DATA, HUZHOU, load_regions


def load(
    engine: Engine, importing: Importing, say: Callable[[str], None], progress: Progress
) -> list[Layer]:
    """Load what of the demo city is not there yet; the layers of the files that were loaded."""
    with engine.begin() as connection:
        if not connection.execute(select(func.count()).select_from(regions)).scalar_one():
            say(f"行政区划 {load_regions(connection, HUZHOU)} 条")
    loaded = []
    for layer in REGISTRY:
        for path in _files_of(layer):
            if _load_file(engine, importing, layer, path, say, progress):
                loaded.append(layer)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    return loaded


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
) -> bool:
    """Whether it was not there yet."""
    if _is_applied(engine, layer, path):
        say(f"{layer.title}：已在库中")
        return False
    status = _STATUS.get(layer.name)
    options = ImportOptions(constants={"status": status} if status else {})
    run_id = importing.receive(layer, path, options)
    importing.stage(run_id, path, progress)
    counts = importing.apply(run_id).counts
    say(f"{layer.title}：新增 {counts['new']}，拒绝 {counts['rejected']}")
    return True


def verify_as_of_today(connection: Connection, layer: Layer, decimals: int) -> None:
    """Move the times of verification on by whole days, so that the newest is of yesterday.

    The files were made on one day; a year later all their listings would be stale.
    """
    site = SITES[layer.name]
    newest = connection.execute(select(func.max(site.c.verified_at))).scalar_one()
    if newest is None:
        return
    days = (datetime.now(newest.tzinfo) - newest).days
    moved = site.c.verified_at + timedelta(days=days)
    connection.execute(update(site).values(verified_at=moved))
    publish(connection, layer, decimals)


def _is_applied(engine: Engine, layer: Layer, path: Path) -> bool:
    with engine.connect() as connection:
        found = select(import_runs.c.id).where(
            import_runs.c.layer == layer.name,
            import_runs.c.file_sha256 == runs.sha256_of(path),
            import_runs.c.state == "applied",
        )
        return connection.execute(found.limit(1)).first() is not None
