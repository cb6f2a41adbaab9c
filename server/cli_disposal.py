"""``kandi disposal``: 五未 from the command line: rules, scans."""

import getpass
import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Connection

from server.config import Settings
from server.db import job_engine
from server.disposal import (
    clocks,
    periods,
    register,
    register_workbook,
    report_prints,
    report_workbook,
    reports,
    rules,
    scan,
    targets,
)
from server.disposal.codes import IdleClass
from server.disposal.explain import explain
from server.disposal.periods import BadPeriod
from server.disposal.register import Importer, RegisterRefused
from server.disposal.register_rows import BadRegister
from server.disposal.reports import BadReport, Report, ReportFrozen
from server.disposal.rules import BadRule
from server.disposal.scan import Judged, Question
from server.disposal.targets import BadTarget, Target

DAY = click.DateTime(["%Y-%m-%d"])


def actor() -> str:
    """The person at the keyboard, as audit names them."""
    return f"cli:{getpass.getuser()}"


@click.group("disposal")
def disposal_group() -> None:
    """五未: rules, scans, statistics, monthly reports and registers."""


@disposal_group.command("rules")
@click.option("--region", default="", help="Only rules that decide in this region, e.g. 330503.")
@click.pass_obj
def list_rules(config: Settings, region: str) -> None:
    """Every rule that decides today, with where it stands."""
    with job_engine(config).connect() as connection:
        known = rules.all_rules(connection)
    for one in rules.deciding(known, clocks.today(), region):
        own = one.text
        where = own.region_code or "全国"
        click.echo(f"{one.kind.idle_class.term}\t{where}\t第 {one.version} 版\t{own.title}")
        click.echo(f"\t{own.source} {own.article or ''}")
        click.echo(f"\t{json.dumps(one.parameters.model_dump(mode='json'), ensure_ascii=False)}")


@disposal_group.command("scan")
@click.option("--region", default="", help="Only parcels of this region, e.g. 330503.")
@click.option("--as-of", type=DAY, help="Judge as of this day; default: today.")
@click.option("--dry-run", is_flag=True, help="Say what would be found and write nothing.")
@click.option(
    "--parameters",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON of other parameters by kind of rule; needs --dry-run.",
)
@click.option("--show", default=0, help="Say why, of so many findings.")
@click.pass_obj
def run_scan(
    config: Settings,
    region: str,
    as_of: datetime | None,
    dry_run: bool,
    parameters: Path | None,
    show: int,
) -> None:
    """Find land that the rules call 五未, open cases, and warn of lines that are near."""
    day = as_of.date() if as_of else clocks.today()
    question = Question(day, region, _parameters(parameters))
    if not dry_run and (question.parameters or day > clocks.today()):
        raise click.UsageError("试算其他参数或将来的日期时，请加 --dry-run")
    try:
        with job_engine(config).begin() as connection:
            if dry_run:
                found = scan.look(connection, question)
            else:
                found = scan.scan(connection, question, actor())
            names = scan.names(connection, [one.site_id for one in found.findings[:show]])
    except BadRule as error:
        raise click.ClickException(str(error)) from error
    _tell(found)
    for one in found.findings[:show]:
        code, name = names[one.site_id]
        click.echo(f"{code} {name} {one.idle_class.term}：{explain(one, found.rules[one.rule_id])}")


def _parameters(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        found = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise click.BadParameter(f"不是有效的 JSON：{error}", param_hint="--parameters") from error
    if not isinstance(found, dict) or not all(isinstance(one, dict) for one in found.values()):
        raise click.BadParameter('应为 {"规则": {"参数": 值}}', param_hint="--parameters")
    return found


def _tell(found: Judged) -> None:
    counts = found.counts()
    click.echo(f"{_day(found.question.day)}：疑似 {counts['suspects']} 宗 {_mu(counts['area_m2'])}")
    for one in IdleClass:
        own = counts["by_class"][one.value]
        click.echo(f"  {one.term}\t{own['cases']} 宗\t{_mu(own['area_m2'])}")
    for standing in scan.Standing:
        if counts["by_standing"][standing.value]:
            click.echo(f"  {standing.term}\t{counts['by_standing'][standing.value]} 宗")
    click.echo(f"  预警\t{counts['warnings']} 宗")
    if counts["unjudged"]:
        click.echo(f"  没有行政区划、未能判断\t{counts['unjudged']} 宗")


def _mu(area_m2: float) -> str:
    return f"{area_m2 * 3 / 2000:,.2f} 亩"


def _day(day: date) -> str:
    return day.isoformat()


@disposal_group.group("target")
def target_group() -> None:
    """Targets: how much land a region has to dispose of in a year."""


@target_group.command("set")
@click.argument("region")
@click.argument("year", type=click.IntRange(2000, 2100))
@click.argument("mu", type=click.FloatRange(0, 1e7))
@click.option("--class", "idle_class", type=click.Choice([one.value for one in IdleClass]))
@click.option("--source", required=True, help="The paper that sets it.")
@click.pass_obj
def set_target(
    config: Settings, region: str, year: int, mu: float, idle_class: str | None, source: str
) -> None:
    """Set what REGION has to dispose of in YEAR, in 亩, of one class or of all."""
    area = round(Decimal(str(mu)) * 2000 / 3, 2)
    wanted = Target(region, year, IdleClass(idle_class) if idle_class else None, area, source)
    try:
        with job_engine(config).begin() as connection:
            targets.put(connection, actor(), wanted)
    except BadTarget as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{region} {year} 年目标 {mu:g} 亩")


@disposal_group.command("report")
@click.argument("region")
@click.argument("month")
@click.option("--note", help="A sentence that the report carries.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write the workbook and the PDF into this folder.",
)
@click.pass_obj
def freeze_report(
    config: Settings, region: str, month: str, note: str | None, out: Path | None
) -> None:
    """Publish MONTH (2026-10) of REGION for ever, or take an old report out again."""
    try:
        with job_engine(config).begin() as connection:
            found = _report(connection, region, month, note)
    except (BadReport, BadPeriod) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"第 {found.id} 号通报：{found.region_name} {found.month.term} {found.sha256}")
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        name = f"wuwei-{region}-{month}"
        (out / f"{name}.xlsx").write_bytes(report_workbook.workbook(found))
        with job_engine(config).begin() as connection:
            (out / f"{name}.pdf").write_bytes(report_prints.printed(connection, found))


def _report(connection: Connection, region: str, month: str, note: str | None) -> Report:
    """The report of that month, published now if it was not before."""
    try:
        made = reports.freeze(connection, actor(), region, periods.read(month), note)
    except ReportFrozen as frozen:
        made = frozen.report_id
    return reports.load(connection, made)


@disposal_group.group("register")
def register_group() -> None:
    """The register of low-efficiency land: in from a workbook, and out again."""


@register_group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would come of it and write nothing.")
@click.pass_obj
def import_register(config: Settings, file: Path, dry_run: bool) -> None:
    """Take the workbook FILE in: whole, or not at all if a row is wrong."""
    by = Importer(actor(), ("",), clocks.today(), dry_run)
    try:
        with file.open("rb") as opened, job_engine(config).begin() as connection:
            found = register.import_workbook(connection, opened, by)
    except BadRegister as error:
        raise click.ClickException(str(error)) from error
    except RegisterRefused as refused:
        for one in refused.faults:
            click.echo(f"第 {one.row} 行 {one.column}：{one.message}", err=True)
        raise click.ClickException(str(refused)) from refused
    told = f"{found.rows} 行：新增 {found.new}，变更 {found.changed}，未变 {found.unchanged}"
    click.echo(f"{told}，立案 {found.cases}{'（试算，未写入）' if dry_run else ''}")


@register_group.command("export")
@click.option("--region", default="", help="Only this region, e.g. 330503.")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def export_register(config: Settings, region: str, out: Path) -> None:
    """Write the register into the workbook OUT, which comes in again unchanged."""
    with job_engine(config).connect() as connection:
        rows = register.listed(connection, (region,))
    out.write_bytes(register_workbook.workbook(rows))
    click.echo(f"{len(rows)} 行：{out}")
