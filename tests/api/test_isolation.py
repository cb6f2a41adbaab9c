"""No member of staff reads or writes outside of the regions granted, whoever shares the pool."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pyogrio
import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import create_engine, make_url, text

from gis.layers import LAYERS
from server.accounts.editing import EDITORS
from server.accounts.principals import Role
from server.config import ROOT, Settings
from server.request import engine_of
from tests.api.answers import problem
from tests.api.people import signed_in
from tests.api.staff import Desk
from tests.conftest import AppMaker, apps
from tests.databases import Maker

STEPS = int(os.environ.get("KANDI_SOAK_STEPS", "60"))
STEPS_OF_ONE = 50
CODE = re.compile(r"[A-Z]{2}-\d{4}-\d{3}")
PEOPLE = ("anna", "bert", "carl")
REGIONS = ("", "33", "3305", "330502", "330503", "330521", "330503001", "4401")

grants = st.lists(st.tuples(st.sampled_from(sorted(Role)), st.sampled_from(REGIONS)), max_size=3)


@pytest.fixture(scope="module")
def app(maker: Maker, demo_template: str) -> Iterator[Flask]:
    with maker.copied(demo_template) as url, apps() as make:
        yield make(url, pool_size=2)


def regions(app: Flask, layer: str) -> dict[int, str]:
    with engine_of(app).begin() as connection:
        found = text(f"SELECT id, coalesce(region_code, '') AS region FROM {layer}")
        return {row.id: row.region for row in connection.execute(found)}


def lies_in(region: str, prefixes: list[str]) -> bool:
    return any(region.startswith(prefix) for prefix in prefixes)


def office(app: Flask, steps: list[str]) -> type[RuleBasedStateMachine]:
    """A machine of people whose grants change while they read and write by one pool.

    Each step that was taken is added to ``steps``.
    """
    where = {layer.name: regions(app, layer.name) for layer in LAYERS}
    client = app.test_client()
    people = st.sampled_from(PEOPLE)
    sites = st.sampled_from([(name, one) for name, ids in where.items() for one in ids])

    class Office(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.granted: dict[str, list[tuple[Role, str]]] = {}
            self.headers: dict[str, dict[str, str]] = {}
            self.begun = False
            for person in PEOPLE:
                self.regrant(person, [])

        @invariant()
        def counted(self) -> None:
            if self.begun:
                steps.append("step")
            self.begun = True

        def regrant(self, person: str, given: list[tuple[Role, str]]) -> None:
            self.granted[person] = sorted(set(given))
            self.headers[person] = signed_in(app, person, self.granted[person])

        def prefixes(self, person: str, *roles: Role) -> list[str]:
            return [code for role, code in self.granted[person] if not roles or role in roles]

        @rule(person=people, given=grants)
        def grant(self, person: str, given: list[tuple[Role, str]]) -> None:
            self.regrant(person, given)

        @rule(person=people, layer=st.sampled_from(LAYERS))
        def read_list(self, person: str, layer: Any) -> None:
            path = f"/api/v1/{layer.name}?crs=cgcs2000&limit=1000&fields=code"
            answer = client.get(path, headers=self.headers[person])
            mine = self.prefixes(person)
            assert answer.status_code == (200 if mine else 403)
            shown = {one["id"] for one in answer.get_json().get("features", ())}
            expected = {one for one, at in where[layer.name].items() if lies_in(at, mine)}
            assert shown == expected

        @rule(person=people, site=sites, what=st.sampled_from(["", "/history", "/transitions"]))
        def read_one(self, person: str, site: tuple[str, int], what: str) -> None:
            path = f"/api/v1/{site[0]}/{site[1]}{what or '?crs=cgcs2000'}"
            answer = client.get(path, headers=self.headers[person])
            may = lies_in(where[site[0]][site[1]], self.prefixes(person))
            assert (answer.status_code in (200, 404)) is may, answer.text

        @rule(person=people, site=sites, number=st.integers(0, 10**9))
        def write(self, person: str, site: tuple[str, int], number: int) -> None:
            layer, site_id = site
            with engine_of(app).begin() as connection:
                row = text(f"SELECT version FROM {layer} WHERE id = :id")
                seen = connection.execute(row, {"id": site_id}).scalar_one()
            answer = client.patch(
                f"/api/v1/{layer}/{site_id}",
                json={"changes": {"remark": f"第 {number} 次"}, "reason": "隔离测试"},
                headers=self.headers[person] | {"If-Match": f'"{seen}"'},
            )
            may = lies_in(where[layer][site_id], self.prefixes(person, *EDITORS))
            assert (answer.status_code in (200, 404, 422)) is may, answer.text

    return Office


def test_nobody_reads_or_writes_outside_of_their_regions(
    app: Flask, record_property: Callable[[str, object], None]
) -> None:
    steps: list[str] = []
    machine = office(app, steps)
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=max(1, STEPS // STEPS_OF_ONE),
            stateful_step_count=STEPS_OF_ONE,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    record_property("steps of isolation", len(steps))
    assert len(steps) >= min(STEPS, STEPS_OF_ONE)


def test_a_scope_that_a_session_keeps_is_seen_by_the_next_so_the_pool_is_shared(
    maker: Maker, demo_template: str
) -> None:
    """The control: ``SET`` without LOCAL stays with the connection, and the next person has it."""
    with maker.copied(demo_template) as url:
        engine = create_engine(make_url(url), pool_size=1, max_overflow=0)
        count = text(
            "SELECT count(*) FROM kandi.parcels WHERE starts_with(region_code,"
            " current_setting('kandi.scope', true))"
        )
        with engine.begin() as connection:
            connection.execute(text("SET kandi.scope = '330503'"))
            mine = connection.execute(count).scalar_one()
        with engine.begin() as connection:
            leaked = connection.execute(count).scalar_one()
        with engine.begin() as connection:
            connection.execute(text("RESET kandi.scope"))
            connection.execute(text("SET LOCAL kandi.scope = '330503'"))
        with engine.begin() as connection:
            kept_apart = connection.execute(count).scalar_one()
        engine.dispose()
    assert leaked == mine > 0
    assert kept_apart != mine


OPERATIONS = [
    ("GET", "/parcels/{id}?crs=cgcs2000", {}),
    ("GET", "/parcels/{id}/history", {}),
    ("GET", "/parcels/{id}/transitions", {}),
    ("PATCH", "/parcels/{id}", {"changes": {"name": "x"}, "reason": "不该发生"}),
]


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(("method", "path", "body"), OPERATIONS)
def test_every_operation_of_every_role_on_a_foreign_site_is_refused(
    app: Flask, role: Role, method: str, path: str, body: dict[str, Any]
) -> None:
    foreign = next(one for one, at in regions(app, "parcels").items() if at.startswith("330502"))
    headers = signed_in(app, "foreigner", ((role, "330503"),)) | {"If-Match": '"1"'}
    client = app.test_client()
    address = f"/api/v1{path}".replace("{id}", str(foreign))
    answer = client.open(address, method=method, json=body or None, headers=headers)
    problem(answer, 403)


@pytest.mark.parametrize("form", ["geojson", "xlsx", "shp", "gpkg"])
def test_an_export_holds_the_sites_of_ones_regions_alone(
    app: Flask, form: str, tmp_path: Path
) -> None:
    with engine_of(app).begin() as connection:
        rows = connection.execute(text("SELECT code, region_code FROM parcels")).all()
    client, held = app.test_client(), {}
    for person, region in (("anna", "330503"), ("bert", "330502"), ("carl", "")):
        headers = signed_in(app, person, ((Role.OFFICER, region),))
        path = f"/api/v1/exports/parcels?format={form}&encoding=utf-8"
        answer = client.get(path, headers=headers, buffered=True)
        assert answer.status_code == 200, answer.text
        assert answer.cache_control.no_store
        held[region] = codes_in(answer.data, form, tmp_path)
    for region, found in held.items():
        assert found == {row.code for row in rows if (row.region_code or "").startswith(region)}
    assert held["330503"] < held[""], "the search sees what is not there"


def codes_in(content: bytes, form: str, folder: Path) -> set[str]:
    """Codes of the sites in an export, read as a stranger would."""
    if form == "xlsx":
        (folder / "a.xlsx").write_bytes(content)
        book = openpyxl.load_workbook(folder / "a.xlsx", read_only=True)
        cells = {str(cell) for sheet in book for row in sheet.values for cell in row}
        return {cell for cell in cells if CODE.fullmatch(cell)}
    path = folder / f"a.{'zip' if form == 'shp' else form}"
    path.write_bytes(content)
    table = pyogrio.read_arrow(f"/vsizip/{path}" if form == "shp" else path)[1]
    texts = {str(one) for column in table.columns for one in column.to_pylist()}
    return {one for one in texts if CODE.fullmatch(one)}


IMPORTED = ("", "/findings", "/differences", "/rows/1", "/preview", "/report.geojson",
            "/report.xlsx")  # fmt: skip


def test_a_file_that_another_region_sent_is_seen_and_moved_by_nobody_else(
    app: Flask, make_app: AppMaker, tmp_path: Path
) -> None:
    own = make_app(engine_of(app).url.render_as_string(False), data_dir=tmp_path)
    config: Settings = own.extensions["kandi"][0]
    mine = Desk(own.test_client(), config, ((Role.GIS, "330503"),), "gis-here")
    other = Desk(own.test_client(), config, ((Role.GIS, "330502"),), "gis-there")
    run_id = mine.upload(ROOT / "fixtures" / "data" / "parks.zip", "parks.zip")
    for what in IMPORTED:
        assert mine.get(f"/imports/{run_id}{what}").status_code == 200, what
        problem(other.get(f"/imports/{run_id}{what}"), 404, "unknown-import")
    for wish in ("apply", "rollback", "cancel"):
        problem(other.ask("POST", f"/imports/{run_id}/{wish}"), 404, "unknown-import")
    listed = [one["id"] for one in other.get("/imports").get_json()["imports"]]
    assert run_id not in listed
    assert run_id in [one["id"] for one in mine.get("/imports").get_json()["imports"]]


@pytest.mark.parametrize(
    "path",
    [
        "/map?crs=cgcs2000&bbox=119.5,30.4,120.7,31.2&zoom=14",
        "/identify?crs=cgcs2000&lng={x}&lat={y}&zoom=16",
    ],
)
def test_maps_show_no_foreign_site(app: Flask, path: str) -> None:
    with engine_of(app).begin() as connection:
        row = connection.execute(
            text(
                "SELECT id, ST_X(p) AS x, ST_Y(p) AS y FROM (SELECT id, ST_PointOnSurface(geom) p"
                " FROM parcels WHERE starts_with(region_code, '330502') LIMIT 1) s"
            )
        ).one()
    address = f"/api/v1{path}".replace("{x}", f"{row.x:.6f}").replace("{y}", f"{row.y:.6f}")
    client = app.test_client()
    here = client.get(address, headers=signed_in(app, "anna", ((Role.OFFICER, "330503"),)))
    there = client.get(address, headers=signed_in(app, "bert", ((Role.OFFICER, "330502"),)))
    assert here.status_code == there.status_code == 200, here.text
    assert here.data != there.data
    if "identify" in path:
        assert f'"id":{row.id},' in there.text
        assert f'"id":{row.id},' not in here.text
