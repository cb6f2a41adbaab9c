"""The cockpit says what its SQL says, and no number differs from the list behind it."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, text

from gis import freshness
from server import cockpit
from server.accounts.principals import Role
from server.cockpit import View
from server.cockpit_metrics import METRICS, Group
from server.config import ROOT
from server.disposal.clocks import today
from server.request import engine_of
from tests.api.people import signed_in
from tests.conftest import AppMaker

CITY, COUNTY = "3305", "330502"
DAYS = timedelta(days=1)


@pytest.fixture
def own_app(make_app: AppMaker, demo_copy_url: str) -> Flask:
    app = make_app(demo_copy_url)
    with engine_of(app).execution_options(isolation_level="READ COMMITTED").begin() as connection:
        some_cases(connection)
        some_enquiries(connection)
        connection.execute(text("UPDATE parcels SET verified_at = now() - interval '2 years'"))
        freshness.refresh(connection, 6, datetime.now(UTC))
    return app


def some_cases(connection: Connection) -> None:
    """Cases of three states, one of them late, one closed, with progress this year and before."""
    sites = connection.execute(
        text("SELECT id, region_code, area_m2 FROM parcels ORDER BY id LIMIT 8")
    ).all()
    now = today()
    for number, site in enumerate(sites):
        state = ("discovered", "verifying", "executing", "closed")[number % 4]
        case_id = connection.execute(
            text(
                "INSERT INTO disposal_cases (site_id, class, state, region_code, source,"
                " area_in_class_m2, disposed_area_m2, discovered_on, state_since, last_on,"
                " closed_on, deadline_on) VALUES (:site, :class, :state, :region, 'patrol',"
                " :area, 100, :found, :found, :found, :closed, :due) RETURNING id"
            ),
            {
                "site": site.id,
                "class": ("gewy", "yewj")[number % 2],
                "state": state,
                "region": site.region_code,
                "area": site.area_m2,
                "found": now - 40 * DAYS,
                "closed": now - 2 * DAYS if state == "closed" else None,
                "due": None if state == "closed" else now + (number - 2) * DAYS,
            },
        ).scalar_one()
        progress(connection, case_id, now)


def progress(connection: Connection, case_id: int, now: date) -> None:
    action = connection.execute(
        text(
            "INSERT INTO disposal_actions (case_id, case_version, action, to_state, happened_on,"
            " actor) VALUES (:case, 1, 'progress', 'executing', :on, 'tests') RETURNING id"
        ),
        {"case": case_id, "on": now},
    ).scalar_one()
    for on, delta in ((date(now.year, 1, 1), 666), (date(now.year - 1, 12, 31), 5000)):
        connection.execute(
            text(
                "INSERT INTO disposal_progress (case_id, on_date, delta_m2, action_id)"
                " VALUES (:case, :on, :delta, :action)"
            ),
            {"case": case_id, "on": on, "delta": delta, "action": action},
        )


def some_enquiries(connection: Connection) -> None:
    """Two answered after 2 and 6 hours, the second late; one late without an answer; one fresh."""
    for number, (asked_h, answered_h) in enumerate(((10, 2), (30, 6), (9, None), (1, None))):
        connection.execute(
            text(
                "INSERT INTO enquiries (layer, site_id, site_code, site_name, region_code, kind,"
                " state, created_at, first_response_due_at, first_responded_at)"
                " SELECT 'parcels', id, code, name, region_code, 'enquiry', :state,"
                " now() - make_interval(hours => :asked),"
                " now() - make_interval(hours => :asked) + interval '4 hours',"
                " now() - make_interval(hours => :asked) + make_interval(hours => :answered)"
                " FROM parcels ORDER BY id OFFSET :number LIMIT 1"
            ),
            {
                "state": "waiting" if answered_h is None else "answered",
                "asked": asked_h,
                "answered": answered_h,
                "number": number,
            },
        )


def test_response_times_are_those_of_the_enquiries(own_app: Flask) -> None:
    body = asked(own_app.test_client(), signed_in(own_app), CITY)
    found = {one["id"]: one["value"] for one in body["metrics"]}
    assert found["waiting"] == 2
    assert found["unanswered"] == 1
    assert found["response_hours"] == 4
    assert found["in_time_percent"] == 33.33
    assert sum(one["asked"] for one in body["series"]["enquiries_by_day"]) == 4


def asked(client: FlaskClient, headers: dict[str, str], region: str) -> dict[str, Any]:
    response = client.get(f"/api/v1/cockpit?region={region}", headers=headers)
    assert response.status_code == 200, response.text
    return dict(response.json or {})


def test_every_number_has_a_definition_a_list_and_a_row_in_the_documentation() -> None:
    documented = (ROOT / "docs" / "cockpit.md").read_text("utf-8")
    assert len({one.id for one in METRICS}) == len(METRICS)
    assert {one.group for one in METRICS} == set(Group)
    for one in METRICS:
        assert f"| `{one.id}` | {one.title} | {one.unit} | {one.definition} |" in documented
        assert one.page.startswith("/console/")


def test_numbers_are_those_of_the_lists_behind_them(own_app: Flask) -> None:
    client, headers = own_app.test_client(), signed_in(own_app)
    for region in (CITY, COUNTY):
        found = {one["id"]: one for one in asked(client, headers, region)["metrics"]}
        for metric_id, layer in (("parcels", "parcels"), ("plants", "plants"), ("parks", "parks")):
            assert found[metric_id]["value"] == matched(client, headers, layer, region, {})
        available = {"status": "available"}
        sites = matched(client, headers, "parcels", region, available)
        assert found["available"]["value"] == sites > 0
        for metric_id in ("cases", "overdue", "closed"):
            parts = urlsplit(found[metric_id]["href"])
            query = {**dict(parse_qsl(parts.query)), "limit": "1"}
            assert found[metric_id]["value"] == total(client, headers, "disposal-cases", query)
        for metric_id in ("waiting", "unanswered"):
            query = {**dict(parse_qsl(urlsplit(found[metric_id]["href"]).query)), "limit": "1"}
            assert found[metric_id]["value"] == total(client, headers, "enquiries", query)
        query = {"region": region}
        assert found["warnings"]["value"] == total(client, headers, "disposal-warnings", query)
        waiting = client.get("/api/v1/freshness?layer=parcels&within_days=0", headers=headers).json
        assert waiting is not None
        hidden = [
            one["code"]
            for one in waiting["items"]
            if one["pending_verification"] and one["region_code"].startswith(region)
        ]
        assert found["stale_parcels"]["value"] == len(hidden) > 0


def total(client: FlaskClient, headers: dict[str, str], path: str, query: dict[str, str]) -> int:
    response = client.get(f"/api/v1/{path}", query_string=query, headers=headers)
    assert response.json is not None
    return int(response.json["total"])


def matched(
    client: FlaskClient, headers: dict[str, str], layer: str, region: str, asked: dict[str, str]
) -> int:
    query = {"crs": "cgcs2000", "limit": "1", "region_code": region, **asked}
    response = client.get(f"/api/v1/{layer}", query_string=query, headers=headers)
    assert response.json is not None
    return int(response.json["numberMatched"])


def test_areas_are_sums_of_what_stands_in_the_table(own_app: Flask) -> None:
    found = {
        one["id"]: one["value"]
        for one in asked(own_app.test_client(), signed_in(own_app), CITY)["metrics"]
    }
    with engine_of(own_app).connect() as connection:
        left = connection.execute(
            text(
                "SELECT sum(area_in_class_m2) - sum(disposed_area_m2) FROM disposal_cases"
                " WHERE state <> 'closed'"
            )
        ).scalar_one()
        cases = connection.execute(text("SELECT count(*) FROM disposal_cases")).scalar_one()
    assert found["cases_mu"] == round(float(left * 3 / 2000), 2)
    assert found["disposed_mu"] == round(float(Decimal(666 * cases) * 3 / 2000), 2)


def test_parts_of_a_chart_add_up_to_the_number(own_app: Flask) -> None:
    body = asked(own_app.test_client(), signed_in(own_app), CITY)
    found = {one["id"]: one["value"] for one in body["metrics"]}
    series = body["series"]
    assert sum(one["count"] for one in series["parcels_by_status"]) == found["parcels"]
    assert sum(one["count"] for one in series["cases_by_class"]) == found["cases"]
    assert sum(one["count"] for one in series["cases_by_county"]) == found["cases"]
    states = {one["code"]: one["count"] for one in series["cases_by_state"]}
    assert states["closed"] == found["closed"]
    months = series["cases_by_month"]
    assert len(months) == 12
    assert sum(one["found"] for one in months) == sum(states.values())


def test_nobody_sees_the_numbers_of_another_region(own_app: Flask) -> None:
    client = own_app.test_client()
    headers = signed_in(own_app, "county", [(Role.VIEWER, COUNTY)])
    assert client.get("/api/v1/cockpit?region=330521", headers=headers).status_code == 403
    own = asked(client, headers, "")["metrics"][0]["value"]
    whole = asked(client, signed_in(own_app), CITY)["metrics"][0]["value"]
    assert 0 < own < whole


def test_sql_binds_its_values_and_writes_nothing() -> None:
    view = View(("3305",), "3305", today())
    for one in METRICS:
        assert "3305" not in one.sql
        assert one.sql.lstrip().startswith("SELECT")
    assert cockpit.address("/console/x", {"state": "a,b"}, "region", view.region) == (
        "/console/x?state=a,b&region=3305"
    )
