"""``kandi roads``: the road network that driving times are estimated on."""

from pathlib import Path

import click
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from gis.siting import roads
from server.config import Settings
from server.db import job_engine


@click.group("roads")
def roads_group() -> None:
    """Roads of OpenStreetMap, for driving times beside straight-line distances."""


@roads_group.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def load(config: Settings, file: Path) -> None:
    """Replace the network by the lines of FILE (GeoPackage, zipped shapefile or GeoJSON).

    The field highway (or fclass) is the class of the road, oneway its direction.
    """
    # It brings pandas: a fifth of a second that no other command should wait.
    import geopandas  # noqa: PLC0415

    with job_engine(config).begin() as connection:
        _require_pgrouting(connection)
        try:
            edges = roads.load(connection, geopandas.read_file(file))
        except roads.UnusableRoads as error:
            raise click.ClickException(str(error)) from error
    click.echo(f"路网 {edges} 段；选址结果将附行车里程与时间")


def _require_pgrouting(connection: Connection) -> None:
    found = text("SELECT 1 FROM pg_extension WHERE extname = 'pgrouting'")
    if connection.execute(found).first() is not None:
        return
    try:
        connection.execute(text("CREATE EXTENSION pgrouting SCHEMA public"))
    except DBAPIError as error:
        hint = "请安装 postgresql-15-pgrouting，并由管理员在库中执行 CREATE EXTENSION pgrouting;"
        raise click.ClickException(f"数据库没有 pgRouting：{hint}") from error
