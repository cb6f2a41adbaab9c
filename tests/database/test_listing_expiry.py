"""Listings that nobody verified for too long are hidden from the public until somebody does."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from gis import freshness
from gis.layers import layer_named
from gis.publish import publish
from server.nightly import CHINA

NOW = datetime(2026, 11, 22, 3, tzinfo=CHINA)
PARCELS = layer_named("parcels")


@pytest.fixture
def four(engine: Engine) -> Engine:
    """Four parcels: verified 10, 89 and 91 days ago, and one that is sold since long ago."""
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO regions (code, level, name, source)"
                " VALUES ('33', 'province', 'x', 't')"
            )
        )
        for code, status, days in (("A", "available", 10), ("B", "planned", 89),
                                   ("C", "available", 91), ("D", "sold", 900)):  # fmt: skip
            connection.execute(
                text(
                    "INSERT INTO parcels (code, name, status, region_code, verified_at,"
                    " area_planar_m2, area_ellipsoid_m2, geom, geom_gcj02) VALUES (:code, :code,"
                    " :status, '33', :at, 1, 1, ST_Multi(ST_MakeEnvelope(120, 30, 120.01, 30.01,"
                    " 4490)), ST_Multi(ST_MakeEnvelope(120, 30, 120.01, 30.01, 0)))"
                ),
                {"code": code, "status": status, "at": NOW - timedelta(days=days)},
            )
        publish(connection, PARCELS, 6)
    return engine


def public(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        found = connection.execute(text("SELECT code FROM parcels_public ORDER BY code")).scalars()
        return list(found)


def refresh(engine: Engine, now: datetime = NOW) -> tuple[int, int]:
    with engine.begin() as connection:
        return freshness.refresh(connection, 6, now)["parcels"]


def execute(engine: Engine, statement: str) -> None:
    with engine.begin() as connection:
        connection.execute(text(statement))


def test_what_is_past_its_days_is_hidden_and_comes_back_when_verified(four: Engine) -> None:
    assert public(four) == ["A", "B", "C", "D"]
    assert refresh(four) == (1, 0)
    assert public(four) == ["A", "B", "D"]
    assert refresh(four) == (0, 0)
    assert refresh(four, NOW + timedelta(days=2)) == (1, 0)
    assert public(four) == ["A", "D"]
    execute(four, f"UPDATE parcels SET verified_at = '{NOW}' WHERE code = 'C'")
    assert refresh(four, NOW + timedelta(days=2)) == (0, 1)
    assert public(four) == ["A", "C", "D"]


def test_hiding_raises_the_data_version_and_only_then(four: Engine) -> None:
    def version() -> int:
        with four.connect() as connection:
            found = text("SELECT version FROM layer_state WHERE layer = 'parcels'")
            return int(connection.execute(found).scalar_one())

    before = version()
    refresh(four)
    assert version() == before + 1
    refresh(four)
    assert version() == before + 1


def test_the_rule_of_the_nearest_region_counts_and_the_newest_that_has_begun(four: Engine) -> None:
    add = (
        "INSERT INTO listing_expiry (layer, status, days, region_code, effective_from, source)"
        " VALUES ('parcels', 'available', {}, '{}', '{}', 't')"
    )
    execute(four, add.format(5, "44", "2026-01-01"))
    execute(four, add.format(5, "33", "2027-01-01"))
    assert refresh(four) == (1, 0)
    execute(four, add.format(365, "33", "2026-01-01"))
    assert refresh(four) == (0, 1)
    execute(four, add.format(5, "33", "2026-11-01"))
    assert refresh(four) == (2, 0)


def test_what_was_never_verified_counts_from_when_it_was_entered(four: Engine) -> None:
    execute(four, f"UPDATE parcels SET verified_at = NULL, created_at = '{NOW}' WHERE code = 'C'")
    assert refresh(four) == (0, 0)
    assert refresh(four, NOW + timedelta(days=100))[0] == 3


def test_reminders_name_what_will_be_stale_in_the_regions_of_who_asks(four: Engine) -> None:
    refresh(four)
    with four.connect() as connection:
        soon = freshness.expiring(connection, PARCELS, ("33",), NOW, 14)
        assert [(one.code, one.days_left, one.stale) for one in soon] == [
            ("C", -1, True),
            ("B", 1, False),
        ]
        assert freshness.expiring(connection, PARCELS, ("44",), NOW, 14) == []
        everywhere = freshness.expiring(connection, PARCELS, ("",), NOW, 366)
        assert [one.code for one in everywhere] == ["C", "B", "A"]
