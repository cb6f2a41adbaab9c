"""Paths of saved searches: parsed by the codecs of the addresses that they name."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

from sqlalchemy import Connection, select
from werkzeug.datastructures import MultiDict

from gis import features, sql
from gis.layers import LAYERS
from gis.query import BadQuery
from gis.siting import answer, codec, profiles, question
from gis.siting.versions import data_date
from mini_program_api import params
from server.people.searches import Asked, Match

MOST_MATCHES = 2000
"""Sites that a search looks at, the newest: whoever finds more wants the map, not an alert."""

MOST_RANKED = 200

_SITING = "/siting"
_OF_PAGES = ("limit", "cursor", "fields", "zoom", "crs")
_LAYERS = {f"/{layer.name}": layer for layer in LAYERS}


def question_of(path: str) -> Asked:
    """What a path asks, such as ``/parcels?status=available`` or ``/siting?area_mu_min=30``.

    Raises what the address itself raises for bad parameters, :class:`BadQuery` for another path.
    """
    parts = urlsplit(path)
    if parts.scheme or parts.netloc or parts.fragment:
        raise BadQuery("path", "应为 /parcels?… 或 /siting?…")
    try:
        pairs = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    except ValueError:
        raise BadQuery("path", "问号后的条件格式不对") from None
    values = MultiDict(pairs)
    where = parts.path.removeprefix("/api/v1")
    if where == _SITING:
        return _of_siting(params.once(values, values))
    if where not in _LAYERS:
        raise BadQuery("path", f"应以 {'、'.join([*_LAYERS, _SITING])} 开头")
    return _of_layer(where, values)


def _of_layer(where: str, values: MultiDict[str, str]) -> Asked:
    layer = _LAYERS[where]
    for name in _OF_PAGES:
        values.pop(name, None)
    query = params.items_query(layer, values, MOST_MATCHES)
    table = sql.searched(layer, query)
    found = select(table.c.id).where(sql.matches(layer, table, query)).order_by(table.c.id.desc())
    newest = found.limit(MOST_MATCHES)

    def stamp(connection: Connection) -> str:
        return f"{layer.name}:{features.state(connection, layer).version}"

    def matches(connection: Connection) -> Sequence[Match]:
        return [(layer.name, site_id) for site_id in connection.execute(newest).scalars()]

    return Asked(stamp, matches)


def _of_siting(values: Mapping[str, str]) -> Asked:
    criteria = replace(codec.from_query(values), limit=MOST_RANKED)

    def stamp(connection: Connection) -> str:
        return _siting_stamp(connection)

    def matches(connection: Connection) -> Sequence[Match]:
        profile, _ = profiles.asked(connection, criteria)
        found = answer.ask(connection, question.complete(criteria, profile))
        return [(site.layer.name, site.id) for site in found.sites]

    return Asked(stamp, matches)


def _siting_stamp(connection: Connection) -> str:
    return f"siting:{data_date(connection).version}"


def stamps(connection: Connection) -> list[str]:
    """Every stamp that is true of today's data."""
    layers = [f"{layer.name}:{features.state(connection, layer).version}" for layer in LAYERS]
    return [*layers, _siting_stamp(connection)]
