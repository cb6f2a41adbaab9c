"""Monthly reports: frozen for ever, corrected in the next; cases on the map; public notices."""

import hashlib
import json
import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from werkzeug.test import TestResponse

from server.accounts.principals import Role
from server.config import Settings
from server.db import job_engine
from server.disposal import report_page, report_prints
from server.disposal.reports import Report
from tests.api.answers import problem
from tests.api.people import signed_in
from tests.conftest import apps
from tests.databases import Maker

LEADER = ((Role.LEADER, "3305"),)

_ACTED = """
UPDATE disposal_cases SET state = 'executing', state_since = '2026-09-05', last_on = '2026-09-05',
    deadline_on = '2026-10-05', cause = 'gov', classified_on = '2026-09-05',
    measures = ARRAY['urge_start'] WHERE class = 'gewy';
UPDATE disposal_cases SET disposed_area_m2 = 6000, last_on = '2026-09-20'
    WHERE id = (SELECT min(id) FROM disposal_cases WHERE class = 'gewy');
"""


@pytest.fixture(scope="module")
def desk(maker: Maker, demo_template: str) -> Iterator[tuple[FlaskClient, Engine]]:
    """The demo city, scanned in August 2026, with work on what was not started in September."""
    with maker.copied(demo_template) as url, apps() as make:
        client, engine = make(url).test_client(), job_engine(Settings(database_url=url))
        made = ask(client, "POST", "/disposal-scans", {"as_of": "2026-08-20", "limit": 0})
        assert made.status_code == 200
        execute(engine, _ACTED)
        yield client, engine


def execute(engine: Engine, statement: str) -> None:
    with engine.begin() as connection:
        connection.execute(text(statement))


def ask(client: FlaskClient, method: str, path: str, body: object = None) -> TestResponse:
    headers = signed_in(client, "leader", LEADER)
    return client.open(f"/api/v1{path}", method=method, headers=headers, json=body)


def print_once(engine: Engine) -> bool:
    with engine.begin() as connection:
        return report_prints.Printer()(connection)


def listed(client: FlaskClient) -> dict[int, bool]:
    items = answered(ask(client, "GET", "/disposal-reports"))["items"]
    return {one["id"]: one["pdf_ready"] for one in items}


def answered(response: TestResponse, status: int = 200) -> Any:
    assert response.status_code == status, response.text
    return response.json


def test_a_month_is_published_once_and_corrected_in_the_next(
    desk: tuple[FlaskClient, Engine],
) -> None:
    client, engine = desk
    september = answered(
        ask(client, "POST", "/disposal-reports", {"region": "3305", "month": "2026-09"}), 201
    )
    total = september["snapshot"]["figures"]["class"]["total"]
    assert total["disposed"] == {"cases": 0, "area_m2": 6000, "area_mu": 9}
    assert september["snapshot"]["corrections"] == []
    again = ask(client, "POST", "/disposal-reports", {"region": "3305", "month": "2026-09"})
    told = problem(again, 409, "report-frozen")
    assert told["report"] == f"/api/v1/disposal-reports/{september['id']}"

    execute(engine, "UPDATE disposal_cases SET disposed_area_m2 = 9000, last_on = '2026-09-28'"
                    " WHERE disposed_area_m2 = 6000")  # fmt: skip
    kept = answered(ask(client, "GET", f"/disposal-reports/{september['id']}"))
    assert kept == {**september, "intact": True}
    october = {"region": "3305", "month": "2026-10", "note": "补录了九月的进展"}
    october = answered(ask(client, "POST", "/disposal-reports", october), 201)
    corrections = {
        (one["month"], one["class_text"], one["figure_text"]): (
            one["told"]["area_mu"], one["now"]["area_mu"],
        )
        for one in october["snapshot"]["corrections"]
    }  # fmt: skip
    assert corrections["2026-09", "供而未用", "已处置"] == (9, 13.5)
    assert {key[2] for key in corrections} == {"已处置", "剩余"}
    assert october["note"] == "补录了九月的进展"
    figures = october["snapshot"]["figures"]
    sums = {
        name: round(sum(one["remaining"]["area_m2"] for one in figures[name]["items"]), 2)
        for name in ("region", "class", "cause", "measure")
    }
    assert set(sums.values()) == {figures["class"]["total"]["remaining"]["area_m2"]}
    assert len(figures["region"]["items"]) == 5
    listed = answered(ask(client, "GET", "/disposal-reports?region=3305"))["items"]
    assert [one["month"] for one in listed] == ["2026-10", "2026-09"]


def test_nobody_changes_a_published_report(desk: tuple[FlaskClient, Engine]) -> None:
    client, engine = desk
    made = answered(
        ask(client, "POST", "/disposal-reports", {"region": "330521", "month": "2026-08"}), 201
    )
    for statement in ("UPDATE disposal_reports SET note = 'x'", "DELETE FROM disposal_reports",
                      "TRUNCATE disposal_report_prints",
                      "TRUNCATE disposal_reports CASCADE"):  # fmt: skip
        with pytest.raises(DBAPIError, match="stays as it was published"):
            execute(engine, statement)
    with engine.connect() as connection:
        row = connection.execute(
            text("SELECT snapshot FROM disposal_reports WHERE id = :id"), {"id": made["id"]}
        ).one()
        audited = connection.execute(
            text("SELECT details FROM audit WHERE subject = :subject"),
            {"subject": f"disposal_reports/{made['id']}"},
        ).scalar_one()
    assert hashlib.sha256(row.snapshot.encode()).hexdigest() == made["sha256"] == audited["sha256"]
    assert json.loads(row.snapshot) == made["snapshot"]


def test_a_report_is_a_workbook_and_a_pdf(desk: tuple[FlaskClient, Engine]) -> None:
    client, engine = desk
    made = answered(
        ask(client, "POST", "/disposal-reports", {"region": "330503", "month": "2026-09"}), 201
    )
    place = f"/disposal-reports/{made['id']}"
    book = openpyxl.load_workbook(BytesIO(ask(client, "GET", f"{place}.xlsx").data))
    assert book.sheetnames[:3] == ["通报", "分区域", "分类型"]
    rows = list(book["分类型"].values)
    assert rows[-1][0] == "合计"
    assert rows[-1][10] == made["snapshot"]["figures"]["class"]["total"]["remaining"]["area_mu"]
    assert book["分类型"]._charts
    early = ask(client, "GET", f"{place}.pdf")
    problem(early, 503, "report-not-printed")
    assert int(early.headers["Retry-After"]) > 0
    assert listed(client)[made["id"]] is False
    while print_once(engine):
        pass
    assert listed(client)[made["id"]] is True
    pdf = ask(client, "GET", f"{place}.pdf")
    assert pdf.data == ask(client, "GET", f"{place}.pdf").data
    with pytest.raises(DBAPIError, match="stays as it was published"):
        execute(engine, "UPDATE disposal_report_prints SET sha256 = 'x'")
    assert pdf.content_type == "application/pdf"
    assert pdf.data.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type\s*/Page\b", pdf.data)) >= 1 or len(pdf.data) > 50_000


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"region": "3305", "month": "2099-01"}, 422, "bad-report"),
        ({"region": "330599", "month": "2026-08"}, 422, "bad-report"),
        ({"region": "3305", "month": "2026Q3x"}, 400, "invalid-parameter"),
        ({"region": "3301", "month": "2026-08"}, 403, "out-of-region"),
    ],
)
def test_what_cannot_be_published(
    desk: tuple[FlaskClient, Engine], asked: object, status: int, code: str
) -> None:
    problem(ask(desk[0], "POST", "/disposal-reports", asked), status, code)


def test_an_unknown_report_is_not_there(desk: tuple[FlaskClient, Engine]) -> None:
    problem(ask(desk[0], "GET", "/disposal-reports/999"), 404, "unknown-report")


def test_cases_lie_on_the_map_with_their_colours(desk: tuple[FlaskClient, Engine]) -> None:
    client, _ = desk
    found = answered(ask(client, "GET", "/disposal-cases.geojson"))
    assert found["coordSys"] == "GCJ-02"
    assert len(found["features"]) == 140
    colours = {one["class"]: one["colour"] for one in found["legend"]["classes"]}
    assert all(
        one["properties"]["colour"] == colours[one["properties"]["class"]]
        for one in found["features"]
    )
    first = found["features"][0]
    ring = first["geometry"]["coordinates"][0][0]
    west, south = min(x for x, _ in ring), min(y for _, y in ring)
    east, north = max(x for x, _ in ring), max(y for _, y in ring)
    near = f"/disposal-cases.geojson?bbox={west},{south},{east},{north}"
    ids = {one["id"] for one in answered(ask(client, "GET", near))["features"]}
    assert first["id"] in ids
    assert len(ids) < 20
    exact = answered(ask(client, "GET", "/disposal-cases.geojson?crs=cgcs2000&limit=3"))
    assert exact["truncated"]
    moved = exact["features"][0]["geometry"]["coordinates"][0][0][0]
    assert 0.003 < abs(moved[0] - ring[0][0]) < 0.01
    gewy = answered(ask(client, "GET", "/disposal-cases.geojson?class=gewy&region=3305"))
    assert {one["properties"]["class_text"] for one in gewy["features"]} == {"供而未用"}


def test_the_public_sees_what_the_law_publishes_while_it_does(
    desk: tuple[FlaskClient, Engine],
) -> None:
    client, engine = desk

    def notices() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = answered(client.get("/api/v1/disposal-notices"))["items"]
        return found

    assert notices() == []
    published = {"published_on": "2026-09-10", "cause_ground": "plan_amended"}
    execute(engine, "UPDATE disposal_cases SET legal = '" + json.dumps(published) + "'"
                    " WHERE class = 'gewy' AND disposed_area_m2 > 0")  # fmt: skip
    (one,) = notices()
    assert set(one) == {
        "location", "holder_name", "idle_since", "idle_time", "published_on", "cause",
    }  # fmt: skip
    assert one["location"].startswith("湖州市")
    assert one["cause"] == "政府原因（二）规划依法修改"
    execute(engine, "UPDATE disposal_cases SET cause = 'holder' WHERE disposed_area_m2 > 0")
    assert "cause" not in notices()[0]
    execute(engine, "UPDATE parcels SET status = 'undisclosed' WHERE id ="
                    " (SELECT site_id FROM disposal_cases WHERE disposed_area_m2 > 0)")  # fmt: skip
    assert notices() == []
    execute(engine, "UPDATE parcels SET status = 'sold' WHERE status = 'undisclosed'")
    assert len(notices()) == 1
    execute(engine, "UPDATE disposal_cases SET state = 'closed', closed_on = '2026-10-20',"
                    " state_since = '2026-10-20', last_on = '2026-10-20'"
                    " WHERE disposed_area_m2 > 0")  # fmt: skip
    assert notices() == []


def test_a_report_that_cannot_be_printed_holds_up_no_other(
    desk: tuple[FlaskClient, Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, engine = desk
    bodies = [{"region": region, "month": "2026-08"} for region in ("330502", "330503")]
    broken, sound = (answered(ask(client, "POST", "/disposal-reports", b), 201) for b in bodies)
    drawn = report_page.pdf

    def pdf(report: Report) -> bytes:
        if report.id == broken["id"]:
            raise ValueError("no such font")
        return drawn(report)

    printer = report_prints.Printer()
    with monkeypatch.context() as patch:
        patch.setattr(report_page, "pdf", pdf)
        for _ in range(20):
            with engine.begin() as connection:
                if not printer(connection):
                    break
    assert (listed(client)[broken["id"]], listed(client)[sound["id"]]) == (False, True)
    assert print_once(engine)
    assert listed(client)[broken["id"]]
