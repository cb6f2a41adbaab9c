"""What the import API refuses: strangers, bad parameters, large and hostile files."""

import threading
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from server.config import Settings
from tests.api.answers import problem
from tests.api.staff import Desk
from tests.conftest import AppMaker
from tests.unit.carriers import hostile, hostile_archives, hostile_containers, hostile_shapefiles

DEAD = f"kandi_{'x' * 43}"
"""It looks like a token, and nobody ever had it."""

ADDRESSES = [
    ("GET", "/imports"), ("POST", "/imports"), ("GET", "/imports/1"),
    ("GET", "/imports/1/findings"), ("GET", "/imports/1/differences"),
    ("GET", "/imports/1/preview"), ("GET", "/imports/1/rows/1"),
    ("GET", "/imports/1/report.xlsx"), ("GET", "/imports/1/report.geojson"),
    ("POST", "/imports/1/restage"), ("POST", "/imports/1/apply"),
    ("POST", "/imports/1/rollback"), ("POST", "/imports/1/cancel"),
    ("GET", "/import-profiles"), ("GET", "/import-profiles/x"), ("PUT", "/import-profiles/x"),
    ("DELETE", "/import-profiles/x"), ("GET", "/exports/parcels?format=gpkg"),
]  # fmt: skip


@pytest.fixture
def desk(database_url: str, tmp_path: Path, make_app: AppMaker) -> Desk:
    more: Any = {"data_dir": tmp_path / "data", "upload_mb": 8}
    config = Settings(database_url=database_url, **more)
    return Desk(make_app(database_url, **more).test_client(), config)


@pytest.mark.parametrize(
    "header", [None, "Bearer ", "Bearer wrong", f"Basic {DEAD}", f"Bearer {DEAD}", "Bearer 令牌"]
)
def test_strangers_stay_outside(desk: Desk, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    for method, path in ADDRESSES:
        answer = desk.client.open(f"/api/v1{path}", method=method, headers=headers)
        problem(answer, 401, "unauthenticated")
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_every_address_of_staff_is_in_the_list(app: Flask) -> None:
    routes = set()
    for rule in app.url_map.iter_rules():
        if rule.endpoint.split(".")[0] in ("imports", "import_files", "exports"):
            routes |= {
                (method, rule.endpoint) for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
            }
    adapter = app.url_map.bind("localhost")
    tried = {
        (method, adapter.match(f"/api/v1{path.partition('?')[0]}", method=method)[0])
        for method, path in ADDRESSES
    }
    assert tried == routes


@pytest.mark.parametrize(
    ("form", "parameter"),
    [
        ({"layer": "nothing"}, "layer"),
        ({"options": "[1]"}, "options"),
        ({"options": "[" * 30_000}, "options"),
        ({"options": '{"tabel": "x"}'}, "tabel"),
        ({"crs": "四五二八"}, "crs"),
        ({"datum": "bd09"}, "datum"),
        ({"mapping": '{"a": 1}'}, "mapping.a"),
        ({"constants": "{"}, "constants"),
        ({"repair": "maybe"}, "repair"),
    ],
)
def test_bad_forms_are_named(desk: Desk, form: dict[str, Any], parameter: str) -> None:
    body = {"layer": "parcels", **form}
    answer = desk.send(b"x", "a.csv", **body)
    assert problem(answer, 400, "invalid-parameter")["parameter"] == parameter


def test_an_upload_needs_a_file(desk: Desk) -> None:
    answer = desk.ask("POST", "/imports", data={"layer": "parcels"})
    assert problem(answer, 400, "invalid-parameter")["parameter"] == "file"
    problem(desk.ask("POST", "/imports", json={}), 400, "invalid-parameter")


def test_large_uploads_are_refused_and_leave_nothing(desk: Desk) -> None:
    part = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
    body = part + b"x" * (11 << 20) + b"\r\n--x--\r\n"
    kind = "multipart/form-data; boundary=x"
    problem(desk.ask("POST", "/imports", data=body, content_type=kind), 413, "too-large")
    assert list((desk.config.data_dir / "incoming").iterdir()) == []


def test_an_unknown_profile(desk: Desk) -> None:
    problem(desk.send(b"x", "a.csv", "parcels", profile="没有"), 404, "unknown-profile")
    bad = {"layer": "parcels", "mapping": {"甲": "no_such_column"}}
    problem(desk.ask("PUT", "/import-profiles/x", json=bad), 422, "bad-mapping")


@pytest.mark.parametrize(
    "query", ["format=shp&crs=4610", "format=dwg", "format=txt&crs=4528", "", "format=shp&no=1"]
)
def test_bad_exports(desk: Desk, query: str) -> None:
    problem(desk.get(f"/exports/parcels?{query}"), 400, "invalid-parameter")


FILLED_BY = (hostile_archives, hostile_containers, hostile_shapefiles)
HOSTILE = dict(sorted(hostile.CASES.items())[::4])


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_get_one_clear_refusal(desk: Desk, name: str) -> None:
    build, code = HOSTILE[name]
    file_name, content = build()
    threading.Thread(target=desk.work_once, daemon=True).start()
    # A code for every row, so that nothing but the damage stands in the way.
    form = {"constants": '{"code": "X"}', "headers": {"Prefer": "wait=20"}}
    answer = desk.send(content, file_name, "parcels", **form)
    assert problem(answer, 422)["type"].endswith(f":{code}")
    assert desk.get(answer.get_json()["import"].removeprefix("/api/v1")).status_code == 200
