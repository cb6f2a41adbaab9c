"""Scoring profiles: weights, functions, vetoes and industry chains as versioned rows of data."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from sqlalchemy import (
    CheckConstraint,
    Connection,
    Date,
    DateTime,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    and_,
    bindparam,
    cast,
    func,
    or_,
    select,
    true,
)
from sqlalchemy import Column as SqlColumn
from sqlalchemy.dialects.postgresql import JSONB

from gis.layers import Kind
from gis.siting import prepared
from gis.siting.criteria import BadCriteria, Criteria, Want
from gis.siting.prepared import Statement
from gis.siting.values import Fit, Holds, ValueFunction
from gis.siting.versions import DATED, DataDate, date_of
from gis.siting.wants import INDUSTRY, WANT, parse_want
from gis.tables import metadata

siting_profiles = Table(
    "siting_profiles",
    metadata,
    SqlColumn("name", Text, nullable=False),
    SqlColumn("version", Integer, nullable=False),
    SqlColumn("region_code", Text, nullable=False, server_default=""),
    SqlColumn("effective_on", Date, nullable=False, server_default=func.current_date()),
    SqlColumn("body", JSONB, nullable=False),
    SqlColumn("source", Text, nullable=False),
    SqlColumn("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    PrimaryKeyConstraint("name", "version"),
    CheckConstraint("version > 0", name="version"),
)
"""A version is never changed: answers name it, so an old answer can be made again.

``region_code`` is the region it was made for, empty for everywhere; it holds from ``effective_on``.
"""

SAME, CHAIN, RELATED = 1.0, 0.7, 0.4
"""Likeness of two industries (domain brief F4): the same, of one chain, of related chains."""


@dataclass(frozen=True)
class Profile:
    """One version of a profile.

    ``wants`` hold function and weight by term, ``sources`` where each is from; ``open`` are the
    statuses of a layer's sites that can still be had, asked for where a question names none;
    ``usual`` are the terms that are wanted when a
    question wants nothing; ``veto`` the constraints that no score makes up for; ``changeable`` the
    figures that money or time can change; ``chains`` industries by chain, ``related`` the chains
    that are near each other.
    """

    name: str
    version: int
    effective_on: date
    source: str
    wants: Mapping[str, Want]
    sources: Mapping[str, str]
    open: Mapping[str, tuple[str, ...]]
    usual: tuple[str, ...]
    veto: tuple[str, ...]
    changeable: frozenset[str]
    chains: Mapping[str, tuple[str, ...]]
    related: tuple[frozenset[str], ...]


@dataclass(frozen=True)
class Wanted:
    """A want with everything known: what is scored, how, and how much it weighs."""

    want: Want
    function: ValueFunction
    weight: float


def asked(connection: Connection, criteria: Criteria) -> tuple[Profile, DataDate]:
    """The profile that a question is scored by, and how new the data is.

    The newest version that holds today in the question's region: one for the region itself, or
    for the nearest around it, goes before those for everywhere. A version that is asked for is
    taken wherever it holds. Raises :class:`BadCriteria` if there is none.
    """
    name, version = criteria.profile, criteria.profile_version
    values = _ASKED.values | {"name": name, "version": version, "region": criteria.region}
    found = prepared.rows(connection, Statement(_ASKED.text, values))
    if not found:
        raise BadCriteria("profile", f"没有评分方案 {name}{f'@{version}' if version else ''}")
    (row,) = found
    profile = _made(name, row.version, row.effective_on, row.source, row.body)
    return profile, date_of(row)


_VERSION = bindparam("version", type_=Integer)
_IN_FORCE = and_(
    siting_profiles.c.effective_on <= func.current_date(),
    func.starts_with(bindparam("region", type_=Text), siting_profiles.c.region_code),
)
_dated = DATED.subquery()
_ASKED = prepared.compiled(
    select(
        siting_profiles.c.version,
        siting_profiles.c.effective_on,
        siting_profiles.c.source,
        cast(siting_profiles.c.body, Text).label("body"),
        *_dated.c,
    )
    .join_from(siting_profiles, _dated, true())
    .where(
        siting_profiles.c.name == bindparam("name"),
        siting_profiles.c.version == func.coalesce(_VERSION, siting_profiles.c.version),
        or_(_VERSION.is_not(None), _IN_FORCE),
    )
    .order_by(func.length(siting_profiles.c.region_code).desc(), siting_profiles.c.version.desc())
    .limit(1)
)


@lru_cache(maxsize=64)
def _made(name: str, version: int, effective_on: date, source: str, text: str) -> Profile:
    """A profile of its JSON body; its wants are written as those of a query string."""
    body: Mapping[str, object] = json.loads(text)
    content: dict[str, dict[str, object]] = {key: _mapping(one) for key, one in body.items()}
    lists: dict[str, list[str]] = {key: _texts(one) for key, one in body.items()}
    return Profile(
        name=name,
        version=version,
        effective_on=effective_on,
        source=source,
        wants={
            term: parse_want(f"{WANT}{term}", str(text))
            for term, text in content.get("wants", {}).items()
        },
        sources={term: str(one) for term, one in content.get("sources", {}).items()},
        open={layer: tuple(_texts(one)) for layer, one in content.get("open", {}).items()},
        usual=tuple(lists.get("usual", ())),
        veto=tuple(lists.get("veto", ())),
        changeable=frozenset(lists.get("changeable", ())),
        chains={chain: tuple(_texts(names)) for chain, names in content.get("chains", {}).items()},
        related=tuple(frozenset(_texts(pair)) for pair in _list(body.get("related"))),
    )


def _mapping(content: object) -> dict[str, object]:
    return content if isinstance(content, dict) else {}


def _list(content: object) -> list[object]:
    return content if isinstance(content, list) else []


def _texts(content: object) -> list[str]:
    return [one for one in _list(content) if isinstance(one, str)]


def wanted(criteria: Criteria, profile: Profile) -> tuple[Wanted, ...]:
    """What is scored: the question's wants, completed from the profile; or the profile's usual.

    Raises :class:`BadCriteria` for a want that neither says how to value.
    """
    asked = criteria.wants or tuple(profile.wants[term] for term in profile.usual)
    if not criteria.wants and criteria.industries:
        asked = (*asked, Want(INDUSTRY, None, None))
    found = tuple(_completed(want, criteria, profile) for want in asked)
    if not sum(one.weight for one in found) > 0:
        raise BadCriteria("want", "权重之和应大于 0")
    return found


def _completed(want: Want, criteria: Criteria, profile: Profile) -> Wanted:
    default = profile.wants.get(want.term.name)
    function = want.function or (default.function if default else None)
    if want.term is INDUSTRY and function is None and criteria.industries:
        function = Fit(criteria.industries)
    if function is None and want.term.column.kind is Kind.BOOLEAN:
        function = Holds()
    if function is None:
        detail = "评分方案没有这一项的价值函数，请写明，例如 around(50,20)*3"
        raise BadCriteria(f"{WANT}{want.term.name}", detail)
    if isinstance(function, Fit):
        function = replace(function, levels=likenesses(profile, function.asked))
    weights = (want.weight, default.weight if default else None, 1.0)
    weight = next(one for one in weights if one is not None)
    return Wanted(want, function, weight)


def likenesses(
    profile: Profile, asked: tuple[str, ...]
) -> tuple[tuple[float, tuple[str, ...]], ...]:
    """Industries that are like those asked for, by how like they are, best first."""
    chains = {chain for chain, names in profile.chains.items() if set(names) & set(asked)}
    near = {c for pair in profile.related if pair & chains for c in pair} - chains
    return (
        (SAME, asked),
        (CHAIN, tuple(sorted({n for c in chains for n in profile.chains[c]} - set(asked)))),
        (RELATED, tuple(sorted({n for c in near for n in profile.chains.get(c, ())}))),
    )
