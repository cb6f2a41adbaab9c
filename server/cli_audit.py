"""``kandi audit``: prove that the log of changes is whole, and export its head."""

import json
import sys
from datetime import datetime
from pathlib import Path

import click

from gis import audit_chain
from gis.audit_chain import Exported
from server import audit_heads
from server.config import Settings
from server.db import job_engine
from server.nightly import CHINA

_MOST_SHOWN = 50


@click.group("audit")
def audit_group() -> None:
    """The log of changes: hash-chained, append-only."""


@audit_group.command()
@click.option(
    "--heads",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File of exported heads, kept where nobody of this machine can write.",
)
@click.pass_obj
def verify(config: Settings, heads: Path | None) -> None:
    """Look at every row; exit code 1 if any was edited, removed, moved or slipped in."""
    try:
        known = audit_heads.read(heads, config.schema_name) if heads else []
    except audit_heads.UnreadableHeads as error:
        raise click.ClickException(str(error)) from error
    with job_engine(config).connect() as connection:
        found = audit_chain.verify(connection, known)
    for one in found.broken[:_MOST_SHOWN]:
        click.echo(f"第 {one.seq or '?'} 行：{one.reason}")
    state = f"发现 {len(found.broken)} 处问题" if found.broken else "完整无误"
    click.echo(f"审计记录 {found.rows} 行，{state}；链头 {found.head.seq} {found.head.hash[:16]}")
    sys.exit(1 if found.broken else 0)


@audit_group.command("head")
@click.option(
    "--export",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Add it as a line to this file, for verify --heads.",
)
@click.pass_obj
def head_command(config: Settings, file: Path | None) -> None:
    """Say the head of the chain: who keeps it can prove later that nothing before it changed."""
    with job_engine(config).connect() as connection:
        if file is not None:
            audit_heads.export(connection, config.schema_name, file)
        found = audit_chain.head(connection)
    line = Exported(datetime.now(CHINA), config.schema_name, found).members()
    click.echo(json.dumps(line, ensure_ascii=False))
