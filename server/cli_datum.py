"""``kandi datum``: the county's own parameters from an old datum to CGCS2000."""

import click
from sqlalchemy.exc import IntegrityError

from gis import datum_shifts
from gis.datums import NAMES, Datum, Method, Shift, UnfitShift
from server.config import Settings
from server.db import job_engine


def _numbers(text: str, count: int, option: str) -> list[float]:
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError as error:
        raise click.BadParameter("应为以逗号分隔的数字", param_hint=option) from error
    if len(numbers) != count:
        raise click.BadParameter(f"应有 {count} 个数字", param_hint=option)
    return numbers


@click.group("datum")
def datum_group() -> None:
    """Parameters from 西安80 or 北京54 to CGCS2000, as the survey office of a county has them."""


@datum_group.command("add")
@click.argument("name")
@click.option("--region", required=True, help="Code of the region in which they hold.")
@click.option("--datum", required=True, type=click.Choice([one.value for one in Datum]))
@click.option("--method", required=True, type=click.Choice([one.value for one in Method]))
@click.option(
    "--parameters",
    required=True,
    help="plane4: north_m,east_m,rotation_s,scale_ppm;"
    " space7: x_m,y_m,z_m,rx_s,ry_s,rz_s,scale_ppm.",
)
@click.option("--zone", type=int, help="plane4: EPSG code of the CGCS2000 zone, such as 4549.")
@click.option("--accuracy", required=True, type=float, help="Metres.")
@click.option("--source", required=True, help="Document that the parameters come from.")
@click.option("--check-crs", type=int, help="EPSG code of the old coordinates in --check.")
@click.option("--check", multiple=True, help="old east,old north,east,north of a control point.")
@click.pass_obj
def add(
    config: Settings,
    name: str,
    region: str,
    datum: str,
    method: str,
    parameters: str,
    zone: int | None,
    accuracy: float,
    source: str,
    check_crs: int | None,
    check: tuple[str, ...],
) -> None:
    """Store parameters under NAME; control points given by --check must be hit."""
    names = NAMES[Method(method)]
    values = dict(zip(names, _numbers(parameters, len(names), "--parameters"), strict=True))
    points = [tuple(_numbers(text, 4, "--check")) for text in check]
    try:
        shift = Shift(name, region, Datum(datum), Method(method), values, accuracy, source, zone)
        if points:
            if check_crs is None:
                raise click.UsageError("--check 需要 --check-crs")
            missed = datum_shifts.residuals_m(
                shift, check_crs, [(a, b, c, d) for a, b, c, d in points]
            )
            click.echo(f"控制点残差（m）：{'、'.join(f'{one:.3f}' for one in missed)}")
        with job_engine(config).begin() as connection:
            datum_shifts.add(connection, shift)
    except UnfitShift as error:
        raise click.ClickException(str(error)) from error
    except IntegrityError as error:
        raise click.ClickException("名称已存在，或没有这个行政区划代码") from error
    click.echo(f"已登记 {name}，指纹 {datum_shifts.digest(shift)}")


@datum_group.command("list")
@click.pass_obj
def list_command(config: Settings) -> None:
    """What is stored; parameters themselves are secret and not shown."""
    with job_engine(config).connect() as connection:
        for shift in datum_shifts.known(connection):
            click.echo(
                f"{shift.name}  {shift.region_code}  {shift.datum.label}  {shift.method}"
                f"  精度 {shift.accuracy_m} m  {shift.source}  指纹 {datum_shifts.digest(shift)}"
            )


@datum_group.command("remove")
@click.argument("name")
@click.pass_obj
def remove(config: Settings, name: str) -> None:
    """Forget the parameters of that NAME; what was imported with them stays."""
    with job_engine(config).begin() as connection:
        if not datum_shifts.remove(connection, name):
            raise click.ClickException(f"没有名为 {name} 的转换参数")
    click.echo(f"已删除 {name}")
