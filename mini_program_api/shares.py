"""Share codes: a short code for a page, its path, and the mini-program code that carries it."""

from typing import Annotated

from flask import Blueprint, Response, request
from pydantic import Field

from mini_program_api import bodies, params
from mini_program_api.bodies import Body
from mini_program_api.investor_writes import InvestorWrite, Reply, change_by_investor
from mini_program_api.staff_answers import private
from server.people import share_pictures, shares
from server.people.services import services
from server.request import connection, settings

bp = Blueprint("shares", __name__, url_prefix="/api/v1")


class ShareForm(Body):
    """The page that shall be shared, as a path of the client."""

    path: Annotated[str, Field(min_length=1, max_length=shares.LONGEST_PATH)]


@bp.post("/shares")
@change_by_investor
def share(write: InvestorWrite) -> Reply:
    """A code for a page."""
    params.once(request.args, ())
    code = shares.share(write.connection, bodies.parse(ShareForm).path)
    host = (settings().public_url or request.host_url).rstrip("/")
    body = {"code": code, "scene": shares.scene_of(code), "url": f"{host}/m/?s={code}"}
    return Reply(body, 201)


@bp.get("/shares/<string(maxlength=12):code>")
def shared(code: str) -> Response:
    """The page of a code."""
    params.once(request.args, ())
    return private({"path": shares.path_of(connection(), code)})


@bp.get("/shares/<string(maxlength=12):code>/wxacode.jpg")
def picture(code: str) -> Response:
    """The mini-program code to scan or to print."""
    params.once(request.args, ())
    shares.path_of(connection(), code)
    response = Response(share_pictures.of(services(), code), content_type="image/jpeg")
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response
