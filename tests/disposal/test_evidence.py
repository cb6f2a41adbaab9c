"""Evidence from phones: where it was taken, sent again after a lost answer, refused when not."""

import hashlib
import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from gis.crs import to_gcj02
from tests.api.answers import problem
from tests.disposal.county import County
from tests.disposal.desk import BASE, Desk, photo

GPS = 0x8825


def with_exif(longitude: float, latitude: float) -> bytes:
    """A JPEG whose camera wrote where it was, in degrees, minutes and seconds."""
    picture = Image.new("RGB", (64, 64), (10, 200, 90))
    exif = Image.Exif()
    exif[GPS] = {1: "N", 2: _dms(latitude), 3: "E", 4: _dms(longitude)}
    made = io.BytesIO()
    picture.save(made, "JPEG", exif=exif)
    return made.getvalue()


def _dms(degrees: float) -> tuple[float, float, float]:
    minutes = degrees % 1 * 60
    return (float(int(degrees)), float(int(minutes)), round(minutes % 1 * 60, 4))


@pytest.fixture
def case(desk: Desk, county: County) -> dict[str, Any]:
    return desk.find(county.parcel(), found_on="2026-03-02")


def test_a_photo_on_the_parcel_is_near_and_one_from_afar_is_marked(
    desk: Desk, case: dict[str, Any]
) -> None:
    near = desk.upload(case).get_json()
    assert (near["distance_m"], near["is_far"]) == (0, False)
    east = case["parcel"]["longitude"] + 0.01
    far = desk.upload(case, longitude=east).get_json()
    # 0.01 degrees less half a parcel at 30.8 degrees north: 0.0095 * 95.7 km.
    assert far["distance_m"] == pytest.approx(908, abs=4)
    assert far["is_far"] is True
    assert far["taken_at"].startswith("2026-03-01")


def test_a_position_of_wechat_is_brought_back_from_gcj02(desk: Desk, case: dict[str, Any]) -> None:
    place = case["parcel"]
    shifted = to_gcj02(np.array([[place["longitude"], place["latitude"]]]))[0]
    raw = desk.upload(case, longitude=shifted[0], latitude=shifted[1], crs="cgcs2000").get_json()
    assert raw["distance_m"] > 300, "the offset is hundreds of metres"
    back = desk.upload(case, longitude=shifted[0], latitude=shifted[1], crs="gcj02").get_json()
    assert back["distance_m"] == 0


def test_the_camera_contradicts_the_phone(desk: Desk, case: dict[str, Any]) -> None:
    place = case["parcel"]
    lying = with_exif(place["longitude"] + 0.1, place["latitude"])
    kept = desk.upload(case, content=lying).get_json()
    assert kept["distance_m"] == 0
    assert kept["exif_distance_m"] > 9000
    assert kept["is_far"] is True


def test_what_is_sent_again_is_one_photo(desk: Desk, case: dict[str, Any]) -> None:
    content = photo(77)
    first = desk.upload(case, content=content, key="offline-1")
    again = desk.upload(case, content=content, key="offline-1")
    assert first.get_json() == again.get_json()
    assert again.headers["Idempotent-Replayed"] == "true"
    other = desk.upload(case, content=photo(78), key="offline-1")
    problem(other, 422, "idempotency-key-reused")
    same = desk.upload(case, content=content)
    assert (same.status_code, same.get_json()["id"]) == (200, first.get_json()["id"])
    assert len(desk.get(f"/disposal-cases/{case['id']}/evidence")["items"]) == 1


def test_the_original_stays_as_it_came(desk: Desk, case: dict[str, Any]) -> None:
    content = photo(5)
    kept = desk.upload(case, content=content, name="现场 东侧.jpg").get_json()
    assert kept["sha256"] == hashlib.sha256(content).hexdigest()
    found = desk.client.get(kept["url"], headers=desk.people["viewer"])
    assert found.data == content
    assert "%E4%B8%9C" in found.headers["Content-Disposition"]
    small = desk.client.get(kept["thumb_url"], headers=desk.people["viewer"])
    assert small.content_type == "image/jpeg"
    assert Image.open(io.BytesIO(small.data)).format == "JPEG"
    assert desk.client.get(kept["url"]).status_code == 401


@pytest.mark.parametrize(
    ("form", "status", "code"),
    [
        ({"content": b"<html>no photo"}, 422, "file-refused"),
        ({"longitude": "east"}, 400, "invalid-parameter"),
        ({"latitude": ""}, 400, "invalid-parameter"),
        ({"crs": "bd09"}, 400, "invalid-parameter"),
        ({"taken_at": "2026-03-01 09:30"}, 400, "invalid-parameter"),
        ({"kind": "film"}, 400, "invalid-parameter"),
        ({"kind": "document"}, 422, "file-refused"),
    ],
)
def test_what_cannot_be_kept_is_refused(
    desk: Desk, case: dict[str, Any], form: dict[str, Any], status: int, code: str
) -> None:
    problem(desk.upload(case, **form), status, code)
    assert desk.get(f"/disposal-cases/{case['id']}/evidence")["items"] == []


def test_a_photo_without_a_place_does_not_verify(desk: Desk, case: dict[str, Any]) -> None:
    case = desk.act(case, "register", on="2026-03-03", responsible_unit="练市镇")
    inspected = {"on": "2026-03-04", "inspected_on": "2026-03-04", "record": "空置"}
    told = problem(desk.try_to(case, "verify", "officer", **inspected), 422, "invalid-inputs")
    assert told["fields"] == {"photo": "请先上传带定位的现场照片"}
    assert desk.upload(case, longitude="", latitude="").status_code == 201
    told = problem(desk.try_to(case, "verify", "officer", **inspected), 422, "invalid-inputs")
    assert "没有定位" in told["fields"]["photo"]
    assert desk.upload(case).status_code == 201
    assert desk.act(case, "verify", "officer", **inspected)["state"] == "verifying"


def test_evidence_of_another_county_is_out_of_reach(desk: Desk, county: County) -> None:
    site = county.parcel(region="330502")
    with county.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO disposal_cases (site_id, class, state, region_code, area_in_class_m2,"
            f" source, discovered_on, state_since, last_on) VALUES ({site}, 'gewy', 'discovered',"
            " '330502', 1, 'scan', '2026-03-02', '2026-03-02', '2026-03-02')"
        )
    listed = desk.get("/disposal-cases")
    assert (listed["items"], listed["total"]) == ([], 0)
    for path in ("", "/timeline", "/evidence", "/documents"):
        found = desk.client.get(f"{BASE}/1{path}", headers=desk.people["officer"])
        problem(found, 403, "out-of-region")
    problem(desk.client.get(f"{BASE}/2", headers=desk.people["officer"]), 404, "unknown-case")
