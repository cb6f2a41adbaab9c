"""``kandi freshness``: hide listings that nobody verified for too long, show those that were."""

from datetime import datetime

import click

from gis import freshness
from gis.layers import layer_named
from server.config import Settings
from server.db import job_engine
from server.nightly import CHINA


@click.command("freshness")
@click.pass_obj
def freshness_command(config: Settings) -> None:
    """Hide from the public what is past its days, as the worker does once a day."""
    with job_engine(config).begin() as connection:
        found = freshness.refresh(connection, config.public_decimals, datetime.now(CHINA))
    for name, (hidden, shown) in found.items():
        click.echo(f"{layer_named(name).title}：过期隐藏 {hidden}，恢复公开 {shown}")
