"""What the console asks when it opens: its catalogue, and the imports of one's own regions."""

from flask import Flask
from flask.testing import FlaskClient

from gis.layers import LAYERS, Audience
from server.accounts.principals import Role
from tests.api.people import signed_in


def test_the_catalogue_has_every_column_of_staff(client: FlaskClient) -> None:
    body = client.get("/api/v1/console/catalogue", headers=signed_in(client)).json
    assert body is not None
    for layer, told in zip(LAYERS, body["layers"], strict=True):
        names = [column["name"] for column in told["columns"]]
        assert names == [column.name for column in layer.readable(Audience.STAFF)]
        hidden = {column["name"] for column in told["columns"] if not column["public"]}
        assert hidden.isdisjoint(column.name for column in layer.readable(Audience.PUBLIC))
        assert set(told["writable"]) == {column.name for column in layer.writable}


def test_imports_are_listed_for_those_who_have_all_of_their_regions(app: Flask) -> None:
    client = app.test_client()
    everywhere = signed_in(app, "gis_all", [(Role.GIS, "")])
    county = signed_in(app, "gis_county", [(Role.GIS, "330502")])
    found = client.get("/api/v1/imports", headers=everywhere).json
    assert found is not None
    parcels = next(one for one in found["imports"] if one["layer"] == "parcels")
    assert client.get(parcels["href"], headers=everywhere).status_code == 200
    assert client.get(parcels["href"], headers=county).status_code == 404
    own = client.get("/api/v1/imports", headers=county).json
    assert own is not None
    assert parcels["id"] not in [one["id"] for one in own["imports"]]


def test_regions_are_found_by_words_or_code_within_the_asker(app: Flask) -> None:
    client = app.test_client()

    def asked(query: str, region: str) -> dict[str, str]:
        headers = signed_in(app, f"chooser{region}", [(Role.OFFICER, region)])
        answer = client.get(f"/api/v1/console/regions{query}", headers=headers)
        assert answer.status_code == 200, answer.text
        return {one["code"]: one["within"] + one["name"] for one in answer.get_json()["items"]}

    assert asked("?q=南浔", "3305")["330503"] == "浙江省湖州市南浔区"
    assert "330503" not in asked("?q=南浔", "330502")
    assert set(asked("?q=330503", "")) > {"330503", "330503001"}
    assert asked("?codes=330503,110000", "330502") == {"330503": "浙江省湖州市南浔区"}
    county = asked("", "330503")
    assert "330503" in county
    assert {code[:6] for code in county} == {"330503"}
    assert any(len(code) == 9 for code in county)
    assert {len(code) for code in asked("", "3305")} == {4, 6}
    assert asked("?q=%25", "") == {}
