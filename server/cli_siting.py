"""``kandi siting``: an officer's question from a file, answered as a table or as GeoJSON."""

import json
from pathlib import Path

import click

from gis.siting import codec, profiles, question
from gis.siting.answer import Answer, Site, ask, named
from mini_program_api import siting_answers
from server.config import Settings
from server.db import job_engine


@click.command()
@click.option(
    "--criteria",
    "file",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON as POST /api/v1/siting takes it.",
)
@click.option(
    "--format", "form", type=click.Choice(["table", "geojson"]), default="table", show_default=True
)
@click.pass_obj
def siting(config: Settings, file: Path, form: str) -> None:
    """Rank sites for the criteria in a JSON file, with reasons and near misses."""
    try:
        criteria = codec.from_json(json.loads(file.read_text("utf-8")))
    except ValueError as error:
        raise click.ClickException(f"{file.name}：{error}") from error
    with job_engine(config).connect() as connection:
        profile, date = profiles.asked(connection, criteria)
        asked = question.complete(criteria, profile)
        if form == "geojson":
            click.echo(siting_answers.text(connection, asked, date))
        else:
            click.echo(in_words(ask(connection, named(connection, asked))))


def in_words(answer: Answer) -> str:
    """The answer as lines of text."""
    lines = [f"符合 {answer.matched} 处，差一点 {answer.near_missed} 处"]
    lines += [_line(site) for site in answer.sites]
    lines += [
        f"差一点  {_line(site)}\n      {site.miss.text}" for site in answer.misses if site.miss
    ]
    lines += [one.text for one in answer.removals]
    lines += [one.text for one in answer.combinations]
    return "\n".join(lines)


def _line(site: Site) -> str:
    why, properties = site.explanation, json.loads(site.properties)
    head = f"{site.rank:>3}. {why.score:6.2f} 分（资料完整 {why.completeness:.0%}）"
    name = f"{properties['code']} {properties['name']} {properties['area_mu']} 亩"
    reasons = [f"      + {text}" for text in why.for_it]
    reasons += [f"      - {text}" for text in why.against_it]
    reasons += [f"      → {why.change.text}"] if why.change else []
    return "\n".join([f"{head} {name}", *reasons])
