"""Finding idle land: new cases in state discovered, never a second open one of parcel and class."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from server.disposal import clocks
from server.disposal.actions import Step
from server.disposal.codes import IdleClass, Source
from server.disposal.parameters import deadline, parameters

_SYSTEM = "system"


@dataclass(frozen=True)
class Discovery:
    """One parcel that someone or a rule found idle.

    ``inputs`` are the facts that the rule saw (dates, areas, ratios), never days counted up to
    today: a finding that was rejected or closed comes back only when its facts have changed.
    ``is_legal`` says that the legal track of 53号令 applies; None means for GEWY alone.
    """

    site_id: int
    idle_class: IdleClass
    area_m2: Decimal
    found_on: date
    source: Source = Source.SCAN
    rule_id: int | None = None
    inputs: Mapping[str, object] = field(default_factory=dict)
    idle_since: date | None = None
    is_legal: bool | None = None


@dataclass(frozen=True)
class Finder:
    """Who found: for the timeline of the new cases."""

    actor: str = _SYSTEM
    user_id: int | None = None
    role: str | None = None
    comment: str | None = None


@dataclass(frozen=True)
class Found:
    """What came of a discovery: the case, and whether it is new."""

    case_id: int
    is_new: bool


class UnknownSite(LookupError):
    """A finding names a parcel that is not there, is retired or stands in no known region."""


def discover(connection: Connection, found: Discovery, finder: Finder | None = None) -> int:
    """The case of a finding: the open one if there is one, else a new one. Idempotent."""
    return discover_all(connection, [found], finder)[0].case_id


def discover_all(
    connection: Connection, found: Sequence[Discovery], finder: Finder | None = None
) -> list[Found]:
    """The cases of many findings, in their order, written set by set.

    A case of the same parcel and class that is open stays as it is. One closed within
    ``reopen_months`` comes back as a new round in state reopened; a scan that knows nothing new,
    the same rule and inputs, leaves a rejected or closed one alone. The caller audits what it did.
    """
    by = finder or Finder()
    answers: dict[tuple[int, str], Found] = {}
    clocks_of: dict[tuple[str, date], dict[str, object]] = {}
    for start in range(0, len(found), _BATCH):
        rows = [_row(one) for one in found[start : start + _BATCH]]
        _look_up(connection, rows, clocks_of)
        answers |= _made(connection, rows, clocks_of.values(), by)
        # Someone else was faster: that case was not yet to be seen when the statement began.
        late = [row for row in rows if (row["site_id"], row["class"]) not in answers]
        if late:
            answers |= _made(connection, late, clocks_of.values(), by)
    for one in found:
        if (one.site_id, one.idle_class.value) not in answers:
            raise UnknownSite(one.site_id)
    return [answers[one.site_id, one.idle_class.value] for one in found]


def _made(
    connection: Connection,
    rows: Sequence[Mapping[str, object]],
    clocks_of: Iterable[Mapping[str, object]],
    by: Finder,
) -> dict[tuple[int, str], Found]:
    values = {"rows": rows, "regions": list(clocks_of)}
    person = {"actor": by.actor, "user_id": by.user_id, "role": by.role, "comment": by.comment}
    made = connection.execute(_DISCOVER, values | person)
    return {(row.site_id, row.idle_class): Found(row.id, row.is_new) for row in made}


def _row(one: Discovery) -> dict[str, object]:
    is_legal = one.idle_class is IdleClass.GEWY if one.is_legal is None else one.is_legal
    return {
        "site_id": one.site_id,
        "class": one.idle_class.value,
        "area_m2": str(one.area_m2),
        "found_on": one.found_on.isoformat(),
        "source": one.source.value,
        "rule_id": one.rule_id,
        "inputs": dict(one.inputs),
        "idle_since": None if one.idle_since is None else one.idle_since.isoformat(),
        "is_legal": is_legal,
    }


def _look_up(
    connection: Connection,
    rows: Sequence[Mapping[str, object]],
    clocks_of: dict[tuple[str, date], dict[str, object]],
) -> None:
    """Add the clocks of the first step by region and day: few, however many rows there are."""
    for row in connection.execute(_REGIONS, {"rows": rows}):
        pair = (row.region_code, row.found_on)
        if pair not in clocks_of:
            clocks_of[pair] = _clocks(connection, *pair)


def _clocks(connection: Connection, region_code: str, day: date) -> dict[str, object]:
    register = deadline(connection, Step.REGISTER, region_code, day).after(day)
    window = int(parameters(connection, region_code, day)["reopen_months"].value)
    return {
        "region_code": region_code,
        "found_on": day.isoformat(),
        "register_on": register.on.isoformat(),
        "note": register.warning,
        "reopened_since": clocks.months_after(day, -window).isoformat(),
    }


_BATCH = 5000

_FOUND = """
    SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(
        site_id bigint, class text, area_m2 numeric, found_on date, source text, rule_id bigint,
        inputs jsonb, idle_since date, is_legal boolean)"""

_REGIONS = text(
    f"SELECT DISTINCT p.region_code, f.found_on FROM ({_FOUND}) f"  # noqa: S608
    " JOIN parcels p ON p.id = f.site_id WHERE p.retired_at IS NULL AND p.region_code IS NOT NULL"
).bindparams(bindparam("rows", type_=JSONB))

_DISCOVER = text(
    f"""
WITH found AS MATERIALIZED (
    SELECT DISTINCT ON (f.site_id, f.class) f.*, p.region_code,
           least(f.area_m2, p.area_m2) AS area_in_class_m2
    FROM ({_FOUND}) f JOIN parcels p ON p.id = f.site_id AND p.retired_at IS NULL
), timed AS MATERIALIZED (
    -- Apart from the join above: guessing few regions, a plan would try each with every row.
    SELECT f.*, c.register_on, c.note, c.reopened_since
    FROM found f JOIN jsonb_to_recordset(CAST(:regions AS jsonb)) AS c(
        region_code text, found_on date, register_on date, note text,
        reopened_since date) ON c.region_code = f.region_code AND c.found_on = f.found_on
), judged AS MATERIALIZED (
    SELECT f.*, l.id AS latest_id, l.round, l.state, l.closed_on,
           coalesce(l.state NOT IN ('closed', 'rejected') OR f.source = 'scan'
               AND l.rule_id IS NOT DISTINCT FROM f.rule_id AND l.rule_inputs = f.inputs,
               false) AS stands
    FROM timed f LEFT JOIN LATERAL (
        SELECT * FROM disposal_cases d WHERE d.site_id = f.site_id AND d.class = f.class
        ORDER BY d.round DESC LIMIT 1
    ) l ON true
), made AS (
    INSERT INTO disposal_cases (site_id, class, round, state, region_code, area_in_class_m2,
        rule_id, rule_inputs, source, discovered_on, idle_since, legal, previous_case_id,
        deadline_on, deadline_note, state_since, last_on)
    SELECT f.site_id, f.class, coalesce(f.round, 0) + 1,
           CASE WHEN f.state = 'closed' AND f.closed_on >= f.reopened_since
                THEN 'reopened' ELSE 'discovered' END,
           f.region_code, f.area_in_class_m2, f.rule_id, f.inputs, f.source, f.found_on,
           f.idle_since, CASE WHEN f.is_legal THEN '{{}}'::jsonb END, f.latest_id,
           f.register_on, f.note, f.found_on, f.found_on
    FROM judged f
    WHERE NOT f.stands
    ORDER BY f.site_id, f.class
    ON CONFLICT DO NOTHING
    RETURNING id, site_id, class, state, discovered_on, rule_inputs, rule_id
), told AS (
    INSERT INTO disposal_actions (case_id, case_version, action, to_state, happened_on, actor,
        user_id, role, comment, inputs)
    SELECT m.id, 1, 'discover', m.state, m.discovered_on, CAST(:actor AS text),
           CAST(:user_id AS bigint), CAST(:role AS text), CAST(:comment AS text),
           jsonb_build_object('rule_id', m.rule_id, 'inputs', m.rule_inputs)
    FROM made m
)
SELECT id, site_id, class AS idle_class, true AS is_new FROM made
UNION ALL SELECT latest_id, site_id, class, false FROM judged WHERE stands
"""  # noqa: S608
).bindparams(bindparam("rows", type_=JSONB), bindparam("regions", type_=JSONB))
