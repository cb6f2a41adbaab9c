"""Findings become cases once, however often and by however many they are found."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from server.disposal.cases import UnknownSite, discover, discover_all
from server.disposal.codes import IdleClass, Source
from tests.disposal.county import COUNTY, County, finding, one


def test_a_finding_becomes_a_case_with_its_clock_and_its_history(county: County) -> None:
    site = county.parcel()
    with county.engine.begin() as connection:
        case_id = discover(connection, finding(site))
        row = connection.execute(text("SELECT * FROM disposal_cases")).mappings().one()
        told = connection.execute(text("SELECT * FROM disposal_actions")).mappings().one()
    assert (row["id"], row["state"], row["round"]) == (case_id, "discovered", 1)
    assert row["region_code"] == COUNTY
    assert row["deadline_on"].isoformat() == "2026-03-16", "10 working days after 2 March"
    assert row["legal"] == {}, "land that was supplied and not used is judged by 53号令"
    assert (told["action"], told["to_state"], told["actor"]) == ("discover", "discovered", "system")
    assert told["inputs"]["inputs"] == {"start_due_on": "2024-01-31"}


def test_the_same_finding_again_is_the_same_case(county: County) -> None:
    site = county.parcel()
    with county.engine.begin() as connection:
        first = discover_all(connection, [finding(site), finding(site)])
        again = discover_all(connection, [finding(site, inputs={"other": 1})])
        assert one(connection, "SELECT count(*) FROM disposal_cases") == 1
    assert first[0] == first[1]
    assert (again[0].case_id, again[0].is_new) == (first[0].case_id, False)


def test_another_class_is_another_case(county: County) -> None:
    site = county.parcel()
    with county.engine.begin() as connection:
        first = discover(connection, finding(site))
        other = discover(connection, finding(site, idle_class=IdleClass.JEWT))
        legal = one(connection, "SELECT legal IS NULL FROM disposal_cases WHERE id = :i", i=other)
    assert first != other
    assert legal, "buildings that stand empty are no 闲置土地"


def test_an_area_is_never_larger_than_the_parcel(county: County) -> None:
    site = county.parcel("9000")
    with county.engine.begin() as connection:
        discover(connection, finding(site, area_m2=Decimal("9000.01")))
        assert one(connection, "SELECT area_in_class_m2 FROM disposal_cases") == Decimal("9000")


def _end(connection: Any, case_id: int, state: str, closed_on: str | None = None) -> None:
    connection.execute(
        text("UPDATE disposal_cases SET state = :s, closed_on = :c WHERE id = :i"),
        {"s": state, "c": closed_on, "i": case_id},
    )


@pytest.mark.parametrize(
    ("closed_on", "state"), [("2025-03-02", "reopened"), ("2025-03-01", "discovered")]
)
def test_land_found_again_begins_a_new_round(county: County, closed_on: str, state: str) -> None:
    site = county.parcel()
    with county.engine.begin() as connection:
        first = discover(connection, finding(site))
        _end(connection, first, "closed", closed_on)
        assert discover(connection, finding(site)) == first, "nothing new is known"
        second = discover(connection, finding(site, inputs={"start_due_on": "2024-02-01"}))
        row = connection.execute(
            text("SELECT * FROM disposal_cases WHERE id = :i"), {"i": second}
        ).one()
    assert second != first
    assert (row.round, row.state, row.previous_case_id) == (2, state, first)


def test_a_rejected_finding_comes_back_only_with_new_facts(county: County) -> None:
    site = county.parcel()
    with county.engine.begin() as connection:
        first = discover(connection, finding(site))
        _end(connection, first, "rejected")
        assert discover(connection, finding(site)) == first
        changed = discover(connection, finding(site, inputs={"start_due_on": "2024-02-01"}))
        assert changed != first
        _end(connection, changed, "rejected")
        by_hand = finding(site, inputs={"start_due_on": "2024-02-01"}, source=Source.PATROL)
        assert discover(connection, by_hand) not in (first, changed), "a person may insist"


def test_a_parcel_that_is_not_there_is_told(county: County) -> None:
    with county.engine.begin() as connection, pytest.raises(UnknownSite):
        discover(connection, finding(7))


def test_racers_make_one_case(county: County) -> None:
    site = county.parcel()

    def race(_: int) -> int:
        with county.engine.begin() as connection:
            return discover(connection, finding(site))

    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(race, range(16)))
    assert len(found) == 1


def test_without_the_index_racers_would_make_two(county: County) -> None:
    """The control: the promise is kept by the database, not by luck."""
    site = county.parcel()
    with county.engine.begin() as connection:
        connection.execute(text("DROP INDEX uq_disposal_cases_open"))
        connection.execute(text("DROP INDEX uq_disposal_cases_round"))
    with county.engine.connect() as slow, county.engine.begin() as fast:
        discover(slow, finding(site))
        discover(fast, finding(site))
        slow.commit()
    with county.engine.connect() as connection:
        assert one(connection, "SELECT count(*) FROM disposal_cases") == 2


@pytest.mark.parametrize("table", ["disposal_actions", "disposal_progress", "disposal_documents"])
def test_history_cannot_be_rewritten(county: County, table: str) -> None:
    with county.engine.connect() as connection:
        triggers = one(
            connection,
            "SELECT count(*) FROM pg_trigger WHERE tgrelid = CAST(:t AS regclass)"
            " AND tgname = 'only_added'",
            t=table,
        )
    assert triggers == 1


def test_a_row_of_the_timeline_stays(county: County) -> None:
    site = county.parcel()
    with county.engine.begin() as connection:
        discover(connection, finding(site))
    for statement in ("UPDATE disposal_actions SET actor = 'x'", "DELETE FROM disposal_actions"):
        with county.engine.connect() as connection, pytest.raises(DBAPIError, match="history"):
            connection.execute(text(statement))


def test_many_findings_are_few_statements(county: County, count_queries: Any) -> None:
    sites = [county.parcel() for _ in range(20)]
    with county.engine.begin() as connection, count_queries() as statements:
        made = discover_all(connection, [finding(site) for site in sites])
    assert all(found.is_new for found in made)
    assert len({found.case_id for found in made}) == 20
    assert len(statements) <= 6
