"""Rules, scans, warnings, statistics and targets as staff ask for them."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from fixtures.life import AS_OF
from server.accounts.principals import Role
from tests.api.answers import problem
from tests.api.people import signed_in
from tests.conftest import apps
from tests.databases import Maker

ADMIN = ((Role.ADMIN, ""),)
COUNTY = ((Role.OFFICER, "330503"), (Role.LEADER, "330503"))


@pytest.fixture(scope="module")
def desk(maker: Maker, demo_template: str) -> Iterator[FlaskClient]:
    """The demo city, where the whole of Huzhou was scanned once."""
    with maker.copied(demo_template) as url, apps() as make:
        client = make(url).test_client()
        made = ask(client, "POST", "/disposal-scans", {"as_of": AS_OF.isoformat()})
        assert made.status_code == 200
        yield client


def ask(
    client: FlaskClient, method: str, path: str, body: object = None, user: str = "officer",
    grants: tuple[tuple[Role, str], ...] = ((Role.OFFICER, "3305"),), seen: int | None = None,
) -> TestResponse:  # fmt: skip
    headers = signed_in(client, user, grants)
    if seen is not None:
        headers["If-Match"] = f'"{seen}"'
    return client.open(f"/api/v1{path}", method=method, headers=headers, json=body)


def answered(response: TestResponse, status: int = 200) -> Any:
    assert response.status_code == status, response.text
    return response.json


def test_a_scan_tells_each_suspect_with_its_rule_and_why(desk: FlaskClient) -> None:
    again = {"as_of": AS_OF.isoformat(), "limit": 1000}
    found = answered(ask(desk, "POST", "/disposal-scans", again))
    assert found["suspects"] == sum(one["cases"] for one in found["by_class"]) == 144
    assert {one["standing"]: one["cases"] for one in found["by_standing"]}["open"] == 144
    assert not found["truncated"]
    gewy = next(one for one in found["findings"] if one["class"] == "gewy")
    assert gewy["class_text"] == "供而未用"
    assert gewy["standing_text"] == "已有未销号案件"
    assert "53号" in gewy["rule"]["source"]
    assert gewy["rule"]["inputs"]["days_late"] >= 365
    assert "未动工，已超过" in gewy["explanation"]
    assert gewy["parcel"]["region_name"]
    assert round(gewy["area_in_class_m2"] * 3 / 2000, 4) == gewy["area_in_class_mu"]


def test_a_what_if_of_a_future_day_writes_nothing(desk: FlaskClient) -> None:
    asked = {
        "as_of": "2030-01-01",
        "dry_run": True,
        "limit": 0,
        "parameters": {"not_producing": {"late_months": 120, "unagreed_months": 120}},
    }
    found = answered(ask(desk, "POST", "/disposal-scans", asked))
    by_class = {one["class"]: one["cases"] for one in found["by_class"]}
    assert by_class["jewt"] == 0
    assert by_class["pewg"] > 50
    assert found["findings"] == []
    refused = ask(desk, "POST", "/disposal-scans", {**asked, "dry_run": False})
    assert problem(refused, 400, "invalid-parameter")["parameter"] == "dry_run"
    bad = {"dry_run": True, "parameters": {"vacant": {"min_vacant_share": "0/0"}}}
    assert "vacant" in problem(ask(desk, "POST", "/disposal-scans", bad), 422, "bad-rule")["detail"]


def test_nobody_scans_beyond_the_own_region(desk: FlaskClient) -> None:
    own = answered(ask(desk, "POST", "/disposal-scans", {"dry_run": True}, "south", COUNTY))
    assert own["region_code"] == "330503"
    assert {one["parcel"]["region_code"][:6] for one in own["findings"]} == {"330503"}
    other = ask(desk, "POST", "/disposal-scans", {"region": "330502"}, "south", COUNTY)
    problem(other, 403, "out-of-region")
    viewer = ((Role.VIEWER, "3305"),)
    problem(ask(desk, "POST", "/disposal-scans", {}, "watcher", viewer), 403, "out-of-region")
    assert answered(ask(desk, "POST", "/disposal-scans", {"dry_run": True}, "watcher", viewer))


def test_rules_are_read_by_all_and_added_by_an_admin(desk: FlaskClient) -> None:
    before = answered(ask(desk, "GET", "/disposal-rules?region=330503"))
    assert before["total"] == 9
    new = {
        "region_code": "330503", "sub_kind": "vacant", "effective_from": "2026-01-01",
        "title": "南浔：空置 5 亩", "source": "南浔政办发〔2026〕1号",
        "parameters": {"min_vacant_m2": 3333, "min_vacant_share": "1/10"},
    }  # fmt: skip
    problem(ask(desk, "POST", "/disposal-rules", new), 403, "staff-only")
    seen = next(one["series"] for one in before["items"] if one["sub_kind"] == "vacant")
    unseen = ask(desk, "POST", "/disposal-rules", new, "admin", ADMIN)
    problem(unseen, 428, "version-missing")
    made = answered(ask(desk, "POST", "/disposal-rules", new, "admin", ADMIN, seen), 201)
    assert (made["version"], made["applies"], made["region_name"]) == (1, True, "南浔区")
    assert made["series"] == seen + 1
    late = ask(desk, "POST", "/disposal-rules", new, "admin", ADMIN, seen)
    assert problem(late, 412, "stale-version")["current"] == {"version": seen + 1}
    ours = answered(ask(desk, "GET", "/disposal-rules?region=330503&class=yewj"))["items"]
    assert {(one["sub_kind"], one["region_code"]) for one in ours if one["applies"]} == {
        ("stopped", ""), ("vacant", "330503"), ("below_plot_ratio", "3305"),
    }  # fmt: skip
    bad = {**new, "parameters": {"min_vacant_m2": "many"}}
    problem(ask(desk, "POST", "/disposal-rules", bad, "admin", ADMIN, seen + 1), 422, "bad-rule")


def test_warnings_come_by_pages_and_nearest_first(desk: FlaskClient) -> None:
    every = answered(ask(desk, "GET", "/disposal-warnings?limit=500"))
    assert every["total"] == len(every["items"]) > 10
    assert every["items"] == sorted(every["items"], key=lambda one: (one["line_on"], one["id"]))
    pages, path = [], "/disposal-warnings?limit=4"
    while path:
        page = answered(ask(desk, "GET", path))
        pages += page["items"]
        path = page["next"] and f"/disposal-warnings?limit=4&cursor={page['next']}"
    assert pages == every["items"]
    one = pages[0]
    assert 0 < one["days_left"] <= one["days_before"] <= 90
    assert one["rule"]["inputs"]["kind"] == one["sub_kind"]
    near = answered(ask(desk, "GET", "/disposal-warnings?within_days=30"))
    assert near["total"] == sum(each["days_left"] <= 30 for each in every["items"])
    problem(ask(desk, "GET", "/disposal-warnings?cursor=x"), 400, "invalid-parameter")


def test_statistics_are_told_by_what_is_asked(desk: FlaskClient) -> None:
    total = answered(ask(desk, "GET", "/disposal-statistics?period=2026-11&by="))["total"]
    assert total["new"]["cases"] == total["remaining"]["cases"] == 144
    for by in ("class", "region", "cause", "measure", "region,class"):
        found = answered(
            ask(desk, "GET", f"/disposal-statistics?period=2026-11&region=3305&by={by}")
        )
        assert sum(one["remaining"]["cases"] for one in found["items"]) == 144
        assert found["total"] == total
    county = answered(ask(desk, "GET", "/disposal-statistics?period=2026&region=330503&by=region"))
    assert county["region_name"] == "南浔区"
    assert all(len(one["region_code"]) == 9 for one in county["items"])


def test_a_target_is_set_by_those_who_lead(desk: FlaskClient) -> None:
    new = {"region_code": "330503", "year": 2026, "area_mu": 300, "source": "任务通知"}
    problem(ask(desk, "PUT", "/disposal-targets", new), 403, "staff-only")
    made = answered(ask(desk, "PUT", "/disposal-targets", new, "south", COUNTY))
    assert (made["area_mu"], made["class_text"]) == (300, "合计")
    other = {**new, "region_code": "330502"}
    problem(ask(desk, "PUT", "/disposal-targets", other, "south", COUNTY), 403, "out-of-region")
    listed = answered(ask(desk, "GET", "/disposal-targets?year=2026"))
    assert [one["region_code"] for one in listed["items"]] == ["330503"]
    line = answered(ask(desk, "GET", "/disposal-statistics?region=330503&by=&period=2026"))["total"]
    assert (line["target_mu"], line["completion_rate"]) == (300, 0)


@pytest.mark.parametrize(
    ("query", "parameter"),
    [("by=colour", "by"), ("by=class,class", "by"), ("period=2026-13", "period"),
     ("period=2099", "period"), ("region=33x", "region"), ("level=street", "level")],
)  # fmt: skip
def test_bad_questions_are_refused_by_name(desk: FlaskClient, query: str, parameter: str) -> None:
    response = ask(desk, "GET", f"/disposal-statistics?{query}")
    assert problem(response, 400, "invalid-parameter")["parameter"] == parameter


@pytest.mark.parametrize("key", [{}, {"Idempotency-Key": "nameless"}])
def test_a_part_of_a_form_without_a_name_is_refused(desk: FlaskClient, key: dict[str, str]) -> None:
    headers = {**signed_in(desk, "officer", ((Role.OFFICER, "3305"),)), **key}
    body = b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n"
    told = desk.post(
        "/api/v1/disposal-register", data=body, headers=headers,
        content_type="multipart/form-data; boundary=b",
    )  # fmt: skip
    assert "名称" in problem(told, 400, "invalid-parameter")["detail"]
