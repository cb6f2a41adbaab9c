"""The scan: what it finds and what not, on which day, and what it writes."""

from collections.abc import Mapping
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, text

from fixtures import city
from fixtures.life import AS_OF
from server.disposal.explain import explain
from server.disposal.rules import BadRule
from server.disposal.scan import Standing
from tests.database.idle_land import DAY, add_parcel, found, looked, scanned
from tests.database.office import Office

PLACE = pytest.mark.usefixtures("office")
SOLD = {"contract_signed_on": date(2020, 1, 1), "delivered_on": date(2020, 2, 1)}
BUILT = {**SOLD, "start_due_on": date(2020, 6, 1), "started_on": date(2020, 6, 1)}
DONE = {**BUILT, "completed_on": date(2022, 1, 1), "production_due_on": date(2022, 6, 1)}
LIVE = {**DONE, "production_on": date(2022, 6, 1)}


LINES: list[tuple[Mapping[str, object], str | None]] = [
    ({"approved_on": DAY.replace(year=2024)}, "unsupplied"),
    ({"approved_on": date(2024, 11, 16)}, None),
    ({"approved_on": date(2020, 1, 1), "contract_no": "330503"}, None),
    ({"approved_on": date(2020, 1, 1), "contract_signed_on": date(2026, 11, 16)}, "unsupplied"),
    ({**SOLD, "start_due_on": DAY.replace(year=2025)}, "not_started"),
    ({**SOLD, "start_due_on": date(2025, 11, 16)}, None),
    ({**SOLD, "delivered_on": DAY.replace(year=2024)}, "not_started"),
    ({**SOLD, "delivered_on": date(2024, 11, 16)}, None),
    ({**SOLD, "delivered_on": None}, None),
    ({**SOLD, "start_due_on": date(2020, 6, 1), "started_on": date(2026, 11, 16)},
     "not_started"),
    (BUILT, None),
    ({**BUILT, "stopped_on": DAY.replace(year=2025), "developed_m2": 6666}, "stopped"),
    ({**BUILT, "stopped_on": date(2025, 11, 16), "developed_m2": 6666}, None),
    ({**BUILT, "stopped_on": date(2024, 1, 1), "developed_m2": 6667}, None),
    ({**BUILT, "stopped_on": date(2024, 1, 1), "developed_m2": 20000,
      "invested_wan": 2499, "investment_total_wan": 10000}, "stopped"),
    ({**BUILT, "stopped_on": date(2024, 1, 1), "developed_m2": 20000,
      "invested_wan": 2500, "investment_total_wan": 10000}, None),
    ({**BUILT, "vacant_m2": 2000}, "vacant"),
    ({**BUILT, "vacant_m2": 1999}, None),
    ({**BUILT, "vacant_m2": 2999, "area": 30000}, None),
    ({**LIVE, "plot_ratio": "[1.2,2]", "built_floor_m2": 23999}, "below_plot_ratio"),
    ({**LIVE, "plot_ratio": "[1.2,2]", "built_floor_m2": 24000}, None),
    ({**LIVE, "plot_ratio": "(,2]", "built_floor_m2": 29999}, "below_plot_ratio"),
    ({**LIVE, "built_floor_m2": 30000}, None),
    ({**DONE, "built_floor_m2": 100}, "below_plot_ratio"),
    ({**DONE, "built_floor_m2": 100, "vacant_m2": 5000}, "vacant"),
    ({**BUILT, "built_floor_m2": 100}, None),
    (DONE, "not_producing"),
    ({**DONE, "vacant_m2": 5000}, "vacant"),
    ({**DONE, "production_due_on": date(2026, 5, 15)}, "not_producing"),
    ({**DONE, "production_due_on": date(2026, 5, 16)}, None),
    ({**DONE, "production_due_on": None, "completed_on": date(2025, 11, 15)}, "not_producing"),
    (LIVE, None),
    ({**LIVE, "tax_wan_per_mu": 30, "actual_tax_wan_per_mu": 29.99}, "below_commitment"),
    ({**LIVE, "tax_wan_per_mu": 30, "actual_tax_wan_per_mu": 30}, None),
    ({**LIVE, "actual_output_wan_per_mu": 499}, "below_commitment"),
    ({**LIVE, "output_wan_per_mu": 400, "actual_output_wan_per_mu": 499}, None),
    ({**LIVE, "production_on": date(2024, 11, 16), "actual_tax_wan_per_mu": 1}, None),
    ({**LIVE, "production_on": DAY.replace(year=2024), "actual_tax_wan_per_mu": 1},
     "below_commitment"),
]  # fmt: skip
"""A life, and the kind of the rule that it breaks on DAY; each line from both of its sides."""


@PLACE
def test_lines_are_crossed_on_their_day_and_not_before(engine: Engine) -> None:
    made = {add_parcel(engine, f"DK-{n}", **life): n for n, (life, _) in enumerate(LINES)}
    broken = {made[site]: kind for site, kind in found(looked(engine)).items()}
    assert broken == {n: kind for n, (_, kind) in enumerate(LINES) if kind is not None}


def test_the_demo_city_is_found_whole_and_nothing_else(demo_engine: Engine) -> None:
    """The builder's own rule (fixtures/life.py) against ours: the same classes, parcel by parcel.

    The builder counts days (730, 365) and we count months, which differs by a day in leap years;
    no life of the demo city is so near to a line.
    """
    judged = looked(demo_engine, AS_OF)
    with demo_engine.connect() as connection:
        rows = connection.execute(text("SELECT id, code, declared_idle_class FROM parcels")).all()
    truth = city.build().classes
    ours = {one.site_id: one.idle_class.value for one in judged.suspects}
    assert {row.code: ours[row.id] for row in rows if row.id in ours} == truth
    assert len(truth) == 144
    declared = {row.id: row.declared_idle_class for row in rows if row.declared_idle_class}
    assert len(declared) > 70
    assert {site: ours.get(site) for site in declared} == declared


def test_the_same_day_gives_the_same_answer(demo_engine: Engine) -> None:
    assert looked(demo_engine, AS_OF) == looked(demo_engine, AS_OF)


@PLACE
def test_outside_huzhou_nobody_is_below_what_was_not_promised(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO regions (code, level, name, source) VALUES"
                 " ('320102', 'county', '玄武区', 't')")
        )  # fmt: skip
    add_parcel(engine, "A", region_code="320102", **LIVE, actual_tax_wan_per_mu=1)
    there = add_parcel(engine, "B", **LIVE, actual_tax_wan_per_mu=1)
    assert found(looked(engine)) == {there: "below_commitment"}


@PLACE
def test_a_year_from_29_february_ends_on_the_28th(engine: Engine) -> None:
    add_parcel(engine, "DK-1", **{**SOLD, "start_due_on": date(2024, 2, 29)})
    assert found(looked(engine, date(2025, 2, 27))) == {}
    assert list(found(looked(engine, date(2025, 2, 28))).values()) == ["not_started"]


@PLACE
def test_what_is_left_of_an_approval_is_its_outline_without_what_was_supplied(
    engine: Engine,
) -> None:
    old = date(2020, 1, 1)
    whole = add_parcel(engine, "PC", approved_on=old, west=120.5, area=9120)
    add_parcel(engine, "GD", west=120.50075, **SOLD, started_on=old, completed_on=old,
               production_on=old)  # fmt: skip
    (left,) = looked(engine).suspects
    assert left.site_id == whole
    assert float(left.area_m2) == pytest.approx(9120 * 0.75, rel=1e-4)
    assert left.inputs["supplied_m2"] == pytest.approx(9120 * 0.25, rel=1e-4)


@PLACE
def test_the_rest_of_a_split_approval_is_told_but_opens_no_case(engine: Engine) -> None:
    old = date(2020, 1, 1)
    parent = add_parcel(engine, "PC", approved_on=old, west=120.5, retired_at=DAY)
    child = add_parcel(engine, "PC-1", west=120.5005, **SOLD, started_on=old)
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO lineage (layer, child_id, parent_id) VALUES ('parcels', :c, :p)"),
            {"c": child, "p": parent},
        )
    judged = scanned(engine)
    (left,) = judged.suspects
    assert left.site_id == parent
    assert float(left.area_m2) == pytest.approx(10_000, rel=1e-3)
    assert judged.standings == {parent: Standing.UNREGISTERED}
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM disposal_cases")).scalar_one() == 0


@PLACE
def test_a_scan_opens_each_case_once_and_closes_none(engine: Engine, office: Office) -> None:
    site = add_parcel(engine, "DK-1", **SOLD, start_due_on=date(2024, 1, 1))
    assert scanned(engine).standings == {site: Standing.NEW}
    before = office.rows("SELECT to_jsonb(c) FROM disposal_cases c")
    assert scanned(engine).standings == {site: Standing.OPEN}
    office.execute("UPDATE parcels SET started_on = '2026-11-01'")
    assert scanned(engine).suspects == []
    assert office.rows("SELECT to_jsonb(c) FROM disposal_cases c") == before
    ((case,),) = before
    assert case["rule_inputs"]["start_due_on"] == "2024-01-01"
    assert case["rule_inputs"]["rule_version"] == 1
    assert (case["class"], case["source"], case["idle_since"]) == ("gewy", "scan", "2024-01-01")
    assert case["legal"] is not None


@PLACE
def test_a_parcel_is_in_one_class_at_a_time(engine: Engine, office: Office) -> None:
    site = add_parcel(engine, "DK-1", **SOLD, start_due_on=date(2024, 1, 1))
    scanned(engine)
    office.execute("UPDATE parcels SET started_on = '2025-01-01', vacant_m2 = 9000")
    judged = scanned(engine)
    assert found(judged) == {site: "vacant"}
    assert judged.standings == {site: Standing.OTHER_CLASS_OPEN}
    assert office.rows("SELECT class FROM disposal_cases") == [("gewy",)]


@PLACE
def test_what_comes_back_after_it_was_closed_is_reopened(engine: Engine, office: Office) -> None:
    site = add_parcel(engine, "DK-1", **SOLD, start_due_on=date(2024, 1, 1))
    scanned(engine, date(2026, 1, 1))
    office.execute(
        "UPDATE disposal_cases SET state = 'closed', closed_on = '2026-06-01',"
        " state_since = '2026-06-01', last_on = '2026-06-01'"
    )
    assert scanned(engine).standings == {site: Standing.CLOSED}
    assert office.rows("SELECT count(*) FROM disposal_cases") == [(1,)]
    office.execute("UPDATE parcels SET start_due_on = '2024-03-01'")
    assert scanned(engine).standings == {site: Standing.REOPENED}
    assert office.rows("SELECT round, state FROM disposal_cases ORDER BY round") == [
        (1, "closed"),
        (2, "reopened"),
    ]


@PLACE
def test_warnings_step_nearer_and_end_when_the_reason_does(engine: Engine, office: Office) -> None:
    add_parcel(engine, "DK-1", **SOLD, start_due_on=date(2025, 11, 30))
    line = date(2026, 11, 30)
    told = "SELECT days_before, raised_on, cleared_on FROM disposal_warnings ORDER BY 1 DESC"
    days = {before: line - timedelta(days=before) for before in (91, 90, 60, 30, 7)}
    for day in days.values():
        scanned(engine, day)
    assert office.rows(told) == [(n, days[n], None) for n in (90, 60, 30, 7)]
    office.execute("UPDATE parcels SET started_on = '2026-11-26'")
    scanned(engine, date(2026, 11, 27))
    assert {row[2] for row in office.rows(told)} == {date(2026, 11, 27)}


@PLACE
def test_land_that_is_idle_is_warned_of_the_day_it_can_be_recovered(engine: Engine) -> None:
    site = add_parcel(engine, "DK-1", **SOLD, start_due_on=date(2024, 12, 1))
    judged = looked(engine)
    (one,) = judged.findings
    assert (one.site_id, one.is_suspect, one.line) == (site, True, "recovery")
    assert (one.line_on, one.days_left, one.days_before) == (date(2026, 12, 1), 16, 30)


@PLACE
def test_a_what_if_writes_nothing_and_names_what_it_used(engine: Engine, office: Office) -> None:
    add_parcel(engine, "DK-1", **DONE)
    asked = {"not_producing": {"late_months": 60}}
    assert looked(engine, parameters=asked).suspects == []
    later = looked(engine, date(2027, 6, 1), asked)
    (one,) = later.suspects
    used = later.rules[one.rule_id]
    assert used.parameters.model_dump()["late_months"] == 60
    told = explain(one, used)
    assert "应于 2022-06-01 前投产" in told
    assert "第 1 版" in told
    assert office.rows("SELECT count(*) FROM disposal_cases") == [(0,)]
    assert office.rows("SELECT count(*) FROM disposal_scans") == [(0,)]
    with pytest.raises(BadRule, match="没有 nonsense"):
        looked(engine, parameters={"nonsense": {}})


@PLACE
def test_a_region_is_scanned_alone(engine: Engine, office: Office) -> None:
    add_parcel(engine, "A", **DONE)
    there = add_parcel(engine, "B", region_code="330502", **DONE)
    judged = scanned(engine, region="330502")
    assert list(judged.standings) == [there]
    assert office.rows("SELECT region_code, as_of FROM disposal_scans") == [("330502", DAY)]
    assert office.rows("SELECT region_code FROM disposal_cases") == [("330502",)]


@PLACE
def test_parcels_without_a_region_are_counted_as_not_judged(engine: Engine) -> None:
    add_parcel(engine, "A", region_code=None, **DONE)
    judged = looked(engine)
    assert (judged.suspects, judged.unjudged) == ([], 1)
