"""A land office in a test: makes files, imports them, looks at the tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import shapely
from sqlalchemy import Engine, text

from gis.importing import reports, runs
from gis.importing.findings import Finding
from gis.importing.options import ImportOptions
from gis.importing.runs import Run, Sender
from gis.layers import layer_named
from server.imports import Importing
from tests.unit.carriers.build import shapefile, zipped

EAST, NORTH = 40_539_800.0, 3_415_000.0

PLAIN = {"DKMC": "东迁地块", "GYZT": "可供"}


def lot(column: int, row: int = 0, size: float = 100) -> shapely.Polygon:
    """A square in Nanxun on a grid of 200 m."""
    west, south = EAST + 200 * column, NORTH + 200 * row
    return shapely.box(west, south, west + size, south + size)


def register(
    folder: Path,
    rows: Sequence[tuple[str | None, shapely.Geometry]],
    name: str = "地块.zip",
    **columns: Sequence[Any],
) -> Path:
    """A zipped shapefile of parcels in zone 40: code and outline of each, and further fields."""
    codes, outlines = zip(*rows, strict=True)
    fields: dict[str, Sequence[Any]] = {"DKBH": codes}
    fields |= {key: [value] * len(rows) for key, value in PLAIN.items()} | columns
    path = folder / name
    path.write_bytes(zipped(shapefile(geometries=list(outlines), columns=fields)))
    return path


@dataclass
class Office:
    """Imports into one database."""

    engine: Engine
    work: Importing = field(init=False)

    def __post_init__(self) -> None:
        self.work = Importing(self.engine, 6, "tests")

    def stage(self, path: Path, layer: str = "parcels", **options: Any) -> Run:
        """Read and check a file."""
        run_id = self.work.receive(layer_named(layer), path, ImportOptions(**options))
        return self.work.stage(run_id, path, lambda _step, _done, _total: None)

    def sent(self, path: Path, *regions: str) -> Run:
        """Read and check a file of parcels from somebody who may change sites in these regions."""
        layer, sender = layer_named("parcels"), Sender("user:gis", regions)
        with self.engine.begin() as connection:
            run_id = runs.receive(connection, layer, path, path.name, ImportOptions(), sender)
        return self.work.stage(run_id, path, lambda _step, _done, _total: None)

    def load(self, path: Path, layer: str = "parcels", **options: Any) -> Run:
        """Read, check and apply a file."""
        return self.work.apply(self.stage(path, layer, **options).id)

    def rejected(self, path: Path, layer: str = "parcels", **options: Any) -> set[tuple[int, str]]:
        """Row and code of every finding of a file that is only checked."""
        return {(one.row, one.code) for one in self.findings(self.stage(path, layer, **options))}

    def findings(self, run: Run) -> list[Finding]:
        """What was found in a run."""
        with self.engine.connect() as connection:
            return reports.findings(connection, run.id, limit=1000)

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """What a question to the database answers."""
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(statement))]

    def execute(self, statement: str) -> None:
        """Change the database behind everyone's back."""
        with self.engine.begin() as connection:
            connection.execute(text(statement))

    def contents(self, layer: str = "parcels") -> Mapping[str, list[str]]:
        """Every row of the truth and of the publication, whole, as text."""
        return {
            table: [row[0] for row in self.rows(f"SELECT t::text FROM {table} t ORDER BY id")]
            for table in (layer, f"{layer}_public")
        }

    def column(self, name: str, table: str = "parcels") -> dict[str, Any]:
        """One column by code."""
        return dict(self.rows(f"SELECT code, {name} FROM {table} ORDER BY code"))
