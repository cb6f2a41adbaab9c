"""Siting over HTTP: answers that can be shared, problems that name the field, the sheet."""

import contextlib
import json
import math
import re
import zlib
from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

from mini_program_api import openapi_siting_answers, sheet, site_map
from tests.api.answers import problem

BODY: dict[str, Any] = {
    "must": {
        "area_mu_min": 30,
        "status": ["available", "planned"],
        "near_motorway_exit_m_max": 6000,
    },
    "want": {
        "area_mu": {"around": [50, 20], "weight": 3},
        "near_motorway_exit_m": {},
        "power_kva": {},
    },
}


def post(client: FlaskClient, path: str, body: Any) -> TestResponse:
    return client.post(f"/api/v1/{path}", data=json.dumps(body), content_type="application/json")


def refused(response: TestResponse, field: str) -> None:
    assert response.status_code == 422, response.text
    assert response.content_type == "application/problem+json"
    body = json.loads(response.data)
    assert body["type"] == "urn:kandi:problem:invalid-criteria"
    assert body["field"] == field
    assert body["detail"].startswith(field)


def test_the_answer_ranks_explains_and_can_be_shared(client: FlaskClient) -> None:
    found = json.loads(post(client, "siting", BODY).data)
    assert found["coordSys"] == "GCJ-02"
    assert found["distance"] == "直线距离"
    assert found["profile"]["name"] == "standard"
    assert found["numberMatched"] >= len(found["features"]) == found["numberReturned"] > 3
    scores = [one["siting"]["score"] for one in found["features"]]
    assert scores == sorted(scores, reverse=True)
    for one in (*found["features"], *found["nearMisses"]):
        points = sum(c["points"] for c in one["siting"]["contributions"])
        assert points == pytest.approx(one["siting"]["score"], abs=0.01)
    shared = client.get(found["links"][0]["href"])
    assert json.loads(shared.data)["features"] == found["features"]
    assert (
        client.get(
            found["links"][0]["href"], headers={"If-None-Match": shared.headers["ETag"]}
        ).status_code
        == 304
    )


def test_the_documented_example_is_what_is_answered(client: FlaskClient) -> None:
    schemas = client.get("/api/v1/openapi.json").json
    assert schemas is not None
    shape = {"$ref": "#/components/schemas/SitingAnswer", "components": schemas["components"]}
    checked = Draft202012Validator(shape)
    answers = [
        json.loads(post(client, "siting", one).data)
        for one in (BODY, {"must": {"area_mu_min": 5000}}, {"must": {"area_mu_min": 300}})
    ]
    for answer in (openapi_siting_answers.EXAMPLE, *answers):
        assert [one.message for one in checked.iter_errors(answer)] == []
    assert answers[1]["removals"]
    assert checked.is_valid(answers[0] | {"distance": 1}) is False


def test_regions_stand_under_their_names(client: FlaskClient) -> None:
    body = {"layers": ["parcels"], "must": {"area_mu_min": 5000, "region_code": "330502,99"}}
    answer = json.loads(post(client, "siting", body).data)
    assert "行政区划属于 吴兴区、99" in answer["understood"]["parcels"]
    assert any("行政区划属于 吴兴区、99" in one["text"] for one in answer["removals"])


def test_what_is_weighed_is_told_heaviest_first(client: FlaskClient) -> None:
    want: dict[str, Any] = {"power_kva": {}, "near_port_m": {"weight": 0}, "industry": "fit(锂电)"}
    want["area_mu"] = {"around": [50, 20], "weight": 9}
    told = json.loads(post(client, "siting", {"layers": ["parcels"], "want": want}).data)["weighed"]
    assert told[0] == "面积目标 50±20 亩"
    assert set(told[1:]) == {"供电容量", "园区主导产业 锂电"}
    usual = json.loads(post(client, "siting", {"layers": ["parcels"]}).data)["weighed"]
    assert "距最近高速出口" in usual


def test_an_answer_is_one_statement_beside_the_profile(
    client: FlaskClient, count_queries: Any
) -> None:
    assert post(client, "siting", BODY).status_code == 200
    with count_queries() as statements:
        assert post(client, "siting", BODY).status_code == 200
    assert [one.split()[0] for one in statements] == ["EXECUTE", "EXECUTE"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"must": {"colour": "red"}}, "must.colour"),
        ({"must": {"area_mu_min": 80, "area_mu_max": 30}}, "must.area_mu_min"),
        ({"must": {"near_port_m_max": -5}}, "must.near_port_m_max"),
        ({"want": {"area_mu": {"around": [1, 2], "weight": -1}}}, "want.area_mu.weight"),
        ({"want": {"area_mu": {"around": [1, 2], "weight": 0}}}, "want"),
        ({"must": {"polygon": [[120, 30], [121, 31], [121, 30], [120, 31]]}}, "must.polygon"),
        ({"must": {"polygon": [[120.123456789, 30.123456789]] * 400_000}}, "must.polygon"),
        ({"must": {f"c{i}": i for i in range(200)}}, "must"),
        ({"profile": "nobody"}, "profile"),
        ({"want": {"storeys": {}}}, "want.storeys"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_bad_criteria_are_refused_by_name(client: FlaskClient, body: Any, field: str) -> None:
    refused(post(client, "siting", body), field)


def test_what_is_no_json_is_refused(client: FlaskClient) -> None:
    for text in ("{", "[1]", "1" * 5000, "[" * 100_000, "\xff"):
        refused(client.post("/api/v1/siting", data=text.encode("latin-1")), "(body)")
    refused(client.get("/api/v1/siting?colour=red"), "colour")
    refused(client.get("/api/v1/siting?limit=1&limit=2"), "limit")


def test_compare_marks_and_orders(client: FlaskClient) -> None:
    best = json.loads(post(client, "siting", BODY).data)["features"][:3]
    sites = [{"layer": one["layer"], "id": one["id"]} for one in best]
    found = json.loads(post(client, "compare", {"sites": sites, "criteria": BODY}).data)
    assert sorted(found["order"]) == [0, 1, 2]
    assert [one["id"] for one in found["sites"]] == [one["id"] for one in sites]
    assert all(0 <= one <= 1 for one in found["closeness"])
    assert {line["term"] for line in found["lines"]} == set(BODY["want"])
    refused(post(client, "compare", {"sites": sites[:1]}), "sites")
    refused(post(client, "compare", {"sites": [sites[0], sites[0]]}), "sites")
    refused(post(client, "compare", {"sites": [sites[0], {"layer": "x"}]}), "sites[1]")
    gone = post(client, "compare", {"sites": [sites[0], {"layer": "parcels", "id": 1}]})
    assert gone.status_code == 404


def test_the_sheet_is_one_page_of_pdf(client: FlaskClient) -> None:
    one = json.loads(post(client, "siting", BODY).data)["features"][0]
    page = client.get(f"/api/v1/{one['layer']}/{one['id']}/sheet.pdf")
    assert page.status_code == 200
    assert page.content_type == "application/pdf"
    assert page.data.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type /Page(?!s)", _unpacked(page.data))) == 1
    assert client.get("/api/v1/parcels/1/sheet.pdf").status_code == 404
    assert client.get("/api/v1/facilities/1/sheet.pdf").status_code == 404


def _unpacked(document: bytes) -> bytes:
    """The PDF with its streams inflated, where objects such as the page tree stand."""
    found = b""
    for packed in re.findall(rb"stream\r?\n(.*?)endstream", document, re.S):
        with contextlib.suppress(zlib.error):
            found += zlib.decompress(packed)
    return found


def test_undisclosed_boundaries_are_not_served(client: FlaskClient) -> None:
    assert json.loads(client.get("/api/v1/constraints").data)["features"] == []
    facilities = json.loads(client.get("/api/v1/facilities?kind=motorway_exit").data)
    assert facilities["features"][0]["geometry"]["type"] == "Point"


def test_exact_coordinates_are_for_staff(client: FlaskClient) -> None:
    answer = post(client, "siting", BODY | {"crs": "cgcs2000"})
    assert answer.status_code == 403
    assert json.loads(answer.data)["type"] == "urn:kandi:problem:staff-only"


def test_the_sheet_leaves_out_what_no_list_shows_first() -> None:
    listed = [sheet.Row(str(number), "x", number % 3 == 0) for number in range(9)]
    assert [row.title for row in sheet.foremost(listed, 4)] == ["0", "1", "3", "6"]
    assert sheet.foremost(listed, 20) == listed


def test_discs_of_the_sheet_never_cover_each_other() -> None:
    spot = (site_map.WIDTH / 2, 17.0)
    taken: list[tuple[float, float]] = []
    for _ in range(10):
        taken.append(site_map.free(spot, taken))
    pairs = [(a, b) for i, a in enumerate(taken) for b in taken[:i]]
    assert min(math.dist(a, b) for a, b in pairs) >= 18
    assert taken[0] == spot


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("a%00b", "profile"),
        ("standard?region_code=%00", "region_code"),
        ("standard?region_code=x", "region_code"),
        ("nobody", "profile"),
        ("standard@99", "profile"),
    ],
)
def test_a_profile_is_asked_for_as_in_a_question(
    client: FlaskClient, path: str, field: str
) -> None:
    refused = client.get(f"/api/v1/siting/profiles/{path}")
    assert problem(refused, 422, "invalid-criteria")["field"] == field


def test_an_old_version_of_a_profile_is_still_told(client: FlaskClient) -> None:
    first = client.get("/api/v1/siting/profiles/standard@1?region_code=330502").get_json()
    newest = client.get("/api/v1/siting/profiles/standard?region_code=330502").get_json()
    assert (first["version"], newest["version"]) == (1, 2)
