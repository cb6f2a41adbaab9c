"""``kandi imports``: import runs and what was found in them, in the terminal."""

import click

from gis.importing import listing, reports
from gis.importing.listing import Listed
from gis.importing.runs import UnknownRun, load
from gis.importing.states import TITLES
from server.config import Settings
from server.db import job_engine

_SHOWN_FINDINGS = 50


@click.group("imports")
def imports_group() -> None:
    """Import runs: what was loaded, when, by whom, and what was wrong with it."""


def _line(run: Listed) -> str:
    created = run.times["created_at"]
    at = f"{created:%Y-%m-%d %H:%M}" if created else ""
    rows = f"{run.counts.get('rows', 0)} 行"
    words = (f"{run.id:>6}", at, f"{run.layer:<10}", TITLES[run.state], rows, run.file_name)
    return "  ".join((*words, run.actor))


@imports_group.command("list")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000))
@click.option("--before", type=int, help="Only runs with smaller numbers.")
@click.pass_obj
def list_command(config: Settings, limit: int, before: int | None) -> None:
    """Runs, the newest first."""
    with job_engine(config).connect() as connection:
        for run in listing.page(connection, limit, before):
            click.echo(_line(run))


@imports_group.command("show")
@click.argument("run_id", type=int)
@click.option("--findings", default=_SHOWN_FINDINGS, show_default=True, help="Most findings shown.")
@click.pass_obj
def show(config: Settings, run_id: int, findings: int) -> None:
    """One run: how it was read, what applying it does or did, and what is wrong row by row."""
    with job_engine(config).connect() as connection:
        try:
            listed, run = listing.one(connection, run_id), load(connection, run_id)
        except UnknownRun as error:
            raise click.ClickException(f"没有批次 {run_id}") from error
        counts = reports.summary(connection, run_id)
        found = reports.findings(connection, run_id, limit=findings)
    click.echo(_line(listed))
    if listed.problem:
        click.echo(f"{listed.problem.get('code')}：{listed.problem.get('message')}")
    click.echo(reports.in_words(run, counts, found))
