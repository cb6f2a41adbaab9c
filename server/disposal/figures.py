"""Figures of disposal as JSON: amounts in cases, m2 and 亩, with the words of what they are of."""

from collections.abc import Mapping

from sqlalchemy import Connection

from gis import regions
from server.disposal.codes import CAUSE_TITLES, Cause, IdleClass, State
from server.disposal.measures import MEASURE_TITLES
from server.disposal.statistics import Amount, Dimension, Figures, Statistics

Json = dict[str, object]

WHOLE_COUNTRY = "全国"
NO_CAUSE, NO_MEASURE = "未认定", "未确定"


def mu(area_m2: object) -> float:
    """亩 of an area in m2, to 4 decimals."""
    return round(float(str(area_m2)) * 3 / 2000, 4)


def region_names(connection: Connection, codes: set[str]) -> dict[str, str]:
    """Names of regions by code; "" is the whole country."""
    return regions.names(connection, codes) | {"": WHOLE_COUNTRY}


def figures(connection: Connection, found: Statistics, region_code: str) -> Json:
    """The whole answer."""
    query, period = found.query, found.query.period
    codes = _regions(found)
    names = region_names(connection, {*codes, region_code})
    return {
        "period": {
            "name": period.name,
            "term": period.term,
            "from": period.start.isoformat(),
            "before": period.end.isoformat(),
        },
        "region_code": region_code,
        "region_name": names.get(region_code, region_code),
        "by": [one.value for one in query.by],
        "items": [{**_key(query.by, one, names), **line(one)} for one in found.lines],
        "total": line(found.total),
        "stages": [
            {
                "state": one.state,
                "state_text": State(one.state).term,
                "ended": one.ended,
                "average_days": one.average_days,
            }
            for one in found.stages
        ],
    }


def _regions(found: Statistics) -> set[str]:
    if Dimension.REGION not in found.query.by:
        return set()
    place = found.query.by.index(Dimension.REGION)
    return {one.key[place] for one in found.lines}


def _key(by: tuple[Dimension, ...], one: Figures, names: Mapping[str, str]) -> Json:
    told: Json = {}
    for dimension, value in zip(by, one.key, strict=True):
        match dimension:
            case Dimension.REGION:
                told |= {"region_code": value, "region_name": names.get(value, value)}
            case Dimension.CLASS:
                told |= {"class": value, "class_text": IdleClass(value).term}
            case Dimension.CAUSE:
                text = CAUSE_TITLES[Cause(value)] if value else NO_CAUSE
                told |= {"cause": value or None, "cause_text": text}
            case Dimension.MEASURE:
                text = MEASURE_TITLES.get(value, value) if value else NO_MEASURE
                told |= {"measure": value or None, "measure_text": text}
    return told


def line(one: Figures) -> Json:
    """One line without what it is told by."""
    return {
        "base": amount(one.base),
        "new": amount(one.new),
        "adjusted": amount(one.adjusted),
        "disposed": amount(one.disposed),
        "rejected": amount(one.rejected),
        "remaining": amount(one.remaining),
        "previous_disposed": amount(one.previous_disposed),
        "year": {
            "base": amount(one.year_base),
            "new": amount(one.year_new),
            "disposed": amount(one.year_disposed),
        },
        "overdue": one.overdue,
        "target_m2": None if one.target_m2 is None else float(one.target_m2),
        "target_mu": None if one.target_m2 is None else mu(one.target_m2),
        "disposal_rate": one.disposal_rate,
        "handled_rate": one.handled_rate,
        "completion_rate": one.completion_rate,
        "rank": one.rank,
    }


def amount(one: Amount) -> Json:
    """Cases and area."""
    return {"cases": one.cases, "area_m2": float(one.area_m2), "area_mu": mu(one.area_m2)}
