"""Share codes: short, the same for the same page, and only for pages of ours."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.api.answers import problem
from tests.api.investors import Town, town
from tests.conftest import AppMaker

CODE = "/wxa/getwxacodeunlimit"


@pytest.fixture
def place(make_app: AppMaker, database_url: str, tmp_path: Path) -> Iterator[Town]:
    with town(make_app, database_url, tmp_path) as made:
        yield made


def test_a_page_gets_a_code_that_leads_back_to_it(place: Town) -> None:
    path = "/parcels?status=available&bbox=120,30.7,120.3,31&q=湖".replace("湖", "%E6%B9%96")
    made = place.guest().send("POST", "/shares", {"path": path})
    assert len(made["scene"]) <= 32
    assert made["url"].endswith(f"/m/?s={made['code']}")
    assert place.guest().get(f"/shares/{made['code']}") == {"path": path}
    assert place.guest().send("POST", "/shares", {"path": path})["code"] == made["code"]


def test_a_code_can_be_scanned_and_wechat_draws_it_once(place: Town) -> None:
    code = place.guest().send("POST", "/shares", {"path": "/plants"})["code"]
    for _ in range(2):
        answer = place.app.test_client().get(f"/api/v1/shares/{code}/wxacode.jpg")
        assert answer.content_type == "image/jpeg"
        with Image.open(io.BytesIO(answer.data)) as picture:
            assert picture.width >= 280
    assert place.fake.calls[CODE] == 1


@pytest.mark.parametrize(
    "path",
    [
        "parcels",
        "//evil.example",
        "https://evil.example",
        "/\\evil",
        "/a/../b",
        "/<b>",
        "/a b",
        "/é",
    ],
)
def test_other_places_are_not_shared(place: Town, path: str) -> None:
    answer = place.guest().ask("POST", "/shares", json={"path": path})
    assert problem(answer, 400, "invalid-parameter")["parameter"] == "path"


@pytest.mark.parametrize("code", ["aaaaaaaa", "x", "%00", "a" * 12])
def test_unknown_codes_lead_nowhere(place: Town, code: str) -> None:
    problem(place.app.test_client().get(f"/api/v1/shares/{code}"), 404)
    problem(place.app.test_client().get(f"/api/v1/shares/{code}/wxacode.jpg"), 404)
