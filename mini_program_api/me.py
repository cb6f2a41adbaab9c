"""What an investor keeps: consent, phone, favourites, messages allowed; all of it, or none."""

from typing import Annotated, Literal

from flask import Blueprint, Response, request
from pydantic import Field

from gis.layers import LAYERS, Layer, UnknownLayer
from mini_program_api import bodies, investor_answers, params
from mini_program_api.bodies import Body
from mini_program_api.investor_writes import InvestorWrite, Reply, change_by_investor
from mini_program_api.staff_answers import private
from server.people import favourites, guard, messages, notices, phones, privacy
from server.people.services import services
from server.request import connection, writing

bp = Blueprint("me", __name__, url_prefix="/api/v1")


class ConsentForm(Body):
    """Which notice was read and agreed to."""

    version: Annotated[str, Field(min_length=1, max_length=40)]


class PhoneForm(Body):
    """What WeChat's button for the phone number gives a mini program."""

    code: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[!-~]+$")]


class SubscriptionForm(Body):
    """Which message WeChat's dialogue was accepted for."""

    kind: Literal["match", "reply"]


@bp.get("/privacy-notice")
def notice() -> Response:
    """The notice in force, to be read before anything personal is given."""
    params.once(request.args, ())
    return private(investor_answers.notice(notices.current(connection())))


@bp.get("/me")
def everything() -> Response:
    """All that is stored of the investor who asks."""
    params.once(request.args, ())
    who = guard.investor()
    return private(investor_answers.everything(connection(), services().sealer, who))


@bp.delete("/me")
@change_by_investor
def erase(write: InvestorWrite) -> Reply:
    """Forget the investor who asks."""
    params.once(request.args, ())
    privacy.erase(write.connection, write.who)
    return Reply()


@bp.post("/me/consent")
@change_by_investor
def consent(write: InvestorWrite) -> Reply:
    """Agree to the notice in force."""
    params.once(request.args, ())
    notices.agree(write.connection, write.who.id, bodies.parse(ConsentForm).version)
    return Reply()


@bp.post("/me/phone")
def phone() -> Response:
    """Give one's phone number, by a code of WeChat; the same code again changes nothing."""
    params.once(request.args, ())
    who, form = guard.investor(), bodies.parse(PhoneForm)
    notices.require_consent(connection(), who.id)
    given = phones.by_code(writing, services(), who, form.code)
    return private({"phone": investor_answers.masked(given)})


@bp.post("/me/subscriptions")
@change_by_investor
def subscribe(write: InvestorWrite) -> Reply:
    """Say that WeChat's dialogue allowed another message."""
    params.once(request.args, ())
    messages.allow(write.connection, write.who.id, bodies.parse(SubscriptionForm).kind)
    return Reply()


@bp.get("/me/favourites")
def favourite_list() -> Response:
    """Kept sites, the newest first."""
    params.once(request.args, ())
    who = guard.investor()
    kept = favourites.listed(connection(), who.id)
    return private(investor_answers.listed([investor_answers.favourite(one) for one in kept]))


@bp.put("/me/favourites/<layer:layer>/<int(max=9223372036854775807):site_id>")
@change_by_investor
def keep(write: InvestorWrite, layer: Layer, site_id: int) -> Reply:
    """Keep a site."""
    params.once(request.args, ())
    favourites.add(write.connection, write.who.id, _of_sites(layer), site_id)
    return Reply()


@bp.delete("/me/favourites/<layer:layer>/<int(max=9223372036854775807):site_id>")
@change_by_investor
def drop(write: InvestorWrite, layer: Layer, site_id: int) -> Reply:
    """Keep it no longer."""
    params.once(request.args, ())
    favourites.remove(write.connection, write.who.id, layer, site_id)
    return Reply()


def _of_sites(layer: Layer) -> Layer:
    if layer not in LAYERS:
        raise UnknownLayer(layer.name)
    return layer
