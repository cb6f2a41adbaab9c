"""The /api/v1 blueprint: parse, call, respond."""

from flask import Blueprint, Response, request
from werkzeug.routing import BaseConverter

from gis import features, regions
from gis.crs import Crs
from gis.layers import LAYERS, REGISTRY, Layer, layer_named
from gis.query import ItemsQuery
from mini_program_api import answers, catalogue, params, responses
from mini_program_api.access import permit_site, scoped
from server.request import connection, hurried, settings

bp = Blueprint("api", __name__, url_prefix="/api/v1")


class LayerConverter(BaseConverter):
    """A layer in a path, by its name."""

    regex = "|".join(layer.name for layer in REGISTRY)

    def to_python(self, value: str) -> Layer:
        """The layer of that name."""
        return layer_named(value)

    def to_url(self, value: Layer) -> str:
        """The name of the layer."""
        return value.name


class DrawnConverter(LayerConverter):
    """A layer that maps draw."""

    regex = "|".join(layer.name for layer in LAYERS)


@bp.get("/layers")
def layers() -> Response:
    """The layers: titles, columns, queryables, extent, number of sites, data version."""
    params.once(request.args, ())
    states = [features.summary(connection(), layer) for layer in REGISTRY]
    tag = responses.etag("layers", *(state.version for state in states))
    return responses.conditional(tag, lambda: catalogue.layers(states), "application/json")


@bp.get("/<layer:layer>")
def items(layer: Layer) -> Response:
    """A page of sites of one layer."""
    most, most_bytes = settings().page_limit, settings().page_bytes
    query = scoped(layer, params.items_query(layer, request.args, most, most_bytes))
    state = features.state(hurried(), layer)
    asked = responses.canonical_query()
    return responses.conditional(
        answers.collection_tag(request.path, state, asked),
        lambda: answers.collection(
            features.page(hurried(), layer, query), query.crs, state, request.path, asked
        ),
        answers.GEOJSON,
        query.crs,
    )


@bp.get("/<layer:layer>/<int:site_id>")
def item(layer: Layer, site_id: int) -> Response:
    """One site with every column that the reader may see."""
    crs = params.crs(params.once(request.args, ("crs",)))
    permit_site(layer, crs, site_id)
    found = features.feature(connection(), layer, ItemsQuery(crs).audience, site_id)
    body = answers.single(found.text.encode(), crs)
    return responses.conditional(answers.item_tag(body), lambda: body, answers.GEOJSON, crs)


@bp.get("/regions")
def region_outlines() -> Response:
    """Outlines of administrative regions, as the base map of a page without one."""
    values = params.once(request.args, ("level", "under"))
    level, under = params.region_level(values), params.region_prefix(values)
    text = regions.outlines(connection(), level, under, settings().public_decimals)
    body = responses.plain_collection(text, Crs.GCJ02)
    tag = responses.etag("regions", body)
    return responses.conditional(tag, lambda: body, responses.GEOJSON, Crs.GCJ02)
