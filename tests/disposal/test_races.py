"""Two at once: one step of a version, no area twice, and a control that shows the danger."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from server.accounts.principals import Grant, Principal, Role
from server.disposal.acting import Occasion, Request, StaleCase, act
from server.disposal.case import load
from server.disposal.fields import InvalidInputs
from tests.disposal.county import COUNTY, TODAY, County
from tests.disposal.test_crash import begun

CLERK = Principal(1, "clerk", "干部", (Grant(Role.OFFICER, COUNTY),))


def booked(county: County, case_id: int, delta_m2: str, version: int | None) -> bool:
    """Try to book an area; ``version`` None reads the version first, as a patient person does."""
    inputs: dict[str, object] = {
        "on_date": TODAY.isoformat(),
        "delta_m2": delta_m2,
        "note": "进展",
    }
    for _ in range(100):
        try:
            with county.engine.begin() as connection:
                seen = version or load(connection, case_id).version
                asked = Request("progress", inputs, seen)
                act(connection, case_id, asked, CLERK, Occasion(TODAY, 6))
        except StaleCase:
            if version is not None:
                return False
            continue
        except InvalidInputs:
            return False
        return True
    raise AssertionError("never had a turn")


def state_of(county: County) -> Any:
    with county.engine.connect() as connection:
        return connection.execute(
            text(
                "SELECT disposed_area_m2 AS disposed, area_in_class_m2 AS area, version,"
                " (SELECT coalesce(sum(delta_m2), 0) FROM disposal_progress) AS booked"
                " FROM disposal_cases"
            )
        ).one()


def test_of_eight_who_saw_one_version_one_acts(county: County) -> None:
    case_id = begun(county)
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda _: booked(county, case_id, "1", 1), range(8)))
    assert done.count(True) == 1
    assert state_of(county).version == 2


def test_the_sum_never_exceeds_the_area_however_many_book(county: County) -> None:
    case_id = begun(county)
    with ThreadPoolExecutor(6) as pool:
        done = list(pool.map(lambda _: booked(county, case_id, "1500", None), range(10)))
    after = state_of(county)
    assert done.count(True) == 6, "six times 1,500 of 10,000 m2"
    assert after.disposed == after.booked == Decimal(9000)


def test_without_the_lock_two_would_book_more_than_there_is(county: County) -> None:
    """The control: reading first and adding later loses one of two, or the database refuses."""
    case_id = begun(county)
    read = text("SELECT disposed_area_m2 FROM disposal_cases WHERE id = :id")
    write = text("UPDATE disposal_cases SET disposed_area_m2 = :sum WHERE id = :id")
    with county.engine.connect() as one, county.engine.connect() as two:
        sums = [c.execute(read, {"id": case_id}).scalar_one() + 6000 for c in (one, two)]
        for connection, total in zip((one, two), sums, strict=True):
            connection.execute(write, {"id": case_id, "sum": total})
            connection.commit()
    assert state_of(county).disposed == 6000, "12,000 were reported, half of it is lost"


def test_the_database_refuses_more_than_the_area(county: County) -> None:
    case_id = begun(county)
    more = text("UPDATE disposal_cases SET disposed_area_m2 = area_in_class_m2 + 0.01 WHERE id=:i")
    with county.engine.connect() as connection, pytest.raises(IntegrityError, match="disposed"):
        connection.execute(more, {"i": case_id})


def test_an_entry_can_be_taken_back_but_not_more_than_was_booked(county: County) -> None:
    case_id = begun(county)
    assert booked(county, case_id, "100", None)
    assert not booked(county, case_id, "-100.01", None)
    assert booked(county, case_id, "-40.5", None)
    assert state_of(county).disposed == Decimal("59.50")
