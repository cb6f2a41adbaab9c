"""The ``kandi`` command: what an operator types."""

import sys
from contextlib import nullcontext
from pathlib import Path

import click
from granian import Granian
from granian.constants import Interfaces
from pydantic import ValidationError
from sqlalchemy.exc import OperationalError

from gis.layers import REGISTRY, layer_named
from gis.publish import publish as write_publication
from gis.siting.criteria import BadCriteria
from server import (
    cli_audit,
    cli_datum,
    cli_disposal,
    cli_exports,
    cli_freshness,
    cli_imports,
    cli_people,
    cli_roads,
    cli_runs,
    cli_siting,
    cli_users,
    cli_worker,
    grants,
    migrate,
    reindex,
)
from server.config import Settings, refusal, settings
from server.db import job_engine
from server.demo_users import NotInProduction
from server.imports import ImportRefused
from server.metrics_process import metrics_process
from server.reference import load_regions
from server.sealing import KeysMissing
from server.supervise import WorkerProcess
from server.wechat import stand_in


class _Friendly(click.Group):
    """Turns errors that a person can act on into one line instead of a stack trace."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except OperationalError as error:
            raise click.ClickException(f"数据库连不上（先运行 make up）：{error.orig}") from error
        except ACTIONABLE as error:
            raise click.ClickException(str(error)) from error


ACTIONABLE = (
    migrate.PostgisMissing,
    KeysMissing,
    ImportRefused,
    BadCriteria,
    NotInProduction,
)


_THREADS = 2
"""More wait for each other's turn in Python and crowd PostgreSQL: with four, a box of 100 sites
costs both a quarter more. nginx keeps slow clients away from them."""


@click.group(cls=_Friendly, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="kandi")
@click.pass_context
def main(context: click.Context) -> None:
    """看地 Kandi: industrial land, true, dated and exact."""
    try:
        context.obj = settings()
    except ValidationError as error:
        # Without what was given: it may be a secret.
        raise click.ClickException(refusal(error)) from None


@main.group()
def db() -> None:
    """Create and change the tables of a jurisdiction."""


@db.command()
@click.argument("revision", default="head")
@click.pass_obj
def upgrade(config: Settings, revision: str) -> None:
    """Bring the schema up to REVISION (default: the newest)."""
    now = migrate.upgrade(job_engine(config), config.schema_name, revision)
    click.echo(f"schema {config.schema_name} is at revision {now}")


@db.command()
@click.argument("revision")
@click.confirmation_option(prompt="Going back drops what later revisions added. Continue?")
@click.pass_obj
def downgrade(config: Settings, revision: str) -> None:
    """Take the schema back to REVISION; ``base`` removes every table and all their rows."""
    now = migrate.downgrade(job_engine(config), config.schema_name, revision)
    click.echo(f"schema {config.schema_name} is at revision {now or 'base'}")


@db.command()
@click.pass_obj
def current(config: Settings) -> None:
    """Say which revision the schema stands at; exit code 1 when it is not the newest."""
    now = migrate.current(job_engine(config), config.schema_name)
    click.echo(now or "base")
    sys.exit(0 if now == migrate.head() else 1)


@db.command("reindex")
@click.pass_obj
def db_reindex(config: Settings) -> None:
    """Build the spatial indexes anew while people read; after the first load, and now and then."""
    for name in reindex.reindex(job_engine(config), config.schema_name):
        click.echo(name)


@db.command("grants")
@click.argument("role")
@click.pass_obj
def db_grants(config: Settings, role: str) -> None:
    """Give ROLE the rights of the application: of audit it may only add rows."""
    try:
        with job_engine(config).begin() as connection:
            grants.grant(connection, config.schema_name, role)
    except grants.BadRole as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{role} 可用于 KANDI_DATABASE_URL；升级数据库结构请仍用属主")


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--workers", default=2, show_default=True, help="Processes; two cores want two.")
@click.option("--threads", default=_THREADS, show_default=True, help="Threads of each process.")
@click.option(
    "--with-worker/--without-worker", default=True, show_default=True, help="Work on imports too."
)
@click.pass_obj
def serve(
    config: Settings, host: str, port: int, workers: int, threads: int, with_worker: bool
) -> None:
    """Serve the API and the pages until interrupted."""
    granian = Granian(
        "server.wsgi:create",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        log_access=False,
    )
    metrics = metrics_process(config.metrics_host, config.metrics_port)
    wechat = stand_in.fake_wechat() if stand_in.is_wanted(config) else nullcontext()
    with metrics, wechat, WorkerProcess() if with_worker else nullcontext():
        granian.serve()


@main.command()
@click.argument("layer", required=False, type=click.Choice([layer.name for layer in REGISTRY]))
@click.pass_obj
def publish(config: Settings, layer: str | None) -> None:
    """Write anew what the public reads of LAYER (default: of all), after a change of settings."""
    for one in [layer_named(layer)] if layer else REGISTRY:
        with job_engine(config).begin() as connection:
            version = write_publication(connection, one, config.public_decimals)
        click.echo(f"{one.title}：版本 {version}")


@main.group()
def regions() -> None:
    """Administrative regions: codes and names from province to township."""


@regions.command("load")
@click.option(
    "--outlines",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="GeoJSON in WGS 84 with the codes of its regions, e.g. the counties.",
)
@click.pass_obj
def regions_load(config: Settings, outlines: Path | None) -> None:
    """Load or refresh the regions of the whole country."""
    with job_engine(config).begin() as connection:
        click.echo(f"行政区划 {load_regions(connection, outlines)} 条")


main.add_command(cli_imports.import_command)
main.add_command(cli_imports.rollback)
main.add_command(cli_imports.demo_group)
main.add_command(cli_runs.imports_group)
main.add_command(cli_datum.datum_group)
main.add_command(cli_disposal.disposal_group)
main.add_command(cli_exports.export_command)
main.add_command(cli_people.fake_wechat_command)
main.add_command(cli_people.privacy_group)
main.add_command(cli_users.user_group)
main.add_command(cli_audit.audit_group)
main.add_command(cli_freshness.freshness_command)
main.add_command(cli_siting.siting)
main.add_command(cli_roads.roads_group)
main.add_command(cli_worker.worker)


if __name__ == "__main__":
    main()
