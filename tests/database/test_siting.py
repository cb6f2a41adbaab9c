"""Siting on PostGIS: the answer of brute force, from an index, and still true after every write."""

import random
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, select, text

from gis.layers import layer_named
from gis.publish import publish
from gis.siting import answer, codec, compare, profiles, question, sql, stored
from gis.siting.answer import Answer
from gis.siting.question import Question
from gis.tables import SITES
from server.config import Settings
from server.db import job_engine
from tests.bench.siting_city import COUNTIES, SOUTH, STEP, WEST, fill
from tests.database.siting_oracle import Asked, City
from tests.databases import Maker

VETO = ("basic_farmland", "ecological_redline")
SIZE = 500


@pytest.fixture(scope="module", params=[0.11, 0.57])
def city(request: pytest.FixtureRequest, maker: Maker, migrated_template: str) -> Iterator[Engine]:
    with maker.copied(migrated_template) as url:
        engine = job_engine(Settings(database_url=url))
        fill(engine, SIZE, 120, seed=request.param)
        yield engine


@pytest.fixture
def own_city(engine: Engine) -> Engine:
    fill(engine, 100, 40)
    return engine


def asked(connection: Connection, body: dict[str, Any]) -> Question:
    criteria = codec.from_json(body)
    return question.complete(criteria, profiles.asked(connection, criteria)[0])


def ask(engine: Engine, body: dict[str, Any]) -> Answer:
    with engine.connect() as connection:
        return answer.ask(connection, asked(connection, body))


def questions(seed: float, alike: frozenset[str] = frozenset()) -> Iterator[Asked]:
    """Random questions to parcels and plants together; ``alike`` are industries like 半导体."""
    rng = random.Random(seed)
    for number in range(12):
        low, middle = rng.uniform(1_000, 30_000), (WEST + 11.5 * STEP, SOUTH + 11.5 * STEP)
        far = [
            (x + rng.uniform(-10, 10) * STEP, y + rng.uniform(-10, 10) * STEP)
            for x, y in [middle] * 3
        ]
        yield Asked(
            round(low, 2),
            round(low + rng.uniform(10_000, 120_000), 2),
            tuple(rng.sample(["available", "planned", "sold", "partly_available", "occupied"], 3)),
            rng.choice(["33", "3301", "33", rng.choice(COUNTIES)]),
            rng.choice([3000.0, 8000.0, 20000.0]),
            rng.choice([(), ("flood_risk",)]),
            round(rng.uniform(5, 100), 2),
            (
                round(rng.uniform(0.1, 5), 3),
                round(rng.uniform(0, 5), 3),
                1.0,
                rng.choice([0.0, 2.5]),
                rng.choice([0.0, 1.5]),
            ),
            polygon=tuple(far) if number % 4 == 1 else (),
            route=tuple(far[: rng.choice([1, 2, 3])]) if number % 4 == 2 else (),
            within_m=round(rng.uniform(500, 2500), 1),
            industry="半导体" if number % 3 == 2 else None,
            alike=alike,
        )


def test_brute_force_gives_the_same_sites_in_the_same_order(city: Engine) -> None:
    truth, seen, layers = City(city), 0, set()
    with city.connect() as connection:
        standard, _ = profiles.asked(connection, codec.from_query({}))
        levels = profiles.likenesses(standard, ("半导体",))
    for one in questions(SIZE, frozenset(name for _, names in levels for name in names)):
        expected = truth.answer(one, VETO)
        found = ask(city, one.body())
        assert found.matched == len(expected)
        assert [site.id for site in found.sites] == [site_id for site_id, _ in expected[:100]]
        for site, (_, score) in zip(found.sites, expected, strict=False):
            assert site.explanation.score == pytest.approx(score, abs=0.01)
            layers.add(site.layer.name)
        seen += len(expected)
    assert seen > 100
    assert layers == {"parcels", "plants"}


def test_contributions_add_up_and_misses_break_one_bound(city: Engine) -> None:
    misses = 0
    for one in questions(3):
        found = ask(city, one.body())
        for site in (*found.sites, *found.misses):
            points = sum(c.points for c in site.explanation.contributions)
            assert points == pytest.approx(site.explanation.score, abs=0.01)
        misses += len(found.misses)
        for site in found.misses:
            assert site.miss is not None
            assert 0 < site.miss.share <= 0.1 + 1e-9
    assert misses > 5


def test_the_same_question_has_the_same_answer_in_other_units(city: Engine) -> None:
    mu = {"layers": ["parcels"], "must": {"area_mu_min": 30}, "want": {"area_mu": "around(60,30)"}}
    m2 = {
        "layers": ["parcels"],
        "must": {"area_m2_min": 20000},
        "want": {"area_m2": "around(40000,20000)"},
    }
    one, other = ask(city, mu), ask(city, m2)
    assert [site.id for site in one.sites] == [site.id for site in other.sites]
    assert [s.explanation.score for s in one.sites] == [s.explanation.score for s in other.sites]


def test_a_veto_wins_over_any_score(city: Engine) -> None:
    every = {"status": sorted(layer_named("parcels").column("status").choices or {})}
    body = {
        "layers": ["parcels"],
        "limit": 100,
        "must": every,
        "want": {"area_mu": "rising(0,1)*1000"},
    }
    found = ask(city, body)
    broken = [v for s in found.sites for v in s.explanation.verdicts if v.violated]
    assert not {v.kind for v in broken} & set(VETO)
    with city.connect() as connection:
        vetoed = (
            connection.execute(
                text(
                    "SELECT id FROM parcels_siting WHERE over_basic_farmland_m2 > 1"
                    " OR over_ecological_redline_m2 > 1 ORDER BY id"
                )
            )
            .scalars()
            .all()
        )
        total = connection.execute(text("SELECT count(*) FROM parcels_siting")).scalar_one()
        assert vetoed
        assert found.matched == total - len(vetoed)
        why = compare.compare(
            connection,
            asked(connection, body),
            [(layer_named("parcels"), one) for one in vetoed[:2]],
        )
    verdict = next(v for v in why.sites[0].explanation.verdicts if v.violated and v.kind in VETO)
    assert verdict.m2
    assert verdict.m2 > 1
    assert 0 < (verdict.percent or 0) <= 100


def test_when_nothing_fits_it_says_what_removes_how_many(city: Engine) -> None:
    found = ask(city, {"layers": ["parcels"], "must": {"area_mu_min": 5000, "status": "planned"}})
    assert found.matched == 0
    first = found.removals[0]
    assert first.failing == first.sites
    assert first.without > 0
    assert "面积不小于 5000 亩" in first.text


def test_one_statement_and_no_scan_of_all_parcels(maker: Maker, migrated_template: str) -> None:
    county = {"region_code": COUNTIES[3], "status": "available"}
    usual: list[dict[str, Any]] = [
        {"must": county | {"area_mu_min": 30, "area_mu_max": 60}},
        {"must": {"point": [118.75, 29.75], "within_m": 2000}},
        {"must": {"near_motorway_exit_m_max": 300, "area_mu_min": 20}},
    ]
    with maker.copied(migrated_template) as url:
        engine = job_engine(Settings(database_url=url))
        fill(engine, 20_000, 2_000)
        for body in usual:
            with engine.connect() as connection:
                statement = sql.rank(asked(connection, body | {"layers": ["parcels"]}))
                plan = connection.exec_driver_sql("EXPLAIN " + statement.text, statement.values)
                lines = "\n".join(plan.scalars())
            assert "Seq Scan on parcels" not in lines, lines
            assert "ix_parcels_siting" in lines


def stored_rows(connection: Connection) -> list[Any]:
    return list(connection.execute(text("SELECT * FROM parcels_siting ORDER BY id")).all())


CHANGES = {
    "a facility is built": (
        "facilities",
        "INSERT INTO facilities (code, name, status, kind, geom, geom_gcj02) SELECT 'new', 'new',"
        " 'operating', 'port', ST_PointOnSurface(geom), ST_SetSRID(ST_PointOnSurface(geom), 0)"
        " FROM parcels ORDER BY id LIMIT 1",
    ),
    "a facility closes": (
        "facilities",
        "UPDATE facilities SET status = 'planned' WHERE kind = 'airport'",
    ),
    "a facility turns into another": (
        "facilities",
        "UPDATE facilities SET kind = 'school' WHERE kind = 'port'",
    ),
    "a constraint is drawn": (
        "constraints",
        "INSERT INTO constraints (code, name, status, kind, rule, area_planar_m2,"
        " area_ellipsoid_m2, geom, geom_gcj02) SELECT 'n', 'n', 'in_force', 'urban_boundary',"
        " 'must_be_inside', 1, 1, geom, geom_gcj02 FROM parcels ORDER BY id LIMIT 1",
    ),
    "a constraint is repealed": (
        "constraints",
        "UPDATE constraints SET status = 'repealed' WHERE kind = 'flood_risk'",
    ),
    "a parcel is moved": ("parcels", "UPDATE parcels SET geom = ST_Translate(geom, 0.01, 0.01)"),
    "a parcel is hidden": (
        "parcels",
        "UPDATE parcels SET status = 'undisclosed' WHERE id % 3 = 0",
    ),
    "a park changes its industries": ("parks", "UPDATE parks SET leading_industries = '{电梯}'"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_stored_is_what_measuring_anew_gives(own_city: Engine, change: str) -> None:
    layer, statement = CHANGES[change]
    with own_city.begin() as connection:
        before = stored_rows(connection)
        connection.execute(text(statement))
        publish(connection, layer_named(layer), 6, select(SITES[layer].c.id))
        after = stored_rows(connection)
        stored.refresh(connection, layer_named("parcels"), None)
        assert after == stored_rows(connection)
        assert after != before


def test_two_writers_at_once_hear_of_each_other(own_city: Engine) -> None:
    assert _race(own_city, locked=True) == pytest.approx(0, abs=0.01)


def test_without_the_lock_they_would_not(own_city: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored, "_lock", lambda _connection, *, shared: None)
    assert _race(own_city, locked=False) > 1


def _race(engine: Engine, *, locked: bool) -> float:
    """A port is built on a parcel that another transaction adds meanwhile; metres between them."""
    new_parcel = (
        "INSERT INTO parcels (code, name, status, area_planar_m2, area_ellipsoid_m2, geom,"
        " geom_gcj02) SELECT 'late', 'late', 'available', 1, 1, ST_Translate(geom, -1, 0),"
        " geom_gcj02 FROM parcels ORDER BY id LIMIT 1"
    )
    new_port = (
        "INSERT INTO facilities (code, name, status, kind, geom, geom_gcj02) SELECT 'late',"
        " 'late', 'operating', 'port', ST_Translate(ST_PointOnSurface(geom), -1, 0),"
        " ST_SetSRID(ST_PointOnSurface(geom), 0) FROM parcels ORDER BY id LIMIT 1"
    )

    def build() -> None:
        with engine.begin() as connection:
            connection.execute(text(new_port))
            publish(connection, layer_named("facilities"), 6)

    builder = threading.Thread(target=build)
    with engine.begin() as connection:
        connection.execute(text(new_parcel))
        publish(connection, layer_named("parcels"), 6)
        builder.start()
        builder.join(1.5 if locked else 20)
        assert builder.is_alive() is locked
    builder.join(20)
    with engine.connect() as connection:
        metres = connection.execute(
            text("SELECT near_port_m FROM parcels_siting WHERE code = 'late'")
        )
        return float(metres.scalar_one())


def test_neighbours_are_offered_together(demo_engine: Engine) -> None:
    body = {"layers": ["parcels"], "must": {"area_mu_min": 300, "status": ["sold", "available"]}}
    found = ask(demo_engine, body)
    assert found.matched == 0
    best = found.combinations[0]
    assert best.codes == ("CX-2025-001", "CX-2025-002")
    assert best.area_m2 * 3 / 2000 == pytest.approx(446.01, abs=0.01)
    assert len({one.park_code for one in found.combinations}) >= 1
    for one in found.combinations:
        assert 2 <= len(one.ids) <= 4
        assert one.area_m2 >= 300 * 2000 / 3


def test_the_public_never_gets_a_boundary_that_is_not_disclosed(demo_engine: Engine) -> None:
    with demo_engine.connect() as connection:
        kept = connection.execute(text("SELECT count(*) FROM constraints")).scalar_one()
        shown = connection.execute(text("SELECT count(*) FROM constraints_public")).scalar_one()
    assert kept > 20
    assert shown == 0


@pytest.mark.parametrize(
    ("must", "is_own"),
    [
        ({"region_code": "330503"}, True),
        ({"region_code": "330503001"}, True),
        ({"region_code": "330502"}, False),
        ({"region_code": "3305"}, False),
        ({"region_code": "330503,330502"}, False),
        ({}, False),
    ],
)
def test_a_county_scores_by_its_own_profile(
    own_city: Engine, must: dict[str, Any], is_own: bool
) -> None:
    own = (
        "INSERT INTO siting_profiles (name, version, region_code, effective_on, body, source)"
        " SELECT name, :version, :region, CURRENT_DATE + :days, body, :source"
        " FROM siting_profiles WHERE name = 'standard' AND version = 1"
    )
    county = {"version": 90, "region": "330503", "days": 0, "source": "南浔区"}
    later = {"version": 91, "region": "330503", "days": 1, "source": "明天起"}
    with own_city.begin() as connection:
        connection.execute(text(own), [county, later])
        found, _ = profiles.asked(connection, codec.from_json({"must": must}))
        assert (found.source == "南浔区") is is_own
        named = codec.from_json({"must": must, "profile": "standard@90"})
        assert profiles.asked(connection, named)[0].source == "南浔区"
