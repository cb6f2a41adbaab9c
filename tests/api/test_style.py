"""The MapLibre style, the legend it follows, and the icons of the legend."""

import pytest
from flask.testing import FlaskClient

from gis.layers import LAYERS
from server.config import Settings
from tests.api.people import signed_in
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


def test_without_a_base_map_nothing_names_another_host(client: FlaskClient) -> None:
    legend = client.get("/api/v1/legend").json
    assert legend is not None
    assert legend["base_map"] is None
    assert "raster" not in client.get("/style.json").text


@pytest.mark.parametrize(
    ("provider", "fits", "first"),
    [
        ("tencent", "gcj02", "https://rt0.map.gtimg.com/tile?z={z}&x={x}&y={y}&styleid=1&key=k-1"),
        (
            "tianditu",
            "cgcs2000",
            "https://t0.tianditu.gov.cn/vec_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0"
            "&LAYER=vec&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles"
            "&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk=k-1",
        ),
    ],
)
def test_a_base_map_lies_only_below_positions_that_it_fits(
    make_app: AppMaker, demo_database_url: str, provider: str, fits: str, first: str
) -> None:
    app = make_app(demo_database_url, base_map=provider, base_map_key="k-1")
    client, headers = app.test_client(), signed_in(app)
    for crs in ("gcj02", "cgcs2000"):
        style = client.get(f"/style.json?crs={crs}", headers=headers).json
        assert style is not None
        rasters = [one for one in style["sources"].values() if one["type"] == "raster"]
        assert [one["tiles"][0] for one in rasters][:1] == ([first] if crs == fits else [])
        assert [one["id"] for one in style["layers"]][:2][-1].startswith("base") is (crs == fits)
    legend = client.get("/api/v1/legend").json
    assert legend is not None
    assert bool(legend["base_map"]) is (fits == "gcj02")


def test_tiles_of_ones_own_take_the_place_of_the_providers(
    make_app: AppMaker, demo_database_url: str
) -> None:
    own = "https://tiles.example.cn/{z}/{x}/{y}.png?k={key}"
    app = make_app(demo_database_url, base_map="tencent", base_map_key="9", base_map_tiles=own)
    legend = app.test_client().get("/api/v1/legend").json
    assert legend is not None
    (source,) = legend["base_map"]["sources"].values()
    assert source["tiles"] == ["https://tiles.example.cn/{z}/{x}/{y}.png?k=9"]
    assert (source["scheme"], source["attribution"]) == ("tms", "© 腾讯地图")
    for wrong in ("tiles.example.cn/{z}/{x}/{y}", "https://x.cn/{z}/{x}", "javascript:{z}{x}{y}"):
        with pytest.raises(ValueError, match="瓦片地址"):
            Settings(base_map_tiles=wrong)
