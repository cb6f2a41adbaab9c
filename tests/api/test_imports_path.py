"""The whole way of a file over HTTP: upload, look, apply, take back, and take along."""

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from server.config import ROOT, Settings
from tests.api.staff import Desk
from tests.conftest import AppMaker

DATA = ROOT / "fixtures" / "data"


@pytest.fixture
def desk(demo_copy_url: str, tmp_path: Path, make_app: AppMaker) -> Desk:
    more: Any = {"data_dir": tmp_path / "data", "upload_mb": 1}
    config = Settings(database_url=demo_copy_url, **more)
    return Desk(make_app(demo_copy_url, **more).test_client(), config)


def _codes(desk: Desk) -> list[str]:
    found = desk.client.get("/api/v1/parks?limit=100").get_json()["features"]
    return [feature["properties"]["code"] for feature in found]


def _table(desk: Desk, word: str = "改名") -> bytes:
    lines = ["编号,名称,规上企业数", *(f"{code},{word}{code},7" for code in _codes(desk))]
    return "\n".join([*lines, "没有这个园区,x,多少"]).encode("gb18030")


def test_upload_stage_apply_roll_back(desk: Desk) -> None:
    before = desk.client.get("/api/v1/parks?limit=100").get_json()["features"]
    run_id = desk.upload(_table(desk), "园区 更新.csv")
    run = desk.run(run_id)
    assert (run["state"], run["fileName"]) == ("staged", "园区 更新.csv")
    assert run["counts"]["changed"] == len(before)
    assert run["counts"]["rejected"] == 1
    assert run["evidence"]["encoding"]["encoding"] == "gb18030"
    assert run["progress"]["step"] == "完成"
    assert run["actions"] == ["restage", "apply", "cancel"]
    staged = desk.get(f"/imports/{run_id}/differences").get_json()["differences"]
    assert desk.wish(run_id, "apply")["state"] == "applied"
    after = desk.client.get("/api/v1/parks?limit=100").get_json()["features"]
    assert all(one["properties"]["name"].startswith("改名") for one in after)
    # What was changed can still be read when it is done.
    assert desk.get(f"/imports/{run_id}/differences").get_json()["differences"] == staged
    assert desk.wish(run_id, "rollback")["state"] == "rolled_back"
    assert desk.client.get("/api/v1/parks?limit=100").get_json()["features"] == before


def test_findings_differences_rows_and_preview(desk: Desk) -> None:
    run_id = desk.upload(_table(desk), "a.csv")
    findings = desk.get(f"/imports/{run_id}/findings?severity=error").get_json()["findings"]
    assert {one["code"] for one in findings} >= {"bad-value", "unknown-code"}
    assert next(one for one in findings if one["code"] == "bad-value")["value"] == "多少"
    page = desk.get(f"/imports/{run_id}/findings?limit=1").get_json()
    rest = desk.get(f"/imports/{run_id}/findings?cursor={page['next']}").get_json()
    assert page["findings"] + rest["findings"] == findings
    differences = desk.get(f"/imports/{run_id}/differences?limit=1").get_json()
    assert {one["column"] for one in differences["differences"]} == {"name", "large_firms"}
    assert differences["next"]
    row = desk.get(f"/imports/{run_id}/rows/{findings[0]['row']}").get_json()
    assert row["fields"] == {"编号": "没有这个园区", "名称": "x", "规上企业数": "多少"}
    assert desk.get(f"/imports/{run_id}/rows/9999").status_code == 404
    preview = desk.get(f"/imports/{run_id}/preview?limit=1").get_json()
    assert preview["features"][0]["properties"]["action"] == "rejected"


def test_preview_is_in_the_system_asked_for(desk: Desk) -> None:
    run_id = desk.upload(DATA / "parks.zip", "parks.zip")

    def corner(crs: str) -> Any:
        answer = desk.get(f"/imports/{run_id}/preview?crs={crs}")
        assert answer.content_type == "application/geo+json"
        features = answer.get_json()["features"]
        return features[0]["geometry"]["coordinates"][0][0][0]

    shift = [a - b for a, b in zip(corner("gcj02"), corner("cgcs2000"), strict=True)]
    assert all(0.001 < abs(degrees) < 0.01 for degrees in shift)
    none = desk.get(f"/imports/{run_id}/preview?bbox=80,30,81,31").get_json()
    assert none["features"] == []


def test_reports(desk: Desk) -> None:
    run_id = desk.upload(_table(desk, "=HYPERLINK(1)"), "a.csv")
    book = openpyxl.load_workbook(BytesIO(desk.get(f"/imports/{run_id}/report.xlsx").data))
    assert book.sheetnames == ["概况", "问题", "变更"]
    problems = list(book["问题"].iter_rows(min_row=2, values_only=True))
    assert ("bad-value", "多少") in {(row[2], row[5]) for row in problems}
    cells = [cell for row in book["变更"].iter_rows(min_row=2) for cell in row]
    assert any(str(cell.value).startswith("=HYPERLINK") for cell in cells)
    assert all(cell.data_type != "f" for cell in cells)
    flawed = desk.get(f"/imports/{run_id}/report.geojson?crs=cgcs2000")
    assert "attachment" in flawed.headers["Content-Disposition"]
    assert all(one["properties"]["errors"] for one in flawed.get_json()["features"])


def test_restage_with_another_mapping_and_a_saved_profile(desk: Desk) -> None:
    body = "甲,乙\n" + "\n".join(f"{code},新名" for code in _codes(desk))
    answer = desk.send(body.encode(), "x.csv")
    desk.work()
    run_id = answer.get_json()["id"]
    failed = desk.run(run_id)
    assert failed["state"] == "failed"
    assert failed["problem"]["code"] == "code-unmapped"
    mapping = {"mapping": {"甲": "code", "乙": "name"}, "save_profile": "某局"}
    again = desk.ask("POST", f"/imports/{run_id}/restage", json=mapping)
    assert again.status_code == 202
    desk.work()
    assert desk.run(run_id)["counts"]["changed"] == len(_codes(desk))
    assert desk.get("/import-profiles/某局").get_json()["mapping"] == mapping["mapping"]
    other = desk.upload(body.encode(), "y.csv", profile="某局")
    assert desk.run(other)["counts"]["changed"] == len(_codes(desk))
    assert desk.ask("DELETE", "/import-profiles/某局").status_code == 204
    assert desk.get("/import-profiles/某局").status_code == 404


def test_one_upload_for_one_idempotency_key(desk: Desk) -> None:
    key, before = {"Idempotency-Key": "one"}, len(desk.get("/imports").get_json()["imports"])
    first = desk.send(_table(desk), "a.csv", headers=key)
    again = desk.send(_table(desk), "a.csv", headers=key)
    assert first.get_json()["id"] == again.get_json()["id"]
    other = desk.send(_table(desk, "别的"), "a.csv", headers=key)
    assert (other.status_code, other.get_json()["type"].split(":")[-1]) == (
        422,
        "idempotency-key-reused",
    )
    assert len(desk.get("/imports").get_json()["imports"]) == before + 1


def test_files_are_private_and_stay(desk: Desk) -> None:
    run_id = desk.upload(_table(desk), "../../etc/passwd.csv")
    source = desk.config.data_dir / "imports" / str(run_id) / "source"
    assert source.stat().st_mode & 0o777 == 0o600
    assert source.parent.stat().st_mode & 0o777 == 0o700
    assert desk.run(run_id)["fileName"] == "passwd.csv"
    assert list((desk.config.data_dir / "incoming").iterdir()) == []


def test_wishes_out_of_order_are_conflicts(desk: Desk) -> None:
    run_id = desk.upload(_table(desk), "a.csv")
    refused = desk.ask("POST", f"/imports/{run_id}/rollback")
    assert refused.status_code == 409
    assert refused.get_json()["state"] == "staged"
    assert refused.get_json()["actions"] == ["restage", "apply", "cancel"]
    assert desk.ask("POST", f"/imports/{run_id}/cancel").status_code == 202
    assert desk.get(f"/imports/{run_id}/preview").status_code == 409
    assert desk.ask("POST", "/imports/999999/apply").status_code == 404


def test_later_edits_stand_in_the_way_of_roll_back(desk: Desk) -> None:
    first, second = (
        desk.upload(_table(desk, "一"), "a.csv"),
        desk.upload(_table(desk, "二"), "b.csv"),
    )
    desk.wish(first, "apply")
    stale = desk.wish(second, "apply")
    assert (stale["state"], stale["problem"]["code"]) == ("staged", "stale-preview")
    assert desk.wish(second, "restage")["state"] == "staged"
    assert desk.wish(second, "apply")["state"] == "applied"
    refused = desk.wish(first, "rollback")
    assert (refused["state"], refused["problem"]["code"]) == ("applied", "later-edits")
    assert set(refused["problem"]["codes"]) == set(_codes(desk))


def test_exports_come_back_unchanged_and_leave_a_trace(desk: Desk) -> None:
    for form, name in (("gpkg", "a.gpkg"), ("shp", "a.zip"), ("geojson", "a.geojson"),
                       ("xlsx", "a.xlsx")):  # fmt: skip
        answer = desk.get(f"/exports/parks?format={form}")
        assert answer.status_code == 200
        run_id = desk.upload(answer.data, name)
        counts = desk.run(run_id)["counts"]
        assert counts["unchanged"] == counts["rows"] == len(_codes(desk)), (form, counts)
    with desk.worker.engine.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT details FROM audit WHERE action = 'export' ORDER BY seq"
        ).all()
    assert [row.details["format"] for row in rows] == ["gpkg", "shp", "geojson", "xlsx"]
    assert json.dumps(rows[0].details["asked"]) == '{"format": "gpkg"}'
