"""The numbers of the cockpit, for staff within their regions."""

from datetime import UTC, datetime

from flask import Blueprint, Response, request

from mini_program_api import disposal_params as asked
from mini_program_api import params
from mini_program_api.staff_answers import private
from server import cockpit
from server.accounts import guard
from server.cockpit import View
from server.disposal import clocks
from server.disposal.figures import region_names
from server.request import connection

bp = Blueprint("cockpit", __name__, url_prefix="/api/v1")


@bp.get("/cockpit")
def numbers() -> Response:
    """Every number with its definition and the list behind it, and what charts show."""
    who = guard.staff()
    region = asked.region(params.once(request.args, ("region",)))
    view = View(asked.within(who, region), region, clocks.today())
    return private(
        {
            "as_of": datetime.now(UTC).isoformat(timespec="seconds"),
            "region": {
                "code": region,
                "name": region_names(connection(), {region}).get(region, region),
            },
            "metrics": cockpit.metrics(connection(), view),
            "series": cockpit.series(connection(), view),
        }
    )
