"""SQL of the reads: pure functions from a layer and a query to a bound statement.

Every function returns an expression; none executes and none writes a value into the text.
"""

from collections.abc import Sequence
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import (
    JSON,
    Boolean,
    ColumnElement,
    FromClause,
    Select,
    Table,
    Text,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    true,
    type_coerce,
)

from gis import banded, shape_text
from gis.crs import CGCS2000, Crs
from gis.layers import Audience, Column, Kind, Layer
from gis.query import (
    Admits,
    AnyOf,
    BBox,
    Between,
    Condition,
    Is,
    ItemsQuery,
    OneOf,
    Under,
)
from gis.queryables import QUERYABLES
from gis.tables import GCJ02_SRID, PUBLICATIONS, SITES, TILES, layer_state
from gis.zooms import BANDS

PENDING = "pending_verification"


def source(layer: Layer, audience: Audience) -> Table:
    """The table that an audience reads: the publication or the truth."""
    return (PUBLICATIONS if audience is Audience.PUBLIC else SITES)[layer.name]


def envelope(bbox: BBox, crs: Crs) -> ColumnElement[Geometry]:
    """The box as a geometry in the SRID of what it is compared with."""
    srid = GCJ02_SRID if crs is Crs.GCJ02 else CGCS2000
    box = func.ST_MakeEnvelope(bbox.west, bbox.south, bbox.east, bbox.north, srid)
    return type_coerce(box, Geometry(srid=srid))


def meets(column: ColumnElement[Geometry], box: ColumnElement[Geometry]) -> ColumnElement[bool]:
    """The shape shares a point with the box.

    Most shapes in a view lie in it whole, which their stored boxes tell without a look at their
    corners: 1.4 times as many answers a second. Those boxes are of single precision, so a sliver
    under a metre wide that lies as close outside of the view is found too.
    """
    # Made once for all rows, and in a CASE, lest the index be read a second time for it.
    once = select(box).scalar_subquery()
    inside = column.op("@", return_type=Boolean())(once)
    exact = case((inside, true()), else_=func.ST_Intersects(column, once))
    return and_(column.op("&&", return_type=Boolean())(box), exact)


def condition_clause(table: FromClause, condition: Condition) -> ColumnElement[bool]:
    """One condition as a WHERE clause on the table's column of that name."""
    column = table.c[condition.column.name]
    match condition:
        case OneOf(values=values):
            return column.in_(values)
        case Under(prefixes=prefixes):
            return or_(*(column.startswith(prefix, autoescape=True) for prefix in prefixes))
        case Between(low=low, high=high):
            bounds = []
            if low is not None:
                bounds.append(column >= low)
            if high is not None:
                bounds.append(column <= high)
            return and_(*bounds)
        case Admits(value=value):
            return column.op("@>", return_type=Boolean())(bindparam(None, value, unique=True))
        case Is(value=value):
            return column.is_(value)
        case AnyOf(values=values):
            return column.op("&&", return_type=Boolean())(cast(list(values), column.type))


def word_clause(layer: Layer, table: FromClause, words: str) -> ColumnElement[bool]:
    """The words stand in one of the searched columns, in small letters or in capitals."""
    searched = (table.c[column.name] for column in layer.columns if column.searched)
    if not is_cased(words):
        return or_(*(column.contains(words, autoescape=True) for column in searched))
    return or_(*(column.icontains(words, autoescape=True) for column in searched))


def is_cased(words: str) -> bool:
    """Whether capitals matter: for Chinese and digits PostgreSQL then need not fold every row."""
    return words.lower() != words.upper()


def looked_in(layer: Layer, audience: Audience) -> Table:
    """The table in which filters and words are looked for without a box."""
    if audience is Audience.PUBLIC and layer.name in QUERYABLES:
        return QUERYABLES[layer.name]
    return source(layer, audience)


def fits(layer: Layer, table: FromClause, query: ItemsQuery) -> ColumnElement[bool]:
    """What the query demands of a row, but for its box and its page."""
    clauses = [condition_clause(table, condition) for condition in query.conditions]
    if query.words is not None:
        clauses.append(word_clause(layer, table, query.words))
    return and_(true(), *clauses)


def searched(layer: Layer, query: ItemsQuery) -> Table:
    """The table in which what the query demands is looked for."""
    if query.bbox is None:
        return looked_in(layer, query.audience)
    return source(layer, query.audience)


def matches(layer: Layer, table: FromClause, query: ItemsQuery) -> ColumnElement[bool]:
    """All that the query demands of a row of the table, but for the page."""
    demanded = fits(layer, table, query)
    if query.bbox is None:
        return demanded
    return and_(meets(table.c.geom, envelope(query.bbox, query.crs)), demanded)


def _outputs(table: FromClause, column: Column) -> list[ColumnElement[object]]:
    """What a column gives in JSON, labelled: beside a code its text, beside m2 the 亩."""
    value = table.c[column.name]
    match column.kind:
        case Kind.CODE:
            labels = case(dict(column.choices or {}), value=value)
            return [value, labels.label(f"{column.name}_text")]
        case Kind.AREA:
            mu = func.trim_scale(func.round(value * 3 / 2000, 4))
            return [func.trim_scale(value).label(column.name), mu.label(column.mu_name)]
        case Kind.NUMBER:
            return [func.trim_scale(value).label(column.name)]
        case Kind.INTERVAL:
            return [_interval(table, value).label(column.name)]
        case Kind.INSTANT:
            return [_instant(value).label(column.name)]
        case _:
            return [value]


def _interval(table: FromClause, value: ColumnElement[object]) -> ColumnElement[object]:
    bounds = (
        select(
            func.lower(value).label("min"),
            func.lower_inc(value).label("min_inclusive"),
            func.upper(value).label("max"),
            func.upper_inc(value).label("max_inclusive"),
        )
        .correlate(table)
        .subquery("i")
    )
    # Compact like the row around it; json_build_object would write blanks.
    text = select(func.row_to_json(bounds.table_valued())).scalar_subquery()
    return case((value.is_not(None), text))


def _instant(value: ColumnElement[object]) -> ColumnElement[object]:
    return func.to_char(func.timezone("UTC", value), 'YYYY-MM-DD"T"HH24:MI:SS"Z"')


def properties(table: FromClause, columns: Sequence[Column]) -> ColumnElement[str]:
    """The GeoJSON properties of a row of a site table, as compact JSON text."""
    pairs = [output for column in columns for output in _outputs(table, column)]
    stamp = _instant(table.c.updated_at).label("updated_at")
    return _json_row(table, [*pairs, table.c.version, stamp])


def _for_staff(table: FromClause, columns: Sequence[Column]) -> ColumnElement[str]:
    """The same, and whether the public does not see the site until somebody verifies it."""
    pairs = [output for column in columns for output in _outputs(table, column)]
    stamp = _instant(table.c.updated_at).label("updated_at")
    pending: ColumnElement[object] = type_coerce(table.c.stale_since.is_not(None), Boolean())
    return _json_row(table, [*pairs, table.c.version, stamp, pending.label(PENDING)])


def _rest(layer: Layer) -> list[ColumnElement[object]]:
    """What the public may see of a site beyond its summary."""
    table, summary = SITES[layer.name], layer.summary(Audience.PUBLIC)
    columns = (c for c in layer.readable(Audience.PUBLIC) if c not in summary)
    return [output for column in columns for output in _outputs(table, column)]


def _json_row(table: FromClause, pairs: Sequence[ColumnElement[object]]) -> ColumnElement[str]:
    row = select(*pairs).correlate(table).subquery("p")
    # row_to_json writes no spaces and knows no limit of arguments, unlike json_build_object.
    return cast(select(func.row_to_json(row.table_valued())).scalar_subquery(), Text)


def output_names(layer: Layer, audience: Audience) -> frozenset[str]:
    """Names that stand in the properties of a site in full: what ``fields`` may name."""
    table = SITES[layer.name]
    names = {o.name for c in layer.readable(audience) for o in _outputs(table, c)}
    ours = {"version", "updated_at"} | ({PENDING} if audience is Audience.STAFF else set())
    return frozenset(names | ours)


def _chosen_properties(
    layer: Layer, audience: Audience, fields: Sequence[str] | None
) -> ColumnElement[str]:
    table = source(layer, audience)
    if fields is None:
        if audience is Audience.PUBLIC:
            return table.c.properties
        return _for_staff(table, layer.summary(audience))
    detail = _detail(layer, audience)
    pair = func.json_each(cast(detail, JSON)).table_valued("key", "value").render_derived()
    chosen = select(func.json_object_agg(pair.c.key, pair.c.value)).where(pair.c.key.in_(fields))
    return func.coalesce(cast(chosen.scalar_subquery(), Text), "{}")


def _detail(layer: Layer, audience: Audience) -> ColumnElement[str]:
    table = source(layer, audience)
    if audience is Audience.STAFF:
        return _for_staff(table, layer.readable(audience))
    if not _rest(layer):
        return table.c.properties
    # Two JSON objects as one: the summary without its closing brace, the rest without its opening.
    rest = func.substr(table.c.detail, 2)
    return func.concat(func.left(table.c.properties, -1), ",", rest)


def _feature(
    table: FromClause, geometry: ColumnElement[str], own: ColumnElement[str]
) -> ColumnElement[str]:
    opening = literal('{"type":"Feature","id":') + cast(table.c.id, Text) + ',"geometry":'
    # Short texts first: each || copies what stands on both of its sides.
    return opening + geometry + (literal(',"properties":') + own + "}")


def page(layer: Layer, query: ItemsQuery) -> Select[int, str | None]:
    """``(id, feature)`` of one page in the order of ids, and one row more if there is a next.

    Null instead of the features with which the page would hold more than ``query.most_bytes``.
    """
    table = source(layer, query.audience)
    rows = select(table.c.id, shape_text.weight(layer, query).label("weight")).order_by(table.c.id)
    narrow = searched(layer, query)
    if query.is_filtered and narrow is not table:
        ids = select(narrow.c.id).where(matches(layer, narrow, query)).order_by(narrow.c.id)
        rows = rows.where(table.c.id.in_(_paged(ids, narrow, query)))
    else:
        rows = _paged(rows.where(matches(layer, table, query)), table, query)
    weighed = shape_text.within_budget(rows, query.most_bytes)
    feature = case((weighed.c.fits, _sent(layer, query))).label("feature")
    joined = select(table.c.id, feature).join_from(weighed, table, weighed.c.id == table.c.id)
    return joined.order_by(table.c.id)


def view(layer: Layer, query: ItemsQuery) -> Select[int, str | None]:
    """The rows of a first page without filters, in no order, before it is known whether they fit.

    Null instead of a feature too large to be had in such numbers.
    """
    table = source(layer, query.audience)
    light = shape_text.weight(layer, query) <= shape_text.MOST_UNWEIGHED_BYTES
    rows = select(table.c.id, case((light, _sent(layer, query))).label("feature"))
    return _paged(rows.where(matches(layer, table, query)), table, query)


def _sent(layer: Layer, query: ItemsQuery) -> ColumnElement[str]:
    table = source(layer, query.audience)
    own = _chosen_properties(layer, query.audience, query.fields)
    return _feature(table, shape_text.drawn(layer, query), own)


def _paged(
    rows: Select[*tuple[Any, ...]], table: Table, query: ItemsQuery
) -> Select[*tuple[Any, ...]]:
    after = true() if query.after_id is None else table.c.id > query.after_id
    return rows.where(after).limit(query.limit + 1)


def count(layer: Layer, query: ItemsQuery) -> Select[int]:
    """How many sites the query finds on all its pages."""
    table = searched(layer, query)
    return select(func.count()).select_from(table).where(matches(layer, table, query))


def everything(layer: Layer, ids: Sequence[int] | None = None) -> Select[int, bytes, str, int]:
    """``(id, shape as WKB, feature, weight)`` of all public sites, or of some, in order of ids."""
    table, query = PUBLICATIONS[layer.name], ItemsQuery(Crs.GCJ02)
    weight = shape_text.weight(layer, query).label("weight")
    feature = _sent(layer, query).label("feature")
    rows = select(table.c.id, func.ST_AsBinary(table.c.geom), feature, weight).order_by(table.c.id)
    return rows if ids is None else rows.where(table.c.id.in_(ids))


def one(layer: Layer, audience: Audience, site_id: int) -> Select[int, str]:
    """``(version, feature)`` of one site with every column that the audience may see."""
    table = source(layer, audience)
    feature = _feature(table, shape_text.exact(layer, audience), _detail(layer, audience))
    return select(table.c.version, feature.label("feature")).where(table.c.id == site_id)


def stamp(instant: ColumnElement[Any]) -> ColumnElement[str]:
    """An instant as RFC 3339 text in the session's time zone."""
    return func.to_char(instant, 'YYYY-MM-DD"T"HH24:MI:SSTZH:TZM')


def changed_at() -> ColumnElement[str]:
    """When the layer's data version was written."""
    return stamp(layer_state.c.changed_at).label("at")


def chosen(column: ColumnElement[int], ids: Select[int] | None) -> ColumnElement[bool]:
    """The column is one of the ids; with None every row is chosen."""
    return true() if ids is None else column.in_(ids)


def publication(
    layer: Layer, decimals: int, ids: Select[int] | None = None
) -> Select[*tuple[object, ...]]:
    """The rows of the publication as they follow from the truth, in the order of its columns.

    For chosen sites or for all, of what is drawn of them. ``decimals`` of the public degrees: 6
    are about 0.1 m.
    """
    site = SITES[layer.name]
    made: dict[str, ColumnElement[Any]] = {
        "geom": site.c.geom_gcj02,
        "geometry": func.ST_AsGeoJSON(site.c.geom_gcj02, decimals),
        "properties": properties(site, layer.summary(Audience.PUBLIC)),
        "detail": _json_row(site, _rest(layer)),
    }
    rows: FromClause = site
    if layer.name in TILES:
        whole = banded.shapes(layer, site)
        made |= {band.geometry: banded.text(whole, band, decimals) for band in BANDS}
        rows = site.join(whole, true())
    columns = [
        made[column.name].label(column.name) if column.name in made else site.c[column.name]
        for column in PUBLICATIONS[layer.name].c
    ]
    return select(*columns).select_from(rows).where(is_public(layer), chosen(site.c.id, ids))


def is_public(layer: Layer) -> ColumnElement[bool]:
    """The public may see the site: neither hidden nor retired, and verified not too long ago."""
    site = SITES[layer.name]
    return and_(
        site.c.status.not_in(sorted(layer.hidden_status)),
        site.c.retired_at.is_(None),
        site.c.stale_since.is_(None),
    )


def extent(layer: Layer) -> Select[int, float, float, float, float]:
    """How many sites the public sees and the box around them, in GCJ-02 degrees."""
    table = PUBLICATIONS[layer.name]
    box = func.ST_Extent(table.c.geom)
    return select(
        func.count().label("sites"),
        func.ST_XMin(box).label("west"),
        func.ST_YMin(box).label("south"),
        func.ST_XMax(box).label("east"),
        func.ST_YMax(box).label("north"),
    )
