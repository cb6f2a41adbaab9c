"""Statistics of disposal and the targets that they are measured by, for staff."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated

from flask import Blueprint, Response, request
from pydantic import Field

from gis.query import BadQuery
from mini_program_api import bodies, params
from mini_program_api import disposal_params as asked
from mini_program_api.bodies import Body
from mini_program_api.staff_answers import private
from mini_program_api.writes import Reply, Write, confirmed_change
from server.accounts import guard
from server.accounts.principals import Principal, Role
from server.disposal import clocks, periods, statistics, targets
from server.disposal.codes import IdleClass
from server.disposal.figures import Json, mu, region_names
from server.disposal.figures import figures as figures_of
from server.disposal.periods import BadPeriod, Period
from server.disposal.statistics import Dimension, StatisticsQuery
from server.disposal.targets import Target
from server.request import connection

bp = Blueprint("disposal_statistics", __name__, url_prefix="/api/v1")

_LEVELS = {"province": 2, "city": 4, "county": 6, "town": 9}
_NEXT_LEVEL = {0: 2, 2: 4, 4: 6, 6: 9, 9: 9}


class TargetForm(Body):
    """How much a region has to dispose of in a year; all classes if none is named."""

    region_code: Annotated[str, Field(min_length=2, max_length=9)]
    year: Annotated[int, Field(ge=2000, le=2100)]
    idle_class: Annotated[IdleClass | None, Field(alias="class")] = None
    area_mu: Annotated[float, Field(ge=0, le=1e7)]
    source: Annotated[str, Field(min_length=1, max_length=300)]


@bp.get("/disposal-statistics")
def figures() -> Response:
    """What was there, came, went and is left, by what is asked."""
    who = guard.staff()
    values = params.once(request.args, ("by", "period", "region", "level"))
    code = asked.region(values)
    query = _query(who, values, code)
    found = statistics.statistics(connection(), query)
    return private(figures_of(connection(), found, code))


def _query(who: Principal, values: Mapping[str, str], code: str) -> StatisticsQuery:
    day = clocks.today()
    level = values.get("level")
    if level is not None and level not in _LEVELS:
        raise BadQuery("level", f"应为：{'、'.join(_LEVELS)}")
    return StatisticsQuery(
        period(values.get("period", f"{day:%Y-%m}")),
        asked.within(who, code),
        _by(values.get("by", "class")),
        _LEVELS[level] if level else _NEXT_LEVEL[len(code)],
        day,
    )


def period(value: str) -> Period:
    """A period that has begun; BadQuery otherwise."""
    try:
        found = periods.read(value)
    except BadPeriod as error:
        raise BadQuery("period", str(error)) from error
    if found.start > clocks.today():
        raise BadQuery("period", "这个时段还没有开始")
    return found


def _by(value: str) -> tuple[Dimension, ...]:
    names = value.split(",") if value else []
    try:
        found = tuple(Dimension(name) for name in names)
    except ValueError:
        raise BadQuery("by", f"应为以下各项，逗号分隔：{'、'.join(Dimension)}") from None
    if len(set(found)) != len(found):
        raise BadQuery("by", "同一项只能写一次")
    return found


@bp.get("/disposal-targets")
def target_list() -> Response:
    """Targets of a year."""
    who = guard.staff()
    values = params.once(request.args, ("year", "region"))
    prefixes = asked.within(who, asked.region(values))
    year = asked.number(values, "year", 2100) or clocks.today().year
    found = targets.of_year(connection(), year)
    shown = [(code, one, area) for (code, one), area in found.items() if code.startswith(prefixes)]
    names = region_names(connection(), {code for code, _, _ in shown})
    items = [_target(year, code, one, area, names) for code, one, area in sorted(shown)]
    return private({"items": items, "next": None, "total": len(items)})


def _target(
    year: int, code: str, idle_class: str, area_m2: Decimal, names: Mapping[str, str]
) -> Json:
    return {
        "year": year,
        "region_code": code,
        "region_name": names.get(code, code),
        "class": idle_class or None,
        "class_text": IdleClass(idle_class).term if idle_class else "合计",
        "area_m2": float(area_m2),
        "area_mu": mu(area_m2),
    }


@bp.put("/disposal-targets")
@confirmed_change(Role.LEADER, Role.ADMIN)
def put_target(write: Write) -> Reply:
    """Set or replace a target of a region and year."""
    form = bodies.parse(TargetForm)
    code = asked.region_code(form.region_code, "region_code")
    write.who.require((Role.LEADER, Role.ADMIN), code)
    area = round(Decimal(str(form.area_mu)) * 2000 / 3, 2)
    wanted = Target(code, form.year, form.idle_class, area, form.source)
    targets.put(write.connection, write.actor, wanted)
    names = region_names(write.connection, {code})
    one = form.idle_class.value if form.idle_class else ""
    return Reply(_target(form.year, code, one, area, names))
