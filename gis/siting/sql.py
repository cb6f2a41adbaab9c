"""SQL of siting: one statement filters, scores, ranks and finds near misses.

Text is made of names of the registry and placeholders only; every value is bound.
"""

from collections.abc import Sequence

import shapely

from gis.layers import Kind, Layer
from gis.query import Admits, AnyOf, Between, Condition, Is, OneOf, Under
from gis.siting import drawing
from gis.siting.binds import Binds
from gis.siting.prepared import Statement
from gis.siting.profiles import Wanted
from gis.siting.question import Admitted, Avoiding, Filter, Hard, Inside, Question
from gis.siting.terms import DISTANCES, NUMERIC, OVERLAPS, STORED, TABLES, VIOLATED, near_id
from gis.siting.values import Fit, score_sql

SLACK = 0.10
"""A near miss breaks one bound by at most this share of it."""
MOST_MISSES = 3

_ORDER = "points DESC, id"
# Points are millionths: what two machines may round differently must not decide the order.
_POINTS = 1_000_000


def rank(question: Question) -> Statement:
    """The best sites (``broken`` 0) and near misses (``broken`` 1), each in order.

    Columns: layer, id, broken, points (the score in millionths), place (from 1), found (how many
    of this ``broken``), figures (of the wants), bounds (of the relaxable constraints), names,
    near_ids and near_m (of the nearest facilities of ``Question.distances``), breaches (m2 by
    kind of constraint), site_m2, properties, geometry.
    """
    bind = Binds()
    layers = question.criteria.asked
    scored = " UNION ALL ".join(_scored(question, layer, bind) for layer in layers)
    fitting = _best(0, question.criteria.limit, bind)
    missing = _best(1, MOST_MISSES, bind)
    shown = " UNION ALL ".join(_shown(question, layer, bind) for layer in layers)
    return Statement(
        f"WITH scored AS MATERIALIZED ({scored}), counted AS MATERIALIZED (SELECT"
        f" count(*) FILTER (WHERE broken = 0) AS found_0,"
        f" count(*) FILTER (WHERE broken = 1) AS found_1 FROM scored),"
        f" ranked AS MATERIALIZED ({fitting} UNION ALL {missing})"
        f" {shown} ORDER BY broken, place",
        bind.values,
    )


def _best(broken: int, most: int, bind: Binds) -> str:
    """The first of those that break so many constraints, numbered, and how many there are."""
    return (
        f"(SELECT *, row_number() OVER (ORDER BY {_ORDER}) AS place, (SELECT found_{broken}"
        f" FROM counted) AS found FROM (SELECT * FROM scored WHERE broken = {broken}"
        f" ORDER BY {_ORDER} LIMIT {bind(most)}) b)"
    )


def one(question: Question, layer: Layer, site_id: int, bind: Binds) -> Statement:
    """One site as :func:`rank` would give it, whether or not it fits."""
    ranked = f"SELECT '{layer.name}' AS layer, {bind(site_id)}::bigint AS id, 0 AS broken,"
    return Statement(
        f"WITH ranked AS ({ranked}0 AS points, 1 AS place, 1 AS found)"
        f" {_shown(question, layer, bind)}",
        bind.values,
    )


def removed(question: Question, layer: Layer) -> Statement:
    """One row: all sites of the layer, and for each hard constraint in its order how many fail it
    (``fail_0`` ...) and how many would fit if it alone were dropped (``without_0`` ...).
    """
    bind = Binds()
    clauses = [holds(one, bind) for one in question.hard(layer)]
    columns = ["count(*) AS sites"]
    for index in range(len(clauses)):
        columns.append(f"count(*) FILTER (WHERE NOT h{index}) AS fail_{index}")
        names = " AND ".join(f"h{n}" for n in range(len(clauses)) if n != index) or "true"
        columns.append(f"count(*) FILTER (WHERE {names}) AS without_{index}")
    held = ", ".join(f"coalesce({c}, false) AS h{i}" for i, c in enumerate(clauses)) or "true"
    table = TABLES[layer.name].name
    return Statement(
        f"SELECT {', '.join(columns)} FROM (SELECT {held} FROM {table} s) t", bind.values
    )


def _scored(question: Question, layer: Layer, bind: Binds) -> str:
    terms = [(one.weight, one.function, figure(one, layer, bind)) for one in question.wants]
    hard = question.hard(layer)
    clauses = [holds(one, bind, SLACK) for one in hard]
    broken = [f"(NOT ({holds(one, bind)}))::int" for one in hard if one.relaxable]
    return (
        f"(SELECT '{layer.name}' AS layer, id, {' + '.join(broken) or '0'} AS broken,"
        f" round(({score_sql(terms, bind)}) * {_POINTS}) AS points FROM {TABLES[layer.name].name} s"
        f" WHERE {' AND '.join(clauses) or 'true'})"
    )


def _shown(question: Question, layer: Layer, bind: Binds) -> str:
    figures = [figure(one, layer, bind) for one in question.wants]
    bounds = [f"s.{one.column.name}" for one in question.bounds(layer)]
    kinds = question.distances(layer)
    named = [f"(SELECT f.name FROM facilities f WHERE f.id = s.{near_id(k)})" for k in kinds]
    near_ids = [f"s.{near_id(kind)}" for kind in kinds]
    metres = [f"s.{DISTANCES[kind].name}" for kind in kinds]
    breaches = [f"s.{column.name}" for column in OVERLAPS.values()]
    return (
        f"SELECT r.*, {_array(figures, 'float8')} AS figures, {_array(bounds, 'float8')} AS bounds,"
        f" {_array(named, 'text')} AS names, {_array(near_ids, 'bigint')} AS near_ids,"
        f" {_array(metres, 'float8')} AS near_m,"
        f" {_array(breaches, 'float8')} AS breaches, s.site_m2,"
        f" p.properties, p.geometry FROM ranked r JOIN {TABLES[layer.name].name} s ON s.id = r.id"
        f" JOIN {layer.name}_public p ON p.id = r.id"
    )


def _array(items: Sequence[str], kind: str) -> str:
    return f"ARRAY[{', '.join(items)}]::{kind}[]"


def figure(wanted: Wanted, layer: Layer, bind: Binds) -> str:
    """SQL of the figure that a want looks at, in the unit it was asked in."""
    term, function = wanted.want.term, wanted.function
    if isinstance(function, Fit):
        alike = function.likeness_sql("s.industries", bind)
        return f"(CASE WHEN s.industries IS NOT NULL THEN {alike} END)::float8"
    if term.column.name not in {c.name for c in STORED[layer.name].columns}:
        return "NULL::float8"
    if term.column.kind is Kind.BOOLEAN:
        return f"s.{term.column.name}::int::float8"
    return f"(s.{term.column.name} * 0.0015)" if term.in_mu else f"s.{term.column.name}"


def holds(hard: Hard, bind: Binds, slack: float = 0.0) -> str:
    """SQL of a hard constraint; its bounds widened by a share if it is one that can be missed."""
    match hard:
        case Filter(condition):
            return _condition(condition, bind, slack if hard.relaxable else 0.0)
        case Inside():
            return _inside(hard, bind)
        case Admitted(industries, alike):
            return (
                f"s.industries && {bind(list(alike))}::text[] AND NOT coalesce("
                f"s.banned_industries && {bind(list(industries))}::text[], false)"
            )
        case Avoiding():
            return f"s.{VIOLATED} & {bind(hard.mask)} = 0"


def _condition(condition: Condition, bind: Binds, slack: float) -> str:
    column = f"s.{condition.column.name}"
    match condition:
        case OneOf(values=values):
            return f"{column} = ANY({bind(list(values))}::text[])"
        case Under(prefixes=prefixes):
            return f"({' OR '.join(_under(column, prefix, bind) for prefix in prefixes)})"
        case Between():
            return _between(column, condition, bind, slack)
        case Admits(value=value):
            return f"{column} @> {bind(value)}::numeric"
        case Is(value=value):
            return f"{column} IS {'TRUE' if value else 'FALSE'}"
        case AnyOf(values=values):
            return f"{column} && {bind(list(values))}::text[]"


def _under(column: str, prefix: str, bind: Binds) -> str:
    """Codes that begin with a prefix, as a range of bytes: an index answers it without the row."""
    following = prefix[:-1] + chr(ord(prefix[-1]) + 1)
    return f"({column} ~>=~ {bind(prefix)} AND {column} ~<~ {bind(following)})"


def _between(column: str, condition: Between, bind: Binds, slack: float) -> str:
    numeric = condition.column.kind in NUMERIC
    parts = []
    for bound, sign, widening in ((condition.low, ">=", -1), (condition.high, "<=", 1)):
        if bound is not None:
            wide = widened(float(bound), widening * slack) if numeric else bound  # type: ignore[arg-type]
            parts.append(f"{column} {sign} {bind(wide)}")
    return " AND ".join(parts)


def widened(bound: float, share: float) -> float:
    """The bound moved by a share of its size, down for a negative share."""
    return bound + abs(bound) * share


def _inside(hard: Inside, bind: Binds) -> str:
    within_m = hard.place.within_m
    shape = f"ST_GeomFromWKB({bind(shapely.to_wkb(hard.shape))}, 4490)"
    west, south, east, north = (bind(one) for one in drawing.box(hard.shape, within_m))
    box = f"s.centre && ST_MakeEnvelope({west}, {south}, {east}, {north}, 4490)"
    if hard.place.drawing == "polygon":
        return f"{box} AND ST_Intersects(s.centre, {shape})"
    metres = f"ST_Distance(s.centre::geography, {shape}::geography)"
    return f"{box} AND {metres} <= {bind(within_m)}"
