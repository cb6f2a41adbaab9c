"""The /api/v1 blueprint: parse, call, respond."""

from flask import Blueprint, Response, request
from werkzeug.routing import BaseConverter

from gis import features, regions
from gis.crs import Crs
from gis.layers import LAYERS, Layer, layer_named
from gis.query import ItemsQuery
from mini_program_api import catalogue, params, responses
from server.config import Settings
from server.errors import StaffOnly
from server.request import connection, settings

bp = Blueprint("api", __name__, url_prefix="/api/v1")


class LayerConverter(BaseConverter):
    """A layer in a path, by its name."""

    regex = "|".join(layer.name for layer in LAYERS)

    def to_python(self, value: str) -> Layer:
        """The layer of that name."""
        return layer_named(value)

    def to_url(self, value: Layer) -> str:
        """The name of the layer."""
        return value.name


def _permit(crs: Crs, config: Settings) -> None:
    if crs is not Crs.GCJ02 and not config.staff_coordinates:
        raise StaffOnly


@bp.get("/layers")
def layers() -> Response:
    """The layers: titles, columns, queryables, extent, number of sites, data version."""
    params.once(request.args, ())
    states = [features.summary(connection(), layer) for layer in LAYERS]
    tag = responses.etag("layers", *(state.version for state in states))
    return responses.conditional(tag, lambda: catalogue.layers(states), "application/json")


@bp.get("/<layer:layer>")
def items(layer: Layer) -> Response:
    """A page of sites of one layer."""
    query = params.items_query(layer, request.args, settings().page_limit)
    _permit(query.crs, settings())
    state = features.state(connection(), layer)
    return _coordinates(
        query.crs,
        responses.conditional(
            responses.etag(layer.name, state.version, responses.canonical_query()),
            lambda: responses.collection(
                features.page(connection(), layer, query), query.crs, state
            ),
            responses.GEOJSON,
        ),
    )


@bp.get("/<layer:layer>/<int:site_id>")
def item(layer: Layer, site_id: int) -> Response:
    """One site with every column that the reader may see."""
    crs = params.crs(params.once(request.args, ("crs",)))
    _permit(crs, settings())
    found = features.feature(connection(), layer, ItemsQuery(crs).audience, site_id)
    tag = responses.etag(layer.name, site_id, found.version, crs)
    body = responses.single(found.text, crs)
    return _coordinates(crs, responses.conditional(tag, lambda: body, responses.GEOJSON))


@bp.get("/regions")
def region_outlines() -> Response:
    """Outlines of administrative regions, as the base map of a page without one."""
    values = params.once(request.args, ("level", "under"))
    level, under = params.region_level(values), params.region_prefix(values)
    text = regions.outlines(connection(), level, under, settings().public_decimals)
    body = responses.plain_collection(text, Crs.GCJ02)
    tag = responses.etag("regions", body)
    return _coordinates(Crs.GCJ02, responses.conditional(tag, lambda: body, responses.GEOJSON))


def _coordinates(crs: Crs, response: Response) -> Response:
    response.headers["X-Coord-Sys"] = crs.label
    return response
