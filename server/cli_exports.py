"""``kandi export``: sites of a layer as a file for other software."""

import getpass
import shutil
import tempfile
from pathlib import Path

import click

from gis import filters
from gis.crs import Crs
from gis.exporting.model import Export, ExportRefused, Format, target_epsg
from gis.layers import LAYERS, layer_named
from gis.query import BadQuery, ItemsQuery
from server.config import Settings
from server.db import job_engine
from server.exports import export


@click.command("export")
@click.argument("layer", type=click.Choice([layer.name for layer in LAYERS]))
@click.option("--format", "form", type=click.Choice([f.value for f in Format]), required=True)
@click.option("--crs", default="cgcs2000", show_default=True, help="gcj02, cgcs2000 or EPSG code.")
@click.option(
    "--encoding",
    type=click.Choice(["gbk", "utf-8"]),
    default="gbk",
    show_default=True,
    help="Text of a shapefile.",
)
@click.option("--where", multiple=True, metavar="FILTER=VALUE", help="As in the API; repeatable.")
@click.option("--words", help="Only sites with these words in name, code or address.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True)
@click.pass_obj
def export_command(
    config: Settings,
    layer: str,
    form: str,
    crs: str,
    encoding: str,
    where: tuple[str, ...],
    words: str | None,
    out: Path,
) -> None:
    """Write exact sites of LAYER to a file: a shapefile is a zip, and can be imported again."""
    chosen = layer_named(layer)
    asked = dict(pair.partition("=")[::2] for pair in where)
    known = filters.parameters(chosen)
    if unknown := [name for name in asked if name not in known]:
        raise click.BadParameter(f"no filter {unknown[0]}; see /api/v1/layers", param_hint="where")
    try:
        query = ItemsQuery(Crs.CGCS2000, conditions=filters.parse(chosen, asked), words=words)
        wanted = Export(chosen, query, Format(form), target_epsg(crs), encoding)
        with tempfile.TemporaryDirectory() as folder:
            with job_engine(config).begin() as connection:
                actor = f"cli:{getpass.getuser()}"
                written = export(connection, wanted, asked, Path(folder), actor)
            shutil.move(written.path, out)
    except (BadQuery, ExportRefused) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"已导出 {written.count} 条：{out}")
