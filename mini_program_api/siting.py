"""Siting over HTTP: rank, compare, and the sheet of one site; parse, call, respond."""

from flask import Blueprint, Response, json, request

from gis import features
from gis.layers import Audience, Layer, UnknownLayer
from gis.query import BadQuery
from gis.siting import codec, compare, profiles, question, surroundings
from gis.siting.criteria import BadCriteria, Criteria
from gis.siting.question import Question
from gis.siting.terms import SITED
from gis.siting.versions import DataDate, data_date
from mini_program_api import params, responses, sheet, siting_answers
from mini_program_api.access import regions_of
from mini_program_api.turns import in_turn
from server.request import connection

bp = Blueprint("siting", __name__, url_prefix="/api/v1", template_folder="templates")

MOST_BODY = 16 << 20
"""Bytes of a body that is read at all; a drawing of that size is then refused by its points."""


@bp.post("/siting")
@in_turn
def ranked() -> Response:
    """Sites for the criteria of a JSON body."""
    return _answered(*_question(codec.from_json(_body())))


@bp.get("/siting")
@in_turn
def shared() -> Response:
    """The same for the criteria of a query string, as share links have them."""
    asked, date = _question(codec.from_query(_once()))
    return responses.conditional(
        siting_answers.tag(asked, date),
        lambda: siting_answers.text(connection(), asked, date),
        responses.GEOJSON,
    )


@bp.post("/compare")
@in_turn
def compared() -> Response:
    """Two to four sites side by side."""
    body = _body()
    chosen = siting_answers.chosen(body)
    asked, date = _question(codec.from_json(body.get("criteria", {})))
    found = compare.compare(connection(), asked, chosen)
    return _json(siting_answers.comparison(connection(), asked, found, date))


@bp.get("/siting/profiles/<name>")
def profile(name: str) -> Response:
    """The newest version of a scoring profile that holds in a region, with its source."""
    region = params.once(request.args, ("region_code",))
    found, _ = profiles.asked(connection(), codec.from_query(region | {"profile": name}))
    return _json(siting_answers.profile(found))


@bp.get("/<layer:layer>/<int:site_id>/sheet.pdf")
def one_page(layer: Layer, site_id: int) -> Response:
    """One page about a site: map, attributes, distances, source and date."""
    params.once(request.args, ())
    if layer not in SITED:
        raise UnknownLayer(layer.name)
    found = features.feature(connection(), layer, Audience.PUBLIC, site_id)
    tag = responses.etag("sheet", layer.name, site_id, data_date(connection()).version)
    return responses.conditional(tag, lambda: _sheet(layer, site_id, found.text), sheet.PDF)


def _sheet(layer: Layer, site_id: int, feature: str) -> bytes:
    about = surroundings.of(connection(), layer, site_id)
    return sheet.pdf(layer, feature, about)


def _answered(asked: Question, date: DataDate) -> Response:
    text = siting_answers.text(connection(), asked, date)
    response = Response(text, content_type=responses.GEOJSON)
    response.headers["X-Coord-Sys"] = "GCJ-02"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _question(criteria: Criteria) -> tuple[Question, DataDate]:
    regions_of(criteria.crs)
    found, date = profiles.asked(connection(), criteria)
    return question.complete(criteria, found), date


def _body() -> dict[str, object]:
    request.max_content_length = MOST_BODY
    try:
        body = json.loads(request.get_data())
    except (ValueError, RecursionError):
        raise BadCriteria("(body)", "不是有效的 JSON") from None
    if not isinstance(body, dict):
        raise BadCriteria("(body)", "应为 JSON 对象")
    return body


def _once() -> dict[str, str]:
    try:
        return params.once(request.args, request.args)
    except BadQuery as error:
        raise BadCriteria(error.parameter, error.detail) from error


def _json(content: dict[str, object]) -> Response:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return Response(text, content_type="application/json")
