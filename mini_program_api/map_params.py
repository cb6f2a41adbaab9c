"""Query strings of maps, tiles and touches, which ask several layers at once or none by name."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from werkzeug.datastructures import MultiDict

from gis import filters
from gis.crs import Crs
from gis.filters import Parameter
from gis.identify import Touch
from gis.layers import Kind, Layer, UnknownLayer, layer_named
from gis.query import BadQuery, ItemsQuery, OneOf
from gis.views import MapQuery
from mini_program_api import params

MAP_LAYERS = ("parcels", "plants", "parks")
"""In the order in which a finger means them."""


class Form(StrEnum):
    """How a view is written."""

    PLAIN = "plain"
    PACKED = "packed"


def map_form(arguments: MultiDict[str, str]) -> Form:
    """The form that the arguments ask, ``plain`` if they do not."""
    try:
        return Form(arguments.get("form", Form.PLAIN))
    except ValueError:
        raise BadQuery("form", f"应为 {'、'.join(Form)} 之一") from None


def map_query(arguments: MultiDict[str, str]) -> MapQuery:
    """The view that the arguments ask; a bare filter is for every layer that has it.

    ``parcels.status=sold`` is for that layer only.
    """
    chosen = _layers(arguments.get("layers"))
    names = [name for layer in chosen for name in _filter_names(layer)]
    values = params.once(arguments, ["bbox", "zoom", "layers", "crs", "q", "form", *names])
    crs = params.crs(values)
    words = filters.clean_text("q", values["q"]) if "q" in values else None
    asked_filters = {name: value for name, value in values.items() if name in names}
    _refuse_unknown_codes(chosen, asked_filters)
    return MapQuery(
        crs,
        params.bbox(_required(values, "bbox")),
        params.zoom(_required(values, "zoom")),
        tuple((layer, _layer_query(layer, crs, words, asked_filters)) for layer in chosen),
    )


def touch(arguments: MultiDict[str, str]) -> Touch:
    """The touched point that the arguments say."""
    values = params.once(arguments, ("lng", "lat", "zoom", "crs", "layers"))
    longitude = params.coordinate("lng", _required(values, "lng"), 180)
    latitude = params.coordinate("lat", _required(values, "lat"), 85)
    zoom = params.zoom(values.get("zoom", "16"))
    return Touch(params.crs(values), longitude, latitude, zoom, _layers(values.get("layers")))


def tile_query(layer: Layer, arguments: MultiDict[str, str]) -> tuple[ItemsQuery, str | None]:
    """What a tile shows of its layer, and the data version that its address names."""
    names = filters.parameters(layer)
    values = params.once(arguments, ["crs", "q", "v", *names])
    given = {name: value for name, value in values.items() if name in names}
    words = filters.clean_text("q", values["q"]) if "q" in values else None
    query = ItemsQuery(params.crs(values), conditions=filters.parse(layer, given), words=words)
    return query, values.get("v")


def _required(values: Mapping[str, str], name: str) -> str:
    if name not in values:
        raise BadQuery(name, "缺少这个参数")
    return values[name]


def _layers(value: str | None) -> tuple[Layer, ...]:
    names = MAP_LAYERS if value is None else value.split(",")
    try:
        asked = {layer_named(name) for name in names}
    except UnknownLayer as error:
        offered = "、".join(MAP_LAYERS)
        raise BadQuery("layers", f"没有图层 {str(error.args[0])[:40]}，可选：{offered}") from None
    return tuple(layer for layer in map(layer_named, MAP_LAYERS) if layer in asked)


def _filter_names(layer: Layer) -> Iterable[str]:
    for name in filters.parameters(layer):
        yield name
        yield f"{layer.name}.{name}"


def _refuse_unknown_codes(layers: Iterable[Layer], values: Mapping[str, str]) -> None:
    """A code that no layer knows is a mistake; one that some do not know finds nothing there."""
    for name, value in values.items():
        asked = [_codes(layer, name) for layer in layers]
        known = [codes for codes in asked if codes is not None]
        for code in value.split(","):
            if known and not any(code in codes for codes in known):
                offered = "、".join(dict.fromkeys(c for codes in known for c in codes))
                raise BadQuery(name, f"没有 {code[:40]} 这个值，可选：{offered}")


def _parameter(layer: Layer, name: str) -> Parameter | None:
    return filters.parameters(layer).get(name.removeprefix(f"{layer.name}."))


def _codes(layer: Layer, name: str) -> Mapping[str, str] | None:
    """The codes that a filter takes in a layer; None if it is no filter of codes there."""
    parameter = _parameter(layer, name)
    if parameter is None or parameter.column.kind is not Kind.CODE:
        return None
    return parameter.column.choices


def _layer_query(
    layer: Layer, crs: Crs, words: str | None, values: Mapping[str, str]
) -> ItemsQuery:
    own: dict[str, str] = {}
    nothing = []
    for name, value in values.items():
        parameter = _parameter(layer, name)
        if parameter is None:
            continue
        codes = _codes(layer, name)
        kept = value if codes is None else ",".join(c for c in value.split(",") if c in codes)
        if kept:
            # A filter of this layer only is stronger than the same for all.
            if name.startswith(f"{layer.name}.") or parameter.name not in own:
                own[parameter.name] = kept
        else:
            nothing.append(OneOf(parameter.column, ()))
    return ItemsQuery(crs, conditions=(*filters.parse(layer, own), *nothing), words=words)
