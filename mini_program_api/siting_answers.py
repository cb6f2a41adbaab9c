"""Answers of siting as JSON: GeoJSON text around features that are never parsed."""

import json

from pydantic_core import to_json
from sqlalchemy import Connection

from gis.layers import Layer
from gis.layers.codes import CONSTRAINT_KIND, FACILITY_KIND
from gis.siting import codec, travel
from gis.siting.answer import Answer, Site, ask, named
from gis.siting.combine import Combination
from gis.siting.compare import FEWEST, MOST, Comparison
from gis.siting.criteria import BadCriteria
from gis.siting.explain import Nearest, Verdict, weighed
from gis.siting.near_miss import Removal
from gis.siting.profiles import Profile
from gis.siting.question import Question
from gis.siting.routes import Router, Way
from gis.siting.terms import SITED
from gis.siting.travel import Ways
from gis.siting.versions import DataDate
from gis.siting.wants import want_text
from mini_program_api import responses

Json = dict[str, object]

_SHARE = "/api/v1/siting"


def text(connection: Connection, question: Question, date: DataDate) -> str:
    """The whole answer as a FeatureCollection; near misses are a list of their own beside it."""
    question = named(connection, question)
    found = ask(connection, question)
    head = _compact(_head(question, found, date, travel.router(connection, date)))
    ways = travel.by_road(connection, (*found.sites, *found.misses), date)
    sites, misses = (
        ",".join(_feature(site, ways) for site in many) for many in (found.sites, found.misses)
    )
    return f'{head[:-1]},"features":[{sites}],"nearMisses":[{misses}]}}'


def tag(question: Question, date: DataDate) -> str:
    """Equal questions on equal data with one version of a profile have equal tags."""
    return responses.etag("siting", date.version, question.profile.version, question.share)


def _head(question: Question, found: Answer, date: DataDate, router: Router) -> Json:
    profile = question.profile
    share = question.share
    return {
        "type": "FeatureCollection",
        "coordSys": "GCJ-02",
        "numberMatched": found.matched,
        "numberReturned": len(found.sites),
        "numberNearMissed": found.near_missed,
        "distance": router.label,
        "dataVersion": date.version,
        "dataAsOf": date.as_of,
        "profile": {"name": profile.name, "version": profile.version, "source": profile.source},
        "criteria": codec.to_json(question.criteria),
        "understood": {layer.name: question.conditions(layer) for layer in question.criteria.asked},
        "weighed": weighed(question.wants),
        "links": [{"rel": "share", "href": f"{_SHARE}?{share}" if share else _SHARE}],
        "removals": [_removal(one) for one in found.removals],
        "combinations": [_combination(one) for one in found.combinations],
    }


def _feature(site: Site, ways: Ways) -> str:
    siting = _compact(_siting(site, ways))
    return (
        f'{{"type":"Feature","id":{site.id},"geometry":{site.geometry},'
        f'"properties":{site.properties},"layer":"{site.layer.name}","siting":{siting}}}'
    )


def _siting(site: Site, ways: Ways) -> Json:
    miss = site.miss
    missed = miss and {
        "column": miss.column,
        "figure": miss.figure,
        "bound": miss.bound,
        "share": miss.share,
        "text": miss.text,
    }
    return {"rank": site.rank} | ({"miss": missed} if missed else {}) | _explained(site, ways)


def _explained(site: Site, ways: Ways) -> Json:
    why = site.explanation
    change = why.change
    return {
        "score": why.score,
        "completeness": why.completeness,
        "contributions": [
            {
                "term": one.wanted.want.term.name,
                "title": one.wanted.want.term.column.title,
                "figure": one.figure,
                "unit": one.wanted.want.term.unit,
                "value": round(one.value, 4),
                "weight": one.wanted.weight,
                "points": one.points,
                "most": one.most,
                "text": one.text,
            }
            for one in why.contributions
        ],
        "for": why.for_it,
        "against": why.against_it,
        "nearest": [_near(one, ways.get((site.id, one.kind))) for one in why.nearest],
        "constraints": [_verdict(one) for one in why.verdicts if one.m2 is not None],
        "unchecked": [one.kind for one in why.verdicts if one.m2 is None],
        "change": change and {"term": change.term, "gain": change.gain, "text": change.text},
    }


def _near(nearest: Nearest, way: Way | None) -> Json:
    return {
        "kind": nearest.kind,
        "title": FACILITY_KIND[nearest.kind],
        "id": nearest.id,
        "name": nearest.name,
        "metres": nearest.metres,
        "road_m": way and way.metres,
        "minutes": way and way.minutes,
        "text": travel.told(nearest.text, way),
    }


def _verdict(verdict: Verdict) -> Json:
    return {
        "kind": verdict.kind,
        "title": CONSTRAINT_KIND[verdict.kind],
        "violated": verdict.violated,
        "m2": verdict.m2,
        "percent": verdict.percent,
        "text": verdict.text,
    }


def _removal(removal: Removal) -> Json:
    return {
        "layer": removal.layer.name,
        "constraint": removal.title,
        "sites": removal.sites,
        "failing": removal.failing,
        "without": removal.without,
        "text": removal.text,
    }


def _combination(combination: Combination) -> Json:
    return {
        "layer": "parcels",
        "ids": combination.ids,
        "codes": combination.codes,
        "park_code": combination.park_code,
        "area_m2": combination.area_m2,
        "text": combination.text,
    }


def chosen(body: Json) -> list[tuple[Layer, int]]:
    """The sites that a comparison names: a list of ``{"layer": "parcels", "id": 100001}``."""
    unknown = set(body) - {"sites", "criteria"}
    if unknown:
        raise BadCriteria(sorted(unknown)[0][:60], "没有这一项，可用：sites、criteria")
    listed = body.get("sites")
    if not isinstance(listed, list) or not FEWEST <= len(listed) <= MOST:
        raise BadCriteria("sites", f"应为 {FEWEST} 到 {MOST} 个 {{layer, id}}")
    by_name = {layer.name: layer for layer in SITED}
    found = []
    for number, one in enumerate(listed):
        site = one if isinstance(one, dict) else {}
        layer, site_id = by_name.get(str(site.get("layer"))), site.get("id")
        if layer is None or not isinstance(site_id, int) or not 0 <= site_id < 1 << 62:
            raise BadCriteria(f"sites[{number}]", f"layer 可选 {'、'.join(by_name)}，id 为编号")
        found.append((layer, site_id))
    if len(set(found)) < len(found):
        raise BadCriteria("sites", "同一处只能出现一次")
    return found


def comparison(
    connection: Connection, question: Question, found: Comparison, date: DataDate
) -> Json:
    """The side-by-side table; ``order`` lists indices of ``sites`` by TOPSIS."""
    ways = travel.by_road(connection, found.sites, date)
    return {
        "method": "TOPSIS（仅用于所选各处之间的排序，不是评分）",
        "profile": {"name": question.profile.name, "version": question.profile.version},
        "distance": travel.router(connection, date).label,
        "order": found.order,
        "closeness": found.closeness,
        "sites": [
            {
                "layer": site.layer.name,
                "id": site.id,
                "properties": json.loads(site.properties),
                **_explained(site, ways),
            }
            for site in found.sites
        ],
        "lines": [
            {
                "term": line.term,
                "title": line.title,
                "unit": line.unit,
                "figures": line.figures,
                "values": line.values,
                "best": line.best,
                "worst": line.worst,
            }
            for line in found.lines
        ],
    }


def profile(found: Profile) -> Json:
    """A profile as anyone may read it."""
    return {
        "name": found.name,
        "version": found.version,
        "effective_on": found.effective_on.isoformat(),
        "source": found.source,
        "wants": {term: want_text(want) for term, want in found.wants.items()},
        "sources": found.sources,
        "open": found.open,
        "usual": found.usual,
        "veto": found.veto,
        "chains": found.chains,
    }


def _compact(content: Json) -> str:
    return to_json(content).decode()
