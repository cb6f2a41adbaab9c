"""Saved searches of investors, and share codes."""

from typing import Annotated

from flask import Blueprint, Response, request
from pydantic import Field

from gis import filters
from gis.siting import codec
from mini_program_api import bodies, investor_answers, params
from mini_program_api.bodies import Body
from mini_program_api.investor_writes import InvestorWrite, Reply, change_by_investor
from mini_program_api.search_params import question_of
from mini_program_api.staff_answers import private
from server.people import guard, searches
from server.people.searches import Wish
from server.request import connection

bp = Blueprint("searches", __name__, url_prefix="/api/v1")

_ID = "<int(max=9223372036854775807):search_id>"


class SearchForm(Body):
    """What to be told of: a path of lists or of siting, or the criteria of siting as JSON."""

    name: Annotated[str, Field(min_length=1, max_length=40)]
    path: Annotated[str, Field(min_length=2, max_length=2000)] | dict[str, object]
    notify: bool = True


@bp.get("/me/searches")
def mine() -> Response:
    """Saved searches, the newest first."""
    params.once(request.args, ())
    who = guard.investor()
    found = searches.listed(connection(), who.id)
    return private(investor_answers.listed([investor_answers.search(one) for one in found]))


@bp.post("/me/searches")
@change_by_investor
def save(write: InvestorWrite) -> Reply:
    """Save a search; what it finds today is not new."""
    params.once(request.args, ())
    form = bodies.parse(SearchForm)
    wish = Wish(filters.clean_text("name", form.name), _path(form.path), form.notify)
    number = searches.save(write.connection, question_of, write.who.id, wish)
    (saved,) = (s for s in searches.listed(write.connection, write.who.id) if s.id == number)
    return Reply(investor_answers.search(saved), 201)


def _path(given: str | dict[str, object]) -> str:
    if isinstance(given, str):
        return given
    return f"/siting?{codec.to_query(codec.from_json(given))}"


@bp.delete(f"/me/searches/{_ID}")
@change_by_investor
def remove(write: InvestorWrite, search_id: int) -> Reply:
    """Forget a search."""
    params.once(request.args, ())
    searches.remove(write.connection, write.who.id, search_id)
    return Reply()


@bp.get(f"/me/searches/{_ID}/matches")
def matches(search_id: int) -> Response:
    """Matches that the investor has not seen, the newest first."""
    params.once(request.args, ())
    who = guard.investor()
    found = searches.new_matches(connection(), who.id, search_id)
    items: list[dict[str, object]] = [{"layer": layer, "id": number} for layer, number in found]
    return private(investor_answers.listed(items))


@bp.post(f"/me/searches/{_ID}/seen")
@change_by_investor
def seen(write: InvestorWrite, search_id: int) -> Reply:
    """Say that the new matches were seen."""
    params.once(request.args, ())
    searches.mark_seen(write.connection, write.who.id, search_id)
    return Reply()
