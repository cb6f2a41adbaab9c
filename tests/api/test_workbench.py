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
