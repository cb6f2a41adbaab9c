"""Attachments: by content, in one's own region; what the public gets says nothing of the camera."""

import io
from typing import Any

import pytest
from PIL import Image
from werkzeug.test import TestResponse

from server.accounts.principals import Role
from tests.api.answers import problem
from tests.api.investors import Caller, Town
from tests.unit.files import pictures


@pytest.fixture
def site(place: Town) -> int:
    return place.sites(where="region_code LIKE '330502%'", most=1)[0]


def attach(one: Caller, site: int, content: bytes | None, **form: str) -> TestResponse:
    parts: dict[str, Any] = {"title": "东侧道路", "kind": "photo"} | form
    if content is not None:
        parts["file"] = (io.BytesIO(content), "../../etc/x.php")
    key = parts.pop("key", None)
    headers = {"Idempotency-Key": key} if key else {}
    return one.ask("POST", f"/parcels/{site}/attachments", data=parts, headers=headers)


def test_a_photo_shows_no_camera_and_staff_see_where_it_was_taken(place: Town, site: int) -> None:
    officer, guest = place.staff("officer"), place.guest()
    made = attach(officer, site, pictures.photo()).get_json()
    assert (made["longitude"], made["latitude"]) == (pictures.LONGITUDE, pictures.LATITUDE)
    (shown,) = [
        one for one in guest.get(f"/parcels/{site}/attachments")["items"] if one["id"] == made["id"]
    ]
    assert not {"longitude", "latitude", "sha256", "actor", "original_url"} & set(shown)
    assert shown["taken_at"] == "2026-10-11T09:08:07+08:00"
    for address in (shown["url"], shown["thumb_url"]):
        answer = guest.client.get(address)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        with Image.open(io.BytesIO(answer.data)) as picture:
            assert not picture.getexif()
        assert b"Exif" not in answer.data
    original = made["original_url"]
    problem(guest.client.get(original), 404, "unknown-attachment")
    kept = officer.ask("GET", original.removeprefix("/api/v1"))
    assert kept.data == pictures.photo()
    assert kept.headers["Content-Disposition"].startswith("attachment")
    assert "private" in kept.headers["Cache-Control"]


def test_what_is_not_public_is_for_staff_of_the_region(place: Town, site: int) -> None:
    officer = place.staff("officer")
    made = attach(officer, site, pictures.photo(size=(300, 300)), public="false").get_json()
    thumb = made["thumb_url"].removeprefix("/api/v1")
    stranger = place.staff("stranger", (Role.OFFICER, "330522"))
    problem(place.guest().ask("GET", thumb), 404, "unknown-attachment")
    problem(stranger.ask("GET", thumb), 404, "unknown-attachment")
    assert officer.ask("GET", thumb).status_code == 200
    for other in (place.guest(), stranger):
        listed = other.get(f"/parcels/{site}/attachments")["items"]
        assert made["id"] not in [one["id"] for one in listed]
        assert all("longitude" not in one for one in listed)
    mine = officer.get(f"/parcels/{site}/attachments")["items"]
    assert made["id"] in [one["id"] for one in mine]


def test_a_document_is_saved_and_never_run(place: Town, site: int) -> None:
    form = {"kind": "document", "title": "规划条件"}
    made = attach(place.staff("officer"), site, pictures.PDF, **form).get_json()
    answer = place.app.test_client().get(made["url"])
    assert (answer.data, answer.content_type) == (pictures.PDF, "application/pdf")
    assert answer.headers["Content-Disposition"].endswith(".pdf")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    variant = answer.request.path.replace("original", "thumb")
    problem(place.app.test_client().get(variant), 404, "unknown-attachment")


def test_a_panorama_is_a_link_to_a_known_host(place: Town, site: int) -> None:
    officer, link = place.staff("officer"), "https://www.720yun.com/t/1"
    made = attach(officer, site, None, kind="panorama", link=link).get_json()
    assert (made["url"], made["thumb_url"]) == (link, None)
    bad = attach(officer, site, None, kind="panorama", link="https://evil.example/")
    assert problem(bad, 422, "file-refused")["reason"] == "panorama-host"


@pytest.mark.parametrize(
    ("content", "form", "reason"),
    [
        (b"<script>alert(1)</script>", {}, "photo-unknown"),
        (pictures.PDF, {}, "photo-unknown"),
        (pictures.photo(), {"kind": "document"}, "document-unknown"),
        (None, {}, "file-missing"),
        (b"", {}, "file-empty"),
    ],
)
def test_files_are_what_they_say(
    place: Town, site: int, content: bytes | None, form: dict[str, str], reason: str
) -> None:
    answer = attach(place.staff("officer"), site, content, **form)
    assert problem(answer, 422, "file-refused")["reason"] == reason


@pytest.mark.parametrize(
    "form", [{"kind": "video"}, {"title": ""}, {"public": "maybe"}, {"nonsense": "1"}]
)
def test_forms_that_mean_nothing_are_refused(place: Town, site: int, form: dict[str, str]) -> None:
    answer = attach(place.staff("officer"), site, pictures.photo(), **form)
    problem(answer, 400, "invalid-parameter")


def test_only_staff_of_the_region_attach_and_remove(place: Town, site: int) -> None:
    officer = place.staff("officer")
    made = attach(officer, site, pictures.photo()).get_json()
    stranger = place.staff("stranger", (Role.OFFICER, "330522"))
    viewer = place.staff("viewer", (Role.VIEWER, "3305"))
    problem(attach(stranger, site, pictures.photo()), 403, "out-of-region")
    problem(attach(viewer, site, pictures.photo()), 403, "staff-only")
    problem(attach(place.guest(), site, pictures.photo()), 401, "unauthenticated")
    path = f"/attachments/{made['id']}"
    problem(stranger.ask("DELETE", path), 403, "out-of-region")
    assert officer.ask("DELETE", path).status_code == 204
    problem(officer.ask("DELETE", path), 404, "unknown-attachment")
    problem(place.guest().ask("GET", f"{path}/large"), 404, "unknown-attachment")
    left = "SELECT count(*) FROM audit WHERE subject = :s AND action LIKE 'attachment.%'"
    assert place.execute(left, s=f"parcels/{site}") >= 2


def test_a_retried_upload_attaches_once(place: Town, site: int) -> None:
    officer = place.staff("officer")
    content = pictures.photo(size=(333, 222))
    answers = [attach(officer, site, content, key="photo-1").get_json() for _ in range(3)]
    assert len({answer["id"] for answer in answers}) == 1
    again = [attach(officer, site, content).get_json() for _ in range(2)]
    assert len({answer["id"] for answer in again}) == 2, "control: without a key it is twice"


def test_what_is_attached_to_a_hidden_site_is_hidden(place: Town) -> None:
    (site,) = place.sites("plants", most=1)
    officer = place.staff("officer")
    parts = {"title": "x", "kind": "photo", "file": (io.BytesIO(pictures.photo()), "x.jpg")}
    made = officer.ask("POST", f"/plants/{site}/attachments", data=parts).get_json()
    place.execute("DELETE FROM plants_public WHERE id = :id RETURNING 1", id=site)
    problem(place.guest().ask("GET", f"/plants/{site}/attachments"), 404, "unknown-feature")
    problem(place.app.test_client().get(made["url"]), 404, "unknown-attachment")
