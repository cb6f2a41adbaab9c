"""Lists and the board: pages without gaps, filters, sums that agree, few statements."""

from decimal import Decimal
from typing import Any

import pytest

from server.disposal.cases import discover_all
from server.disposal.codes import IdleClass
from tests.api.answers import problem
from tests.conftest import QueryCounter
from tests.disposal.county import TODAY, County, finding
from tests.disposal.desk import BASE, Desk


@pytest.fixture
def seven(desk: Desk, county: County) -> None:
    """Seven cases of two classes and three areas, two of them on one day."""
    assert desk
    classes = [IdleClass.GEWY, IdleClass.JEWT]
    with county.engine.begin() as connection:
        discover_all(
            connection,
            [
                finding(
                    county.parcel(),
                    idle_class=classes[n % 2],
                    area_m2=Decimal(1000 * (n % 3 + 1)),
                    found_on=TODAY.replace(day=n // 2 + 1),
                )
                for n in range(7)
            ],
        )


@pytest.mark.usefixtures("seven")
@pytest.mark.parametrize("sort", ["newest", "deadline", "area"])
def test_pages_follow_each_other_without_gap_or_double(desk: Desk, sort: str) -> None:
    seen: list[int] = []
    cursor = ""
    while True:
        answer = desk.get(f"/disposal-cases?limit=3&sort={sort}{cursor}")
        assert answer["total"] == 7
        seen += [one["id"] for one in answer["items"]]
        if answer["next"] is None:
            break
        cursor = f"&cursor={answer['next']}"
    whole = [one["id"] for one in desk.get(f"/disposal-cases?sort={sort}")["items"]]
    assert seen == whole
    assert len(set(seen)) == 7


@pytest.mark.usefixtures("seven")
@pytest.mark.parametrize(
    ("asked", "total"),
    [
        ("class=jewt", 3),
        ("class=gewy,jewt", 7),
        ("state=registered", 0),
        ("overdue=true", 7),
        ("overdue=false", 0),
        ("region=330503", 7),
        ("region=3306", 0),
        ("q=NX-0003", 1),
        ("officer=me", 0),
    ],
)
def test_filters_find_what_they_say(desk: Desk, asked: str, total: int) -> None:
    assert desk.get(f"/disposal-cases?{asked}")["total"] == total


@pytest.mark.usefixtures("seven")
def test_the_board_is_the_sum_of_the_list(desk: Desk) -> None:
    columns = {one["state"]: one for one in desk.get("/disposal-board")["columns"]}
    items: list[dict[str, Any]] = desk.get("/disposal-cases")["items"]
    assert len(columns) == 12
    found = columns["discovered"]
    assert found["cases"] == len(items) == 7
    assert found["overdue"] == sum(one["overdue"] for one in items)
    assert found["area_m2"] == sum(one["area_in_class_m2"] for one in items)
    assert columns["closed"]["cases"] == 0


@pytest.mark.usefixtures("seven")
def test_a_list_is_few_statements(desk: Desk, count_queries: QueryCounter) -> None:
    with count_queries() as statements:
        assert desk.get("/disposal-cases")["total"] == 7
    assert len(statements) <= 5


@pytest.mark.parametrize(
    "asked", ["state=open", "sort=size", "cursor=abc", "limit=0", "region=33050", "x=1", "site=a"]
)
def test_what_means_nothing_is_refused(desk: Desk, asked: str) -> None:
    answer = desk.client.get(f"{BASE}?{asked}", headers=desk.people["officer"])
    problem(answer, 400, "invalid-parameter")
