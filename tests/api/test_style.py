"""The MapLibre style, the legend it follows, and the icons of the legend."""

from flask.testing import FlaskClient

from gis.layers import LAYERS
from tests.conftest import AppMaker


def test_the_style_draws_from_our_tiles_in_the_colours_of_the_legend(client: FlaskClient) -> None:
    style = client.get("/style.json").json
    legend = client.get("/api/v1/legend").json
    assert style is not None
    assert legend is not None
    assert "glyphs" not in style
    assert "sprite" not in style
    addresses = [s.get("url") or s.get("data") for s in style["sources"].values()]
    assert all(address.startswith("http://localhost/") for address in addresses)
    for address in addresses:
        assert client.get(address.removeprefix("http://localhost")).status_code == 200
    for layer in LAYERS:
        (fill,) = (drawn for drawn in style["layers"] if drawn["id"] == f"{layer.name}-fill")
        match = fill["paint"]["fill-color"]
        told = dict(zip(match[2:-1:2], match[3:-1:2], strict=True))
        statuses = legend["layers"][layer.name]["statuses"]
        assert told == {status: symbol["color"] for status, symbol in statuses.items()}
    described = {
        drawn["id"]
        for layer in LAYERS
        for drawn in client.get(f"/tiles/{layer.name}.json").json["vector_layers"]  # type: ignore[index]
    }
    assert {
        drawn["source-layer"] for drawn in style["layers"] if "source-layer" in drawn
    } == described


def test_the_address_that_clients_see_can_be_set(
    make_app: AppMaker, demo_database_url: str
) -> None:
    client = make_app(demo_database_url, public_url="https://kandi.example.cn").test_client()
    tilejson = client.get("/tiles/parks.json").json
    assert tilejson is not None
    assert tilejson["tiles"][0].startswith("https://kandi.example.cn/tiles/parks/")


def test_every_icon_of_the_legend_is_served(client: FlaskClient) -> None:
    legend = client.get("/api/v1/legend").json
    assert legend is not None
    icons = [
        symbol["icon"]
        for layer in legend["layers"].values()
        for symbol in layer["statuses"].values()
    ]
    for icon in [*icons, legend["cluster"]["icon"]]:
        response = client.get(icon)
        assert response.status_code == 200
        assert response.content_type == "image/png"
        again = client.get(icon, headers={"If-None-Match": response.headers["ETag"]})
        assert again.status_code == 304
    assert client.get("/static/pin/parcel-nothing.png").status_code == 404
