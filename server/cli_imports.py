"""``kandi import``, ``kandi rollback`` and ``kandi demo``: files from the command line."""

import getpass
from collections.abc import Iterable
from pathlib import Path

import click

from gis.carriers.model import Severity
from gis.importing import reports
from gis.importing.options import ImportOptions
from gis.importing.reading import Progress
from gis.importing.runs import Run
from gis.layers import REGISTRY, layer_named
from server import demo, demo_users
from server.config import Settings
from server.db import job_engine
from server.imports import Importing
from server.uploads import Uploads

_SHOWN_ROWS = 50


def importing(config: Settings) -> Importing:
    """Imports by the person at the keyboard."""
    return Importing(
        job_engine(config),
        config.public_decimals,
        f"cli:{getpass.getuser()}",
        Uploads(config.data_dir),
    )


def progress_line() -> Progress:
    """Progress on one line of the terminal, rewritten in place."""

    def show(step: str, done: int, total: int) -> None:
        share = f" {done * 100 // total}%" if total else ""
        click.echo(f"\r{step} {done}/{total}{share}   ", nl=done >= total, err=True)

    return show


def _pairs(values: Iterable[str], option: str) -> dict[str, str]:
    pairs = dict(value.partition("=")[::2] for value in values)
    if any("=" not in value for value in values):
        raise click.BadParameter("write NAME=VALUE", param_hint=option)
    return pairs


@click.command("import")
@click.argument("layer", type=click.Choice([layer.name for layer in REGISTRY]))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Check and report; change nothing that is served.")
@click.option("--table", help="Which table of the file, where it holds several.")
@click.option("--crs", type=int, help="EPSG code such as 4528, where the file says none.")
@click.option("--encoding", help="Text encoding, where the file is wrong about it.")
@click.option("--datum", type=click.Choice(["wgs84", "gcj02"]), help="What a KML's degrees are.")
@click.option("--zone", type=int, help="EPSG code of the county's zone, for eastings without one.")
@click.option("--shift", help="Which of the county's parameters, for a file in an old datum.")
@click.option("--map", "mapping", multiple=True, metavar="FIELD=COLUMN[:UNIT]", help="Repeatable.")
@click.option("--set", "constants", multiple=True, metavar="COLUMN=VALUE", help="Repeatable.")
@click.option("--repair", is_flag=True, help="Mend invalid geometries, reporting the change.")
@click.option("--allow-overlap", is_flag=True, help="Only warn of overlaps.")
@click.pass_obj
def import_command(
    config: Settings,
    layer: str,
    file: Path,
    dry_run: bool,
    table: str | None,
    crs: int | None,
    encoding: str | None,
    datum: str | None,
    zone: int | None,
    shift: str | None,
    mapping: tuple[str, ...],
    constants: tuple[str, ...],
    repair: bool,
    allow_overlap: bool,
) -> None:
    """Load FILE into LAYER: read, check, report what is wrong, apply.

    Rows with errors stay out and are listed with the reason; all others are applied in one
    transaction. The same file again changes nothing. --map says what a field is (FIELD= leaves
    it out), --set fills a column where the file has nothing.
    """
    work = importing(config)
    options = ImportOptions(
        table=table,
        encoding=encoding,
        crs_epsg=crs,
        coordinate_system=datum,
        default_zone_epsg=zone,
        mapping={field: column or None for field, column in _pairs(mapping, "--map").items()},
        constants=_pairs(constants, "--set"),
        repair=repair,
        allow_overlap=allow_overlap,
        shift=shift,
    )
    run_id = work.receive(layer_named(layer), file, options)
    run = work.stage(run_id, file, progress_line())
    click.echo(_report(work, run))
    if dry_run:
        click.echo(f"仅检查，未写入；批次 {run_id}")
    else:
        work.apply(run_id)
        click.echo(f"已应用，批次 {run_id}；撤回请运行 kandi rollback {run_id}")


def _report(work: Importing, run: Run) -> str:
    with work.engine.connect() as connection:
        counts = reports.summary(connection, run.id)
        errors = reports.findings(connection, run.id, limit=_SHOWN_ROWS, severity=Severity.ERROR)
    return reports.in_words(run, counts, errors)


@click.command()
@click.argument("run_id", type=int)
@click.pass_obj
def rollback(config: Settings, run_id: int) -> None:
    """Take applied import RUN_ID back: every site is again what it was before."""
    importing(config).roll_back(run_id)
    click.echo(f"批次 {run_id} 已撤回")


@click.group("demo")
def demo_group() -> None:
    """The demo city (演示数据): invented land in real counties."""


@demo_group.command("load")
@click.pass_obj
def demo_load(config: Settings) -> None:
    """Load what of the demo city is not there yet."""
    demo_users.require_no_production(config)
    work = importing(config)
    loaded = demo.load(work.engine, work, click.echo, progress_line())
    with work.engine.begin() as connection:
        for layer in set(loaded):
            demo.verify_as_of_today(connection, layer, config.public_decimals)
    demo_users.load(work.engine, click.echo)
